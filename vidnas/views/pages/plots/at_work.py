"""Who worked when? A line for each worker, or of many how many were at work."""

from collections.abc import Sequence

import numpy as np

from vidnas.arrays import Floats
from vidnas.study.accounts import Try
from vidnas.study.history import History
from vidnas.views.charts.growth import HOUR
from vidnas.views.pages.plots.figure import HALF, Size, figure
from vidnas.views.pages.plots.frame import Axis, Frame
from vidnas.views.pages.plots.progress import time_unit
from vidnas.views.pages.plots.strokes import number, path, stairs

MOST_LINES, MOST_TRIES = 16, 600
BINS = 120  # spans of time, in each of which the mean number at work is told
_WELL = ("done", "stopped")
_SIGNS = {"done": "done or stopped by its curve", "broken": "failed or tried again"}


def at_work_figure(history: History) -> str:
    """Tries of trials over the time worked; nothing where no journal tells them."""
    tries = [one for one in history.tries if one.ended > one.began]
    if not tries:
        return ""
    end = max(one.ended for one in tries)
    title, per_hour = time_unit(end / HOUR)
    unit = HOUR / per_hour  # seconds
    across = Axis.counted(f"{title} worked, breaks left out", end / unit)
    lines = lines_of(tries) if len(tries) <= MOST_TRIES else []
    if not 0 < len(lines) <= MOST_LINES:
        return _numbers(tries, across, unit)
    up = Axis("workers", 0.0, float(len(lines)), whole=True)

    def draw(size: Size) -> tuple[Frame, str]:
        frame = Frame.of(across, up, *size)
        bars = dict.fromkeys((*_SIGNS, "runs"), "")
        for at, line in enumerate(lines):
            for one in line:
                bars[_sign(one)] += _bar(frame, at, one, unit)
        drawn = "".join(path(data, f"work {sign}") for sign, data in bars.items())
        return frame, frame.axes() + drawn

    here = {_sign(one) for one in tries}
    legend = {sign: words for sign, words in _SIGNS.items() if sign in here}
    told = f"Which of {len(lines)} workers had a trial, over the time worked."
    return figure("work", draw, told, sizes=HALF, legend=legend)


def lines_of(tries: Sequence[Try]) -> list[list[Try]]:
    """Tries on so few lines that none overlaps another, machine by machine.

    A worker is a line as long as it lives; a process that follows another goes on in
    its line.
    """
    lines: list[list[Try]] = []
    for one in sorted(tries, key=lambda one: (one.node, one.began)):
        free = (
            line
            for line in lines
            # Clocks of records are a little apart.
            if line[-1].node == one.node and line[-1].ended <= one.began + 0.5
        )
        line = next(free, None)
        if line is None:
            lines.append([one])
        else:
            line.append(one)
    return lines


def _numbers(tries: Sequence[Try], across: Axis, unit: float) -> str:
    """How many trials were at work, on the mean of each span."""
    edges = np.linspace(0.0, across.high * unit, BINS + 1)
    began = np.sort([one.began for one in tries])
    ended = np.sort([one.ended for one in tries])
    # Seconds of work up to a time: each try adds what of it lies before.
    before = _seconds_up_to(began, edges) - _seconds_up_to(ended, edges)
    means = np.diff(before) / np.diff(edges)
    up = Axis.counted("trials at work, mean", 1.05 * float(means.max()))

    def draw(size: Size) -> tuple[Frame, str]:
        frame = Frame.of(across, up, *size)
        corners = [
            (frame.x(edge / unit), frame.y(mean))
            for edge, mean in zip(edges.tolist(), means.tolist(), strict=False)
        ]
        line = f"{stairs(corners)}H{number(frame.right)}"
        area = f"{line}V{number(frame.bottom)}H{number(frame.left)}Z"
        return frame, frame.axes() + path(area, "area") + path(line, "line")

    told = "How many trials were at work, over the time worked."
    return figure("work", draw, told, sizes=HALF)


def _seconds_up_to(moments: Floats, edges: Floats) -> Floats:
    """Seconds between each moment and each edge behind it, summed over moments."""
    sums = np.concatenate([[0.0], np.cumsum(moments)])
    count = np.searchsorted(moments, edges, side="right")
    found: Floats = count * edges - sums[count]
    return found


def _sign(one: Try) -> str:
    if one.end == "running":
        return "runs"
    return "done" if one.end in _WELL else "broken"


def _bar(frame: Frame, at: int, one: Try, unit: float) -> str:
    """A bar of a try, with a gap to the next."""
    left, right = frame.x(one.began / unit), frame.x(one.ended / unit)
    high = (frame.bottom - frame.top) / frame.up.high
    top = frame.y(at + 1) + 0.12 * high
    wide = max(0.6, right - left - 0.8)
    down = number(0.76 * high)
    return f"M{number(left)} {number(top)}h{number(wide)}v{down}h-{number(wide)}Z"
