"""What is a search space, drawn? One self-contained page: tree, networks, costs."""

import altair as alt

from vidnas.documents.quantity import format_count
from vidnas.space.space import Space
from vidnas.views.charts.embed import OfflineChart
from vidnas.views.charts.page_charts import page_figures, page_script
from vidnas.views.charts.palette import BLUE
from vidnas.views.charts.theme import HEIGHT, WIDTH, inline, with_style
from vidnas.views.drawings.drawing import scrolling
from vidnas.views.drawings.space_networks import space_drawing
from vidnas.views.pages.markup import escape, paragraph, stylesheet
from vidnas.views.pages.policy import CHARTS_POLICY
from vidnas.views.pages.space_facts import choices_table, space_facts
from vidnas.views.text.space_words import flops_bands

NETWORKS = (
    "Three of what this space holds, a block a layer: the cheapest and the dearest of "
    "a sample that is spread over its FLOPs, and one between them, on one scale."
)


def space_page(space: Space, classes: int) -> str:
    """The page of a space.

    Args:
        space: Space to draw.
        classes: Outputs of the classifier that is priced.
    """
    charts = {"flops": flops_chart(space, classes)}
    drawing = space_drawing(space, classes)
    style = stylesheet()
    name = escape(space.name)
    sections = [
        _section("The space", space_facts(space)),
        _section("Choices", choices_table(space)),
        _section("Networks", paragraph(NETWORKS) + scrolling(drawing)),
        _section("Cost", page_figures(charts)),
    ]
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{CHARTS_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{name} - vidnas space</title><style>{style}</style></head>"
        f"<body><h1>{name}</h1><main>{''.join(sections)}</main>"
        f"{page_script(charts)}</body></html>\n"
    )


def flops_chart(space: Space, classes: int) -> alt.Chart:
    """How uniform candidates of a space spread over its FLOPs."""
    rows = [
        {
            "band": f"{format_count(low)} - {format_count(high)}",
            "place": number,
            "share": 100.0 * share,
        }
        for number, (low, high, share) in enumerate(flops_bands(space, classes))
    ]
    order = [row["band"] for row in rows]
    return with_style(
        OfflineChart(inline(rows), width=WIDTH, height=HEIGHT)
        .mark_bar(color=BLUE)
        .encode(
            x=alt.X("share:Q", title="share of uniform candidates [%]"),
            y=alt.Y("band:N", sort=order, title=f"FLOPs, {classes} classes"),
            tooltip=["band:N", alt.Tooltip("share:Q", format=".1f")],
        )
        .properties(title="FLOPs are multiply-adds of one clip")
    )


def _section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{body}</section>"
