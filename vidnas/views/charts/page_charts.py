"""How do charts stand in a page of ours? In the colours of the page, light or dark.

A chart names the page's colours in place of its own, and a browser looks them up, for
the picture and for the live chart that takes its place.
"""

from collections.abc import Mapping
from typing import Any

import vl_convert

from vidnas.views.charts.embed import live_script
from vidnas.views.charts.palette import GRID, INK, MUTED

_OF_THE_PAGE = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    GRID: "var(--line)",
    "white": "var(--paper)",
}


def page_figures(charts: Mapping[str, Any]) -> str:
    """The charts as pictures, in the places where the script puts live ones.

    Args:
        charts: Charts by the `id` of their elements.
    """
    return "".join(
        f'<figure class="chart"><div id="{name}">'
        f"{vl_convert.vegalite_to_svg(_document(chart))}</div></figure>"
        for name, chart in charts.items()
    )


def page_script(charts: Mapping[str, Any]) -> str:
    """The script that carries the library and makes the charts live.

    Args:
        charts: Charts by the `id` of their elements.
    """
    return live_script({name: _document(chart) for name, chart in charts.items()})


def _document(chart: Any) -> dict[str, Any]:
    """The chart as a document in the colours of the page; its rows stay as they are."""
    return {
        key: value if key == "datasets" else _coloured(value)
        for key, value in chart.to_dict().items()
    }


def _coloured(value: Any) -> Any:
    if isinstance(value, str):
        return _OF_THE_PAGE.get(value, value)
    if isinstance(value, list):
        return [_coloured(item) for item in value]
    if isinstance(value, dict):
        return {key: _coloured(item) for key, item in value.items()}
    return value
