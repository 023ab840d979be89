"""What does a notebook hold of a front? A view that shows itself, and can be asked."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, overload

from vidnas.documents.written_table import latex, markdown
from vidnas.errors import InputError
from vidnas.study.experiment.stated_family import LADDER_COSTS
from vidnas.study.family.networks import whole_family
from vidnas.study.history import History
from vidnas.trials.family import Size
from vidnas.trials.front import Front
from vidnas.trials.ladders.stated import ladder_of
from vidnas.trials.trial import Trial
from vidnas.views.family_view import FamilyView
from vidnas.views.pages import markup
from vidnas.views.paper.column import COLUMN_MM
from vidnas.views.paper.tables import front_rows
from vidnas.views.slices import (
    Bound,
    bounds_of,
    bounds_text,
    compared_within,
    front_within,
    reference_point,
)

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

Budgets = str | float | Sequence[float | str] | Mapping[str, float | str]
Ladder = Budgets | Mapping[str, Budgets]


class FrontView:
    """A front to look at; shows its trials as a table.

    It is a sequence of them: `front[0]`, `len(front)`, `for trial in front`.

    Args:
        history: The study.
        front: Front of the study over any objectives.
        bounds: What-if budgets that its trials are within.
        baselines: Whether baselines may be on it.
    """

    def __init__(
        self,
        history: History,
        front: Front,
        *,
        bounds: Sequence[Bound] = (),
        baselines: bool = False,
    ) -> None:
        self.history = history
        self.front = front
        self.bounds = tuple(bounds)
        self.baselines = baselines

    def __len__(self) -> int:
        return len(self.front)

    def __iter__(self) -> Iterator[Trial]:
        return iter(self.front)

    @overload
    def __getitem__(self, at: int) -> Trial: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Trial, ...]: ...

    def __getitem__(self, at: int | slice) -> Trial | tuple[Trial, ...]:
        return self.front[at]

    def within(self, **limits: float | str) -> "FrontView":
        """What if a trial might cost no more? The front of those that do not.

        Args:
            limits: The most by the name of any cost, such as `flops="50 M"` or
                `parameters=2e6`; of an accuracy or a score the least.

        Raises:
            InputError: a name is unknown, or a limit is no quantity.
        """
        bounds = (*self.bounds, *bounds_of(limits))
        objectives = self.front.objectives
        beside = self.baselines
        front = front_within(self.history, objectives, bounds, baselines=beside)
        return FrontView(self.history, front, bounds=bounds, baselines=beside)

    def knee(self) -> Trial | None:
        """The trial beyond which one objective buys least of the others."""
        return self.front.knee()

    def knees(self) -> tuple[Trial, ...]:
        """Trials that are left for a neighbour only at a high price."""
        return self.front.knees()

    @property
    def reference(self) -> dict[str, float]:
        """The worst values that count where none are said, by objective name.

        See `vidnas.views.slices.reference_point`.
        """
        return reference_point(self.history, self.front.objectives)

    def hypervolume(self, reference: Mapping[str, float | str] | None = None) -> float:
        """Volume between the front and `reference`, in the objectives' units.

        Args:
            reference: The worst value that still counts, by objective name; None for
                chance and the largest budgets, as `self.reference` says them.

        Raises:
            InputError: the names are not those of the objectives.
        """
        point = self.reference if reference is None else reference
        return self.front.hypervolume(point)

    def table(self) -> "pd.DataFrame":
        """One row per front trial, in order of the first objective."""
        from vidnas.views.tables import front_frame

        return front_frame(self.front, self.history.chance)

    def plot(self) -> "alt.LayerChart":
        """The front among all done trials and baselines.

        A front over the study's own objectives names A0..A5.

        Raises:
            InputError: the front has a single objective.
        """
        from vidnas.views.charts.figures import front_chart

        return front_chart(
            self.history,
            self._members(),
            front=self.front,
            within=bounds_text(self.bounds),
        )

    def figure(self, path: str | Path, *, width_mm: float = COLUMN_MM) -> Path:
        """Writes the front for print, as a paper shows it.

        Args:
            path: File to write, `.pdf`, `.svg` or `.pgf`.
            width_mm: Width of the figure [mm].

        Raises:
            InputError: the front has a single objective, or the figure cannot be
                written; see `vidnas.views.paper.sheet.write_figure`.
        """
        from vidnas.views.paper.front_figure import write_front_figure

        members, where = self._members(), Path(path)
        return write_front_figure(self.history, self.front, members, where, width_mm)

    def latex(self) -> str:
        """The front, with baselines below, as a LaTeX table (`booktabs`)."""
        return latex(front_rows(self.history, self.front))

    def markdown(self) -> str:
        """The front, with baselines below, as a Markdown table."""
        return markdown(front_rows(self.history, self.front))

    def explore(self) -> "alt.VConcatChart":
        """The front to brush, with the chosen trials below.

        Where it has what-if budgets, trials and baselines beyond them are left out.

        Raises:
            InputError: the front has a single objective.
        """
        from vidnas.views.charts.explorer import explorer_chart

        kept = compared_within(self.history, self.bounds, baselines=True)
        return explorer_chart(
            self.history,
            self._members(),
            front=self.front,
            shown={trial.number for trial in kept},
            within=bounds_text(self.bounds),
        )

    def family(
        self,
        ladder: Ladder | None = None,
        *,
        fill: bool | None = None,
        stream: bool | None = None,
    ) -> "FamilyView":
        """One network per step of a ladder.

        Args:
            ladder: Rising budgets of the study's first cost, as numbers or as `20 M`;
                or `spread`, `1M..8M`, a published family such as `movinet`, or a
                mapping of costs to such budgets, which hold together. None for that of
                the experiment. No size holds a baseline, whatever this front counts.
            fill: Whether the network of the next size, scaled to the budgets, stands
                in an empty one; None for as the experiment says. Nobody trained it.
            stream: Whether the streaming twin of each network is written beside it;
                None for the same.

        Raises:
            InputError: the front is not over the study's own objectives, or is empty,
                or the ladder does not rise.
        """
        if self.bounds:
            raise InputError(
                "A family must come from the front of all trials, this one has "
                f"{bounds_text(self.bounds)}."
            )
        if not self._is_standard():
            names = ", ".join(objective.name for objective in self.front.objectives)
            own = " and ".join(self.history.objectives.names)
            raise InputError(
                f"A family must come from a front over {own}, got {names}."
            )
        cost = self.history.objectives.cost
        stated = None if ladder is None else ladder_of(ladder, cost, LADDER_COSTS)
        found = whole_family(self.history, stated, fills=fill, streams=stream)
        return FamilyView(self.history, found.sizes, found.twins)

    def __repr__(self) -> str:
        names = ", ".join(objective.name for objective in self.front.objectives)
        within = f" with {bounds_text(self.bounds)}" if self.bounds else ""
        return f"<front over {names}: {len(self)} trials{within}>"

    def _repr_html_(self) -> str:
        beside = markup.baselines_table(self.history)
        return (
            markup.paragraph(repr(self))
            + markup.front_table(self.front, self.history.chance)
            + beside
        )

    def _is_standard(self) -> bool:
        names = {objective.name for objective in self.front.objectives}
        return names == set(self.history.objectives.names)

    def _members(self) -> tuple[Size, ...]:
        """The experiment's own family, where this front has one."""
        if not self._is_standard() or not self.front or self.bounds:
            return ()
        return self.history.family()
