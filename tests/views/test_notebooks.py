"""Every shipped notebook answers its question, with one copy of the chart library."""

import json
import os
import re
import sys
from pathlib import Path

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbclient import NotebookClient
from traitlets.config import Config

import vidnas
from vidnas.views.charts import embed
from vidnas.views.charts.notebook_library import LibraryHolder

FOLDER = Path(__file__).parents[2] / "experiments" / "notebooks"
NAMES = sorted(path.stem for path in FOLDER.glob("*.ipynb"))
# What each says in the end, and how many charts it draws.
ANSWERS = {
    "compare": (r"At 40 trials: .*(noise|%)", 2),
    "custom_space": r"`mine` holds [\d,]+ networks of \d+ choices. \d+ % of 2000",
    "family_to_phone": r"A\d fits: [\d.]+ ms a clip|No size fits",
    "front": (r"\d networks are worth their FLOPs.*% top-1", 4),
}
BRINGS, DRAWS = "window.vegaEmbed(at", "window.vidnasCharts ??= []"


def read(name):
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def answer_of(name):
    told = ANSWERS[name]
    return told if isinstance(told, tuple) else (told, 0)


@pytest.fixture
def surroundings(study_folder, compared, tmp_path, monkeypatch):
    """A folder, and studies named as a reader names them."""
    monkeypatch.setenv("VIDNAS_STUDY", str(study_folder))
    monkeypatch.setenv("VIDNAS_STUDIES", f"{study_folder}:{compared.folder}")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(embed, "HOLDER", LibraryHolder())
    return tmp_path


def run_here(notebook):
    """What each code cell shows, in this interpreter: no kernel has to start."""
    config = Config({"HistoryManager": {"enabled": False}})
    shell = InteractiveShell.instance(config=config)
    shown = []

    def keep(value):
        if value is not None:
            shown[-1].append(shell.display_formatter.format(value)[0])

    shell.display_trap.hook = keep
    try:
        for cell in code(notebook):
            shown.append([])
            with capture_output() as captured:
                done = shell.run_cell(cell.source, store_history=True)
            done.raise_error()
            shown[-1] += [output.data for output in captured.outputs]
    finally:
        InteractiveShell.clear_instance()
    return shown


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_stored_without_outputs(name):
    for cell in code(read(name)):
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


@pytest.mark.parametrize("name", ["compare", "custom_space", "front"])
def test_a_notebook_answers_its_question(name, surroundings):
    shown = run_here(read(name))
    told, charts = answer_of(name)
    (answer,) = shown[-1]
    assert re.search(told, answer["text/markdown"])
    pages = [data.get("text/html", "") for cell in shown for data in cell]
    assert sum(DRAWS in page for page in pages) == charts
    assert sum(BRINGS in page for page in pages) == min(charts, 1)
    assert all("<svg" in page for page in pages if DRAWS in page)  # without scripts too
    for page in pages:  # nothing is loaded from the web
        assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=", page[:200_000])


@pytest.fixture
def kernel(tmp_path, monkeypatch):
    """A kernel that is this interpreter, whatever else Jupyter finds on the machine."""
    spec = tmp_path / "jupyter" / "kernels" / "python3"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    document = {"argv": argv, "display_name": "Python 3", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(document))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    paths = [str(FOLDER.parents[1]), *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    return "python3"


@pytest.mark.real
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_in_jupyter_and_lives_in_its_exported_page(
    name, kernel, surroundings, browser
):
    pytest.importorskip("ai_edge_litert")
    client = NotebookClient(read(name), kernel_name=kernel, timeout=120)
    executed = client.execute(cwd=str(surroundings))
    told, charts = answer_of(name)
    last = code(executed)[-1]
    assert re.search(told, last.outputs[0]["data"]["text/markdown"])
    if name == "front":
        assert list(surroundings.glob("*/family/a*.yaml"))
    page = surroundings / f"{name}.html"
    exporter = pytest.importorskip("nbconvert").HTMLExporter
    # What Jupyter itself would load.
    text, _ = exporter(require_js_url="", mathjax_url="").from_notebook_node(executed)
    page.write_text(text, encoding="utf-8")
    assert text.count(BRINGS) == min(charts, 1)
    for size, dark in (((1280, 800), False), ((1280, 800), True), ((390, 844), False)):
        shown = browser.open(page, size, dark=dark)
        alive = f"document.querySelectorAll('.vega-embed svg').length >= {charts}"
        assert until(shown, alive)
        assert (shown.errors, shown.requests) == ([], [page.as_uri()])


def until(page, condition):
    """Waits for a condition in a page; whether it came true within 20 s."""
    script = (
        "new Promise(done => { const began = Date.now(); (function look() { "
        f"if ({condition}) done(true); else if (Date.now() - began > 2e4) done(false); "
        "else setTimeout(look, 50); })() })"
    )
    told = page.ask("Runtime.evaluate", expression=script, awaitPromise=True)
    return told["result"].get("value")


@pytest.mark.real
def test_brushes_over_a_cost_and_a_choice_leave_what_lies_under_both(
    planted, browser, tmp_path, monkeypatch
):
    monkeypatch.setattr(embed, "HOLDER", LibraryHolder())
    study = vidnas.open_study(planted)
    body = study.explore("stage3.squeeze_excite")._repr_mimebundle_()["text/html"]
    page = tmp_path / "cell.html"
    page.write_text(f"<!DOCTYPE html><meta charset=utf-8>{body}", encoding="utf-8")
    shown = browser.open(page)
    assert until(shown, "document.querySelector('.vega-embed svg')")
    boxes = shown.value(PANELS)
    assert len(boxes) == 4  # three costs and a choice
    done = [t for t in study.history.compared if t.state == "done"]
    assert until(shown, f"{DARK} == {4 * len(done)}")

    def brush(box, left, right):
        x, y, wide, high = box
        places = [(x + at * wide, y + 0.5 * high * at) for at in (left, right)]
        shown.drag([(places[0][0], y + 1), places[1], (places[1][0], y + high - 1)])

    brush(boxes[3], 0.55, 0.95)  # the right one of two options
    excited = [t for t in done if t.architecture.stages[-1].layers[0].squeeze_excite]
    assert until(shown, f"{DARK} == {4 * len(excited)}")
    brush(boxes[0], 0.5, 1.0)  # and the dearer ones
    assert until(shown, f"{DARK} < {4 * len(excited)}")
    assert shown.value(DARK) > 0
    assert (shown.errors, shown.requests) == ([], [page.as_uri()])


PANELS = """[...document.querySelectorAll('.vega-embed svg path.background')]
.map(e => e.getBoundingClientRect()).filter(b => Math.round(b.width) == 200)
.map(b => [b.x, b.y, b.width, b.height])"""
DARK = """[...document.querySelectorAll('.vega-embed .mark-symbol.role-mark path')]
.filter(e => e.getAttribute('opacity') == 1).length"""
