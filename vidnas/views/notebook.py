"""What does a notebook hold of a study? Views of its journal that show themselves.

These classes read and display; fronts and families come from `core` by way of the
study's `History`. pandas and Altair are loaded when a frame or a picture is asked for.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vidnas.architecture.architecture import Architecture
from vidnas.documents.quantity import parse_quantity, unit_of
from vidnas.errors import InputError
from vidnas.files.mirror import study_path
from vidnas.study.family_files import write_family
from vidnas.study.history import History, load_history
from vidnas.trials.family import Size
from vidnas.trials.front import Front
from vidnas.trials.objectives import cost_word
from vidnas.views.charts.objectives import objectives_named, require_values
from vidnas.views.insight.asked import NetworkEstimate, estimate_of, why_of
from vidnas.views.pages import markup
from vidnas.views.pages.page_owner import require_own_report
from vidnas.views.why_view import WhyView

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd


def open_study(folder: str | Path) -> "StudyView":
    """The study in a folder, as its journal tells it at this moment.

    Args:
        folder: Study folder, such as `runs/quickstart`, or its address in an object
            store; a search may be writing to it.

    Raises:
        StudyError: the folder holds no journal.
        JournalError: the journal is damaged.
    """
    return StudyView(load_history(study_path(folder)))


class StudyView:
    """A study to look at; shows its trials.

    Args:
        history: Study as its journal tells it.
    """

    def __init__(self, history: History) -> None:
        self.history = history

    def trials(self, *, choices: bool = False) -> "pd.DataFrame":
        """One row per trial; see `vidnas.views.tables.trials_frame`.

        Args:
            choices: Whether each choice of the space gets a column too; see
                `vidnas.views.why_tables.with_choices`.
        """
        from vidnas.views.tables import trials_frame

        frame = trials_frame(self.history)
        if not choices:
            return frame
        from vidnas.views.why_tables import with_choices

        return with_choices(frame, self.history)

    def why(self) -> WhyView:
        """What each choice is worth at equal cost, and what the front shares."""
        return WhyView(why_of(self.history), self.history.objectives)

    def estimate(self, architecture: Architecture) -> NetworkEstimate:
        """How accurate a network would be after full training, without any.

        Args:
            architecture: Network of the study's space.

        Raises:
            SpaceError: the space does not hold it; says what excludes it.
            InputError: the study knows too few networks.
        """
        return estimate_of(self.history, [architecture])[0]

    def curves(self) -> "pd.DataFrame":
        """One row per epoch of a trial; see `vidnas.views.tables.curves_frame`."""
        from vidnas.views.tables import curves_frame

        return curves_frame(self.history)

    def baselines(self) -> "pd.DataFrame":
        """One row per baseline; see `vidnas.views.tables.baselines_frame`."""
        from vidnas.views.tables import baselines_frame

        return baselines_frame(self.history)

    def front(self, *objectives: str, baselines: bool = False) -> "FrontView":
        """The front of the done trials.

        Args:
            objectives: Names such as `flops`, `parameters` and `top1`; those of the
                study where none is given.
            baselines: Let baselines stand on it, and count in its hypervolume, as if
                they had been searched; otherwise they are shown beside it.

        Raises:
            InputError: a name is unknown, or a done trial has no such number.
        """
        own = self.history.objectives.each
        chosen = objectives_named(objectives) if objectives else own
        require_values((*self.history.compared, *self.history.baselines), chosen)
        front = self.history.front(chosen, baselines=baselines)
        return FrontView(self.history, front)

    def progress(self) -> "alt.LayerChart":
        """Hypervolume after each finished trial."""
        from vidnas.views.charts.figures import progress_chart

        return progress_chart(self.history)

    def report(self, path: str | Path) -> None:
        """Writes the study's report page to `path`.

        Raises:
            StudyError: the file is there and is no report of this study.
        """
        from vidnas.views.pages.report import write_report

        require_own_report(Path(path), self.history)
        write_report(self.history, Path(path))

    def __repr__(self) -> str:
        states = self.history.states
        unended = "interrupted" if states["interrupted"] else "running"
        known = len(self.history.taken_over)
        stopped = f"{states['stopped']} stopped, " if states["stopped"] else ""
        return (
            f"<study {self.history.head.name}: {states['done']} done, "
            f"{stopped}{states['failed']} failed, {states[unended]} {unended}"
            f"{f', {known} known' if known else ''}>"
        )

    def _repr_html_(self) -> str:
        beside = markup.baselines_table(self.history)
        return markup.paragraph(repr(self)) + markup.trials_table(self.history) + beside


class FrontView:
    """A front to look at; shows its trials as a table.

    Args:
        history: The study.
        front: Front of the study over any objectives.
    """

    def __init__(self, history: History, front: Front) -> None:
        self.history = history
        self.front = front

    def __len__(self) -> int:
        return len(self.front)

    def hypervolume(self, reference: Mapping[str, float]) -> float:
        """Volume between the front and `reference`, in the objectives' units.

        Args:
            reference: The worst value that still counts, by objective name.

        Raises:
            InputError: the names are not those of the objectives.
        """
        return self.front.hypervolume(reference)

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

        return front_chart(self.history, self._members(), front=self.front)

    def explore(self) -> "alt.VConcatChart":
        """The study's own front to brush, with the chosen trials below."""
        from vidnas.views.charts.explorer import explorer_chart

        return explorer_chart(self.history, self._members())

    def family(self, ladder: Sequence[float | str] | None = None) -> "FamilyView":
        """One network per budget of the first cost among the study's objectives.

        Args:
            ladder: Rising budgets, as numbers or as `20 M`; by default those of the
                experiment. No size holds a baseline, whatever this front counts.

        Raises:
            InputError: the front is not over the study's own objectives, or is empty,
                or the ladder does not rise.
        """
        if not self._is_standard():
            names = ", ".join(objective.name for objective in self.front.objectives)
            own = " and ".join(self.history.objectives.names)
            raise InputError(
                f"A family must come from a front over {own}, got {names}."
            )
        cost = self.history.objectives.cost
        budgets = None if ladder is None else [_budget(one, cost) for one in ladder]
        return FamilyView(self.history, self.history.family(budgets))

    def __repr__(self) -> str:
        names = ", ".join(objective.name for objective in self.front.objectives)
        return f"<front over {names}: {len(self)} trials>"

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
        if not self._is_standard() or not self.front.trials:
            return ()
        return self.history.family()


