from dataclasses import replace

import numpy as np
import pytest

from vidnas.errors import InputError
from vidnas.trials import FLOPS, TOP1, Fidelity, Front, Objective
from vidnas.trials.front import costs_of

NAN = np.nan


@pytest.fixture
def trials(make_trial):
    return [
        make_trial(0, flops=4e6, top1=70.0),
        make_trial(1, flops=1e6, top1=40.0),
        make_trial(2, flops=4e6, top1=60.0),  # below trial 0
        make_trial(3, flops=2e6, top1=55.0),
        make_trial(4, flops=9e6, top1=70.0),  # dearer than trial 0
        make_trial(5, flops=1e5, state="running"),
        make_trial(6, flops=1e5, state="failed", reason="out of memory"),
        make_trial(7, flops=1e5, top1=NAN),
    ]


def test_a_front_holds_done_trials_from_cheap_to_dear(trials):
    front = Front.of(trials, (FLOPS, TOP1))
    assert [trial.number for trial in front.trials] == [1, 3, 0]
    assert len(front) == 3


def test_the_direction_of_an_objective_decides(trials):
    worst = Front.of(trials[:5], (FLOPS, Objective("top1", maximise=False)))
    assert [trial.number for trial in worst.trials] == [1]
    np.testing.assert_array_equal(
        costs_of(trials[:2], (FLOPS, TOP1)), [[4e6, -70.0], [1e6, -40.0]]
    )


def test_measured_numbers_come_before_priced_ones(make_trial):
    trial = make_trial(costs={"flops": 1.0, "top1": 2.0}, measured={"top1": 3.0})
    assert (trial.value("flops"), trial.value("top1")) == (1.0, 3.0)


def test_the_order_of_trials_does_not_change_the_front(trials):
    front = Front.of(trials, (FLOPS, TOP1))
    assert Front.of(trials[::-1], (FLOPS, TOP1)) == front


def test_without_done_trials_the_front_is_empty(trials):
    for few in ([], trials[5:7], trials[7:]):
        front = Front.of(few, (FLOPS, TOP1))
        assert len(front) == 0
        assert front.knee() is None
        assert front.hypervolume({"flops": 1e7, "top1": 0.0}) == 0.0


def test_a_front_covers_the_volume_up_to_its_reference(trials):
    front = Front.of(trials, (FLOPS, TOP1))
    # Up to 10 M: from 4 M at 70 %, from 2 M at 55 %, from 1 M at 40 %, above 30 %.
    by_hand = 6e6 * 40 + 2e6 * 25 + 1e6 * 10
    assert front.hypervolume({"top1": 30.0, "flops": 10e6}) == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("reference", "came"),
    [
        ({"flops": 1e7}, "flops"),
        ({"flops": 1e7, "top1": 0.0, "seconds": 1.0}, "flops, top1, seconds"),
        ({"flops": 1e7, "top5": 0.0}, "flops, top5"),
        ({}, "nothing"),
    ],
)
@pytest.mark.parametrize("count", [0, 8])
def test_a_reference_must_name_the_objectives(trials, reference, came, count):
    front = Front.of(trials[:count], (FLOPS, TOP1))
    with pytest.raises(InputError) as refused:
        front.hypervolume(reference)
    assert str(refused.value) == (
        f"A reference point must name flops, top1, got {came}."
    )


def test_the_knee_of_a_front_is_a_trial(trials):
    front = Front.of(trials, (FLOPS, TOP1))
    # Scaled: (0, 1), (1/3, 1/2), (1, 0); 5/6 is least.
    assert front.knee() == trials[3]
    changed = replace(trials[3], measured={"top1": 41.0})
    # Now (1/3, 29/30) lies above the line, and the first end is taken.
    assert Front.of([*trials[:3], changed], (FLOPS, TOP1)).knee() == trials[1]


def test_accuracies_of_different_sources_or_fidelities_never_share_a_front(trials):
    inherited = replace(trials[1], source="inherited")
    with pytest.raises(InputError) as caught:
        Front.of([trials[0], inherited, trials[2]], (FLOPS, TOP1))
    assert str(caught.value) == (
        "The trials of a front must have one source of accuracy, got 2 of 'trained', "
        "1 of 'inherited'."
    )
    short = replace(trials[1], fidelity=Fidelity(epochs=97))
    with pytest.raises(InputError, match=r"one fidelity .* 1 of '97 epochs'"):
        Front.of([trials[0], short], (FLOPS, TOP1))
    # One that is not done has no accuracy to mix.
    assert len(Front.of([trials[0], replace(trials[5], source="inherited")], [TOP1]))


def test_a_front_is_a_sequence_of_its_trials(trials):
    front = Front.of(trials, (FLOPS, TOP1))
    assert [trial.number for trial in front] == [1, 3, 0]
    assert front[0] is trials[1]
    assert front[-1] is trials[0]
    assert front[1:] == (trials[3], trials[0])
    assert trials[3] in front
    assert trials[2] not in front
    with pytest.raises(IndexError):
        front[3]


@pytest.mark.parametrize("names", [("flops",), ("flops", "parameters")])
def test_trials_that_join_one_by_one_make_the_front_of_all(make_trial, names):
    rng = np.random.default_rng(len(names))
    objectives = (*(Objective(name, maximise=False) for name in names), TOP1)
    front, every = Front((), objectives), []
    for number, row in enumerate(rng.integers(1, 9, (60, 3)).tolist()):
        costs = {"flops": float(row[0]), "parameters": float(row[1])}
        measured = {} if number % 11 == 0 else {"top1": float(row[2])}
        every.append(make_trial(number, costs=costs, measured=measured))
        before, front = front, front.joined_by(every[-1])
        assert (front is before) == (every[-1] not in front)
        assert {t.number for t in front} == {
            t.number for t in Front.of(every, objectives)
        }
    cheaper = replace(front[0], fidelity=Fidelity(epochs=97))
    with pytest.raises(InputError, match=r"must have one fidelity .* 1 of '97 epochs'"):
        front.joined_by(cheaper)


def test_the_knee_of_three_objectives_counts_the_accuracy_too(make_trial):
    rows = {0: (1e6, 1e3, 10.0), 1: (2e6, 2e3, 90.0), 2: (9e6, 9e3, 95.0)}
    trials = [
        make_trial(n, costs={"flops": f, "parameters": p}, measured={"top1": a})
        for n, (f, p, a) in rows.items()
    ]
    least = Objective("parameters", maximise=False)
    assert Front.of(trials, (FLOPS, least, TOP1)).knee() is trials[1]


def test_a_bend_of_a_front_is_among_its_knees(make_trial):
    cheap = [make_trial(n, flops=1e6 * n, top1=10.0 * n) for n in range(1, 9)]
    dear = [make_trial(n, flops=1e6 * n, top1=80.0 + 0.1 * n) for n in range(9, 20)]
    front = Front.of([*cheap, *dear], (FLOPS, TOP1))
    assert cheap[-1] in front.knees()
    assert Front((), (FLOPS, TOP1)).knees() == ()
