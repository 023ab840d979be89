"""Which output of a notebook carries the chart library? One, and all charts use it.

The first chart that a notebook shows brings the library along; later ones wait for it
in a queue of the page, so that a notebook, and the page that it is exported to, holds
one copy. The cell that holds it brings it again whenever it runs anew.
"""

import sys
from collections.abc import Mapping
from typing import Any

from vidnas.views.charts.script_text import script_text

# In which outputs stand alone, each in a frame of its own.
_FRAMED = ("google.colab",)


class LibraryHolder:
    """Remembers which cell of a notebook holds the library."""

    def __init__(self) -> None:
        self._cell = ""
        self._run = 0

    def takes(self, cell: str, run: int) -> bool:
        """Whether the output of a cell is to bring the library along.

        Args:
            cell: Identity of the cell, the same whenever it runs; empty where outputs
                stand in no notebook.
            run: Number of the run of a cell, another for every run.
        """
        if not cell or not self._cell:
            self._cell, self._run = cell, run
            return True
        if cell == self._cell and run != self._run:
            self._run = run
            return True
        return False


HOLDER = LibraryHolder()


def cell_running() -> tuple[str, int]:
    """Identity of the cell that runs, and the number of its run.

    The identity is empty where no notebook is, or where its outputs stand alone. What
    knows no identities of cells has their texts in place of them.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None or any(name in sys.modules for name in _FRAMED):
        return "", 0
    return _identity(shell), int(shell.execution_count)


def _identity(shell: Any) -> str:
    parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
    named = (parent.get("metadata") or {}).get("cellId")  # as JupyterLab says it
    return str(named or shell.history_manager.input_hist_raw[-1] or "a cell")


def queue_script(
    name: str, spec: Mapping[str, Any], options: Mapping[str, Any], library: str = ""
) -> str:
    """A script that draws a chart once the page has the library.

    Args:
        name: Name of the element that the chart replaces, its `id`.
        spec: Vega-Lite document.
        options: Options of vega-embed.
        library: Source of the library where this output brings it along; else empty.
    """
    waits = f"(window.vidnasCharts ??= []).push({script_text(['#' + name, spec])});"
    if not library:
        return f'<script type="module">{waits}</script>'
    # From now on whatever joins the queue is drawn at once.
    draws = (
        "const draw = ([at, spec]) => document.querySelector(at) && "
        f"window.vegaEmbed(at, spec, {script_text(options)});"
        "(window.vidnasCharts ?? []).forEach?.(draw);"
        "window.vidnasCharts = {push: draw};"
    )
    return f'<script type="module">{library}\n{draws}{waits}</script>'
