"""Ladder search: a model of accuracy chooses what improves the family most.

Costs are known before training and accuracy is not, so a model is asked for accuracy
alone, and every candidate it is asked about is within the budgets.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from vidnas.arrays import Bools, Floats, Indices
from vidnas.budgets.price import BUDGETED
from vidnas.budgets.screen import Screen
from vidnas.space.candidate import Candidate
from vidnas.space.searchable import Searchable
from vidnas.statistics.blas_threads import one_thread
from vidnas.strategies.features import Features
from vidnas.strategies.ladder.known import known_trials
from vidnas.strategies.ladder.model import Model, View
from vidnas.strategies.ladder.pool import Breeder, Pool, dearest, evolve, worth_of
from vidnas.strategies.ladder.success import Success
from vidnas.strategies.sampling import propose_up_to, sample_admitted
from vidnas.strategies.strategy import Proposal, SearchState
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.objectives import Objectives
from vidnas.trials.trial import Trial

DRAWN = 512  # candidates from which ladder and scales are taken
# A ladder is even in the logarithm, so no cost that is 0 for most networks makes one.
AXES = tuple(name for name in BUDGETED if name != "stream_state_values")
FOR_RUNNING = 4  # trials that run for one that is done, and the model is not asked yet
NEAR = 24  # candidates nearest in cost, of which the most novel begins


@dataclass(frozen=True, slots=True)
class LadderSearch:
    """Expected improvement over a ladder of budgets, by a Gaussian process.

    Args:
        start: Trials spread over the ladder before the model is asked.
        cost: The cost whose budgets make the ladder; empty for the first one among the
            study's objectives.
        low: Lowest budget of the ladder; 0 for that of the study (see `SearchState`),
            or the cheapest candidate drawn.
        high: Highest budget; 0 for that of the study, or the dearest found within all
            budgets.
        budgets: How many budgets the ladder has.
        rounds: Rounds of breeding before a candidate is proposed.
        children: Candidates of each round.
    """

    start: int = 12
    cost: str = field(default="", metadata={"words": AXES})
    low: float = 0.0
    high: float = 0.0
    budgets: int = field(default=48, metadata={"was": "rungs"})
    rounds: int = 6
    children: int = 600

    @one_thread()
    def propose(
        self, state: SearchState, rng: np.random.Generator, count: int
    ) -> Proposal:
        """Up to `count` new candidates; see `Strategy`."""
        screen = state.screen()
        candidates: list[Candidate] = []
        ground = _Ground.of(self, state, screen, rng)
        if ground is not None:
            ground.begin(candidates, self._beginning(state.trials, count))
            if len(candidates) < count:
                ground.improve(candidates, count)
        # Where the model is left without a choice, what is left is drawn.
        left = propose_up_to(
            count - len(candidates),
            lambda: sample_admitted(state.space, screen, rng),
            screen,
        )
        return Proposal((*candidates, *left.candidates), screen.refused)

    @one_thread()
    def promise(
        self,
        state: SearchState,
        rng: np.random.Generator,
        waiting: Sequence[Trial],
        fidelity: Fidelity,
    ) -> Floats:
        """[N]. What each is expected to add to the ladder; see `Promising`."""
        ground = _Ground.of(self, state, state.screen(), rng)
        if ground is None:
            return np.zeros(len(waiting))
        standing = [trial.fidelity == fidelity for trial in ground.trials]
        pool = ground.breeder.priced(_rows(state.space, waiting))
        return worth_of(pool, ground.model(np.array(standing)))

    def _beginning(self, trials: Sequence[Trial], count: int) -> int:
        """How many of `count` candidates are proposed without a model."""
        states = Counter(trial.state for trial in trials)
        if states["done"] < max(2, self.start // 2, states["running"] // FOR_RUNNING):
            return count
        return min(max(self.start - len({t.arch_id for t in trials}), 0), count)


@dataclass(frozen=True, slots=True, eq=False)
class _Ground:
    """What one proposal stands on.

    Args:
        options: Strategy with its options.
        screen: Admits what is new and within the budgets.
        trials: Done and running ones.
        breeder: Makes candidates.
        drawn: Candidates within the budgets.
        known: Those of the trials.
        failed: Those of trials that failed.
        budgets: [R]. Of the ladder, rising.
        objectives: What the study improves.
    """

    options: LadderSearch
    screen: Screen
    trials: list[Trial]
    breeder: Breeder
    drawn: Pool
    known: Pool
    failed: Pool
    budgets: Floats
    objectives: Objectives

    @classmethod
    def of(
        cls,
        options: LadderSearch,
        state: SearchState,
        screen: Screen,
        rng: np.random.Generator,
    ) -> "_Ground | None":
        """The ground; None where nothing drawn or tried is within the budgets."""
        space, cost = state.space, options.cost or state.objectives.cost
        if not space.choices:
            return None
        trials = known_trials(state, cost)
        many, half = space.many, DRAWN // 2
        rows = np.concatenate([many.sample(rng, half), many.sample_coherent(rng, half)])
        view = View.of(Features(space), rows, screen.price_many(rows))
        breeder = Breeder(space, screen, view, cost, rng)
        living = np.array([trial.state != "failed" for trial in trials], np.bool_)
        seen = breeder.priced(_rows(space, trials))
        known, failed = seen[living], seen[~living]
        drawn = breeder.pool(rows).without(seen)
        if not len(drawn) and not len(known):
            return None
        costs = np.concatenate([drawn.costs, known.costs])
        lowest, highest = _ends(state, cost)
        low = options.low or max(lowest, costs.min())
        reached = max(dearest(breeder, drawn), costs.max())
        high = options.high or min(highest, reached)
        budgets = np.geomspace(min(low, high), high, options.budgets)
        aims = state.objectives
        alive = [trial for trial in trials if trial.state != "failed"]
        return cls(options, screen, alive, breeder, drawn, known, failed, budgets, aims)

    def begin(self, candidates: list[Candidate], count: int) -> None:
        """Adds candidates where the ladder is emptiest.

        The first `start` are each as unlike the others as can be. Those are extremes,
        and more of them say little: workers beyond get what is common at such a cost.
        """
        logs, ends = np.log(self.drawn.costs), np.log(self.budgets[[0, -1]])
        tried = self.known.joined(self.failed)
        points, taken = tried.points, np.log(tried.costs)
        places = max(self.options.start, len(taken) + count, 2)
        steps = np.linspace(ends[0], ends[1], places)
        left, chance = np.ones(len(logs), np.bool_), self._chance()
        while len(candidates) < count and left.any():
            apart = np.abs(steps[:, None] - taken[None, :]).min(axis=1, initial=np.inf)
            target = steps[int(np.argmax(np.minimum(apart, 1e9)))]
            near = np.argsort(np.abs(logs - target) + ~left * 1e9, kind="stable")[:NEAR]
            near = near[left[near]]
            if len(taken) < self.options.start:
                novelty = _distances(self.drawn.points[near], points)
                chosen = int(near[np.argmax(novelty * chance[near])])
            else:
                share = chance[near] / chance[near].sum()
                chosen = int(self.breeder.rng.choice(near, p=share))
            left[chosen] = False
            candidate = tuple(self.drawn.rows[chosen].tolist())
            if self.screen.admits(candidate, self.breeder.rng):
                candidates.append(candidate)
                points = np.concatenate([points, self.drawn.points[[chosen]]])
            # What a soft budget refuses leaves its place of the ladder to others.
            taken = np.append(taken, logs[chosen])

    def _chance(self) -> Floats:
        """[N]. Chance of each candidate drawn, by what failed so far."""
        done = np.array([trial.state == "done" for trial in self.trials], np.bool_)
        ended = np.concatenate([self.known.points[done], self.failed.points])
        failed = np.arange(len(ended)) >= done.sum()
        return Success.of(ended, failed).chance(self.drawn.points)

    def improve(self, candidates: list[Candidate], count: int) -> None:
        """Adds the candidates that are expected to improve the ladder most."""
        options = self.options
        if not any(trial.state == "done" for trial in self.trials):
            return
        model = self.model()
        elites = self.known[model.elites(self.known.points, self.known.costs)]
        start = self.drawn.joined(self.breeder.children(elites, options.children))
        pool = evolve(
            self.breeder,
            model,
            start.without(self.known),
            elites,
            options.rounds,
            options.children,
        ).without(self.known)
        self._choose(candidates, count, model, pool)

    def _choose(
        self, candidates: list[Candidate], count: int, model: Model, pool: Pool
    ) -> None:
        """Adds the worthiest of a pool, each believed before the next is chosen.

        Args:
            candidates: Candidates so far.
            count: Number of candidates that are wanted.
            model: Says what a candidate is worth.
            pool: The worthiest first.
        """
        left, worth = np.ones(len(pool), np.bool_), -np.arange(float(len(pool)))
        together = None
        while len(candidates) < count and left.any():
            best = int(np.argmax(np.where(left, worth, -np.inf)))
            left[best] = False
            candidate = tuple(pool.rows[best].tolist())
            if not self.screen.admits(candidate):
                continue
            candidates.append(candidate)
            if len(candidates) < count:
                if together is None:
                    together = model.together(pool.points, pool.costs)
                together.choose(best)
                worth = together.worth() * pool.weights

    def model(self, standing: Bools | None = None) -> Model:
        """The model of the trials; see `Model.of`."""
        return Model.of(
            self.known.points,
            self.known.costs,
            self.trials,
            self.budgets,
            standing,
            self.objectives,
            self.failed.points,
            self.breeder.view.column(self.breeder.axis),
        )


def _ends(state: SearchState, cost: str) -> tuple[float, float]:
    """The study's ends of the ladder, where they are of this cost."""
    return state.ends if cost == state.objectives.cost else (0.0, np.inf)


def _rows(space: Searchable, trials: Sequence[Trial]) -> Indices:
    """`[N, C]`: the candidates of the trials."""
    rows = [trial.candidate for trial in trials]
    return np.array(rows, np.int64).reshape(len(rows), len(space.choices))


def _distances(points: Floats, others: Floats) -> Floats:
    """[N]. How far each point is from the nearest of the others."""
    if not len(others):
        return np.zeros(len(points))
    squared = ((points[:, None, :] - others[None, :, :]) ** 2).sum(axis=2)
    nearest: Floats = squared.min(axis=1)
    return nearest
