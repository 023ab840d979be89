"""What does a notebook show of a study's choices? What each is worth, in a table."""

from pathlib import Path
from typing import TYPE_CHECKING

from vidnas.trials.choices.why import Why
from vidnas.trials.objectives import Objectives
from vidnas.views.insight.sentences import verdict
from vidnas.views.pages.why_section import why_section
from vidnas.views.paper.column import COLUMN_MM

if TYPE_CHECKING:
    import pandas as pd


class WhyView:
    """What choices are worth; shows itself.

    Args:
        why: What the study says.
        objectives: What the study improves.
    """

    def __init__(self, why: Why, objectives: Objectives) -> None:
        self.why = why
        self.objectives = objectives

    def importance(self) -> "pd.DataFrame":
        """One row per choice that matters; see `vidnas.views.why_tables`."""
        from vidnas.views.why_tables import importance_frame

        return importance_frame(self.why)

    def effects(self) -> "pd.DataFrame":
        """One row per option of such a choice, with its points at equal cost."""
        from vidnas.views.why_tables import effects_frame

        return effects_frame(self.why)

    def front_shares(self) -> "pd.DataFrame":
        """One row per option that the front's members share beyond luck."""
        from vidnas.views.why_tables import common_frame

        return common_frame(self.why)

    def figure(self, path: str | Path, *, width_mm: float = COLUMN_MM) -> Path:
        """Writes what choices are worth, for print.

        Args:
            path: File to write, `.pdf`, `.svg` or `.pgf`.
            width_mm: Width of the figure [mm]; from 120 on, panels stand side by side.

        Raises:
            InputError: no choice matters beyond luck, or the figure cannot be written;
                see `vidnas.views.paper.sheet.write_figure`.
        """
        from vidnas.views.paper.importance_figure import write_importance_figure

        return write_importance_figure(self.why, Path(path), width_mm)

    def __repr__(self) -> str:
        return f"<why: {verdict(self.why, self.objectives)}>"

    def _repr_html_(self) -> str:
        return why_section(self.why, self.objectives)
