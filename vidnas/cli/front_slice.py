"""`vidnas front --objectives --budget --knee`: another front than that of the study."""

from argparse import ArgumentTypeError
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vidnas.documents.quantity import format_count
from vidnas.errors import InputError
from vidnas.study.history import History
from vidnas.study.standings import Standing, standings
from vidnas.trials.front import Front
from vidnas.trials.objectives import ACCURACIES, cost_text, cost_word
from vidnas.trials.trial import Objective, Trial
from vidnas.views.slices import Bound, bounds_of, front_within, reference_point

_COUNTABLE = 1e15  # 1,000 T; above, powers of ten say more


def budget_of(text: str) -> tuple[str, str]:
    """`flops=50M` as the name of a cost and its limit."""
    name, equals, limit = text.partition("=")
    if not (equals and name.strip() and limit.strip()):
        raise ArgumentTypeError(f"must be a name and a limit, flops=50M, got `{text}`")
    return name.strip(), limit.strip()


@dataclass(frozen=True, slots=True)
class FrontSlice:
    """A front over any objectives, within what-if budgets.

    Args:
        history: The study.
        bounds: What-if budgets.
        front: Front of the trials within them.
        only_knee: Whether only its knee is shown.
    """

    history: History
    bounds: tuple[Bound, ...]
    front: Front
    only_knee: bool = False

    @classmethod
    def of(
        cls,
        history: History,
        objectives: Sequence[Objective],
        limits: Sequence[tuple[str, str]],
        only_knee: bool,
    ) -> "FrontSlice":
        """The slice that the options of a command ask for.

        Raises:
            InputError: a limit has an unknown name, is no quantity, or stands twice.
        """
        names = [name for name, _ in limits]
        if len(set(names)) < len(names):
            raise InputError(
                f"`--budget` must limit each cost once, got {', '.join(names)}."
            )
        bounds = bounds_of(dict(limits))
        return cls(
            history, bounds, front_within(history, objectives, bounds), only_knee
        )

    @property
    def trials(self) -> tuple[Trial, ...]:
        """Trials that are shown."""
        knee = self.front.knee()
        return (knee,) if self.only_knee and knee is not None else self.front.trials

    def beside(self) -> tuple[Standing, ...]:
        """Done baselines within the budgets, and how they stand against this front."""
        names = [objective.name for objective in self.front.objectives]
        kept = [
            trial
            for trial in self.history.baselines
            if trial.state == "done"
            and all(map(trial.has, names))
            and all(bound.holds(trial) for bound in self.bounds)
        ]
        return standings(self.history, self.front, kept)

    def facts(
        self, rows: Sequence[dict[str, Any]], beside: Sequence[dict[str, Any]]
    ) -> dict[str, Any]:
        """The slice as plain data.

        Args:
            rows: Trials that are shown, as plain data.
            beside: Baselines that are shown, as plain data.
        """
        knee, at = self.front.knee(), None
        if self.front:
            at = reference_point(self.history, self.front.objectives)
        return {
            "objectives": [objective.name for objective in self.front.objectives],
            "within": {bound.objective.name: bound.limit for bound in self.bounds},
            "front": list(rows),
            "baselines": list(beside),
            "knee": None if knee is None else knee.number,
            "hypervolume": None if at is None else self.front.hypervolume(at),
            "reference": at,
        }

    def words(self, trial: Trial, mark: str) -> str:
        """What is noted of a trial: `knee`, and its mark."""
        is_knee = len(self.front) > 1 and trial is self.front.knee()
        return "; ".join(filter(None, ("knee" if is_knee else "", mark)))

    def volume_text(self) -> str:
        """`hypervolume 820 M FLOPs x % (reference 12 M FLOPs, 25 %)`."""
        names = [objective.name for objective in self.front.objectives]
        at = reference_point(self.history, self.front.objectives)
        units = " x ".join("%" if n in ACCURACIES else cost_word(n) for n in names)
        point = ", ".join(
            f"{at[n]:g} %" if n in ACCURACIES else cost_text(n, at[n]) for n in names
        )
        volume = self.front.hypervolume(at)
        amount = format_count(volume) if volume < _COUNTABLE else f"{volume:.3g}"
        return f"hypervolume {amount} {units} (reference {point})"
