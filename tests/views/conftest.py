"""A study that was searched without training: accuracy is a formula of the cost."""

import hashlib
import importlib.util
import itertools
import math
from dataclasses import replace
from pathlib import Path

import pytest

from vidnas.architecture.published import published
from vidnas.costs import cost
from vidnas.errors import EvaluationError
from vidnas.study import Dataset, Inline, Study, load_experiment, load_history
from vidnas.study.experiment.baselines import Baseline

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
EXPERIMENT = ROOT / "experiments" / "quickstart.yaml"
CLASSES = (
    "left",
    "right",
    "up",
    "down",
    "turning",
    "returning",
    "growing",
    "<shy> & co",
)
VAL_CLIPS = 256
TRIALS = 40


def beside_this(name):
    """A module of this folder that holds no tests."""
    spec = importlib.util.spec_from_file_location(name, HERE / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """A browser that opens pages, where one is installed."""
    driven = beside_this("page_in_browser")
    if driven.BROWSER is None:
        pytest.skip("chromium is not installed here")
    found = driven.Browser(tmp_path_factory.mktemp("browser"))
    yield found
    found.close()


def luck(architecture):
    """A number in [0, 1) that only the architecture decides."""
    return (
        int(hashlib.sha256(architecture.arch_id.encode()).hexdigest()[:8], 16) / 2**32
    )


def formula(architecture, **_):
    """Bigger is better, with luck; one in ten fails with a reason full of markup."""
    fate = luck(architecture)
    if fate < 0.1:
        raise EvaluationError("out of memory at batch 32 <script>alert('&')</script>")
    priced = cost(architecture, classes=len(CLASSES))
    share = 1 - math.exp(-((priced.flops / 6e6) ** 0.7))
    right = round(VAL_CLIPS * (0.2 + 0.7 * share * (0.6 + 0.4 * fate)))
    return {
        "top1": 100.0 * right / VAL_CLIPS,
        "top5": min(100.0, 130.0 * right / VAL_CLIPS),
        "seconds": 4.0 + priced.flops / 1e6,
        "peak_bytes": float(priced.training_bytes),
        "val_clips": float(VAL_CLIPS),
        "train_clips": 640.0,
    }


def baseline(network, name, resolution):
    return Baseline(name, network, published(network).at(8, resolution))


BASELINES = (
    baseline("mobilenetv3-small-tsm", "small <b>tsm</b>", 32),
    baseline("movinet-t0", "t0", 24),
    baseline("x3d-xs", "xs", 16),
)


def beside(architecture, **rest):
    """The formula for candidates; of the baselines one is too good and one fails."""
    if architecture.block == "x3d":
        raise EvaluationError("out of memory at batch 32")
    top1 = {"mobilenetv3-small-tsm": 98.0, "movinet-t0": 30.0}
    for known in BASELINES[:2]:
        if architecture == known.architecture:
            return {"top1": top1[known.network], "val_clips": float(VAL_CLIPS)}
    return formula(architecture)


def search(folder, evaluate, trials, baselines=()):
    experiment = replace(load_experiment(EXPERIMENT), baselines=baselines)
    dataset = Dataset("clips", CLASSES, train_clips=640, val_clips=VAL_CLIPS)
    ticks = itertools.count(1_700_000_000.0, 7.5)
    study = Study(experiment, dataset, folder, trials=trials, clock=lambda: next(ticks))
    with study:
        return study.run(Inline(), evaluate, lambda trial: None)


@pytest.fixture(scope="session")
def study_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "quickstart"
    search(folder, formula, TRIALS)
    return folder


@pytest.fixture(scope="session")
def history(study_folder):
    return load_history(study_folder)


@pytest.fixture(scope="session")
def compared(tmp_path_factory):
    """The study beside baselines: one better than its front, one beaten, one failed."""
    folder = tmp_path_factory.mktemp("runs") / "compared"
    return search(folder, beside, TRIALS, BASELINES)


@pytest.fixture(scope="session")
def unfinished(tmp_path_factory):
    """A study whose trials all failed so far, too few of them to give it up."""

    def fail(architecture, **_):
        raise EvaluationError("no decoder")

    return search(tmp_path_factory.mktemp("runs") / "unfinished", fail, 3)


def excited(architecture, **_):
    """Squeeze-excite in the last stage is worth 10 points, and more FLOPs are more."""
    priced = cost(architecture, classes=len(CLASSES))
    share = 0.3 + 0.3 * (1 - math.exp(-priced.flops / 6e6))
    share += 0.1 * bool(architecture.stages[-1].layers[0].squeeze_excite)
    right = round(VAL_CLIPS * (share + 0.04 * (luck(architecture) - 0.5)))
    return {"top1": 100.0 * right / VAL_CLIPS, "val_clips": float(VAL_CLIPS)}


@pytest.fixture(scope="session")
def planted(tmp_path_factory):
    """The folder of a study in which one choice matters at equal cost."""
    folder = tmp_path_factory.mktemp("runs") / "planted"
    search(folder, excited, TRIALS)
    return folder
