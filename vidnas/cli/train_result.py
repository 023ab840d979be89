"""What does a finished training say? Its accuracies, and its worst classes."""

from collections.abc import Mapping, Sequence
from typing import Any

from vidnas.documents.quantity import format_duration
from vidnas.documents.visible_text import visible
from vidnas.trials.objectives import ACCURACIES, Accuracy

LOWEST = 5  # classes that are named


def result_lines(
    measured: Mapping[str, Any], classes: Sequence[Mapping[str, Any]]
) -> list[str]:
    """The result in words, a line each.

    Args:
        measured: What the training measured.
        classes: Numbers of each class; none where they are not known.
    """
    several = "top1" not in measured
    first = ("map",) if several else ("top1", "top5")
    lines = [
        f"{_accuracies_text(measured, first)} on {measured['val_clips']} val clips "
        f"after {measured['epochs']} epochs, {format_duration(measured['seconds'])}"
    ]
    others = [name for name in ACCURACIES if name in measured and name not in first]
    if others:
        lines.append(_accuracies_text(measured, others))
    if measured.get("above_chance") is False:
        lines.append(f"not above what guessing reaches ({measured['chance']:.3g} %)")
    key = "average_precision" if several else "recall"
    lowest = _lowest_text(classes, key)
    return [*lines, f"lowest   {lowest}"] if lowest else lines


def _accuracies_text(measured: Mapping[str, Any], names: Sequence[str]) -> str:
    """`71.5 % top-1 (67-76), 93.0 % top-5`."""
    return ", ".join(_accuracy_text(measured, ACCURACIES[name]) for name in names)


def _accuracy_text(measured: Mapping[str, Any], accuracy: Accuracy) -> str:
    text = f"{measured[accuracy.name]:.1f} % {accuracy.label}"
    interval = measured.get(f"{accuracy.name}_interval")
    return f"{text} ({interval[0]:.0f}-{interval[1]:.0f})" if interval else text


def _lowest_text(classes: Sequence[Mapping[str, Any]], key: str) -> str:
    """`recall of jump 20.0 %, run 40.0 %`: the classes that have least of it."""
    known = [row for row in classes if row.get(key) is not None]
    worst = sorted(known, key=lambda row: float(row[key]))[:LOWEST]
    told = (f"{visible(str(row['class']), keep='')} {row[key]:.1f} %" for row in worst)
    return f"{key.replace('_', ' ')} of {', '.join(told)}" if worst else ""
