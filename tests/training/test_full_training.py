"""Full trainings: a broken one ends like an unbroken one, and measures like a trial."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidnas.datasets.source import ClipSource
from vidnas.errors import EvaluationError, InputError
from vidnas.trials import Fidelity, Recipe

pytestmark = pytest.mark.keras
HERE = Path(__file__).parent
RECIPE = Recipe(
    learning_rate=0.02, batch=8, crop=0.25, dropout=0.3, stochastic_depth=0.3
)


def small_clips():
    """The module beside this file; test folders are no packages."""
    spec = importlib.util.spec_from_file_location("small", HERE / "small_clips.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


SMALL = small_clips()


class Kept:
    """What a listener heard."""

    def __init__(self):
        self.began = []
        self.numbers = []
        self.steps = []
        self.reports = []
        self.states = []

    def epoch(self, number, report, state):
        self.numbers.append(number)
        self.reports.append(report)
        self.states.append(state)


@pytest.fixture
def train(monkeypatch):
    """Trains a small network fully; gives its arrays and what was heard."""
    from vidnas.training import dataset, train_fully
    from vidnas.training.full_training import Listener

    monkeypatch.setattr(dataset, "open_clips", SMALL.open_small())

    def run(architecture=None, *, epochs=3, state=None, weights=None, **changes):
        architecture = architecture or SMALL.small_architecture()
        recipe = replace(RECIPE, **changes)
        kept = Kept()
        trained = train_fully(
            architecture,
            dataset.open_dataset(architecture, ClipSource.of("small"), recipe),
            recipe,
            Listener(
                kept.began.append,
                lambda step, steps: kept.steps.append((step, steps)),
                kept.epoch,
            ),
            epochs=epochs,
            seed=0,
            state=state,
            weights=weights,
        )
        return trained, kept

    return run


@pytest.mark.parametrize(
    ("breaks", "changes"),
    [((1, 3), {}), ((2,), {"optimizer": "sgd", "learning_rate": 0.1})],
    ids=["adamw", "sgd"],
)
def test_a_broken_training_ends_exactly_like_an_unbroken_one(train, breaks, changes):
    whole, heard = train(**changes)
    assert len(heard.states) == 3
    for done in breaks:
        again, after = train(state=heard.states[done - 1], **changes)
        # One thread computes here; to the byte, dropout's draws included.
        assert again.weights == whole.weights
        assert after.numbers == [1, 2, 3][done:]
        told = [{**r, "seconds": 0} for r in heard.reports[done:]]
        assert [{**r, "seconds": 0} for r in after.reports] == told


def test_a_full_training_measures_what_a_trial_does_and_takes_no_more_memory(train):
    from vidnas.training import evaluate

    trained, heard = train()
    measured = evaluate(
        SMALL.small_architecture(),
        dataset="small",
        recipe=RECIPE,
        fidelity=Fidelity(3),
        seed=0,
    )
    last = heard.reports[-1]
    assert (last["top1"], last["top5"]) == (measured["top1"], measured["top5"])
    assert last["val_loss"] == pytest.approx(measured["loss"], rel=1e-5)
    # The order in which two threads run moves either peak by some 5 %. What must not
    # happen is a second set of activations, which are nearly all of this peak.
    assert trained.peak["peak_bytes"] <= 1.1 * measured["peak_bytes"]
    assert heard.steps == [(1, 2), (2, 2)] * 3
    assert heard.began == [False]


def test_trained_weights_give_the_measured_accuracy_in_a_built_network(train, tmp_path):
    from vidnas.nets import load_pretrained

    trained, heard = train(epochs=12, dropout=0.0, stochastic_depth=0.0)
    path = tmp_path / "weights.npz"
    path.write_bytes(trained.weights)
    network = load_pretrained(path, SMALL.small_architecture())
    clips = SMALL.open_small()(
        None, "val", frames=4, frame_stride=1, resolution=16, margin=0.25
    )
    ((seen, targets),) = clips.batches(16, seed=0, epoch=0, augment=False)
    logits = network(seen.astype(np.float32) / 255).numpy()
    right = 100 * np.mean(logits.argmax(1) == targets.argmax(1))
    assert right == pytest.approx(heard.reports[-1]["top1"])


def test_a_training_goes_on_from_the_weights_of_another(train, tmp_path):
    easy = {"crop": 0.0, "dropout": 0.0, "stochastic_depth": 0.0}
    trained, heard = train(epochs=10, **easy)
    (tmp_path / "weights.npz").write_bytes(trained.weights)
    _, later = train(epochs=1, learning_rate=0.0, weights=tmp_path, **easy)
    assert later.began == [True]  # the classes are the same
    assert later.reports[0]["loss"] < 0.7 * heard.reports[0]["loss"]


def test_the_state_of_another_training_is_refused(train):
    _, heard = train(epochs=1)
    with pytest.raises(InputError, match="must be this training's, got `slot1` as "):
        train(epochs=2, optimizer="sgd", state=heard.states[0])
    wide = SMALL.small_architecture(width=24)
    with pytest.raises(InputError, match="must be this training's, got `initial_mov"):
        train(wide, epochs=2, state=heard.states[0])


def test_a_loss_that_is_not_a_number_ends_the_training_with_its_reason(train):
    with pytest.raises(EvaluationError, match=r"^loss became .* at step \d+ with lear"):
        train(learning_rate=1e30, warmup=0.0)
