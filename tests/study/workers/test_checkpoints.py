"""States of trials on the disk: what fits is found, anything else passed over."""

import errno
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidnas.architecture import Head
from vidnas.study.workers.assignment import Assignment
from vidnas.study.workers.checkpoints import STATE_FILE, WEIGHTS_FILE, Checkpoint
from vidnas.trials import Fidelity, Recipe
from vidnas.trials.recipe import Evaluation

STATE = {"trained": np.arange(4, dtype=np.float32)}


def state_of(assignment) -> Path:
    return Path(assignment.checkpoint) / STATE_FILE


def test_the_last_state_is_found_by_the_same_trial(assignment):
    for epoch in (1, 2):
        Checkpoint(assignment).write(epoch, {"trained": STATE["trained"] * epoch})
    kept = Checkpoint(assignment).read()
    assert (kept.epoch, kept.is_of_lower_rung) == (2, False)
    np.testing.assert_array_equal(kept.state["trained"], [0, 2, 4, 6])
    assert [p.name for p in Path(assignment.checkpoint).iterdir()] == [STATE_FILE]


def test_a_state_of_a_recipe_with_everything_is_found(assignment):
    recipe = Recipe(
        crop_area=(0.08, 1.0),
        colour_jitter=(0.4, 0.4, 0.4, 0.1),
        rand_augment=(2, 9.0),
        class_weights=(("left", 1.5), ("right", 0.1)),
        evaluation=Evaluation(10, 3, 24, each_epoch=True),
    )
    rich = replace(assignment, recipe=recipe, fidelity=Fidelity(4, 2, 8))
    Checkpoint(rich).write(2, STATE)
    assert Checkpoint(Assignment.from_document(rich.to_document())).read().epoch == 2


def test_there_is_none_before_the_first_epoch(assignment):
    assert Checkpoint(assignment).read() is None
    assert Checkpoint(replace(assignment, checkpoint="")).read() is None


@pytest.mark.parametrize(
    "other",
    [
        {"study": "another"},
        {"seed": 8},
        {"fidelity": Fidelity(5)},
        {"fidelity": Fidelity(4, frames=2)},
        {"recipe": Recipe(learning_rate=0.1)},
        {"micro_batch": 16},
        {"full_epochs": 8},
    ],
    ids=str,
)
def test_a_state_of_anything_else_is_passed_over(assignment, other):
    Checkpoint(assignment).write(2, STATE)
    assert Checkpoint(replace(assignment, **other)).read() is None


def test_a_state_of_another_network_is_passed_over(assignment):
    Checkpoint(assignment).write(2, STATE)
    other = replace(assignment.architecture, head=Head(24, 8))
    assert Checkpoint(replace(assignment, architecture=other)).read() is None


@pytest.mark.parametrize("epoch", [0, -1, 5])
def test_an_epoch_that_the_trial_has_not_is_passed_over(assignment, epoch):
    Checkpoint(assignment).write(epoch, STATE)
    assert Checkpoint(assignment).read() is None


def test_half_a_state_and_a_folder_in_its_place_are_passed_over(assignment):
    Checkpoint(assignment).write(2, STATE)
    path = state_of(assignment)
    content = path.read_bytes()
    for length in range(0, len(content), 50):
        path.write_bytes(content[:length])
        assert Checkpoint(assignment).read() is None
    path.unlink()
    path.mkdir()
    assert Checkpoint(assignment).read() is None


def lower(assignment, tmp_path, **changes):
    """The trial at a rung of two epochs below, and what goes on from it."""
    schedule = Recipe(schedule="constant")
    below = replace(
        assignment,
        number=1,
        checkpoint=str(tmp_path / "00001"),
        recipe=schedule,
        fidelity=Fidelity(2),
        full_epochs=4,
        **changes,
    )
    return below, replace(assignment, recipe=schedule, continues=below.checkpoint)


def test_a_trial_is_continued_from_the_end_of_a_cheaper_one(assignment, tmp_path):
    below, above = lower(assignment, tmp_path)
    Checkpoint(below).write(1, STATE)  # its training has not ended
    assert Checkpoint(above).read() is None
    Checkpoint(below).write(2, STATE)
    kept = Checkpoint(above).read()
    assert (kept.epoch, kept.is_of_lower_rung) == (2, True)
    Checkpoint(above).write(3, STATE)  # its own goes first
    assert Checkpoint(above).read().epoch == 3
    assert not Checkpoint(above).read().is_of_lower_rung


@pytest.mark.parametrize("changes", [{"seed": 8}, {"micro_batch": 8}], ids=str)
def test_a_cheaper_trial_that_is_not_alike_is_not_continued(
    assignment, tmp_path, changes
):
    below, above = lower(assignment, tmp_path, **changes)
    Checkpoint(below).write(2, STATE)
    assert Checkpoint(above).read() is None


def test_weights_lie_beside_the_state(assignment):
    Checkpoint(assignment).write_weights(b"weights")
    assert (Path(assignment.checkpoint) / WEIGHTS_FILE).read_bytes() == b"weights"


def test_a_machine_that_does_not_see_the_study_makes_no_folders(assignment, tmp_path):
    unseen = replace(assignment, checkpoint=str(tmp_path / "away" / "00003"))
    with pytest.raises(FileNotFoundError):
        Checkpoint(unseen).write(1, STATE)
    assert not (tmp_path / "away").exists()


def test_a_state_is_kept_in_an_object_store(assignment):
    stored = replace(assignment, checkpoint="memory://runs/x/checkpoints/00003")
    assert Checkpoint(stored).read() is None
    Checkpoint(stored).write(2, STATE)
    kept = Checkpoint(stored).read()
    assert kept.epoch == 2
    np.testing.assert_array_equal(kept.state["trained"], STATE["trained"])
    assert Checkpoint(stored).place == "memory://runs/x/checkpoints"


def test_nothing_is_written_through_a_link(assignment, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    Path(assignment.checkpoint).symlink_to(elsewhere)
    with pytest.raises(OSError, match="symbolic link") as raised:
        Checkpoint(assignment).write(1, STATE)
    assert raised.value.errno == errno.ELOOP
    assert list(elsewhere.iterdir()) == []