class FamilyView:
    """A family to look at; shows its sizes, empty ones in words.

    Args:
        history: The study.
        sizes: Family of the study.
    """

    def __init__(self, history: History, sizes: Sequence[Size]) -> None:
        self.history = history
        self.sizes = tuple(sizes)

    def __len__(self) -> int:
        return len(self.sizes)

    def table(self) -> "pd.DataFrame":
        """One row per size; see `vidnas.views.tables.family_frame`."""
        from vidnas.views.tables import family_frame

        return family_frame(self.sizes, self.history.chance)

    def plot(self) -> "alt.LayerChart":
        """The front among all done trials, with these sizes named."""
        from vidnas.views.charts.figures import front_chart

        return front_chart(self.history, self.sizes)

    def write(self, folder: str | Path) -> list[Path]:
        """Writes `a0.yaml` ... into `folder`; empty sizes get no file.

        Returns:
            The files written.

        Raises:
            StudyError: no trial is done, or a file of such a name is not this study's.
        """
        return list(write_family(self.history, self.sizes, Path(folder)).written)

    def __repr__(self) -> str:
        filled = [size.name for size in self.sizes if size.trial is not None]
        return f"<family of {len(self)} sizes: {', '.join(filled) or 'all empty'}>"

    def _repr_html_(self) -> str:
        return markup.paragraph(repr(self)) + markup.family_table(
            self.sizes, self.history
        )


def _budget(budget: float | str, cost: str) -> float:
    unit = unit_of(cost)
    value = parse_quantity(budget, unit)
    if value is None:
        what = "FLOP budget" if cost == "flops" else f"budget of {cost_word(cost)}"
        raise InputError(
            f"A {what} must be a number or a quantity such as "
            f"{unit.example.partition(' or ')[0]}, got `{budget}`."
        )
    return value
