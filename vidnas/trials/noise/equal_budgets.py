"""What would a published network be at a size's budget? The best baseline in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from vidnas.trials.family import Size
from vidnas.trials.noise.family_doubt import is_surely_better
from vidnas.trials.objectives import Accuracy
from vidnas.trials.trial import Trial


@dataclass(frozen=True, slots=True)
class BaselineWithin:
    """The most accurate baseline within the budgets of a size, by the same recipe.

    Args:
        trial: Trial of the baseline; None where none keeps the budgets.
        ahead: By how much the network of the size is more accurate [%]; None where
            there is none.
        is_sure: Whether the 95 % interval of that difference leaves 0 out; None where
            it is not known.
    """

    trial: Trial | None = None
    ahead: float | None = None
    is_sure: bool | None = None

    def text(self, accuracy: Accuracy) -> str:
        """`movinet-a0 45.1, +3.2 within error`, or `-`."""
        if self.trial is None:
            return "-"
        named = f"{self.trial.label} {self.trial.value(accuracy.name):.1f}"
        if self.ahead is None:
            return named
        doubt = " within error" if self.is_sure is False else ""
        return f"{named}, {self.ahead:+.1f}{doubt}"


def baselines_within(
    sizes: Sequence[Size], baselines: Sequence[Trial], accuracy: Accuracy
) -> tuple[BaselineWithin, ...]:
    """The best baseline within the budgets of each size, in the order of the sizes.

    Args:
        sizes: Sizes of a family.
        baselines: Trials of baselines; those that are not done say nothing.
        accuracy: Accuracy of the study.
    """
    done = [b for b in baselines if b.state == "done" and b.has(accuracy.name)]
    found = []
    for size in sizes:
        inside = [b for b in done if _is_known(b, size) and size.keeps(b)]
        best = max(inside, key=lambda b: b.value(accuracy.name), default=None)
        found.append(_compared(size.trial, best, accuracy))
    return tuple(found)


def _is_known(baseline: Trial, size: Size) -> bool:
    return all(baseline.has(cost) for cost in size.costs)


def _compared(
    trial: Trial | None, best: Trial | None, accuracy: Accuracy
) -> BaselineWithin:
    if trial is None or best is None:
        return BaselineWithin(best)
    ahead = trial.value(accuracy.name) - best.value(accuracy.name)
    pair = (trial, best) if ahead >= 0 else (best, trial)
    return BaselineWithin(best, ahead, is_surely_better(*pair, accuracy))
