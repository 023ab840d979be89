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
def test_a_notebook_runs_in_jupyter(name, kernel, surroundings):
    pytest.importorskip("ai_edge_litert")
    client = NotebookClient(read(name), kernel_name=kernel, timeout=120)
    executed = client.execute(cwd=str(surroundings))
    told, charts = answer_of(name)
    last = code(executed)[-1]
    assert re.search(told, last.outputs[0]["data"]["text/markdown"])
    outputs = [output for cell in code(executed) for output in cell.outputs]
    pages = [output.get("data", {}).get("text/html", "") for output in outputs]
    assert sum(BRINGS in page for page in pages) == min(charts, 1)
    if name == "front":
        assert list(surroundings.glob("*/family/a*.yaml"))
