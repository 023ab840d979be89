"""The notebook runs from top to bottom on a study, in this interpreter."""

import json
import os
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

NOTEBOOK = Path(__file__).parents[2] / "experiments" / "notebooks" / "front.ipynb"


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
    return "python3"


@pytest.fixture(scope="module")
def notebook():
    return nbformat.read(NOTEBOOK, as_version=4)


def test_the_notebook_is_stored_without_outputs(notebook):
    for cell in notebook.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None


def test_the_notebook_answers_its_question(
    notebook, kernel, study_folder, tmp_path, monkeypatch
):
    monkeypatch.setenv("VIDNAS_STUDY", str(study_folder))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    root = str(NOTEBOOK.parents[2])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(paths))
    client = NotebookClient(notebook, kernel_name=kernel, timeout=60)
    executed = client.execute(cwd=str(tmp_path))
    shown = [
        output.get("data", {}).get("text/html", "")
        for cell in executed.cells
        for output in cell.get("outputs", [])
    ]
    charts = [html for html in shown if "window.vegaEmbed(" in html]
    assert len(charts) == 3
    # The library comes along: nothing is loaded from the web.
    assert not any("src=" in html.split("<script")[0] for html in charts)
    assert not any("cdn.jsdelivr.net" in html for html in charts)
    last = [cell for cell in executed.cells if cell.cell_type == "code"][-1]
    assert "networks are worth their FLOPs" in last.outputs[0]["data"]["text/markdown"]
    assert list(tmp_path.glob("*/family/a*.yaml"))
