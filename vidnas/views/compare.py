"""How are studies compared in Python? `vidnas.compare([...])`, which shows itself.

pandas, Altair and matplotlib are loaded when a frame or a picture is asked for.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from vidnas.documents.written_table import Table, latex, markdown
from vidnas.files.mirror import study_path
from vidnas.study.history import History, load_history
from vidnas.views.comparison.compared_study import ComparedStudy
from vidnas.views.comparison.comparison import MEASURES, Comparison
from vidnas.views.comparison.facts import mean_facts
from vidnas.views.comparison.grouping import Asked, compare_studies
from vidnas.views.comparison.tables import (
    differences_table,
    groups_table,
    sizes_table,
)
from vidnas.views.pages import markup
from vidnas.views.paper.column import COLUMN_MM

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd


class OpenedStudy(Protocol):
    """A study that `open_study` gave."""

    history: History


Named = str | os.PathLike[str] | OpenedStudy


def compare(
    studies: Iterable[Named] | Mapping[str, Iterable[Named]],
    *,
    by: str = "",
    at: float | None = None,
    reference: Mapping[str, float | str] | None = None,
    ladder: Sequence[float | str] = (),
) -> "ComparisonView":
    """Studies of one task side by side, with means over seeds.

    Studies that differ in their seeds alone form a group, which is called by what tells
    it from the others.

    Args:
        studies: Study folders, addresses or opened studies; as a mapping, those of each
            group by its label.
        by: Name of the effort, `trials`, `epochs` or `hours`; by default trials, or
            epochs where trials differ in theirs.
        at: Effort at which groups are compared; by default the least of all studies.
        reference: Worst values that count in the hypervolume, by objective name; what
            is left out is the studies' own, or else the largest cost, and chance.
        ladder: Rising budgets of the first cost; by default those of the experiments,
            or else six that spread over what was found.

    Raises:
        InputError: the studies are not of one task, one has no finished trials, or what
            is asked cannot be had.
        StudyError: a folder holds no journal.
    """
    groups: Mapping[str, Iterable[Named]]
    groups = studies if isinstance(studies, Mapping) else {"": studies}
    named = [(label, _opened(one)) for label, some in groups.items() for one in some]
    return ComparisonView(compare_studies(named, Asked(by, at, reference, ladder)))


def _opened(study: Named) -> ComparedStudy:
    if isinstance(study, str | os.PathLike):
        return ComparedStudy.of(os.fspath(study), load_history(study_path(study)))
    return ComparedStudy.of(str(study.history.folder), study.history)


class ComparisonView:
    """A comparison to look at; shows its tables and notes.

    Args:
        comparison: Comparison of studies.
    """

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison

    def studies(self) -> "pd.DataFrame":
        """One row per study: group, study, seed, effort spent, and the two measures.

        `hypervolume` is in the objectives' units, `ladder` the mean over 48 budgets,
        even in the logarithm of the first cost, of the best accuracy within each [%].
        """
        import pandas as pd

        found = self.comparison
        rows = [
            {
                "group": group.label,
                "study": study.place,
                "seed": study.seed,
                **study.spent,
                **{name: found.per_study[name][group.label][n] for name in MEASURES},
            }
            for group in found.groups
            for n, study in enumerate(group.studies)
        ]
        return pd.DataFrame(rows)

    def groups(self) -> "pd.DataFrame":
        """One row per group and measure: mean over its seeds, with a 95 % interval."""
        import pandas as pd

        found = self.comparison
        rows = [
            {
                "group": group.label,
                "of": name,
                "seeds": len(group.seeds),
                **mean_facts(found.mean(name, group.label)),
            }
            for name in MEASURES
            for group in found.groups
        ]
        return pd.DataFrame(rows)

    def differences(self) -> "pd.DataFrame":
        """One row per pair of groups and measure, with its interval and verdict.

        Intervals hold 95 % for all pairs of a measure together.
        """
        import pandas as pd

        rows = [
            {
                "of": one.measure,
                "ours": one.ours,
                "theirs": one.theirs,
                **mean_facts(one.mean),
                "verdict": one.verdict,
            }
            for one in self.comparison.differences
        ]
        return pd.DataFrame(rows)

    def plot(self) -> "alt.LayerChart":
        """What the groups attain within each budget: median, best and worst seed.

        Raises:
            InputError: no group has found a network that is better than guessing.
        """
        from vidnas.views.charts.comparison import attainment_chart

        return attainment_chart(self.comparison)

    def progress(self) -> "alt.LayerChart":
        """Hypervolume of the groups over their effort, means with 95 % intervals."""
        from vidnas.views.charts.comparison import progress_chart

        return progress_chart(self.comparison)

    def figure(self, path: str | Path, *, width_mm: float = COLUMN_MM) -> Path:
        """Writes both as a figure for print, `.pdf`, `.svg` or `.pgf`.

        Args:
            path: File to write; its ending says the format.
            width_mm: Width of the figure [mm]; from 120 on, panels stand side by side.

        Raises:
            InputError: matplotlib is not installed, or writes no such format.
        """
        from vidnas.views.paper.comparison_figure import write_comparison_figure

        return write_comparison_figure(self.comparison, Path(path), width_mm)

    def markdown(self) -> str:
        """Groups, sizes and differences as Markdown."""
        return "\n\n".join(map(markdown, self._tables()))

    def latex(self) -> str:
        """Groups, sizes and differences as LaTeX tables (`booktabs`)."""
        return "\n\n".join(map(latex, self._tables()))

    def report(self, path: str | Path) -> None:
        """Writes the comparison as one page that needs no network.

        Raises:
            InputError: the file is there and is no such page.
        """
        from vidnas.views.pages.comparison_page import write_comparison_page

        write_comparison_page(self.comparison, Path(path))

    def _tables(self) -> list[Table]:
        found = self.comparison
        tables = [groups_table(found), sizes_table(found)]
        return [*tables, differences_table(found)] if found.differences else tables

    def __repr__(self) -> str:
        found = self.comparison
        labels = ", ".join(group.label for group in found.groups)
        return (
            f"<comparison of {len(found.studies)} studies at {found.at:g} {found.by}: "
            f"{labels}>"
        )

    def _repr_html_(self) -> str:
        from vidnas.views.pages.comparison_page import html_table

        parts = [markup.paragraph(repr(self)), *map(html_table, self._tables())]
        parts += [markup.paragraph(note) for note in self.comparison.notes]
        return "".join(parts)
