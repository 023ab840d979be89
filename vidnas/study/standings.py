"""How does a baseline stand against the front that was searched?"""

from dataclasses import dataclass

from vidnas.study.history import History
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


def standings(history: History) -> tuple[Standing, ...]:
    """How each baseline of a study stands, by the first cost."""
    front = history.front()

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
    ordered = sorted(history.baselines, key=lambda trial: trial.value(cost))
    return tuple(map(standing, ordered))
