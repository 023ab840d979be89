"""What comes next: baselines, what was interrupted, and then a candidate."""

import dataclasses

import pytest

from vidnas.architecture.published import published
from vidnas.study.experiment.baselines import Baseline
from vidnas.study.ledger import Ledger
from vidnas.study.run.next_trial import NextTrial
from vidnas.study.workers.assignment import Outcome
from vidnas.trials.effort import Effort


@pytest.fixture
def ledger(tmp_path):
    """A ledger whose clock stands still."""
    ledger = Ledger(tmp_path, lambda: 0.0, batch=8)
    ledger.append("study")
    yield ledger
    ledger.close()


@pytest.fixture
def compared(experiment):
    """The experiment with one baseline."""
    network = published("x3d-xs").at(8, 32)
    baseline = Baseline("xs", "x3d-xs", network)
    return dataclasses.replace(
        experiment, baselines=(baseline,), effort=Effort(trials=2)
    )


def begun(experiment, ledger):
    chooser = NextTrial(experiment, ledger, classes=2, source="trained")
    trials = []
    while (trial := chooser.begin()) is not None:
        trials.append((trial.number, trial.label))
    return trials


def test_baselines_come_before_candidates_and_count_in_no_effort(compared, ledger):
    assert begun(compared, ledger) == [(-1, "xs"), (0, "0"), (1, "1")]
    assert ledger.log.networks == 2


def test_what_runs_is_begun_again_before_anything_new(compared, ledger):
    begun(compared, ledger)
    ledger.finish(Outcome(0, {"top1": 50.0}))
    more = dataclasses.replace(compared, effort=Effort(trials=3))
    assert begun(more, ledger) == [(-1, "xs"), (1, "1"), (2, "2")]


def test_a_trial_that_is_to_be_tried_again_comes_before_a_new_one(compared, ledger):
    chooser = NextTrial(compared, ledger, classes=2, source="trained")
    baseline, first = chooser.begin(), chooser.begin()
    ledger.finish(Outcome(baseline.number, {"top1": 50.0}))
    chooser.try_again(ledger.finish(Outcome(0, {}, "out of memory", "memory")))
    assert chooser.begin().number == first.number == 0
    assert chooser.begin().number == 1


def test_seeds_are_those_of_the_number_not_of_the_run(compared, ledger, tmp_path):
    chooser = NextTrial(compared, ledger, classes=2, source="trained")
    seeds = [chooser.begin().seed for _ in range(3)]
    other = Ledger(tmp_path / "other", lambda: 9.0, batch=8)
    try:
        again = NextTrial(compared, other, classes=2, source="trained")
        assert [again.begin().seed for _ in range(3)] == seeds
    finally:
        other.close()
    assert len(set(seeds)) == 3
