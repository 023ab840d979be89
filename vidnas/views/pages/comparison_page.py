"""What does a comparison look like? One self-contained page of several studies."""

from contextlib import suppress
from pathlib import Path

import altair as alt

from vidnas.documents.written_table import Table
from vidnas.errors import InputError
from vidnas.trials.objectives import cost_text
from vidnas.views.charts.comparison import attainment_chart, progress_chart
from vidnas.views.charts.page_charts import page_figures, page_script
from vidnas.views.comparison.comparison import Comparison
from vidnas.views.comparison.sentences import (
    HOW_MEASURED,
    NOISE,
    lead,
    sizes_in_words,
)
from vidnas.views.comparison.tables import (
    differences_table,
    groups_table,
    sizes_table,
    studies_table,
)
from vidnas.views.pages.markup import escape, facts, paragraph, stylesheet, table
from vidnas.views.pages.page_owner import require_own_comparison_page
from vidnas.views.pages.policy import CHARTS_POLICY
from vidnas.views.text.places import place_in_words
from vidnas.whole_file import write_whole


def write_comparison_page(found: Comparison, path: Path) -> None:
    """Writes the page of a comparison.

    Args:
        found: Comparison to show.
        path: HTML file; a reader sees the old page or the new, never a half.

    Raises:
        InputError: the file is there and is no such page.
    """
    require_own_comparison_page(path)
    write_whole(path, comparison_page(found))


def comparison_page(found: Comparison) -> str:
    """The page of a comparison: no network is needed to read it."""
    charts = _charts(found)
    title = escape(", ".join(group.label for group in found.groups))
    sections = [
        page_figures(charts),
        _section("Groups", html_table(groups_table(found)), paragraph(HOW_MEASURED)),
        _differences(found),
        _section(
            "Best within each budget",
            html_table(sizes_table(found)),
            paragraph(sizes_in_words(found)),
        ),
        _section("What to know", *(_note(line) for line in found.notes)),
        _section("What was compared", facts(_facts(found))),
        _section("Studies", html_table(_studies(found))),
    ]
    script = page_script(charts)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{CHARTS_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title} - vidnas comparison</title><style>{stylesheet()}</style>"
        f'</head><body><h1>{title}</h1><p class="lead">{escape(lead(found))}</p>'
        f"<main>{''.join(sections)}</main>{script}</body></html>\n"
    )


def html_table(rows: Table) -> str:
    """A table of a comparison as HTML; rows with a cell that stands out are marked."""
    columns = [(title, number > 0) for number, title in enumerate(rows.titles)]
    bold = {row for row, _ in rows.bold}
    marks = ["front" if number in bold else "" for number in range(len(rows.rows))]
    return table(columns, rows.rows, marks)


def _charts(found: Comparison) -> dict[str, alt.LayerChart]:
    charts = {}
    with suppress(InputError):  # nothing is better than guessing, and a note says so
        charts["attainment"] = attainment_chart(found)
    charts["progress"] = progress_chart(found)
    return charts


def _differences(found: Comparison) -> str:
    if not found.differences:
        return ""
    body = html_table(differences_table(found))
    return _section("Differences", body, paragraph(NOISE))


def _studies(found: Comparison) -> Table:
    """The studies by places that mean something elsewhere too."""
    listed = dict.fromkeys(study.place for study in found.studies)
    told = {place: place_in_words(place, Path.cwd()) for place in listed}
    rows = studies_table(found)
    return Table(rows.titles, tuple((told[place], *rest) for place, *rest in rows.rows))


def _facts(found: Comparison) -> dict[str, str]:
    history = found.studies[0].history
    clips = history.head.identity.clips
    costs = ", ".join(
        cost_text(name, found.reference[name]) for name in found.objectives.costs
    )
    accuracy = found.objectives.accuracy
    return {
        "objectives": ", ".join(found.objectives.names),
        "clips": f"{clips.train} for training, {clips.val} for validation, "
        f"{len(history.classes)} classes; {found.chance.words}",
        "reference point": f"{costs}, {found.reference[accuracy.name]:g} % "
        f"{accuracy.label}",
        "compared at": f"{found.at:g} {found.by}",
        "vidnas": ", ".join(
            dict.fromkeys(study.history.head.vidnas for study in found.studies)
        ),
    }


def _note(line: str) -> str:
    return f'<p class="note">{escape(line[0].upper() + line[1:])}.</p>'


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"
