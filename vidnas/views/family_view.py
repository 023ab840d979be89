"""What does a notebook hold of a family? A view of its sizes that shows itself."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vidnas.documents.written_table import latex, markdown
from vidnas.errors import InputError
from vidnas.study.family.files import write_family
from vidnas.study.family.networks import Twin
from vidnas.study.history import History
from vidnas.trials.family import Size
from vidnas.trials.noise.equal_budgets import baselines_within
from vidnas.views.drawings.drawing import Drawing
from vidnas.views.drawings.family_networks import family_drawing
from vidnas.views.pages import markup
from vidnas.views.pages.family_table import family_table, twins_table
from vidnas.views.paper.column import COLUMN_MM
from vidnas.views.paper.tables import family_rows

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd


class FamilyView:
    """A family to look at; shows its sizes, empty ones in words.

    Args:
        history: The study.
        sizes: Family of the study.
        twins: Streaming twins of its networks, where they were asked for.
    """

    def __init__(
        self, history: History, sizes: Sequence[Size], twins: Sequence[Twin] = ()
    ) -> None:
        self.history = history
        self.sizes = tuple(sizes)
        self.twins = tuple(twins)

    def __len__(self) -> int:
        return len(self.sizes)

    def table(self) -> "pd.DataFrame":
        """One row per size; see `vidnas.views.tables.family_frame`."""
        from vidnas.views.tables import family_frame

        doubts = self.history.doubts(self.sizes)
        accuracy = self.history.accuracy
        beside = baselines_within(self.sizes, self.history.baselines, accuracy)
        return family_frame(self.sizes, self.history.chance, doubts, beside)

    def streams(self) -> "pd.DataFrame":
        """One row per streaming twin; see `vidnas.views.tables.streams_frame`."""
        from vidnas.views.tables import streams_frame

        return streams_frame(self.twins)

    def plot(self) -> "alt.LayerChart":
        """The front among all done trials, with these sizes named."""
        from vidnas.views.charts.figures import front_chart

        return front_chart(self.history, self.sizes)

    def figure(self, path: str | Path, *, width_mm: float = COLUMN_MM) -> Path:
        """Writes the front with these sizes named, for print.

        Args:
            path: File to write, `.pdf`, `.svg` or `.pgf`.
            width_mm: Width of the figure [mm].

        Raises:
            InputError: the figure cannot be written; see
                `vidnas.views.paper.sheet.write_figure`.
        """
        from vidnas.views.paper.front_figure import write_front_figure

        front, where = self.history.front(), Path(path)
        return write_front_figure(self.history, front, self.sizes, where, width_mm)

    def latex(self) -> str:
        """The filled sizes, with baselines below, as a LaTeX table (`booktabs`)."""
        return latex(family_rows(self.history, self.sizes))

    def markdown(self) -> str:
        """The filled sizes, with baselines below, as a Markdown table."""
        return markdown(family_rows(self.history, self.sizes))

    def write(self, folder: str | Path) -> list[Path]:
        """Writes `a0.yaml` ... into `folder`; empty sizes get no file.

        Files that an earlier family of the study left there, and this one has no
        network for, are removed: each is said by a warning.

        Returns:
            The files written.

        Raises:
            StudyError: no trial is done, or a file of such a name is not this study's.
        """
        files = write_family(self.history, self.sizes, Path(folder), self.twins)
        for path in files.removed:
            told = f"removed {path}, of an earlier family of this study"
            warnings.warn(told, stacklevel=2)
        for path, arch_id in files.replaced:
            told = f"{path} held {arch_id} before, of an earlier family of this study"
            warnings.warn(told, stacklevel=2)
        return list(files.written)

    def __repr__(self) -> str:
        filled = [size.name for size in self.sizes if size.trial is not None]
        mark = self.history.chance.mark
        low = [size.name for size in self.sizes if mark(size.trial)]
        words = f"; {', '.join(low)} not above chance" if low else ""
        return (
            f"<family of {len(self)} sizes: {', '.join(filled) or 'all empty'}{words}>"
        )

    def draw(self) -> Drawing:
        """The networks of the filled sizes, a block a layer, on one scale.

        Raises:
            InputError: all sizes are empty.
        """
        drawing = family_drawing(self.sizes, len(self.history.classes))
        if drawing is None:
            raise InputError("A drawing needs a size with a network, all are empty.")
        return drawing

    def _repr_html_(self) -> str:
        tables = family_table(self.sizes, self.history)
        return markup.paragraph(repr(self)) + tables + twins_table(self.twins)
