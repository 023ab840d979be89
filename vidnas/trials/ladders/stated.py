"""How does a person state a ladder? Budgets, two ends, `spread`, or networks by name.

Names and spreads become numbers later: networks are priced with the classes of the
clips, and a spread follows the front.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.published.catalogue import published, published_names
from vidnas.documents.node import Node, Origin
from vidnas.documents.quantity import parse_quantity, unit_of
from vidnas.documents.suggestion import nearest
from vidnas.errors import InputError
from vidnas.trials.ladders.ladder import Ladder
from vidnas.trials.ladders.spread import FAMILY_SIZES, geometric_budgets
from vidnas.trials.objectives import cost_word

SPREAD = "spread"
PUBLISHED = {
    family: tuple(name for name in published_names() if name.startswith(prefix))
    for family, prefix in (("movinet", "movinet-a"), ("x3d", "x3d-"))
}
_ENDS = ("from", "to", "sizes")
_RECORDED = ("of", "budgets")
CostOf = Callable[[Architecture, str], float]


@dataclass(frozen=True, slots=True)
class StatedBudgets:
    """Budgets of one cost, as a person states them.

    Args:
        cost: Name of the cost.
        budgets: Numbers, or names of published networks; empty to spread them.
        family: Published family whose networks they are of; empty for none.
        sizes: Number of budgets that are spread.
    """

    cost: str
    budgets: tuple[float | str, ...] = ()
    family: str = ""
    sizes: int = FAMILY_SIZES

    @property
    def is_spread(self) -> bool:
        """Whether the budgets follow the front."""
        return not self.budgets

    @property
    def numbers(self) -> tuple[float, ...] | None:
        """The budgets, where all are numbers; None where none is known yet."""
        found = tuple(one for one in self.budgets if not isinstance(one, str))
        return found if found and len(found) == len(self.budgets) else None

    def with_numbers(self, cost_of: CostOf) -> "StatedBudgets":
        """The same with the costs of networks in place of their names."""
        budgets = tuple(
            cost_of(published(one), self.cost) if isinstance(one, str) else one
            for one in self.budgets
        )
        return replace(self, budgets=budgets)

    def to_document(self) -> Any:
        """As an experiment spells it."""
        if self.is_spread:
            usual = self.sizes == FAMILY_SIZES
            return SPREAD if usual else {"sizes": self.sizes}
        if self.numbers is None:
            return self.family or list(self.budgets)
        named = {"of": self.family, "budgets": list(self.budgets)}
        return named if self.family else list(self.budgets)


@dataclass(frozen=True, slots=True)
class StatedLadder:
    """A ladder as a person states it, over one cost or several at once.

    Args:
        columns: Budgets of each cost, at least of one.
    """

    columns: tuple[StatedBudgets, ...]

    @property
    def costs(self) -> tuple[str, ...]:
        """Names of the costs that are limited."""
        return tuple(column.cost for column in self.columns)

    @property
    def is_spread(self) -> bool:
        """Whether budgets of a cost follow the front."""
        return any(column.is_spread for column in self.columns)

    @property
    def is_priced(self) -> bool:
        """Whether no network is left whose cost is to be known."""
        return all(c.is_spread or c.numbers is not None for c in self.columns)

    @property
    def origin(self) -> str:
        """Where its budgets come from, in words."""
        families = {column.family for column in self.columns}
        if self.is_spread:
            return "spread over the front"
        if families != {""}:
            return f"those of the published {' and '.join(sorted(families - {''}))}"
        return "set by the experiment"

    def of_cost(self, cost: str) -> tuple[float, ...] | None:
        """Budgets of one cost, where they are numbers that rise."""
        found = (column.numbers for column in self.columns if column.cost == cost)
        numbers = next(found, None) or ()
        rises = all(low < high for low, high in pairwise(numbers))
        return numbers if numbers and rises else None

    def with_numbers(self, cost_of: CostOf) -> "StatedLadder":
        """The same with the costs of networks in place of their names.

        Args:
            cost_of: Cost of a network by its name.
        """
        columns = tuple(column.with_numbers(cost_of) for column in self.columns)
        return StatedLadder(columns)

    def laid(self, spread: Callable[[str, int], Sequence[float]]) -> Ladder:
        """The ladder in numbers.

        Args:
            spread: Budgets of a cost that follow the front, so many.

        Raises:
            InputError: they do not rise, or are more of one cost than of another.
        """
        columns = {}
        for column in self.columns:
            numbers = column.numbers
            assert column.is_spread or numbers is not None, "names are priced before"
            columns[column.cost] = numbers or spread(column.cost, column.sizes)
        return Ladder.together(columns)

    def to_document(self, cost: str) -> Any:
        """As an experiment spells it.

        Args:
            cost: First cost of the study's objectives, which goes without saying.
        """
        if self.costs == (cost,):
            return self.columns[0].to_document()
        return {column.cost: column.to_document() for column in self.columns}


def spread_over(cost: str, sizes: int = FAMILY_SIZES) -> StatedLadder:
    """The ladder of budgets of one cost that follow the front."""
    return StatedLadder((StatedBudgets(cost, sizes=sizes),))


def ladder_of(value: Any, cost: str, costs: Sequence[str]) -> StatedLadder:
    """The ladder that a value of Python or of a command states; see `read_ladder`.

    Raises:
        InputError: it states none.
    """
    plain = list(value) if isinstance(value, tuple) else value
    if isinstance(plain, float | int):
        plain = [plain]
    document = Node({"ladder": plain}, Origin("family"))
    return read_ladder(document.child("ladder"), cost, costs)


def read_ladder(node: Node, cost: str, costs: Sequence[str]) -> StatedLadder:
    """The ladder that a document states.

    Args:
        node: Budgets of one cost, or a mapping of costs to theirs. Budgets are a list
            of numbers and published networks, `spread`, `{sizes: 4}` (spread),
            `{from: 1 M, to: 8 M, sizes: 4}`, `1M..8M`, or a published family.
        cost: Cost that goes without saying.
        costs: Names of the costs that can be limited.

    Raises:
        InputError: a name or a value is wrong; says where.
    """
    keys = set(node.value) if isinstance(node.value, Mapping) else set()
    if keys and not keys & {*_ENDS, *_RECORDED}:
        node.fields(*costs)
        columns = tuple(_column(node.child(name), name) for name in node.value)
    else:
        columns = (_column(node, cost),)
    lengths = [len(column.budgets) for column in columns if column.budgets]
    if lengths:  # as many are spread as there are of another cost
        columns = tuple(
            replace(column, sizes=lengths[0]) if column.is_spread else column
            for column in columns
        )
    return StatedLadder(columns)


def _column(node: Node, cost: str) -> StatedBudgets:
    value = node.value
    if isinstance(value, Mapping):
        if "of" in value:
            numbers = node.fields(*_RECORDED).need("budgets").items()
            budgets = tuple(one.number() for one in numbers)
            return StatedBudgets(cost, budgets, node.child("of").text())
        return _between(node, cost)
    if isinstance(value, str):
        return _of_text(node, value.strip(), cost)
    return StatedBudgets(cost, tuple(_budget(item, cost) for item in node.items()))


def _of_text(node: Node, text: str, cost: str) -> StatedBudgets:
    if text == SPREAD:
        return StatedBudgets(cost)
    if text in PUBLISHED:
        return StatedBudgets(cost, tuple(PUBLISHED[text]), text)
    low, ends, high = text.partition("..")
    if ends:
        return _between(Node({"from": low, "to": high}, node.origin, node.path), cost)
    words = [word.strip() for word in text.split(",")]
    listed = Node(words, node.origin, node.path)
    return StatedBudgets(cost, tuple(_budget(item, cost) for item in listed.items()))


def _between(node: Node, cost: str) -> StatedBudgets:
    """`{from: 1 M, to: 8 M, sizes: 4}`, or `{sizes: 4}` for a spread."""
    node.fields(*_ENDS)
    sizes = node.read("sizes", lambda n: n.integer(minimum=2), FAMILY_SIZES)
    if not {"from", "to"} & set(node.value):
        return StatedBudgets(cost, sizes=sizes)
    unit = unit_of(cost)
    ends = [node.need(end).quantity(unit) for end in ("from", "to")]
    try:
        budgets = geometric_budgets(ends[0], ends[1], sizes)
    except InputError as wrong:
        raise node.complaint(f"`{node.label}`: {wrong}") from wrong
    return StatedBudgets(cost, budgets)


def _budget(node: Node, cost: str) -> float | str:
    unit = unit_of(cost)
    text = node.value.strip() if isinstance(node.value, str) else ""
    if text in published_names():
        return text
    parsed = parse_quantity(node.value, unit)
    if parsed is None or parsed <= 0:
        example = unit.example.partition(" or ")[0]
        raise node.error(
            f"A budget of {cost_word(cost)} must be a positive quantity such as "
            f"{example}, or a published network",
            hint=nearest(text, (*published_names(), *PUBLISHED, SPREAD)),
        )
    return parsed
