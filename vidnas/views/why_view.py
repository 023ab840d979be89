"""What does a notebook show of a study's choices? What each is worth, in a table."""

from typing import TYPE_CHECKING

from vidnas.trials.choices.why import Why
from vidnas.trials.objectives import Objectives
from vidnas.views.insight.sentences import verdict
from vidnas.views.pages.why_section import why_section

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

    def __repr__(self) -> str:
        return f"<why: {verdict(self.why, self.objectives)}>"

    def _repr_html_(self) -> str:
        return why_section(self.why, self.objectives)
