"""How does a page show what a search reached over time, and by which trainings?"""

from collections.abc import Sequence

from vidnas.study.history import History
from vidnas.trials.objectives import ACCURACIES
from vidnas.views.charts.growth import hours_rows, progress_rows
from vidnas.views.charts.point_rows import Row
from vidnas.views.pages.plots.figure import HALF, Size, figure
from vidnas.views.pages.plots.frame import Axis, Frame
from vidnas.views.pages.plots.strokes import Point, number, path, polyline, stairs

MOST_CURVES = 200  # of trials beside the front
DOTS = 60  # improvements up to which each has a dot
_UNITS = (("hours", 1.0, 2.0), ("minutes", 60.0, 1.0 / 30), ("seconds", 3600.0, 0.0))


def growth_figures(history: History) -> str:
    """Hypervolume over finished trials and, where it is known, over hours."""
    rows = progress_rows(history)
    told = "The hypervolume after each finished trial."
    trials = Axis.counted("finished trials", float(len(rows) - 1), whole=True)
    kept = [row for row in rows[:-1] if row["improved"] or not row["finished"]]
    points = [(float(row["finished"]), row) for row in (*kept, rows[-1])]
    figures = [_growth("grown", trials, points, told)]
    timed = hours_rows(history)
    if timed:
        title, unit = time_unit(timed[-1]["hours"])
        hours = Axis.counted(
            f"{title} worked, breaks left out", timed[-1]["hours"] * unit
        )
        points = [(row["hours"] * unit, row) for row in timed]
        told = "The hypervolume over the time that was worked on the study."
        figures.append(_growth("hours", hours, points, told))
    return f'<div class="pair">{"".join(figures)}</div>'


def time_unit(hours: float) -> tuple[str, float]:
    """What a time is told in: its name, and how many make an hour."""
    return next((name, unit) for name, unit, least in _UNITS if hours >= least)


def _growth(
    name: str,
    across: Axis,
    points: Sequence[tuple[float, Row]],
    told: str,
) -> str:
    most = max(row["hypervolume"] for _, row in points)
    up = Axis.counted("hypervolume", 1.05 * most)

    def draw(size: Size) -> tuple[Frame, str]:
        frame = Frame.of(across, up, *size)
        corners = [(frame.x(x), frame.y(row["hypervolume"])) for x, row in points]
        line = stairs(corners)
        first, last = corners[0][0], corners[-1][0]
        area = f"{line}V{number(frame.bottom)}H{number(first)}Z" if last > first else ""
        grew = [row["improved"] for _, row in points]
        dots = [_dot(at) for at, is_new in zip(corners, grew, strict=True) if is_new]
        dots = dots if len(dots) <= DOTS else []
        drawn = (path(area, "area"), path(line, "line"), *dots)
        return frame, frame.axes() + "".join(drawn)

    return figure(name, draw, told, sizes=HALF)


def _dot(at: Point) -> str:
    return f'<circle class="front" cx="{number(at[0])}" cy="{number(at[1])}" r="3.5"/>'


def curves_figure(history: History) -> str:
    """Accuracy or loss of trials over their epochs; nothing where none has two."""
    name, title = _told_after_epochs(history)
    curves = {
        trial: [(float(e), one[name]) for e, one in sorted(told.items()) if name in one]
        for trial, told in history.curves.items()
    }
    curves = {trial: curve for trial, curve in curves.items() if len(curve) > 1}
    if not curves:
        return ""
    front = {trial.number for trial in history.front().trials}
    beside = [trial for trial in curves if trial not in front]
    kept = _spread(beside, MOST_CURVES)
    best = [trial for trial in curves if trial in front]
    drawn = [*kept, *best]
    values = [value for trial in drawn for _, value in curves[trial]]
    low, high = min(values), max(values)
    room = 0.06 * (high - low) or 1.0
    last = max(epoch for trial in drawn for epoch, _ in curves[trial])
    across = Axis("epoch", 1.0, max(last, 2.0), whole=True)
    up = Axis(title, low - room, high + room)

    def draw(size: Size) -> tuple[Frame, str]:
        frame = Frame.of(across, up, *size)

        def lines(trials: Sequence[int]) -> str:
            return "".join(
                polyline([(frame.x(x), frame.y(y)) for x, y in curves[trial]])
                for trial in trials
            )

        return frame, (
            frame.axes() + path(lines(kept), "thin") + path(lines(best), "curve")
        )

    legend = {"line": "on the front"} if best else {}
    few = len(kept) < len(beside)
    count = f"{len(kept)} of {len(beside)} other trials" if few else "other trials"
    legend |= {"faint": count} if kept else {}
    told = f"{title} of each trial after each of its epochs."
    return figure("curves", draw, told, sizes=HALF, legend=legend)


def _told_after_epochs(history: History) -> tuple[str, str]:
    """What is drawn over epochs: the accuracy, where trials tell it, or the loss."""
    name = history.accuracy.name
    if any(name in one for told in history.curves.values() for one in told.values()):
        return name, f"validation {ACCURACIES[name].title}"
    return "loss", "training loss"


def _spread(numbers: Sequence[int], most: int) -> list[int]:
    """At most so many of them, spread over their order."""
    if len(numbers) <= most:
        return list(numbers)
    return [numbers[at * len(numbers) // most] for at in range(most)]
