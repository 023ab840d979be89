"""What does a study improve? Costs that it lowers, and one accuracy that it raises.

The accuracy is decided once, in the experiment; strategies, promotion, fronts, families
and whatever shows a study ask it for its name, its interval and its words.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from vidnas.arrays import Floats
from vidnas.costs.scores import SCORES
from vidnas.documents.quantity import format_cost
from vidnas.documents.suggestion import nearest
from vidnas.errors import InputError
from vidnas.statistics.proportion import Z95, normal_quantile, wilson
from vidnas.statistics.seed_noise import LEAST_FREEDOM, widened
from vidnas.statistics.student import student_quantile
from vidnas.trials.trial import FLOPS, TOP1, Objective, Trial

# Numbers of a trial that repeats of a study add to its measured ones.
SEEDS = "seeds"  # trainings that its accuracies are the means of
SEED_ERROR = "_seed_error"  # after an accuracy: standard error by the seed [%]
SEED_FREEDOM = "seed_freedom"  # degrees of freedom that this is known with


@dataclass(frozen=True, slots=True)
class Accuracy:
    """An accuracy in percent, or a score in its place, by which networks are compared.

    Args:
        objective: Name and direction.
        label: What people call it, such as `top-1`.
        is_share: Whether it is a share of the clips; then Wilson knows its interval.
        for_several: Whether clips of several classes, or of none, have it too.
    """

    objective: Objective
    label: str
    is_share: bool = False
    for_several: bool = False

    @property
    def name(self) -> str:
        """Name among the measured numbers of a trial."""
        return self.objective.name

    @property
    def title(self) -> str:
        """Title of a column or an axis."""
        return f"{self.label} [%]" if self.is_percent else self.label

    @property
    def is_percent(self) -> bool:
        """Whether it is a percentage, as every accuracy is and no score."""
        return self.name not in SCORES

    def text(self, value: float) -> str:
        """`71.5 %`, or `43.1` of a score: a value with its unit."""
        return f"{value:.1f} %" if self.is_percent else f"{value:.1f}"

    def of(self, trial: Trial) -> float | None:
        """The accuracy of a trial [%]; None where it has none."""
        return trial.measured.get(self.name)

    def interval(self, trial: Trial) -> tuple[float, float] | None:
        """The 95 % interval of a trial's accuracy [%]; None where it is not known."""
        return self.interval_of(trial.measured)

    def interval_of(
        self, measured: Mapping[str, float], level: float = 0.95
    ) -> tuple[float, float] | None:
        """An interval of measured numbers: Wilson's, or the one among them.

        Where the study's repeats say how much the seed does, it covers that too.

        Args:
            measured: Numbers of a trial by name.
            level: Share of such intervals that shall hold the true accuracy.
        """
        value = measured.get(self.name)
        if value is None:
            return None
        limits = self._over_clips(value, measured, level)
        error = measured.get(f"{self.name}{SEED_ERROR}", 0.0)
        freedom = int(measured.get(SEED_FREEDOM, 0))
        if limits is None or not error or freedom < LEAST_FREEDOM:
            return limits
        margin = student_quantile(0.5 + level / 2, freedom) * error
        low, high = widened(value, limits, margin)
        return max(0.0, low), min(100.0, high)

    def variance_of(self, measured: Mapping[str, float]) -> float | None:
        """Variance of the noise of measured numbers [%^2]; None where not known."""
        interval = self._over_clips(measured.get(self.name, 0.0), measured, 0.95)
        if interval is None or self.name not in measured:
            return None
        of_clips = (interval[1] - interval[0]) / (2.0 * Z95)
        return of_clips**2 + measured.get(f"{self.name}{SEED_ERROR}", 0.0) ** 2

    def _over_clips(
        self, value: float, measured: Mapping[str, float], level: float
    ) -> tuple[float, float] | None:
        """The interval that the number of validation clips leaves."""
        if self.is_share:
            clips = int(measured.get("val_clips", 0))
            return wilson(value, clips, level) if clips else None
        low, high = (measured.get(f"{self.name}_{end}") for end in ("low", "high"))
        if low is None or high is None:
            return None
        if level == 0.95:
            return low, high
        part = normal_quantile(level) / Z95
        return value - part * (value - low), value + part * (high - value)

    def columns(self, trial: Trial) -> dict[str, float | None]:
        """`top1`, `top1_low` and `top1_high` of a trial, by the accuracy's own name."""
        low, high = self.interval(trial) or (None, None)
        name = self.name
        return {name: self.of(trial), f"{name}_low": low, f"{name}_high": high}


def _percent(name: str) -> Objective:
    return Objective(name, maximise=True, unit="%")


ACCURACIES: dict[str, Accuracy] = {
    accuracy.name: accuracy
    for accuracy in (
        Accuracy(TOP1, "top-1", is_share=True),
        Accuracy(_percent("top5"), "top-5", is_share=True),
        Accuracy(_percent("balanced_accuracy"), "balanced accuracy"),
        Accuracy(_percent("macro_f1"), "macro F1"),
        Accuracy(_percent("map"), "mAP", for_several=True),
    )
}


