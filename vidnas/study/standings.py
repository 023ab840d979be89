"""How does a baseline stand against the front that was searched?"""

from collections.abc import Sequence
from dataclasses import dataclass

from vidnas.study.history import History
from vidnas.trials.front import Front
from vidnas.trials.trial import Trial


@dataclass(frozen=True, slots=True)
class Standing:
    """A baseline and the study's front.

    Args:
        trial: The baseline's trial.
        dominated_by: Front members no worse in any objective, and better in one of
            them; None while the baseline is not done.
        members: Size of the front.
        exceeds: Budgets that the baseline breaks; a candidate would be refused.
        mark: What its accuracy does not show, or "".
    """

    trial: Trial
    dominated_by: int | None
    members: int
    exceeds: tuple[str, ...]
    mark: str = ""

    @property
    def is_on_front(self) -> bool:
        """Whether it would be a member: there is a front, and none dominates it."""
        return self.members > 0 and self.dominated_by == 0

    @property
    def words(self) -> str:
        """`dominated by 7 of 12 front members; exceeds parameters`."""
        return "; ".join((self._place(), *self._over()))

    def _place(self) -> str:
        if self.dominated_by is None:
            reason = self.trial.reason
            return f"{self.trial.state}: {reason}" if reason else self.trial.state
        if not self.members:
            return "no front yet"
        if self.is_on_front:
            return "on the front"
        return f"dominated by {self.dominated_by} of {self.members} front members"

    def _over(self) -> tuple[str, ...]:
        over = (f"exceeds {', '.join(self.exceeds)}",) if self.exceeds else ()
        return (*over, self.mark) if self.mark else over


def standings(
    history: History,
    front: Front | None = None,
    baselines: Sequence[Trial] | None = None,
) -> tuple[Standing, ...]:
    """How baselines of a study stand, by the first cost.

    Args:
        history: The study.
        front: Front that they are compared with, of whose objectives they have numbers
            once they are done; None for the study's own.
        baselines: Those that are compared; None for all.
    """
    front = history.front() if front is None else front

    def standing(trial: Trial) -> Standing:
        return Standing(
            trial=trial,
            dominated_by=(
                len(front.dominating(trial)) if trial.state == "done" else None
            ),
            members=len(front),
            exceeds=history.exceeds(trial),
            mark=history.chance.mark(trial),
        )

    cost = history.objectives.cost
    beside = history.baselines if baselines is None else baselines
    ordered = sorted(beside, key=lambda trial: trial.value(cost))
    return tuple(map(standing, ordered))
