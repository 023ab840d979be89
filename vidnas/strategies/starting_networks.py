"""What is tried before a strategy is asked? Candidates that somebody believes in."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from vidnas.budgets.budget import Budgets
from vidnas.space.candidate import Candidate
from vidnas.space.space import Space
from vidnas.strategies.sampling import screen_for
from vidnas.strategies.strategy import Proposal, Strategy
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.trial import Trial


@dataclass(frozen=True, slots=True)
class Seeded:
    """Another strategy, once these candidates are tried.

    Args:
        strategy: Asked when no seed is left; it knows the outcome of every seed.
        candidates: In order; left out are those that a trial has tried or that break
            a hard budget.
    """

    strategy: Strategy
    candidates: tuple[Candidate, ...]

    def propose(
        self,
        space: Space,
        budgets: Budgets,
        trials: Sequence[Trial],
        rng: np.random.Generator,
        count: int,
    ) -> Proposal:
        """Up to `count` new candidates; see `Strategy`."""
        screen = screen_for(space, budgets, trials)
        seeds = tuple(islice(filter(screen.admits, self.candidates), count))
        if len(seeds) == count:
            return Proposal(seeds)
        fidelity = trials[-1].fidelity if trials else Fidelity(epochs=1)
        running = [_running(space, budgets, seed, fidelity) for seed in seeds]
        left = count - len(seeds)
        rest = self.strategy.propose(space, budgets, [*trials, *running], rng, left)
        return Proposal((*seeds, *rest.candidates), rest.refused)


def unseeded(strategy: Strategy) -> Strategy:
    """The strategy that the seeds, if any, come before."""
    return strategy.strategy if isinstance(strategy, Seeded) else strategy


def _running(
    space: Space, budgets: Budgets, candidate: Candidate, fidelity: Fidelity
) -> Trial:
    """A seed as the strategy sees it, so that it is not proposed again."""
    architecture = space.decode(candidate)
    return Trial(
        number=0,
        candidate=candidate,
        architecture=architecture,
        fidelity=fidelity,
        seed=0,
        costs=budgets.price(architecture).to_document(),
    )
