"""Rungs by hand: who climbs, and who may not."""

import numpy as np
import pytest

from vidnas.errors import InputError
from vidnas.space.choice_space import ChosenValues
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.promotion import Job, Schedule
from vidnas.trials.trial import Trial

ONE, THREE, NINE = Fidelity(1), Fidelity(3), Fidelity(9)
FAMILY_SIZES = (ONE, THREE, NINE)
PLAIN = Schedule(FAMILY_SIZES, keep=3, probe=0)


def trial(number, network, fidelity, top1, flops=1e6, state="done"):
    return Trial(
        number=number,
        candidate=(network,),
        architecture=ChosenValues({"network": network}),
        fidelity=fidelity,
        seed=number,
        costs={"flops": flops},
        state=state,
        measured={"top1": top1} if state == "done" else {},
    )


def told(schedule, trials):
    """The next job as network and epochs; `new` for a new candidate."""
    job = schedule.next_job(trials)
    name = "new" if job.promoted is None else job.promoted.candidate[0]
    return name, job.fidelity.epochs


def test_without_rungs_every_candidate_is_new_and_trained_in_full():
    trials = [trial(n, n, NINE, 50.0 + n) for n in range(9)]
    assert Schedule((NINE,)).next_job(trials) == Job(NINE)


def test_three_of_one_size_send_their_best_to_the_top():
    trials = [trial(0, 0, ONE, 30.0), trial(1, 1, ONE, 50.0)]
    assert told(PLAIN, trials) == ("new", 1)  # two are not enough to compare
    trials.append(trial(2, 2, ONE, 40.0))
    assert told(PLAIN, trials) == (1, 3)
    trials.append(trial(3, 1, THREE, 0.0, state="running"))
    assert told(PLAIN, trials) == ("new", 1)
    trials[-1] = trial(3, 1, THREE, 70.0)
    assert told(PLAIN, trials) == (1, 9)
    trials.append(trial(4, 1, NINE, 90.0))
    assert told(PLAIN, trials) == ("new", 1)


def test_one_of_three_goes_on_and_one_of_nine_reaches_the_top():
    # The largest are the best, all of one size: 8, 7, 6 of 0..8 climb, and 8 again.
    trials = [trial(n, n, ONE, 10.0 * n) for n in range(9)]
    climbed = []
    while (job := PLAIN.due(trials)) is not None:
        network = job.promoted.candidate[0]
        climbed.append((network, job.fidelity.epochs))
        trials.append(trial(len(trials), network, job.fidelity, 10.0 * network))
    assert climbed == [(8, 3), (8, 9), (7, 3), (6, 3)]


def test_a_better_one_that_comes_later_climbs_too():
    trials = [trial(n, n, ONE, 10.0 * n) for n in range(3)]
    trials += [trial(3, 2, THREE, 50.0), trial(4, 2, NINE, 80.0)]
    assert told(PLAIN, trials) == ("new", 1)
    trials.append(trial(5, 3, ONE, 90.0))
    assert told(PLAIN, trials) == (3, 3)


