"""How does a page show a front? Each done trial in its plane, the best ones by name."""

from collections.abc import Sequence
from dataclasses import dataclass

from vidnas.study.history import History
from vidnas.trials.front import Front
from vidnas.trials.objectives import ACCURACIES
from vidnas.views.charts.front_words import front_words, has_intervals
from vidnas.views.charts.point_rows import (
    BASELINE,
    BEATEN,
    MEMBER,
    ON_FRONT,
    Row,
    axes,
    probable_rows,
)
from vidnas.views.pages.plots.figure import Size, figure
from vidnas.views.pages.plots.frame import LETTER, Axis, Frame
from vidnas.views.pages.plots.labels import Box, Name, placed_names
from vidnas.views.pages.plots.strokes import Point, dots, number, path, stairs, words

NEAR_CHANCE = 15.0  # points between the worst trial and guessing, up to which it shows
MANY = 600  # dots, above which they are smaller
_SIGNS = {BEATEN[0]: "dot", ON_FRONT[0]: "front", MEMBER[0]: "family"}
_SIGNS |= {BASELINE[0]: "baseline"}
_REACH = 7.0  # pixels around a point that its name leaves free


@dataclass(frozen=True, slots=True)
class FrontPicture:
    """A front in the plane of two objectives.

    Args:
        history: Study of the trials.
        front: Front whose trials stand out.
        rows: Done trials and baselines, the best last; see `point_rows`.
        across: Axis of the first objective.
        up: Axis of the last objective.
    """

    history: History
    front: Front
    rows: Sequence[Row]
    across: Axis
    up: Axis

    @classmethod
    def of(cls, history: History, front: Front, rows: Sequence[Row]) -> "FrontPicture":
        """A picture with room for every trial, at least one."""
        across, up = axes(front)
        values = [row["y"] for row in rows]
        if has_intervals(front):
            for row in _named_kinds(rows):
                values += [row["low"], row["high"]] if row["low"] is not None else []
        level = _chance(history, front)[0]
        values += [level] if min(values) <= level + NEAR_CHANCE else []
        along = Axis.of(across, [row["x"] for row in rows])
        return cls(history, front, rows, along, Axis.of(up, values))

    def figure(self) -> str:
        """The picture in the page."""
        legend = {
            _SIGNS[kind]: kind for kind in dict.fromkeys(r["kind"] for r in self.rows)
        }
        legend |= {"ring": "may be on the front"} if probable_rows(self.rows) else {}
        legend |= {"bar": "95 % interval"} if self._bars else {}
        told = (
            f"{front_words(self.history, self.front)}. The table below has the numbers."
        )
        return figure("front", self._drawn, told, legend=legend)

    @property
    def places(self) -> dict[int, Point]:
        """How far along the axes each trial stands, from 0 to 1, by number."""
        return {
            row["trial"]: (self.across.share(row["x"]), self.up.share(row["y"]))
            for row in self.rows
        }

    @property
    def signs(self) -> dict[int, str]:
        """The sign of each trial by number; of a searched baseline the trial's own."""
        return {row["trial"]: _SIGNS[row["kind"]] for row in reversed(self.rows)}

    @property
    def _bars(self) -> list[Row]:
        """Trials whose intervals are drawn, where an accuracy goes upwards."""
        if not has_intervals(self.front):
            return []
        return [row for row in _named_kinds(self.rows) if row["low"] is not None]

    def _drawn(self, size: Size) -> tuple[Frame, str]:
        frame = Frame.of(self.across, self.up, *size)
        chance, reserved = self._chance_line(frame)
        beaten = [row for row in self.rows if row["kind"] == BEATEN[0]]
        kind = "dots many" if len(beaten) > MANY else "dots"
        parts = (
            frame.axes(),
            chance,
            path(self._steps(frame), "line"),
            "".join(_bar(row, frame) for row in self._bars),
            path(dots(_at(row, frame) for row in beaten), kind),
            "".join(_ring(row, frame) for row in probable_rows(self.rows)),
            "".join(_mark(row, frame) for row in _named_kinds(self.rows)),
            self._names(frame, reserved),
        )
        return frame, "".join(parts)

    def _steps(self, frame: Frame) -> str:
        """The best within each cost; with three objectives it is no line."""
        if len(self.front.objectives) != 2:
            return ""
        across, up = axes(self.front)
        corners = [
            (
                frame.x(trial.value(across.objective.name) / across.unit),
                frame.y(trial.value(up.objective.name) / up.unit),
            )
            for trial in self.front.trials
        ]
        # A dearer network than the last changes nothing, so the line goes on.
        if across.objective.maximise:
            return stairs([(frame.left, corners[0][1]), *corners], rises_first=True)
        return stairs([*corners, (frame.right, corners[-1][1])])

    def _chance_line(self, frame: Frame) -> tuple[str, list[Box]]:
        """Where guessing would land, if that is near, and what its words take up."""
        level, told = _chance(self.history, self.front)
        if not self.up.low <= level <= self.up.high:
            return "", []
        y, wide = frame.y(level), 0.5 * LETTER * len(told)
        line = path(
            f"M{number(frame.left)} {number(y)}H{number(frame.right)}", "chance"
        )
        text = words(frame.right - 4, y - 6, told, "t", "end")
        return line + text, [Box(frame.right - wide, y - 20, frame.right, y)]

    def _names(self, frame: Frame, reserved: list[Box]) -> str:
        """Names of the family's members and of baselines, none upon another."""
        named = [row for row in self.rows if row["size"]]
        named += [row for row in self.rows if row["kind"] == BASELINE[0]]
        texts = [row["size"] or row["baseline"] for row in named]
        wanted = [
            Name(*_at(row, frame), 0.6 * LETTER * len(text) + 4, LETTER + 3)
            for row, text in zip(named, texts, strict=True)
        ]
        points = [
            Box.around(*_at(row, frame), _REACH) for row in _named_kinds(self.rows)
        ]
        within = Box(frame.left + 2, frame.top - 8, frame.right, frame.bottom)
        boxes = placed_names(wanted, within, [*reserved, *points])
        return "".join(
            words((box.left + box.right) / 2, box.bottom - 4, text, "name", "middle")
            for box, text in zip(boxes, texts, strict=True)
        )


