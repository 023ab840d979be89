"""How does a chart become HTML that needs no network?

A chart is written twice: as a picture, for printing and for readers without scripts,
and as data for the chart library that is carried along, which puts a chart with
tooltips in the picture's place.
"""

import io
import uuid
from collections.abc import Mapping
from typing import Any

import altair as alt
import vl_convert

from vidnas.documents.visible_text import visible
from vidnas.views.charts.library import library
from vidnas.views.charts.notebook_library import HOLDER, cell_running, queue_script
from vidnas.views.charts.script_text import script_text

EMBED = {
    "renderer": "svg",
    "actions": {"export": True, "source": False, "compiled": False, "editor": False},
}


def picture(chart: Any) -> str:
    """The chart as SVG."""
    text = io.StringIO()
    chart.save(text, format="svg")
    return text.getvalue()


def live_script(specs: Mapping[str, Mapping[str, Any]]) -> str:
    """A script that carries the library and draws charts.

    Args:
        specs: Vega-Lite documents by the `id` of the element that each replaces.
    """
    calls = "".join(
        f"window.vegaEmbed('#{name}', {script_text(spec)}, {script_text(EMBED)});"
        for name, spec in specs.items()
    )
    # A module keeps the library's names to itself, so that two may share a page.
    return f'<script type="module">{library()}\n{calls}</script>'


class Offline:
    """What makes a chart of Altair's show and save itself without a network.

    Altair's own renderer loads its library from the web, and no JupyterLab up to 4.6
    draws the Vega-Lite 6 documents of its `mimetype` renderer. Where a user enabled
    another renderer of Altair's, that one draws. Texts of a chart never hold a control
    character, at which its drawing would stop.
    """

    def to_dict(self, *args: Any, **kwds: Any) -> dict[str, Any]:
        """The chart as a Vega-Lite document."""
        document: dict[str, Any] = super().to_dict(*args, **kwds)  # type: ignore[misc]
        return {key: _with_visible_texts(value) for key, value in document.items()}

    def save(self, fp: Any, format: Any = None, **kwds: Any) -> None:
        """Writes the chart as its format or its name says, `front.png`; see Altair.

        A page carries its library along.
        """
        is_page = (format or str(fp).rpartition(".")[2].lower()) in ("html", "htm")
        inline = {"inline": True, **kwds} if is_page else kwds
        super().save(fp, format, **inline)  # type: ignore[misc]

    def to_html(self, *args: Any, **kwds: Any) -> str:
        """The chart as a page that carries its library along."""
        inline = {"inline": True, **kwds}
        return str(super().to_html(*args, **inline))  # type: ignore[misc]

    def _repr_mimebundle_(self, *args: Any, **kwds: Any) -> Any:
        if alt.renderers.active != "default":
            return super()._repr_mimebundle_(*args, **kwds)  # type: ignore[misc]
        name = f"chart-{uuid.uuid4().hex}"  # unique in the page, decides nothing else
        body = f'<div id="{name}">{picture(self)}</div>'
        brought = library() if HOLDER.takes(*cell_running()) else ""
        return {
            "text/html": body + queue_script(name, self.to_dict(), EMBED, brought),
            # For what shows no scripts.
            "image/png": vl_convert.vegalite_to_png(self.to_dict()),
            "text/plain": "a chart; its `save` writes `front.html`, .png or .svg",
        }


class OfflineChart(Offline, alt.Chart):  # type: ignore[misc]
    """A chart that needs no network."""


class OfflineLayers(Offline, alt.LayerChart):  # type: ignore[misc]
    """Charts on top of each other that need no network."""


class OfflineRows(Offline, alt.VConcatChart):  # type: ignore[misc]
    """Charts below each other that need no network."""


def _with_visible_texts(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value, keep="")
    if isinstance(value, list):
        return [_with_visible_texts(item) for item in value]
    if isinstance(value, dict):
        return {key: _with_visible_texts(item) for key, item in value.items()}
    return value
