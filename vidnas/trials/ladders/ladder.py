"""What is a ladder? Rising budgets, one a size, of one cost or of several at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from vidnas.documents.quantity import format_cost
from vidnas.errors import InputError
from vidnas.trials.objectives import cost_text


@dataclass(frozen=True, slots=True)
class Ladder:
    """Rising budgets of the sizes of a family.

    Args:
        costs: Names of the costs that are limited, at least one.
        budgets: Budgets of each size, in the order of `costs`. From size to size one
            of them rises and none falls.

    Raises:
        InputError: they do not rise.
    """

    costs: tuple[str, ...]
    budgets: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        rises = all(
            low != high and all(a <= b for a, b in zip(low, high, strict=True))
            for low, high in pairwise(self.budgets)
        )
        if self.budgets and rises:
            return
        if len(self.costs) == 1:
            (cost,) = self.costs
            said = (format_cost(cost, most) for (most,) in self.budgets)
            must = "A ladder must rise from budget to budget"
        else:
            said = (self._text(size) for size in range(len(self)))
            must = (
                "A ladder over several costs must rise in one from size to size, and "
                "fall in none"
            )
        raise InputError(f"{must}, got {', '.join(said) or 'none'}.")

    @classmethod
    def of(cls, cost: str, budgets: Sequence[float]) -> "Ladder":
        """The ladder of rising budgets of one cost."""
        return cls((cost,), tuple((float(most),) for most in budgets))

    @classmethod
    def together(cls, columns: Mapping[str, Sequence[float]]) -> "Ladder":
        """The ladder whose sizes keep a budget of each cost.

        Args:
            columns: Budgets by the name of a cost.

        Raises:
            InputError: there are more budgets of one cost than of another, or they do
                not rise.
        """
        counts = {cost: len(budgets) for cost, budgets in columns.items()}
        if len(set(counts.values())) > 1:
            said = " and ".join(f"{count} of {cost}" for cost, count in counts.items())
            raise InputError(
                f"A ladder must have as many budgets of each cost, got {said}."
            )
        rows = zip(*columns.values(), strict=True)
        return cls(tuple(columns), tuple(tuple(map(float, row)) for row in rows))

    def __len__(self) -> int:
        return len(self.budgets)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the sizes: `a0`, `a1` ..."""
        return tuple(f"a{size}" for size in range(len(self)))

    def columns(self) -> dict[str, list[float]]:
        """Budgets by the name of a cost."""
        return {
            cost: [row[at] for row in self.budgets]
            for at, cost in enumerate(self.costs)
        }

    def _text(self, size: int) -> str:
        """`2 M FLOPs and 1 MiB inference bytes`."""
        pairs = zip(self.costs, self.budgets[size], strict=True)
        return " and ".join(cost_text(cost, most) for cost, most in pairs)
