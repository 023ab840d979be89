"""Files that a user would have: clips, a space, an experiment, a finished study."""

import http.client
import importlib.util
import textwrap
import threading
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidnas.cli import search_results, study_run
from vidnas.cli.board_server import BoardServer
from vidnas.cli.main import main
from vidnas.costs import cost
from vidnas.datasets.motion.generate import write_motion
from vidnas.study import Dataset, Inline, Study, load_experiment
from vidnas.views.live.board import Board

SPACE = """
schema: vidnas.space/v1
name: small
clip: {frames: 4, resolution: 16}
stem: {width: 8}
stages:
  - width: {base: 8, multiplier: [1.0, 2.0, 3.0]}
    depth: [1, 2]
    stride: 2
    kernel: [1x3x3, 3x3x3]
    expand: [1.0, 2.0, 3.0]
head: {width: 16, hidden: 16}
"""

EXPERIMENT = """
schema: vidnas.experiment/v1
name: small
space: space.yaml
clips: {folder: clips}
training: {epochs: 1, batch: 8}
budgets: {flops: 2 M}
strategy: {name: random}
effort: {trials: 4}
workers: {count: 2, cpus: 1}
front: {reference: {flops: 2 M, top1: 0}}
family: {ladder: spread}
seed: 1
"""


NETWORK = """
schema: vidnas.architecture/v1
clip: {{frames: {frames}, resolution: 16, frame_stride: 2}}
stem: {{width: 8, kernel: 1x3x3, stride: 2}}
stages:
- width: 8
  layers:
  - {{expand: 8, kernel: 3x3x3, stride: 2, squeeze_excite: 8}}
head: {{project: 16, hidden: 16}}
"""


@pytest.fixture(scope="session")
def clips(tmp_path_factory) -> Path:
    """Three videos of each motion."""
    root = tmp_path_factory.mktemp("data") / "clips"
    return write_motion(root, seed=0, train_per_class=2, val_per_class=1, size=32)


@pytest.fixture
def folder(tmp_path, clips, monkeypatch) -> Path:
    """A working directory with an experiment, its space and its clips."""
    (tmp_path / "space.yaml").write_text(textwrap.dedent(SPACE))
    (tmp_path / "experiment.yaml").write_text(textwrap.dedent(EXPERIMENT))
    (tmp_path / "clips").symlink_to(clips)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def accuracy(architecture, *, seed, **rest):
    """A stand-in for training."""
    flops = cost(architecture, classes=8).flops
    luck = np.random.default_rng(seed).normal()
    return {"top1": 90 * (1 - np.exp(-flops / 3e5)) + luck, "val_clips": 100.0}


@pytest.fixture
def tiny_file(folder):
    """Writes `tiny.yaml`, a network that trains in seconds; of so many frames."""

    def write(frames: int = 2) -> None:
        (folder / "tiny.yaml").write_text(NETWORK.format(frames=frames))

    return write


@pytest.fixture
def inline(monkeypatch):
    """Searches train nothing, start no Ray and draw nothing."""
    monkeypatch.setattr(study_run, "_executor", lambda *_: Inline())
    monkeypatch.setattr(study_run, "train_in_group", accuracy)
    monkeypatch.setattr(
        search_results, "write_page", lambda history, path: path.touch()
    )


@pytest.fixture
def study(folder) -> Path:
    """A finished study whose training was a stand-in."""

    experiment = load_experiment(folder / "experiment.yaml")
    dataset = Dataset(str(folder / "clips"), tuple("abcdefgh"), 16, 8)
    run = folder / "runs" / "small"
    with Study(experiment, dataset, run, trials=16) as study:
        study.run(Inline(), accuracy, lambda trial: None)
    return run


@pytest.fixture
def running(folder):
    """A search in a thread; `running()` lets one more trial end, and waits for it."""
    may_go, has_ended = threading.Semaphore(0), threading.Semaphore(0)

    def evaluate(architecture, *, seed, **rest):
        may_go.acquire()
        return {"top1": 50.0 + seed % 40, "val_clips": 64.0}

    def hear(trial):
        if trial.state != "running":
            has_ended.release()

    def search():
        experiment = load_experiment(folder / "experiment.yaml")
        dataset = Dataset(str(folder / "clips"), tuple("abcdefgh"), 16, 64)
        with Study(experiment, dataset, folder / "runs" / "small", trials=3) as study:
            began.set()
            study.run(Inline(), evaluate, hear)

    began = threading.Event()
    thread = threading.Thread(target=search)
    thread.start()
    assert began.wait(60)

    left = [3, 2, 1]  # trials, the last one first

    def go_on():
        may_go.release()
        assert has_ended.acquire(timeout=60)
        if left.pop() == 3:
            thread.join(60)

    yield go_on
    for _ in range(3):
        may_go.release()
    thread.join(60)


def sometimes(architecture, *, seed, **rest):
    if seed % 4 == 0:
        raise ValueError("<script>alert(1)</script>")
    return {"top1": 40.0 + seed % 50, "val_clips": 64.0}


@pytest.fixture
def runs(study):
    """Three studies: two of one task, one of another with a name full of markup."""
    for name, seed, clips in (("second", 2, 8), ('<b> & "co"', 3, 9)):
        experiment = replace(load_experiment("experiment.yaml"), name=name, seed=seed)
        dataset = Dataset("clips", tuple("abcdefgh"), 16, clips)
        with Study(experiment, dataset, study.parent / name, trials=5) as other:
            other.run(Inline(), sometimes, lambda trial: None)
    return study.parent


@pytest.fixture
def serving():
    """A board that is served; gives `ask(path)`, what it answers to its reader."""

    @contextmanager
    def serve(folder):
        server = BoardServer(Board(folder), 0)
        server.board.look()
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()

        def ask(path, token=server.token, host="127.0.0.1"):
            link = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
            cookie = f"vidnas-board-{server.port}={token}"
            link.request("GET", path, headers={"Cookie": cookie, "Host": host})
            answer = link.getresponse()
            told = answer.status, answer.read().decode(), answer.headers
            link.close()
            return told

        ask.server = server
        try:
            yield ask
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    return serve


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A browser that reaches this machine alone, where one is installed."""
    path = Path(__file__).parents[1] / "views" / "page_in_browser.py"
    spec = importlib.util.spec_from_file_location("page_in_browser", path)
    driven = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(driven)
    if driven.BROWSER is None:
        pytest.skip("chromium is not installed here")
    nowhere = "--host-resolver-rules=MAP * ~NOTFOUND"
    loopback = {nowhere: f"{nowhere}, EXCLUDE 127.0.0.1"}
    driven.FLAGS = tuple(loopback.get(flag, flag) for flag in driven.FLAGS)
    found = driven.Browser(tmp_path_factory.mktemp("browser"))
    yield found
    found.close()


@pytest.fixture
def vidnas(capsys):
    """Runs a command; gives exit code, stdout and stderr."""

    def run(*arguments: str) -> tuple[int, str, str]:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as ended:
            code = ended.code
        said = capsys.readouterr()
        return code, said.out, said.err

    return run
