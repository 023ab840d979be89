"""One copy of the chart library in a notebook."""

import sys
from types import SimpleNamespace

from vidnas.views.charts.notebook_library import (
    LibraryHolder,
    cell_running,
    queue_script,
)


def test_the_first_cell_brings_the_library_and_brings_it_again_when_run_again():
    holder = LibraryHolder()
    assert holder.takes("a", 1)
    assert not holder.takes("a", 1)  # a second chart of the cell
    assert not holder.takes("b", 2)
    assert not holder.takes("b", 3)
    assert holder.takes("a", 4)  # its output is another one now
    assert not holder.takes("b", 5)


def test_where_no_notebook_is_every_chart_brings_it():
    holder = LibraryHolder()
    assert holder.takes("", 0)
    assert holder.takes("", 0)
    assert holder.takes("a", 1)
    assert not holder.takes("b", 2)


def test_a_cell_is_known_by_what_jupyter_calls_it_or_else_by_its_text(monkeypatch):
    shell = SimpleNamespace(
        execution_count=7,
        get_parent=lambda: {"metadata": {"cellId": "4f2"}},
        history_manager=SimpleNamespace(input_hist_raw=["", "front.plot()"]),
    )
    monkeypatch.setitem(
        sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: shell)
    )
    assert cell_running() == ("4f2", 7)
    shell.get_parent = lambda: {"metadata": {}}
    assert cell_running() == ("front.plot()", 7)
    # where each output stands in a frame of its own, none can lend the library
    monkeypatch.setitem(sys.modules, "google.colab", SimpleNamespace())
    assert cell_running() == ("", 0)


def test_no_name_of_a_chart_ends_its_script():
    script = queue_script("chart-1", {"title": "</script><b>"}, {})
    assert script.count("</script>") == 1
    assert "vegaEmbed" not in script
    assert "window.vegaEmbed(at" in queue_script("chart-1", {}, {}, "library();")
