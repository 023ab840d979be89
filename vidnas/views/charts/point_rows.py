"""Which points has a picture of a front? Each done trial, with its place and kind."""

from collections.abc import Sequence
from typing import Any

from vidnas.documents.quantity import format_bytes, format_count
from vidnas.errors import InputError
from vidnas.study.history import History
from vidnas.study.standings import standings
from vidnas.trials.family import Size
from vidnas.trials.front import Front
from vidnas.trials.objectives import ACCURACIES, Accuracy
from vidnas.trials.trial import Trial
from vidnas.views.charts.objectives import OBJECTIVES_BY_NAME, Shown
from vidnas.views.charts.palette import BLUE, GREEN, GREY, VERMILION
from vidnas.views.text.summary import (
    accuracy_in_words,
    clip_in_words,
    depths,
    kernels,
    widths,
)

Row = dict[str, Any]

# Words in the legend, colour, shape and area; the last is drawn on top.
BEATEN = ("done trial", GREY, "circle", 36)
ON_FRONT = ("on the front", BLUE, "circle", 75)
MEMBER = ("on the front, in the family", VERMILION, "diamond", 130)
BASELINE = ("baseline", GREEN, "square", 95)
KINDS = (BEATEN, ON_FRONT, MEMBER, BASELINE)
PROBABLE = 0.1  # probability from which on a trial beside the front has a ring
MOST_RINGS = 40


def axes(front: Front) -> tuple[Shown, Shown]:
    """What runs along the picture of a front and what upwards: its first and last.

    Raises:
        InputError: the front has a single objective.
    """
    if len(front.objectives) < 2:
        raise InputError(
            "A picture of a front must have two objectives, got "
            f"`{front.objectives[0].name}` alone."
        )
    first, last = front.objectives[0].name, front.objectives[-1].name
    return OBJECTIVES_BY_NAME[first], OBJECTIVES_BY_NAME[last]


def shown_accuracy(history: History, front: Front) -> Accuracy:
    """The accuracy that a front is drawn by: its own, or else the study's."""
    return ACCURACIES.get(front.objectives[-1].name, history.accuracy)


def point_rows(history: History, front: Front, family: Sequence[Size]) -> list[Row]:
    """One row per trial done in full with `x` and `y` on the front's axes.

    What is drawn on top comes last.

    Baselines come after all trials, each with its name and how it stands.

    Args:
        history: The study.
        front: Front whose trials stand out.
        family: Sizes whose trials stand out more; empty ones are left out.
    """
    marks = history.chance
    sizes = {
        size.trial.number: f"{size.name.upper()}{_doubtful(marks.mark(size.trial))}"
        for size in family
        if size.trial is not None
    }
    on_front = {trial.number for trial in front.trials}
    accuracy = shown_accuracy(history, front)
    is_own = front.objectives == history.objectives.each
    ranked: list[tuple[int, Row]] = []
    for trial in history.compared:
        if trial.state != "done":
            continue
        rank = int(trial.number in on_front)
        rank = 2 if trial.number in sizes else rank
        row = _point(trial, front, KINDS[rank], accuracy)
        row["mark"] = history.chance.mark(trial)
        if is_own and trial.number in history.on_front:
            row["probability"] = history.on_front[trial.number]
            row["sure"] = f"with {100 * row['probability']:.0f} % probability"
        ranked.append((rank, {**row, "size": sizes.get(trial.number, "")}))
    rows = [row for _, row in sorted(ranked, key=lambda pair: pair[0])]
    for beside in standings(history):
        if beside.trial.state == "done":
            row = _point(beside.trial, front, BASELINE, accuracy)
            rows.append({**row, "standing": beside.words})
    return rows


def probable_rows(rows: Sequence[Row]) -> list[Row]:
    """Trials beside the front that may belong to it: those that have a ring.

    Of many, such as in a study of few clips, the likeliest; rings upon rings say
    nothing.
    """
    beside = [
        row
        for row in rows
        if row["kind"] == BEATEN[0] and (row["probability"] or 0.0) >= PROBABLE
    ]
    likeliest = sorted(beside, key=lambda row: -float(row["probability"]))[:MOST_RINGS]
    numbers = {row["trial"] for row in likeliest}
    return [row for row in beside if row["trial"] in numbers]


def _doubtful(mark: str) -> str:
    """What the label of a size says beside its name."""
    return " (at chance)" if mark else ""


def _point(
    trial: Trial, front: Front, kind: tuple[str, str, str, int], accuracy: Accuracy
) -> Row:
    across, up = axes(front)
    return {
        "x": trial.value(across.objective.name) / across.unit,
        "y": trial.value(up.objective.name) / up.unit,
        "kind": kind[0],
        "area": kind[3],
        "size": "",
        "baseline": trial.baseline,
        "known": trial.taken_over_from,
        "continued": "" if trial.continued_from is None else str(trial.continued_from),
        "standing": "",
        "sure": "",
        "probability": None,
        "mark": "",
        **_facts(trial, accuracy),
    }


def _facts(trial: Trial, accuracy: Accuracy) -> Row:
    network = trial.architecture
    low, high = accuracy.interval(trial) or (None, None)
    return {
        "trial": trial.number,
        "arch_id": trial.arch_id,
        "accuracy": accuracy.of(trial),
        "accuracy_title": accuracy.title,
        "low": low,
        "high": high,
        "flops": trial.costs["flops"],
        "parameters": trial.costs["parameters"],
        "inference_bytes": trial.costs["inference_bytes"],
        "depth": network.depth,
        "flops_words": format_count(trial.costs["flops"]),
        "parameters_words": format_count(trial.costs["parameters"]),
        "memory_words": format_bytes(trial.costs["inference_bytes"]),
        "accuracy_words": accuracy_in_words(trial, accuracy),
        "clip": clip_in_words(network),
        "widths": widths(network),
        "depths": depths(network),
        "kernels": kernels(network),
    }
