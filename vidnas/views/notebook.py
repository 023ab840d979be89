"""What does a notebook hold of a study? Views of its journal that show themselves.

These classes read and display; fronts and families come from `core` by way of the
study's `History`. pandas and Altair are loaded when a frame or a picture is asked for.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vidnas.architecture.architecture import Architecture
from vidnas.costs.scores import SCORES
from vidnas.errors import InputError
from vidnas.files.mirror import errors_by_address, study_path
from vidnas.study.history import History, load_history
from vidnas.study.status.reader import read_status
from vidnas.trials.score_agreement import ScoreAgreement
from vidnas.trials.trial import Trial
from vidnas.views.charts.objectives import objectives_named, require_values
from vidnas.views.front_view import FrontView
from vidnas.views.insight.asked import NetworkEstimate, estimate_of, why_of
from vidnas.views.pages import markup
from vidnas.views.pages.page_owner import require_own_report
from vidnas.views.paper.column import COLUMN_MM
from vidnas.views.slices import best_trial, bounds_of, trial_named
from vidnas.views.status import StatusView
from vidnas.views.text.scores import SCORE, agreement_of
from vidnas.views.why_view import WhyView

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from vidnas.views.paper.methods import Methods


def open_study(folder: str | Path) -> "StudyView":
    """The study in a folder, as its journal tells it at this moment.

    Args:
        folder: Study folder, such as `runs/quickstart`, or its address in an object
            store; a search may be writing to it.

    Raises:
        StudyError: the folder holds no journal.
        JournalError: the journal is damaged.
    """
    with errors_by_address():
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
        return FrontView(self.history, front, baselines=baselines)

    def trial(self, which: int | str) -> Trial:
        """One trial.

        Args:
            which: Number of the trial, or name of a baseline.

        Raises:
            InputError: there is no such trial.
        """
        return trial_named(self.history, which)

    def best(self, objective: str | None = None, **limits: float | str) -> Trial:
        """The best done trial by one objective, of equals the cheapest.

        Args:
            objective: Name such as `top1` or `flops`; None for the study's accuracy.
            limits: The most that it may cost, such as `flops="50 M"`; of an accuracy
                the least that it must reach.

        Raises:
            InputError: a name is unknown, or no trial is within the limits.
        """
        name = self.history.accuracy.name if objective is None else objective
        (chosen,) = objectives_named([name])
        return best_trial(self.history, chosen, bounds_of(limits))

    def score_agreement(self, score: str = SCORE) -> ScoreAgreement | None:
        """How a score ranks the networks that were trained in full; None where unknown.

        Args:
            score: Name of a score of untrained networks, such as `entropy_score`.

        Raises:
            InputError: there is no such score.
        """
        if score not in SCORES:
            raise InputError(
                f"A score must be one of {', '.join(SCORES)}, got `{score}`."
            )
        return agreement_of(self.history, score)

    def progress(self) -> "alt.LayerChart":
        """Hypervolume after each finished trial."""
        from vidnas.views.charts.figures import progress_chart

        return progress_chart(self.history)

    def explore(self, *choices: str) -> "alt.VConcatChart":
        """Accuracy over costs and choices, in panels that are brushed together.

        Args:
            choices: Names such as `stage2.kernel`; those that matter most where none
                is given.

        Raises:
            InputError: no trial is done, or there is no such choice.
        """
        from vidnas.views.charts.linked import linked_chart

        return linked_chart(self.history, choices)

    def curves_figure(self, path: str | Path, *, width_mm: float = COLUMN_MM) -> Path:
        """Writes hypervolume, and training curves of the family, for print.

        Args:
            path: File to write, `.pdf`, `.svg` or `.pgf`.
            width_mm: Width of the figure [mm]; from 120 on, panels stand side by side.

        Raises:
            InputError: no trial is done, or the figure cannot be written; see
                `vidnas.views.paper.sheet.write_figure`.
        """
        from vidnas.views.paper.curves_figure import write_curves_figure

        family = self.history.family()
        return write_curves_figure(self.history, family, Path(path), width_mm)

    def methods(self) -> "Methods":
        """A paragraph of methods: versions, seeds, budgets, clips and hours."""
        from vidnas.views.paper.methods import methods_of

        return methods_of(self.history)

    def paper(
        self,
        folder: str | Path,
        *,
        width_mm: float = COLUMN_MM,
        formats: Sequence[str] = ("pdf",),
    ) -> list[Path]:
        """Writes figures, tables and methods; see `vidnas.views.paper.folder`.

        Args:
            folder: Folder for them.
            width_mm: Width of each figure [mm].
            formats: Formats of each figure, of `pdf`, `svg` and `pgf`.

        Raises:
            InputError: no trial is done, or a figure cannot be written.
            StudyError: the folder holds files that are not of this study.
        """
        from vidnas.views.paper.folder import write_paper

        where = Path(folder)
        return write_paper(self.history, where, width_mm=width_mm, formats=formats)

    def status(self) -> StatusView:
        """How the study stands at this moment, as its folder or store tells it.

        Raises:
            JournalError: the journal is damaged.
            OSError: the folder or the store cannot be read.
        """
        with errors_by_address():
            return StatusView(read_status(self.history.folder))

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
