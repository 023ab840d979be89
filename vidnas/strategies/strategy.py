"""What does every strategy promise?"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol, runtime_checkable

import numpy as np

from vidnas.arrays import Floats
from vidnas.budgets.budget import Budgets
from vidnas.budgets.screen import Screen
from vidnas.space.candidate import Candidate
from vidnas.space.searchable import Searchable
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.fidelity_lift import comparable
from vidnas.trials.objectives import STANDARD, Objectives
from vidnas.trials.trial import Trial


@dataclass(frozen=True)  # without slots: what is derived is kept
class SearchState:
    """What a strategy sees of a search.

    Args:
        space: What can be searched.
        budgets: Hard limits, which nothing proposed breaks, and soft ones, beyond which
            candidates are proposed as much less often as their weight says.
        trials: All trials of the study, running and failed ones included.
        objectives: What the study improves.
        seed: Seed of the study, of what is drawn once and not for each proposal.
        ends: Lowest and highest budget that anybody asks a network for, on the first
            cost of the objectives; 0 and infinity where nobody said.
    """

    space: Searchable
    budgets: Budgets
    trials: Sequence[Trial]
    objectives: Objectives = STANDARD
    seed: int = 0
    ends: tuple[float, float] = (0.0, math.inf)

    def screen(self) -> Screen:
        """A new screen: refuses what breaks a budget and what the study has seen."""
        seen = {trial.arch_id for trial in self.trials}
        return Screen(self.space, self.budgets, seen)

    @cached_property
    def networks(self) -> list[Trial]:
        """One trial per network, as if at full fidelity; see `comparable`."""
        return comparable(self.trials, self.objectives)

    @cached_property
    def done(self) -> list[Trial]:
        """Those of the `networks` that are measured."""
        return [trial for trial in self.networks if trial.state == "done"]

    @cached_property
    def wanted(self) -> list[Trial]:
        """The done ones between the ends; all where fewer than two are."""
        low, high = self.ends
        cost = self.objectives.cost
        within = [trial for trial in self.done if low <= trial.value(cost) <= high]
        return within if len(within) > 1 else self.done


@dataclass(frozen=True, slots=True)
class Proposal:
    """Candidates to train next.

    Args:
        candidates: Within the budgets, new to the study, different from one another.
            Fewer than asked for when the space is exhausted.
        refused: How many candidates each budget refused on the way.
    """

    candidates: tuple[Candidate, ...]
    refused: Counter[str] = field(default_factory=Counter)


class Strategy(Protocol):
    """Proposes candidates from the trials so far; remembers nothing between calls."""

    def propose(
        self, state: SearchState, rng: np.random.Generator, count: int
    ) -> Proposal:
        """Up to `count` new candidates.

        Args:
            state: Space, budgets and trials so far.
            rng: The only source of randomness.
            count: How many candidates are wanted.
        """
        ...


@runtime_checkable
class Promising(Strategy, Protocol):
    """A strategy that also says which networks are worth a dearer training."""

    def promise(
        self,
        state: SearchState,
        rng: np.random.Generator,
        waiting: Sequence[Trial],
        fidelity: Fidelity,
    ) -> Floats:
        """[N]. What training each of N networks in full promises; the most goes first.

        Args:
            state: Space, budgets and trials so far.
            rng: The only source of randomness.
            waiting: N done trials at a cheaper fidelity.
            fidelity: The full one.
        """
        ...
