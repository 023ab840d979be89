"""How do groups of studies compare? Hypervolume and ladder, with means over seeds."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

import numpy as np

from vidnas.arrays import Floats
from vidnas.statistics.attainment import attained, steps
from vidnas.statistics.seeds import Mean, difference_of_means, mean_over_seeds
from vidnas.trials.chance import Chance
from vidnas.trials.objectives import Objectives
from vidnas.views.comparison.compared_study import ComparedStudy
from vidnas.views.comparison.settings import Settings

HYPERVOLUME, LADDER = "hypervolume", "ladder"
MEASURES = (HYPERVOLUME, LADDER)
LADDER_BUDGETS = 48  # as in docs/search_quality.md
INSIDE, BEYOND, UNKNOWN = "inside the noise", "beyond the noise", "noise unknown"
POINTS = 200  # of a curve over effort


@dataclass(frozen=True, slots=True)
class Group:
    """Studies that differ in their seeds alone.

    Args:
        label: Label in tables and figures.
        studies: Studies of the group, at least one.
        settings: Settings of its first study.
    """

    label: str
    studies: tuple[ComparedStudy, ...]
    settings: Settings

    @property
    def seeds(self) -> tuple[int, ...]:
        """Seeds of its studies, in their order."""
        return tuple(study.seed for study in self.studies)


@dataclass(frozen=True, slots=True)
class Difference:
    """One group less another, by one measure.

    Args:
        measure: Name of the measure.
        ours: Label of the group that is taken first.
        theirs: Label of the group that is subtracted.
        mean: Difference of the means over seeds, with its interval.
    """

    measure: str
    ours: str
    theirs: str
    mean: Mean

    @property
    def verdict(self) -> str:
        """`beyond the noise` where the interval leaves 0 out; unknown of one seed."""
        if self.mean.half is None:
            return UNKNOWN
        return INSIDE if abs(self.mean.value) <= self.mean.half else BEYOND


@dataclass(frozen=True)  # no slots: what is derived is derived once
class Comparison:
    """Groups of studies of one task, at one effort.

    Args:
        groups: Groups to compare, each with a label of its own.
        reference: Worst values that count in the hypervolume, by objective name.
        budgets: Rising budgets of the first cost: the sizes a0, a1, ...
        by: Name of the effort, such as `trials`.
        at: Effort at which groups are compared.
        notes: Lines that say what differs, and what the numbers do not show.
    """

    groups: tuple[Group, ...]
    reference: Mapping[str, float]
    budgets: tuple[float, ...]
    by: str
    at: float
    notes: tuple[str, ...] = ()

    @property
    def studies(self) -> tuple[ComparedStudy, ...]:
        """Studies of all groups."""
        return tuple(study for group in self.groups for study in group.studies)

    @property
    def objectives(self) -> Objectives:
        """What every study improves."""
        return self.studies[0].history.objectives

    @property
    def chance(self) -> Chance:
        """What guessing reaches, the same in every study."""
        return self.studies[0].history.chance

    @cached_property
    def point(self) -> Floats:
        """The reference point in the order of the objectives, `[K + 1]`."""
        return np.array([self.reference[name] for name in self.objectives.names])

    @cached_property
    def grown(self) -> dict[str, tuple[tuple[Floats, Floats], ...]]:
        """Hypervolumes of each study as its effort grows, by group; see `volumes`."""
        return {
            group.label: tuple(s.volumes(self.by, self.point) for s in group.studies)
            for group in self.groups
        }

    @cached_property
    def per_study(self) -> dict[str, dict[str, Floats]]:
        """The value of every study, `[R]`, by measure and group."""
        fine = np.geomspace(self.budgets[0], self.budgets[-1], LADDER_BUDGETS)
        return {
            HYPERVOLUME: {
                label: np.array([volume_at(curve, self.at) for curve in curves])
                for label, curves in self.grown.items()
            },
            LADDER: {g.label: self.best(g, fine).mean(axis=1) for g in self.groups},
        }

    @cached_property
    def sizes(self) -> dict[str, tuple[Mean, ...]]:
        """Best accuracy within each budget [%], mean over seeds, by group."""
        budgets = np.array(self.budgets)
        return {
            group.label: tuple(map(mean_over_seeds, self.best(group, budgets).T))
            for group in self.groups
        }

    def best(self, group: Group, budgets: Floats) -> Floats:
        """Best accuracy of each study within each budget [%], `[R, B]`."""
        least = self.chance.level
        rows = [s.best(budgets, self.by, self.at, least=least) for s in group.studies]
        return np.array(rows)

    def mean(self, measure: str, label: str) -> Mean:
        """The mean of a group over its seeds, with its 95 % interval.

        Args:
            measure: Name of the measure.
            label: Label of the group.
        """
        return mean_over_seeds(self.per_study[measure][label])

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """Every pair of groups by every measure, the better one first.

        Intervals hold 95 % for all pairs of a measure together (Bonferroni).
        """
        pairs = list(combinations([group.label for group in self.groups], 2))
        level = 1.0 - 0.05 / max(1, len(pairs))
        found = []
        for measure in MEASURES:
            values = self.per_study[measure]
            for one, other in pairs:
                mean = difference_of_means(values[one], values[other], level)
                if mean.value < 0:
                    one, other = other, one
                    mean = difference_of_means(values[one], values[other], level)
                found.append(Difference(measure, one, other, mean))
        return tuple(found)

    def beaten(self, measure: str, label: str) -> bool:
        """Whether another group is better beyond the noise."""
        return any(
            d.theirs == label and d.verdict == BEYOND
            for d in self.differences
            if d.measure == measure
        )

    def attainment(self, group: Group) -> tuple[Floats, Floats]:
        """Budgets where it changes, `[B]`, and what 1, 2, ... seeds attain, `[R, B]`.

        The budgets begin where the first seed beats guessing, and end at the reference
        point.
        """
        cost, least = self.objectives.cost, self.chance.level
        edges = [np.array([self.reference[cost]])]
        for study in group.studies:
            found = study.within(self.by, self.at)
            costs, accuracies = study.costs[found, 0], study.accuracies[found]
            edges.append(steps(costs, accuracies, least=least))
        budgets = np.unique(np.concatenate(edges))
        return budgets, attained(self.best(group, budgets))

    def progress(self, group: Group) -> tuple[Floats, Floats]:
        """Efforts, `[G]`, and the hypervolume of each seed at them, `[R, G]`."""
        efforts = np.linspace(0.0, self.at, _points(self.by, self.at))
        curves = self.grown[group.label]
        rows = [[volume_at(curve, at) for at in efforts.tolist()] for curve in curves]
        return efforts, np.array(rows)


def volume_at(curve: tuple[Floats, Floats], at: float) -> float:
    """The hypervolume once so much effort is spent.

    Args:
        curve: Efforts at which it grew, and what it was then.
        at: Effort spent.
    """
    efforts, volumes = curve
    return float(volumes[np.searchsorted(efforts, at, side="right") - 1])


def _points(by: str, at: float) -> int:
    whole = int(at) + 1 if by != "hours" else POINTS
    return max(2, min(whole, POINTS))
