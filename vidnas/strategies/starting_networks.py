"""What is tried before a strategy is asked? Candidates that somebody believes in."""

from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from vidnas.space.candidate import Candidate
from vidnas.strategies.strategy import Proposal, SearchState, Strategy
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.trial import Trial


@dataclass(frozen=True, slots=True)
class StartingNetworks:
    """Another strategy, once these candidates are tried.

    Args:
        strategy: Asked when none is left; it knows the outcome of each.
        candidates: In order; left out are those that a trial has tried or that break
            a hard budget.
    """

    strategy: Strategy
    candidates: tuple[Candidate, ...]

    def propose(
        self, state: SearchState, rng: np.random.Generator, count: int
    ) -> Proposal:
        """Up to `count` new candidates; see `Strategy`."""
        screen, trials = state.screen(), state.trials
        first = tuple(islice(filter(screen.admits, self.candidates), count))
        if len(first) == count:
            return Proposal(first)
        fidelity = trials[-1].fidelity if trials else Fidelity(epochs=1)
        running = [_running(state, one, fidelity) for one in first]
        left = count - len(first)
        seen = replace(state, trials=[*trials, *running])
        rest = self.strategy.propose(seen, rng, left)
        return Proposal((*first, *rest.candidates), rest.refused)


def without_starting_networks(strategy: Strategy) -> Strategy:
    """The strategy that starting networks, if any, come before."""
    return strategy.strategy if isinstance(strategy, StartingNetworks) else strategy


def _running(state: SearchState, candidate: Candidate, fidelity: Fidelity) -> Trial:
    """A starting network as the strategy sees it, so that it is not proposed again."""
    architecture = state.space.decode(candidate)
    return Trial(
        number=0,
        candidate=candidate,
        architecture=architecture,
        fidelity=fidelity,
        seed=0,
        costs=state.budgets.price.one(architecture),
    )
