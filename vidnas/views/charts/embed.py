"""How does a chart become HTML that needs no network?

A chart is written twice: as a picture, for printing and for readers without scripts,
and as data for the chart library that is carried along, which puts a chart with
tooltips in the picture's place.
"""

import io
import json
import uuid
from collections.abc import Mapping
from functools import cache
from typing import Any

import altair as alt
import vl_convert

RENDERER = "vidnas-offline"
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
        # JSON must neither end the script nor open a comment in it.
        f"window.vegaEmbed('#{name}', {_json(spec)}, {_json(EMBED)});"
        for name, spec in specs.items()
    )
    # A module keeps the library's names to itself, so that two may share a page.
    return f'<script type="module">{_library()}\n{calls}</script>'


def show_offline() -> None:
    """Makes Altair show charts in this notebook without a network.

    Altair's default renderer loads its library from the web, and no JupyterLab up to
    4.6 draws the Vega-Lite 6 documents of its `mimetype` renderer.
    """
    alt.renderers.register(RENDERER, _notebook_output)
    alt.renderers.enable(RENDERER)


def _notebook_output(spec: dict[str, Any], **_: Any) -> dict[str, str]:
    name = f"chart-{uuid.uuid4().hex}"  # unique in the page, decides nothing else
    body = f'<div id="{name}">{picture(alt.Chart.from_dict(spec))}</div>'
    return {"text/html": body + live_script({name: spec}), "text/plain": "a chart"}


@cache  # a second and a half to bundle, the same every time
def _library() -> str:
    version = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    bundle: Any = vl_convert.javascript_bundle  # its stub demands a snippet
    source: str = bundle(vl_version=version)
    # The source must not end its script either; in its strings this changes nothing.
    return source.replace("</script", "<\\/script")


def _json(document: Mapping[str, Any]) -> str:
    return json.dumps(document).replace("<", "\\u003c")