def test_small_networks_climb_beside_large_ones_that_are_all_better():
    # Six sizes of three networks: each size's best climbs, the smallest's too.
    trials = [
        trial(n, n, ONE, 10.0 * (n // 3) + n % 3, flops=1e6 * 2.0 ** (n // 3))
        for n in range(18)
    ]
    climbed = set()
    while (job := PLAIN.due(trials)) is not None:
        if job.fidelity == NINE:
            climbed.add(job.promoted.candidate[0])
        trials.append(
            trial(
                len(trials),
                job.promoted.candidate[0],
                job.fidelity,
                job.promoted.value("top1") + 10,
                flops=job.promoted.value("flops"),
            )
        )
    assert climbed == {2, 5, 8, 11, 14, 17}


def test_bands_are_those_of_the_family_where_it_has_a_ladder():
    schedule = Schedule(FAMILY_SIZES, keep=2, probe=0, ladder=(1e6, 2e6))
    sizes = (0.9e6, 1.0e6, 1.1e6, 1.9e6, 5e6)
    trials = [trial(n, n, ONE, 10.0 * n, flops=f) for n, f in enumerate(sizes)]
    first = schedule.due(trials)
    assert first.promoted.candidate == (1,)  # of 0 and 1, which cost at most 1 M
    trials.append(trial(5, 1, THREE, 50.0, flops=1e6))
    trials.append(trial(6, 1, NINE, 60.0, flops=1e6))
    # 2 and 3 are between the budgets, 4 alone is above: nothing to compare it with.
    assert schedule.due(trials).promoted.candidate == (3,)


def test_what_promises_most_goes_on_whatever_its_size_and_accuracy():
    # Of three sizes one each goes on, as without a promise; but the three worst.
    trials = [trial(n, n, ONE, 10.0 * n, flops=1e6 * 2.0**n) for n in range(9)]
    asked = []

    def promise(waiting, fidelity):
        asked.append(fidelity)
        return np.array([-t.value("top1") for t in waiting])

    climbed = []
    while (job := PLAIN.due(trials, promise)) is not None:
        network = job.promoted.candidate[0]
        climbed.append((network, job.fidelity.epochs))
        flops = job.promoted.value("flops")
        trials.append(trial(len(trials), network, job.fidelity, 10.0 * network, flops))
    assert climbed == [(0, 3), (0, 9), (1, 3), (1, 9), (2, 3), (2, 9)]
    assert set(asked) == {NINE}


def test_probes_take_no_place_of_those_that_promise():
    schedule = Schedule(FAMILY_SIZES, keep=3, probe=6)
    probes = [
        trial(6 * r + n, n, rung, 10.0 * n)
        for r, rung in enumerate(FAMILY_SIZES)
        for n in range(6)
    ]
    trials = [*probes, *(trial(18 + n, 6 + n, ONE, 5.0 * n) for n in range(2))]

    def promise(waiting, fidelity):
        return np.array([t.value("top1") for t in waiting])

    assert schedule.due(trials, promise) is None  # two are not enough to choose from
    trials.append(trial(20, 8, ONE, 1.0))
    job = schedule.due(trials, promise)
    assert (job.promoted.candidate, job.fidelity) == ((7,), THREE)


def test_what_failed_or_runs_is_never_promoted():
    trials = [
        trial(0, 0, ONE, 0.0, state="failed"),
        trial(1, 1, ONE, 0.0, state="running"),
        trial(2, 2, ONE, 40.0),
        trial(3, 3, ONE, 20.0),
        trial(4, 4, ONE, 30.0),
    ]
    assert told(PLAIN, trials) == (2, 3)
    # It fails above: the next in line takes its place.
    trials.append(trial(5, 5, ONE, 10.0))
    trials.append(trial(6, 2, THREE, 0.0, state="failed"))
    assert told(PLAIN, trials) == (4, 3)


def test_the_first_candidates_are_trained_at_every_rung():
    schedule = Schedule(FAMILY_SIZES, keep=3, probe=2)
    trials = [trial(0, 0, ONE, 10.0)]
    seen = []
    for _ in range(6):
        name, epochs = told(schedule, trials)
        seen.append((name, epochs))
        network = max(t.candidate[0] for t in trials) + 1 if name == "new" else name
        trials.append(trial(len(trials), network, Fidelity(epochs), 10.0 * network))
    assert seen[:5] == [(0, 3), (0, 9), ("new", 1), (1, 3), (1, 9)]
    assert seen[5] == ("new", 1)


def probes(agreement, seed=0, count=8):
    """Probes at all rungs whose order at equal FLOPs agrees so much with the top's."""
    rng = np.random.default_rng(seed)
    taste = rng.normal(size=count)
    rows = []
    for n in range(count):
        flops = 1e6 * 2.0**n
        for fidelity, share in ((ONE, agreement), (THREE, 1.0), (NINE, 1.0)):
            top1 = 30.0 + 3 * n + share * taste[n]
            rows.append(trial(len(rows), n, fidelity, top1, flops=flops))
    return rows


def test_a_rung_that_ranks_badly_at_equal_flops_is_left_out():
    schedule = Schedule(FAMILY_SIZES)
    well, badly = probes(1.0), probes(-1.0)
    assert schedule.taus(well) == {ONE: 1.0, THREE: 1.0}
    assert schedule.in_use(well) == FAMILY_SIZES
    # It knows the sizes perfectly, so that FLOPs alone would make it look good.
    assert schedule.taus(badly)[ONE] == -1.0
    assert schedule.in_use(badly) == (THREE, NINE)
    assert told(schedule, badly) == ("new", 3)


def test_rungs_are_believed_until_enough_probes_are_done():
    schedule = Schedule(FAMILY_SIZES)
    assert schedule.taus(probes(-1.0)[:9]) == {ONE: None, THREE: None}
    assert schedule.in_use(probes(-1.0)[:9]) == FAMILY_SIZES
    assert Schedule(FAMILY_SIZES, probe=0).in_use(probes(-1.0)) == FAMILY_SIZES


def test_a_rung_that_says_nothing_is_left_out():
    flat = [
        trial(t.number, t.candidate[0], t.fidelity, 12.5, t.value("flops"))
        if t.fidelity == ONE
        else t
        for t in probes(1.0)
    ]
    assert ONE not in Schedule(FAMILY_SIZES).in_use(flat)


def test_a_rung_that_is_not_cheaper_is_refused():
    message = r"cheaper than full training, got \(9 epochs\) below \(3 epochs, 4 fra"
    with pytest.raises(InputError, match=message):
        Schedule((NINE, Fidelity(3, frames=4)))
    Schedule((Fidelity(9, frames=4), Fidelity(3, resolution=16), NINE))


def test_a_candidate_begun_in_full_needs_no_promotion():
    trials = [trial(n, n, NINE, 10.0 * n) for n in range(9)]
    assert told(PLAIN, trials) == ("new", 1)