# What stands in an accuracy's place where nothing is trained; no accuracy, no interval.
ESTIMATES: dict[str, Accuracy] = {
    name: Accuracy(
        Objective(name, maximise=True), name.replace("_", " "), for_several=True
    )
    for name in ("entropy_score", "layers")  # a temporal reach is a cost
}


@dataclass(frozen=True, slots=True)
class Objectives:
    """Costs that a study lowers, and the accuracy that it raises.

    Args:
        costs: Names of the costs, at least one. The first one is that of the ladder,
            of which a family is made.
        accuracy: Accuracy of its fronts.
    """

    costs: tuple[str, ...] = (FLOPS.name,)
    accuracy: Accuracy = ACCURACIES[TOP1.name]

    @classmethod
    def named(
        cls,
        names: Sequence[str],
        costs: Iterable[str],
        raised: Mapping[str, Accuracy] = ACCURACIES,
    ) -> "Objectives":
        """The objectives of these names.

        Args:
            names: One accuracy and at least one cost, in any order.
            costs: Names of the costs that there are.
            raised: Accuracies by name of which one is raised.

        Raises:
            InputError: a name is unknown or stands twice, or a kind is missing.
        """
        known = tuple(dict.fromkeys((*costs, *raised)))
        for name in names:
            if name not in known:
                raise InputError(
                    f"an objective must be one of {', '.join(known)}, got `{name}`."
                    f"{nearest(name, known)}"
                )
        accuracies = [name for name in names if name in raised]
        lowered = tuple(name for name in names if name not in raised)
        if len(accuracies) != 1 or not lowered or len(set(names)) < len(names):
            raise InputError(
                f"objectives must be {_one_of(raised)} and at least one cost, each "
                f"once, got {', '.join(names) or 'none'}."
            )
        return cls(lowered, raised[accuracies[0]])

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the costs, then that of the accuracy."""
        return (*self.costs, self.accuracy.name)

    @property
    def each(self) -> tuple[Objective, ...]:
        """The objectives, as a front takes them."""
        lowered = (
            FLOPS if name == FLOPS.name else Objective(name, maximise=False)
            for name in self.costs
        )
        return (*lowered, self.accuracy.objective)

    @property
    def cost(self) -> str:
        """The cost that the ladder of budgets is of."""
        return self.costs[0]

    def accuracies(self, trials: Sequence[Trial]) -> Floats:
        """[N]. Accuracies of done trials [%]."""
        return np.array([t.value(self.accuracy.name) for t in trials], np.float64)

    def sizes(self, trials: Sequence[Trial]) -> Floats:
        """[N]. The first cost of trials."""
        return np.array([trial.value(self.cost) for trial in trials], np.float64)

    def are_known_of(self, trial: Trial) -> bool:
        """Whether a trial has a number for each."""
        return all(trial.has(name) for name in self.names)

    def is_better(self, trial: Trial, reference: Mapping[str, float]) -> bool:
        """Whether a trial costs no more than a reference point, and is more accurate.

        Args:
            trial: A done trial.
            reference: Worst values that still count, by objective name.
        """
        is_within = all(trial.value(name) <= reference[name] for name in self.costs)
        name = self.accuracy.name
        return is_within and trial.value(name) > reference[name]

    def point_text(self, reference: Mapping[str, float]) -> str:
        """`50 M FLOPs and 12.5 % top-1`: a reference point in words."""
        limits = ", ".join(cost_text(name, reference[name]) for name in self.costs)
        unit = " %" if self.accuracy.is_percent else ""
        return (
            f"{limits} and {reference[self.accuracy.name]:g}{unit} "
            f"{self.accuracy.label}"
        )


def _one_of(raised: Mapping[str, Accuracy]) -> str:
    return "one accuracy" if len(raised) > 1 else f"`{next(iter(raised))}`"


STANDARD = Objectives()


def objectives_for(multi_label: bool) -> Objectives:
    """The objectives of a study that names none.

    Args:
        multi_label: Whether its clips have several classes, or none.
    """
    return Objectives(accuracy=ACCURACIES["map"]) if multi_label else STANDARD


def require_measurable(accuracy: Accuracy, multi_label: bool) -> None:
    """Raises where the clips have no such accuracy.

    Args:
        accuracy: Accuracy that is asked for.
        multi_label: Whether clips have several classes, or none.

    Raises:
        InputError: says which accuracies they have.
    """
    if accuracy.for_several or not multi_label:
        return
    fitting = [a.name for a in ACCURACIES.values() if a.for_several]
    raise InputError(
        f"The accuracy among the objectives must be {' or '.join(fitting)} where clips "
        f"have several classes, got `{accuracy.name}`."
    )


def cost_word(name: str) -> str:
    """A cost as people name it: `FLOPs`, `inference bytes`."""
    return "FLOPs" if name == FLOPS.name else name.replace("_", " ")


def cost_text(name: str, value: float) -> str:
    """An amount of a cost: `50 M FLOPs`, `64 MiB inference bytes`."""
    return f"{format_cost(name, value)} {cost_word(name)}"
