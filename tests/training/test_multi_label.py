"""Trainings on clips of several classes, and with classes that weigh unlike."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidnas.datasets.index import ClipEntry
from vidnas.datasets.source import ClipSource
from vidnas.errors import InputError
from vidnas.trials import Fidelity, Recipe
from vidnas.trials.watch import Unwatched

pytestmark = pytest.mark.keras
HERE = Path(__file__).parent
RECIPE = Recipe(learning_rate=0.02, batch=16, crop=0.0, label_smoothing=0.0)
# What each of the four motions of the small clips shows; `bright` is shown by none.
LABELS = {0: (0,), 1: (0, 1), 2: (), 3: (1,)}
CLASSES = ("down", "right", "bright")


def small_clips():
    """The module beside this file; test folders are no packages."""
    spec = importlib.util.spec_from_file_location("small", HERE / "small_clips.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SMALL = small_clips()


def open_several(*args, **named):
    """The small clips, with several classes each or none."""
    clips = SMALL.open_small()(*args, **named)
    files = tuple(ClipEntry(f"{n}.mp4", LABELS[n % 4]) for n in range(len(clips)))
    return replace(clips, classes=CLASSES, files=files, multi_label=True)


@pytest.fixture
def several(monkeypatch):
    from vidnas.training import dataset

    monkeypatch.setattr(dataset, "open_clips", open_several)


@pytest.fixture
def fit(monkeypatch):
    """A fit on the small clips, of one class or of several."""
    from vidnas.training import dataset
    from vidnas.training.fit import Fit

    def made(open_clips=None, epochs=2, **changes):
        monkeypatch.setattr(dataset, "open_clips", open_clips or SMALL.open_small())
        recipe = replace(RECIPE, **changes)
        architecture = SMALL.small_architecture(width=8)
        clips = dataset.open_dataset(architecture, ClipSource.of("small"), recipe)
        return Fit(architecture, clips, recipe, epochs=epochs, seed=0)

    return made


def test_a_network_learns_which_of_several_classes_a_clip_shows(several):
    from vidnas.training.candidate_training import evaluate

    reports, watch = [], Unwatched()
    watch.epoch = lambda epoch, report: reports.append(report)
    measured = evaluate(
        SMALL.small_architecture(),
        dataset="small",
        recipe=RECIPE,
        fidelity=Fidelity(40),
        seed=0,
        watch=watch,
    )
    # Half of the clips show either class: guessing reaches a mean precision of 50 %.
    assert measured["map"] > 95.0
    assert measured["map_low"] <= measured["map"] <= measured["map_high"] + 1e-9
    assert "top1" not in measured
    assert measured["val_clips"] == 16.0
    assert reports[-1]["loss"] < 0.2 < reports[0]["loss"]
    assert set(reports[0]) == {"loss"}


def test_a_full_training_of_several_classes_tells_the_precision_of_each(several):
    from vidnas.training import dataset, train_fully
    from vidnas.training.full_training import Listener
    from vidnas.training.trained_file import (
        class_rows,
        measured_over,
        require_told,
        require_whole_epochs,
    )

    architecture, reports = SMALL.small_architecture(width=8), []
    clips = dataset.open_dataset(architecture, ClipSource.of("small"), RECIPE)
    listener = Listener(
        lambda loaded: None,
        lambda step, steps: None,
        lambda number, report, state: reports.append(report),
    )
    trained = train_fully(architecture, clips, RECIPE, listener, epochs=1, seed=0)
    require_whole_epochs(reports, Path("x"), multi_label=True)
    measured = measured_over(reports, clips.counts, clips.chance)
    require_told(measured, Path("x"), multi_label=True)
    assert measured["chance"] == 50.0
    assert measured["map_interval"][0] <= measured["map_interval"][1]
    down, right, bright = class_rows(CLASSES, trained.per_class)
    assert (down["class"], down["clips"], right["clips"]) == ("down", 8.0, 8.0)
    assert bright == {"class": "bright", "clips": 0.0, "average_precision": None}
    mean = (down["average_precision"] + right["average_precision"]) / 2
    assert mean == pytest.approx(measured["map"])


def test_the_loss_of_several_classes_is_the_mean_of_their_cross_entropies(fit):
    made = fit(open_several)
    score = made.score()
    p, t = score.probabilities.astype(np.float64), score.targets
    expected = -(t * np.log(p) + (1 - t) * np.log(1 - p)).mean(axis=1)
    assert score.losses == pytest.approx(expected, abs=1e-5)
    # Each class is judged by itself: no sum of a clip is 1.
    assert not np.allclose(p.sum(axis=1), 1.0, atol=0.1)


def trained_vector(made):
    loss = made.train(0)["loss"]
    return loss, made.state()["trained"]


def test_weights_that_are_all_equal_train_what_none_would(fit):
    equal = tuple((name, 3.0) for name in SMALL.CLASSES)
    plain, same = (trained_vector(fit(class_weights=w)) for w in (None, equal))
    assert same[0] == pytest.approx(plain[0], rel=1e-5)
    np.testing.assert_allclose(same[1], plain[1], atol=1e-4)


def test_a_class_that_weighs_more_is_learnt_sooner(fit):
    def open_rare(*args, **named):
        clips = SMALL.open_small()(*args, **named)
        # Thirteen clips are called `up`, and each other class has one.
        files = [ClipEntry(f"{n}.mp4", (3 if n > 3 else n,)) for n in range(len(clips))]
        return replace(clips, files=tuple(files))

    shares = []
    for weights in (None, "balanced"):
        made = fit(open_rare, epochs=10, class_weights=weights)
        for epoch in range(10):
            made.train(epoch)
        shares.append(made.score().probabilities[:, :3].sum(axis=1).mean())
    # The rare classes are held for more probable where they count as much.
    assert shares[1] > 1.5 * shares[0]


def test_a_weight_of_no_class_is_refused_before_a_step(fit):
    with pytest.raises(InputError, match=r"got `dwon`\. Did you mean `down`"):
        fit(class_weights=(("dwon", 2.0),))
