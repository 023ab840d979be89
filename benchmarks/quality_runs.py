"""One search of one problem: who is asked, what is trained meanwhile, what it gave.

Searchers are asked and told. With several workers, all of them ask at once and are told
together (`batch`), or each asks when its training ends (`steady`; trainings take
unequal time). A training that crashes gives no accuracy.
"""

import heapq
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, Protocol

import numpy as np
from quality_problems import Problem

from vidnas.strategies import STRATEGIES, SearchState
from vidnas.trials import Fidelity, Trial

SPREAD = 0.5  # deviation of the logarithm of the time that a training takes


class Workers(NamedTuple):
    """How many trainings run at once.

    Args:
        count: Number of workers.
        steady: Whether each goes on alone; else they begin and end together.
    """

    count: int = 1
    steady: bool = False

    @classmethod
    def of(cls, text: str) -> "Workers":
        """`1`, `64` (a batch), `64s` (steady)."""
        return cls(int(text.rstrip("s")), text.endswith("s"))


class Searcher(Protocol):
    """What is asked for candidates and told what they gave."""

    def ask(self, count: int) -> Sequence[tuple[Any, np.ndarray]]:
        """Up to `count` candidates `[C]`, each with what `tell` wants to know it by."""
        ...

    def tell(self, token: Any, cost: float, accuracy: float | None) -> None:
        """What a candidate gave; None where its training crashed."""
        ...


class Trained:
    """What has been trained: rows, costs, measured accuracies, seconds at each."""

    def __init__(self, problem: Problem, seed: int) -> None:
        self._problem = problem
        self._rng = np.random.default_rng([1, seed])
        self.rows: list[np.ndarray] = []
        self.costs: list[float] = []
        self.measured: list[float] = []  # NaN where it crashed
        self.proposing: list[float] = []  # seconds of this process, one per training
        self._since = time.process_time()

    def __call__(self, row: np.ndarray) -> tuple[float, float | None]:
        """Trains a candidate: its cost, its measured accuracy or None if it crashed."""
        self.proposing.append(time.process_time() - self._since)
        problem = self._problem
        row = problem.space.many.canonical(row[None, :])
        cost = float(problem.costs(row)[0])
        accuracy = float(problem.measured(row, self._rng)[0])
        crashed = problem.fails is not None and bool(problem.fails(row, self._rng)[0])
        self.rows.append(row[0])
        self.costs.append(cost)
        self.measured.append(np.nan if crashed else accuracy)
        self._since = time.process_time()
        return cost, None if crashed else accuracy

    def gap(self, trainings: int) -> float:
        """The ladder gap after so many trainings; what broke the limit is left out."""
        rows = np.array(self.rows[:trainings])
        measured = np.array(self.measured[:trainings])
        kept = self.within[:trainings] & np.isfinite(measured)
        return self._problem.gap(rows[kept], measured[kept])

    def crashed(self, trainings: int) -> int:
        """How many of the first trainings crashed."""
        return int(np.isnan(self.measured[:trainings]).sum())

    @property
    def within(self) -> np.ndarray:
        """[N], bool. Which break no limit."""
        return (self._problem.excess(np.array(self.rows)) == 0.0).all(axis=1)


class Ours:
    """One of our strategies, as a study asks it.

    Args:
        problem: Problem that is searched.
        strategy: Name of the strategy.
        seed: Seed of its proposals.
        options: Options of the strategy.
    """

    def __init__(
        self, problem: Problem, strategy: str, seed: int, **options: Any
    ) -> None:
        if strategy == "ladder":
            options = {"low": problem.low} | options
        self._problem, self._seed = problem, seed
        self._strategy: Any = STRATEGIES[strategy](**options)
        self.trials: list[Trial] = []

    def ask(self, count: int) -> Sequence[tuple[int, np.ndarray]]:
        """Candidates with the numbers of their trials, which run from now on."""
        problem, first = self._problem, len(self.trials)
        state = SearchState(problem.space, problem.limits, tuple(self.trials))
        rng = np.random.default_rng([self._seed, first])
        asked = self._strategy.propose(state, rng, count).candidates
        rows = np.array(asked, np.int64).reshape(len(asked), len(problem.space.choices))
        for number, candidate in enumerate(asked, start=first):
            cost = float(problem.costs(rows[[number - first]])[0])
            architecture = problem.space.decode(candidate)
            fidelity, costs = Fidelity(epochs=1), {"flops": cost}
            self.trials.append(
                Trial(number, candidate, architecture, fidelity, 0, costs)
            )
        return list(enumerate(rows, start=first))

    def tell(self, token: int, cost: float, accuracy: float | None) -> None:
        """Ends a trial."""
        trial = self.trials[token]
        if accuracy is None:
            self.trials[token] = replace(trial, state="failed")
        else:
            measured = {"top1": accuracy}
            self.trials[token] = replace(trial, state="done", measured=measured)


def search(
    searcher: Searcher,
    trained: Callable[[np.ndarray], tuple[float, float | None]],
    trainings: int,
    workers: Workers,
    seed: int,
) -> None:
    """Asks, trains and tells until so many trainings have ended, or none is left."""
    if not workers.steady:
        left = trainings
        while left:
            asked = searcher.ask(min(workers.count, left))
            if not asked:
                return
            outcomes = [(token, *trained(row)) for token, row in asked]
            for outcome in outcomes:
                searcher.tell(*outcome)
            left -= len(asked)
        return
    rng = np.random.default_rng([2, seed])
    running: list[tuple[float, int, Any, np.ndarray]] = []
    begun, now = 0, 0.0
    while True:
        free = min(workers.count - len(running), trainings - begun)
        for token, row in searcher.ask(free) if free else ():
            ends = now + float(np.exp(SPREAD * rng.normal()))
            heapq.heappush(running, (ends, begun, token, row))
            begun += 1
        if not running:
            return
        now, _, token, row = heapq.heappop(running)
        searcher.tell(token, *trained(row))
