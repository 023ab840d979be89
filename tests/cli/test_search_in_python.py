"""`vidnas.search` does what the command does, and its study is the result."""

import sys
import time
from queue import Empty
from types import SimpleNamespace

import pytest

import vidnas
from vidnas.cli import search_results, study_run
from vidnas.cli.notebook_view import in_notebook
from vidnas.errors import EvaluationError, InputError
from vidnas.study import load_experiment


@pytest.fixture
def evaluate(monkeypatch, inline):
    """Lets a function take the place of training."""

    def use(function):
        monkeypatch.setattr(study_run, "_training", lambda workers, dataset: function)

    return use


@pytest.fixture
def shown(monkeypatch):
    """Makes this process a kernel; gives what its notebook shows, the latest last."""
    pages = []

    class Handle:
        def update(self, html):
            pages.append(html)

    def display(html, *, display_id):
        pages.append(html)
        return Handle()

    shell = SimpleNamespace(kernel=object())
    ipython = SimpleNamespace(get_ipython=lambda: shell)
    screen = SimpleNamespace(HTML=str, display=display)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", screen)
    return pages


def test_a_search_in_python_gives_its_study_and_the_same_call_goes_on(
    folder, inline, capsys
):
    assert not in_notebook()
    study = vidnas.search("experiment.yaml")
    assert len(study.trials()) == 4
    assert sorted((folder / "runs" / "small" / "family").glob("a*.yaml"))
    assert (folder / "runs" / "small" / "report.html").exists()
    told = capsys.readouterr()
    assert told.out == ""  # results are the caller's
    assert "report      runs/small/report.html" in told.err
    more = vidnas.search(load_experiment("experiment.yaml"), trials=6, workers=1)
    assert [trial.number for trial in more.history.trials] == list(range(6))
    assert more.history.trials[:4] == study.history.trials


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ({"trials": 0}, "`trials` must be a whole number of at least 1, got 0."),
        ({"workers": True}, "`workers` must be a whole number of at least 1, got Tr"),
        ({"seed": -1}, "`seed` must be a whole number of at least 0, got -1."),
        ({"hours": float("inf")}, "`hours` must be a number above 0, got inf."),
        ({"resume": "no"}, "`resume` must be one of auto, must, never, got `no`."),
    ],
)
def test_a_wrong_argument_says_what_it_must_be(folder, stated, words):
    with pytest.raises(InputError, match=words.replace("(", r"\(")):
        vidnas.search("experiment.yaml", **stated)
    assert not (folder / "runs").exists()


def interrupting(after):
    """A training that a person interrupts once so many are done."""
    done = []

    def evaluate(architecture, **rest):
        if len(done) == after:
            raise KeyboardInterrupt
        done.append(architecture)
        return {"top1": 50.0 + len(done), "val_clips": 8.0}

    return evaluate


def test_an_interruption_loses_nothing_and_is_heard_by_a_program(folder, evaluate):
    evaluate(interrupting(2))
    with pytest.raises(KeyboardInterrupt):
        vidnas.search("experiment.yaml")
    states = vidnas.open_study("runs/small").history.states
    assert states == {"done": 2, "interrupted": 1}
    evaluate(interrupting(-1))
    assert vidnas.search("experiment.yaml").history.states == {"done": 4}


def test_a_notebook_shows_one_card_and_keeps_its_study_when_interrupted(
    folder, evaluate, shown, capsys
):
    evaluate(interrupting(2))
    study = vidnas.search("experiment.yaml")
    assert study.history.states == {"done": 2, "interrupted": 1}
    before = [page for page in shown if 'class="vl-card"' not in page]
    assert "flops &lt;= 2 M" in before[-1]  # what it will do, before the first trial
    assert "<details open><summary>what the search said" in shown[0]
    assert "Interrupted: what is finished is kept" in shown[-1]
    assert ">stopped</span>" in shown[-1]
    assert "2 done, 1 interrupted; best 52.0 % top-1 at " in shown[-1]
    evaluate(interrupting(-1))
    assert vidnas.search("experiment.yaml").history.states == {"done": 4}
    assert "Interrupted" not in shown[-1]
    assert ">finished</span>" in shown[-1]
    told = capsys.readouterr()
    assert told.out + told.err == ""  # the card says it


def test_a_search_of_which_no_trial_is_done_is_an_error(folder, evaluate, monkeypatch):
    def fails(architecture, **rest):
        raise EvaluationError("out of memory at batch 8")

    monkeypatch.setattr(search_results, "write_page", None)
    evaluate(fails)
    with pytest.raises(EvaluationError, match="A front needs a trial done at 1 epoch"):
        vidnas.search("experiment.yaml")


@pytest.fixture
def kernel(folder, monkeypatch):
    """`run(code, until)` in a real kernel; interrupts it as soon as `until()` holds."""
    manager_of = pytest.importorskip("jupyter_client.manager").start_new_kernel
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    manager, client = manager_of(kernel_name="python3", extra_arguments=["--quiet"])

    def run(code, until=lambda: False):
        asked, pages, printed = client.execute(code), [], ""
        interrupted, ends = False, time.monotonic() + 240
        while time.monotonic() < ends:
            if not interrupted and until():
                manager.interrupt_kernel()
                interrupted = True
            try:
                message = client.get_iopub_msg(timeout=0.2)
            except Empty:
                continue
            kind, said = message["msg_type"], message["content"]
            assert kind != "error", said["evalue"]
            if kind in ("display_data", "update_display_data"):
                pages.append(said["data"]["text/html"])
            elif kind == "stream" and said["name"] == "stdout":
                printed += said["text"]
            is_ours = message["parent_header"].get("msg_id") == asked
            if kind == "status" and said["execution_state"] == "idle" and is_ours:
                return pages, printed
        raise AssertionError(f"no end within 240 s; shown so far: {pages[-1:]}")

    yield run
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.keras
def test_a_search_runs_in_a_real_notebook_and_stops_when_its_user_says_so(
    folder, kernel
):
    journal = folder / "runs" / "small" / "journal.jsonl"

    def is_one_done():
        return journal.exists() and '"event":"done"' in journal.read_text()

    # The loop of the kernel's own server runs around every cell.
    running = kernel("import asyncio; print(asyncio.get_event_loop().is_running())")
    assert running == ([], "True\n")
    kernel("import vidnas")
    search = "study = vidnas.search('experiment.yaml', trials=40, workers=1)"
    pages, printed = kernel(search, until=is_one_done)
    assert printed == ""
    assert any("epoch 0 of 1 done" in page for page in pages)
    assert "Interrupted: what is finished is kept" in pages[-1]
    done = vidnas.open_study("runs/small").history.states["done"]
    assert done >= 1
    _, printed = kernel("print(study.history.states['done'], study.status().state)")
    assert printed == f"{done} stopped\n"
    # No worker and no Ray is left behind.
    assert kernel("import ray; print(ray.is_initialized())") == ([], "False\n")
