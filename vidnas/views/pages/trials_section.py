"""How does a page list all trials? A table, and what its script sorts and filters by.

The script makes every row from the data, so a page of very many trials stays usable;
without a script the first rows stand there, or of very many those on the front.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from typing import Any

from vidnas.documents.visible_text import visible
from vidnas.study.history import History
from vidnas.study.standings import Standing, standings
from vidnas.trials.trial import Trial
from vidnas.views.pages.markup import (
    NO_BREAK,
    Cell,
    Columns,
    baseline_cells,
    paragraph,
    shown_costs,
    table,
    trials_cells,
)
from vidnas.views.pages.plots.strokes import Point

WHOLE = 500  # rows up to which a page holds all of them without its script
_STATES = {
    "": "all",
    "front": "on the front",
    "done": "done",
    "stopped": "stopped",
    "failed": "failed",
    "running": "running",
}
_FILTER = (
    '<div class="filter" hidden><label>find <input id="words" type="search" '
    'placeholder="3x3x3 se"></label><label>show <select id="state"></select></label>'
    '<button id="all" type="button" hidden>all trials</button>'
    '<output id="shown"></output></div>'
)


@dataclass(frozen=True, slots=True)
class Lane:
    """Something that trials differ in, along an axis of its own.

    Args:
        name: What it is, with its unit.
        ends: Words at its beginning and at its end.
        places: How far along the axis trials stand, from 0 to 1, by number.
    """

    name: str
    ends: tuple[str, str]
    places: Mapping[int, float]


@dataclass(frozen=True)  # without slots: its cells are made once
class TrialsSection:
    """All trials of a study as a table.

    Args:
        history: The study.
        places: Where done trials stand in the plane of the front, from 0 to 1 along
            its axes, by number.
        signs: Signs of those trials by number: `dot`, `front`, `family`, `baseline`.
        lanes: What trials may be chosen by beside these.
    """

    history: History
    places: Mapping[int, Point] = field(default_factory=dict)
    signs: Mapping[int, str] = field(default_factory=dict)
    lanes: Sequence[Lane] = ()

    def table(self) -> str:
        """The table, with what it is filtered by."""
        columns, rows, marks = self._cells
        note = ""
        if len(rows) > WHOLE:
            kept = [at for at, mark in enumerate(marks) if mark == "front"]
            rows, marks = [rows[at] for at in kept], [marks[at] for at in kept]
            words = "Without its script this page lists the trials on the front alone."
            note = f"<noscript>{paragraph(words)}</noscript>"
        return f"{_FILTER}{note}{table(columns, rows, marks, 'table')}"

    def data(self) -> str:
        """What the page's script knows, as an element that holds JSON."""
        columns, cells, marks = self._cells
        rows = [
            self._row(trial, listed, mark)
            for trial, listed, mark in zip(
                self.history.trials, cells, marks, strict=True
            )
        ]
        rows += [
            self._row(one.trial, self._beside(columns, one), "")
            for one in standings(self.history)
            if one.trial.number in self.places and one.trial.number < 0
        ]
        here = {"", *marks} | ({"done"} if "front" in marks else set())
        accuracy = 3 if self.history.has_rungs else 2
        document = {
            "columns": [[title, int(is_number)] for title, is_number in columns],
            "accuracy": accuracy,
            "brief": accuracy + 1,  # the last column that a tip shows
            "states": [[key, word] for key, word in _STATES.items() if key in here],
            "lanes": [[lane.name, *lane.ends] for lane in self.lanes],
            "rows": rows,
        }
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        # JSON must neither end the element nor open a comment in it.
        safe = text.replace("<", "\\u003c")
        return f'<script type="application/json" id="data">{safe}</script>'

    @cached_property
    def _cells(self) -> tuple[Columns, list[Sequence[Cell]], list[str]]:
        return trials_cells(self.history)

    def _row(self, trial: Trial, cells: Sequence[Cell], mark: str) -> list[Any]:
        number = trial.number
        place = self.places.get(number)
        return [
            number,
            mark,
            [_shown(str(cell)) for cell in cells],
            self._keys(trial),
            0 if place is None else [round(share, 4) for share in place],
            self.signs.get(number, ""),
            [lane.places.get(number) for lane in self.lanes],
        ]

    def _keys(self, trial: Trial) -> list[float | None]:
        """What columns of numbers are sorted by, None where there is no number."""
        costs = shown_costs(self.history.objectives)
        values = [
            float(trial.number),
            self.history.accuracy.of(trial),
            *(trial.value(name) if trial.has(name) else None for name in costs),
            trial.measured.get("seconds"),
        ]
        return [None if value is None else float(f"{value:.6g}") for value in values]

    def _beside(self, columns: Columns, one: Standing) -> Sequence[Cell]:
        """Cells of a baseline in the columns of trials."""
        *facts, architecture, stages = baseline_cells(
            one, one.words, self.history.objectives
        )
        cells = [*facts, "-", architecture, stages]
        if len(cells) < len(columns):
            cells.insert(2, str(one.trial.fidelity))
        return cells


def _shown(text: str) -> str:
    """The text with all of it visible, and its blanks that break no line."""
    plain = text.replace(NO_BREAK, " ")
    if plain.isascii() and plain.isprintable():  # nearly all of them
        return text
    return visible(text, keep="")


def scripts(*names: str) -> str:
    """An element that holds scripts of pages, one after another.

    Args:
        names: Names of their files, without an ending.
    """
    folder = resources.files("vidnas.views.pages").joinpath("scripts")
    texts = (folder.joinpath(f"{name}.js").read_text("utf-8") for name in names)
    return f'<script type="module">{"".join(texts)}</script>'
