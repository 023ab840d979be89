"""Which candidates are new and within the budgets?"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from vidnas.arrays import Bools, Indices
from vidnas.budgets.budget import Budgets
from vidnas.budgets.price import RowCosts
from vidnas.space.candidate import Candidate
from vidnas.space.searchable import Searchable

RAREST = 0.02  # chance of what is far beyond: a search is slowed 50 times at most


@dataclass(slots=True)
class Screen:
    """Lets a candidate pass that is new and within the budgets; counts the others.

    Args:
        space: Searchable that decodes the candidates.
        budgets: Limits; hard ones refuse, soft ones weigh.
        seen: Identities (`arch_id`) that must not be proposed again.
    """

    space: Searchable
    budgets: Budgets
    seen: set[str]
    refused: Counter[str] = field(default_factory=Counter)
    _known: set[Candidate] = field(default_factory=set, repr=False)  # to be seen

    def admits(
        self, candidate: Candidate, rng: np.random.Generator | None = None
    ) -> bool:
        """Whether to take this candidate; it then counts as seen.

        Args:
            candidate: Candidate to be judged.
            rng: Where given, a candidate beyond a soft budget passes with the
                probability that is its weight, or `RAREST`. It is drawn from for
                nothing else.
        """
        if candidate in self._known:  # small spaces are drawn from again and again
            return False
        architecture = self.space.decode(candidate)
        arch_id = architecture.arch_id
        if arch_id in self.seen:
            self._known.add(candidate)
            return False
        broken = self.budgets.broken(architecture)
        self.refused.update(broken)
        if broken or not self._weighs_in(architecture, rng):
            return False
        self.seen.add(arch_id)
        return True

    def _weighs_in(self, architecture: Any, rng: np.random.Generator | None) -> bool:
        if rng is None:
            return True
        weight = self.budgets.weight(architecture)
        return weight >= 1.0 or bool(rng.random() < max(weight, RAREST))

    def without_soft_budgets(self) -> "Screen":
        """This screen without its soft budgets; what is seen and counted is shared."""
        hard = Budgets(self.budgets.hard, self.budgets.price)
        return Screen(self.space, hard, self.seen, self.refused, self._known)

    def price_many(self, rows: Indices) -> RowCosts:
        """What candidates `[N, C]` cost, whoever prices them."""
        return self.budgets.price.rows(self.space, rows)

    def fits_many(self, rows: Indices) -> Bools:
        """`[N]`: which candidates are within the budgets; counts those that are not."""
        if not self.budgets.hard:
            return np.ones(len(rows), np.bool_)
        return self.fitting(self.price_many(rows))

    def fitting(self, costs: RowCosts) -> Bools:
        """`[N]`: which priced candidates are within the budgets; counts the others."""
        fitting = np.ones(len(costs), np.bool_)
        for limit in self.budgets.hard:
            over = ~limit.holds(costs[limit.name])
            if over.any():
                self.refused[limit.label] += int(over.sum())
            fitting &= ~over
        return fitting

    def fits(self, candidate: Candidate) -> bool:
        """Whether the candidate is within the budgets; counts it where not."""
        broken = self.budgets.broken(self.space.decode(candidate))
        self.refused.update(broken)
        return not broken
