"""What an accuracy may be called: more than guessing, or not."""

import math
from dataclasses import replace

import pytest

from vidnas.architecture.published import published
from vidnas.errors import InputError, ShapeError
from vidnas.statistics.proportion import wilson
from vidnas.trials import (
    FLOPS,
    TOP1,
    Fidelity,
    Front,
    Objective,
    Trial,
    hypervolume,
)
from vidnas.trials.chance import Chance, accuracy_claims, claims_text

NETWORK = published("movinet-a0")


def trial(number, top1, clips, flops=1.0, **more):
    measured = {"top1": top1, "val_clips": clips, **more}
    return Trial(
        number, (), NETWORK, Fidelity(1), 0, {"flops": flops}, "done", measured
    )


def test_a_third_of_three_clips_of_two_classes_is_not_above_chance():
    chance = Chance(2, (2, 1))
    a0 = trial(0, 100 / 3, 3)
    assert chance.is_beaten(a0) is False
    # 2 of 3 clips are of one class
    assert chance.mark(a0) == "not above the largest class's share (66.7 %)"
    assert Chance(2).mark(a0) == "not above chance (50 %)"
    assert accuracy_claims(a0, Chance(2)) == {"chance": 50.0, "above_chance": False}


def test_the_majoritys_share_is_what_guessing_reaches():
    # Of 40 videos of 38 and 2, validation holds 13 and 1: 13 / 14.
    chance = Chance(2, (13, 1))
    assert chance.words == "the largest class's share (92.9 %)"
    assert chance.uniform == 50.0
    assert chance.mark(trial(0, 100 * 13 / 14, 14)) != ""
    assert Chance(8, (48,) * 8).words == "chance (12.5 %)"


def test_top5_of_guessing_names_the_five_largest_classes():
    assert Chance(8).of_top(5) == 62.5
    assert Chance(3).of_top(5) == 100.0
    assert Chance(6, (5, 1, 1, 1, 1, 1)).of_top(5) == 90.0


def test_an_accuracy_is_above_chance_where_its_interval_is():
    # 60 of 100: Wilson's interval begins at 50.2
    assert wilson(60.0, 100)[0] > 50.0 > wilson(59.0, 100)[0]
    assert Chance(2).is_beaten(trial(0, 60.0, 100)) is True
    assert Chance(2).is_beaten(trial(0, 59.0, 100)) is False
    assert Chance(2).mark(trial(0, 60.0, 100)) == ""


@pytest.mark.parametrize(
    "unknown",
    [
        trial(0, 60.0, 0),
        replace(trial(0, 60.0, 100), state="running"),
        replace(trial(0, 60.0, 100), measured={"val_clips": 100.0}),
    ],
)
def test_where_clips_or_accuracy_are_unknown_nothing_is_claimed(unknown):
    assert Chance(2).is_beaten(unknown) is None
    assert Chance(2).mark(unknown) == ""
    assert accuracy_claims(unknown, Chance(2)) == {}


def test_few_clips_are_announced_with_the_width_of_their_intervals():
    low, high = wilson(50.0, 3)
    assert Chance(2).few_clips(3) == (
        f"3 validation clips: 95 % intervals are about {high - low:.0f} points wide; "
        "networks cannot be told apart, not even a perfect one from chance (50 %)"
    )
    assert (
        Chance(8)
        .few_clips(40)
        .endswith("networks closer than that cannot be told apart")
    )
    assert Chance(8).few_clips(384) == ""


def test_a_front_without_anything_above_chance_says_so():
    none = claims_text([trial(0, 50.0, 10), trial(1, 60.0, 10)], Chance(2))
    assert none.splitlines()[0].startswith("no network of the front is above chance")
    assert "intervals of all 2 on the front overlap" in none.splitlines()[1]
    apart = [trial(0, 60.0, 1000), trial(1, 90.0, 1000)]
    assert claims_text(apart, Chance(2)) == ""
    assert claims_text([], Chance(2)) == ""


@pytest.mark.parametrize("wrong", [None, math.nan, "high"])
def test_a_trial_without_an_objective_is_on_no_front(wrong):
    good = trial(0, 60.0, 100, flops=5.0)
    without = replace(trial(1, 0.0, 100), measured={"val_clips": 100.0})
    broken = trial(2, wrong, 100)
    assert Front.of([without, good, broken], (FLOPS, TOP1)).trials == (good,)


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ([2.0, 50.0], "must name flops, top1, got a `list`"),
        ({"flops": 2.0}, "must name flops, top1, got flops"),
        ({"flops": 2.0, "top1": "half"}, "`top1` of a reference point must be a num"),
        ({"flops": math.nan, "top1": 1.0}, "`flops` of a reference point must be"),
    ],
)
def test_a_wrong_reference_point_is_answered_in_words(reference, said):
    front = Front.of([trial(0, 60.0, 100)], (FLOPS, TOP1))
    with pytest.raises(InputError, match=said):
        front.hypervolume(reference)


def test_a_reference_point_may_be_written_as_people_write_it():
    front = Front.of([trial(0, 60.0, 100, flops=1e6)], (FLOPS, TOP1))
    # (2 M - 1 M) x (60 - 50)
    assert front.hypervolume({"flops": "2 M", "top1": 50}) == pytest.approx(1e7)
    held = Objective("training_bytes", maximise=False)
    front = Front.of([trial(0, 60.0, 100, training_bytes=2.0**20)], (held, TOP1))
    # (2 MiB - 1 MiB) x (60 - 50)
    reference = {"training_bytes": "2 MiB", "top1": 50}
    assert front.hypervolume(reference) == pytest.approx(10 * 2.0**20)


@pytest.mark.parametrize(
    ("costs", "reference", "said"),
    [
        ({"flops": 1.0}, [1.0], "`costs` must be an array .* got a `dict`"),
        ([[1.0, 2.0]], {"flops": 1.0}, "`reference` must be an array .* got a `dict`"),
        ([[1.0], [1.0, 2.0]], [1.0], "`costs` must be an array"),
        ([1.0, 2.0], [1.0, 2.0], "one column per reference value"),
        ([[1.0, 2.0]], 3.0, "one column per reference value"),
    ],
)
def test_what_is_no_array_has_no_hypervolume(costs, reference, said):
    with pytest.raises(ShapeError, match=said):
        hypervolume(costs, reference=reference)