def _named_kinds(rows: Sequence[Row]) -> list[Row]:
    """Rows with marks of their own: on the front, in the family, baselines."""
    return [row for row in rows if row["kind"] != BEATEN[0]]


def _chance(history: History, front: Front) -> tuple[float, str]:
    """Level and words of guessing; far below everything where no accuracy is drawn."""
    accuracy = ACCURACIES.get(front.objectives[-1].name)
    if accuracy is None:
        return float("-inf"), ""
    chance = history.chance_of(accuracy)
    return chance.level, chance.words


def _at(row: Row, frame: Frame) -> Point:
    return frame.x(row["x"]), frame.y(row["y"])


def _bar(row: Row, frame: Frame) -> str:
    x, low, high = frame.x(row["x"]), frame.y(row["low"]), frame.y(row["high"])
    return path(f"M{number(x)} {number(low)}V{number(high)}", "bar")


def _ring(row: Row, frame: Frame) -> str:
    """The likelier it is on the front, the darker."""
    x, y = _at(row, frame)
    shade = 0.25 + 0.75 * min(1.0, row["probability"] / 0.5)
    return (
        f'<circle class="ring" cx="{number(x)}" cy="{number(y)}" r="5.5" '
        f'stroke-opacity="{shade:.2g}" data-trial="{row["trial"]}"/>'
    )


def _mark(row: Row, frame: Frame) -> str:
    """A disk on the front, a diamond in the family, a square for a baseline."""
    x, y = _at(row, frame)
    about = f'data-trial="{row["trial"]}"'
    if row["kind"] == ON_FRONT[0]:
        return (
            f'<circle class="front" cx="{number(x)}" cy="{number(y)}" r="5" {about}/>'
        )
    if row["kind"] == MEMBER[0]:
        left, right, top, bottom = map(number, (x - 7, x + 7, y - 7, y + 7))
        data = f"M{left} {number(y)}L{number(x)} {top}L{right} {number(y)}"
        return path(f"{data}L{number(x)} {bottom}Z", "family", about)
    left, top = number(x - 5), number(y - 5)
    return (
        f'<rect class="baseline" x="{left}" y="{top}" width="10" height="10" {about}/>'
    )
