"""Which family does an experiment state? Its ladder, and what stands beside it."""

from dataclasses import dataclass, replace
from typing import Any

from vidnas.documents.node import Node
from vidnas.errors import InputError
from vidnas.study.experiment.stated_objectives import LOWERED, SPARSE
from vidnas.trials.ladders.stated import CostOf, StatedLadder, read_ladder, spread_over
from vidnas.trials.objectives import STANDARD, cost_word

LADDER_COSTS = tuple(name for name in LOWERED if name != SPARSE)


@dataclass(frozen=True, slots=True)
class StatedFamily:
    """What a family is made of, as an experiment states it.

    Args:
        ladder: Budgets of its sizes.
        fills: Whether a scaled network stands in an empty size.
        streams: Whether the streaming twin of each size stands beside it.
    """

    ladder: StatedLadder
    fills: bool = False
    streams: bool = False

    def with_numbers(self, cost_of: CostOf) -> "StatedFamily":
        """The family with the costs of networks in place of their names.

        Raises:
            InputError: the costs of a published family do not rise.
        """
        ladder = self.ladder.with_numbers(cost_of)
        require_rising(ladder)
        return replace(self, ladder=ladder)

    def to_document(self, cost: str) -> dict[str, Any]:
        """As an experiment spells it; what is off goes without saying.

        Args:
            cost: First cost of the study's objectives.
        """
        return {
            "ladder": self.ladder.to_document(cost),
            **({"fill": True} if self.fills else {}),
            **({"stream": True} if self.streams else {}),
        }


STATED_FAMILY = StatedFamily(spread_over(STANDARD.cost))  # where nothing is said


def require_rising(ladder: StatedLadder) -> None:
    """Checks budgets that are numbers; those that are spread rise by themselves.

    Raises:
        InputError: they do not rise, or are more of one cost than of another.
    """
    columns = ladder.columns
    known = tuple(column for column in columns if column.numbers is not None)
    if known and len(known) == len(columns):
        ladder.laid(lambda cost, sizes: ())


def read_family(node: Node, cost: str) -> StatedFamily:
    """The family that an experiment states.

    Args:
        node: Mapping with `ladder`, `fill` and `stream`; it may be empty.
        cost: First cost of the experiment's objectives.

    Raises:
        InputError: a key or a value is wrong; says the line.
    """
    node.fields("ladder", "fill", "stream")
    return StatedFamily(
        node.read("ladder", lambda n: _rising(n, cost), spread_over(cost)),
        node.read("fill", Node.flag, False),
        node.read("stream", Node.flag, False),
    )


def _rising(node: Node, cost: str) -> StatedLadder:
    ladder = read_ladder(node, cost, LADDER_COSTS)
    try:
        require_rising(ladder)
    except InputError as wrong:
        if ladder.costs != (cost,):
            raise node.complaint(f"`{node.label}`: {wrong}") from wrong
        budgets = "FLOP budgets" if cost == "flops" else f"budgets of {cost_word(cost)}"
        raise node.error(
            f"`{node.label}` must be `spread` or rising {budgets}"
        ) from wrong
    return ladder
