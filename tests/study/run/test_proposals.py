"""Candidates are asked for one at a time, or several where that takes too long."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from vidnas.costs import cost
from vidnas.strategies import Random
from vidnas.study import Inline, Study
from vidnas.study.experiment.workers import Workers
from vidnas.study.run.proposals import PATIENCE, STALE
from vidnas.study.workers.assignment import Outcome
from vidnas.trials.effort import Effort


@dataclass(frozen=True)
class Slow:
    """A strategy that takes its time, whatever it is asked for."""

    asked: list
    time: list
    seconds: float

    def propose(self, state, rng, count):
        self.asked.append(count)
        self.time[0] += self.seconds
        return Random().propose(state, rng, count)


def accuracy(architecture, *, dataset, recipe, fidelity, seed):
    luck = np.random.default_rng(seed).normal()
    return {"top1": 90 * (1 - np.exp(-cost(architecture, 2).flops / 1e6)) + luck}


def study(experiment, dataset, folder, strategy, workers):
    experiment = replace(
        experiment,
        strategy=strategy,
        workers=Workers.alike(count=workers),
        effort=Effort(trials=30),
    )
    found = Study(experiment, dataset, folder, clock=lambda: 0.0)
    found._next._proposals._clock = lambda: strategy.time[0]
    return found


class Together:
    """An executor of many workers, all of which end before any begins again."""

    def __init__(self, workers):
        self._workers = workers

    def run(self, desk, evaluate):
        while running := [a for _ in range(self._workers) if (a := desk.next())]:
            for a in running:
                measured = evaluate(
                    a.architecture,
                    dataset=a.dataset,
                    recipe=a.recipe,
                    fidelity=a.fidelity,
                    seed=a.seed,
                )
                desk.report(Outcome(a.number, measured))


@pytest.mark.parametrize("seconds", [0.0, 1.0, 100.0])
def test_one_worker_is_proposed_one_candidate_at_a_time(
    experiment, dataset, tmp_path, seconds
):
    strategy = Slow([], [0.0], seconds)
    with study(experiment, dataset, tmp_path / "run", strategy, 1) as running:
        running.run(Inline(), accuracy, lambda trial: None)
    assert strategy.asked == [1] * 30


def test_few_workers_are_proposed_one_at_a_time(experiment, dataset, tmp_path):
    strategy = Slow([], [0.0], PATIENCE / 10)
    with study(experiment, dataset, tmp_path / "run", strategy, 10) as running:
        running.run(Together(10), accuracy, lambda trial: None)
    assert strategy.asked == [1] * 30


def test_many_free_workers_are_proposed_several_at_once(experiment, dataset, tmp_path):
    strategy = Slow([], [0.0], PATIENCE)
    with study(experiment, dataset, tmp_path / "run", strategy, 10) as running:
        history = running.run(Together(10), accuracy, lambda trial: None)
    # The first tells how long one takes; then 9 workers are free, then 10, twice.
    assert strategy.asked == [1, 9, 10, 10]
    assert len(history.trials) == len({t.arch_id for t in history.trials}) == 30


def test_what_no_worker_takes_is_forgotten(experiment, dataset, tmp_path):
    strategy = Slow([], [0.0], PATIENCE)
    with study(experiment, dataset, tmp_path / "run", strategy, 10) as running:
        for _ in range(3):
            assert running._next.begin() is not None
        strategy.time[0] += 2 * STALE
        assert running._next.begin() is not None
    assert strategy.asked == [1, 9, 7]
