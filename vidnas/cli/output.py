"""How does a command's output look? Aligned tables on stdout, the rest on stderr.

A study in a store is named by its address, wherever its mirror would be named.
"""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

from vidnas.documents.quantity import format_cost
from vidnas.documents.visible_text import visible
from vidnas.files.mirror import by_address
from vidnas.trials.objectives import Accuracy, Objectives
from vidnas.trials.trial import Trial

ABSENT = "-"
# How a formula begins, also in the wide forms that some spreadsheets take alike.
FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns aligned, the first to the left, the others to the right."""
    lines = [list(header), *[list(row) for row in rows]]
    widths = [max(len(line[c]) for line in lines) for c in range(len(header))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if c == 0 else cell.rjust(width)
            for c, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def say(text: str = "") -> None:
    """A result, to stdout."""
    try:
        print(visible(by_address(text)), flush=True)
    except BrokenPipeError:
        raise
    except OSError as wrong:  # a full disk
        raise OSError(wrong.errno, wrong.strerror, "The output") from wrong


_HEARS: ContextVar[Callable[[str], None] | None] = ContextVar("hears", default=None)


@contextmanager
def notes_heard(hear: Callable[[str], None]) -> Iterator[None]:
    """A scope whose notes go to a function and not to stderr.

    Args:
        hear: Function that takes a note.
    """
    before = _HEARS.set(hear)
    try:
        yield
    finally:
        _HEARS.reset(before)


def note(text: str) -> None:
    """Progress or an error, to stderr, or to who hears notes here."""
    hear = _HEARS.get()
    if hear is not None:
        hear(visible(by_address(text)))
        return
    with suppress(OSError):  # nobody reads it, and that is no reason to stop
        print(visible(by_address(text)), file=sys.stderr, flush=True)


def say_json(value: Any) -> None:
    """A result for a script, to stdout."""
    say(json.dumps(value, indent=2).replace("\x7f", "\\u007f"))


def say_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows as comma-separated values, to stdout; keys that are no column are left out.

    No text is a formula to a spreadsheet: one that begins like a formula begins with an
    apostrophe. Hidden characters are spelled.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})
    say(text.getvalue().removesuffix("\n"))


def _cell(value: Any) -> Any:
    """A value that a spreadsheet takes for what it is."""
    if not isinstance(value, str):
        return value
    text = visible(value, keep="")
    if not text.lstrip().startswith(FORMULA_STARTS) or _is_number(text):
        return text
    return f"'{text}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


_COSTS = {"flops": "FLOPs", "parameters": "params", "inference_bytes": "memory"}


def accuracy_text(trial: Trial, accuracy: Accuracy) -> str:
    """`87.5 (83-91)`: an accuracy with its 95 % interval [%]."""
    value = accuracy.of(trial)
    if trial.state != "done" or value is None:
        return ABSENT
    interval = accuracy.interval(trial)
    if interval is None:
        return f"{value:.1f}"
    return f"{value:.1f} ({interval[0]:.0f}-{interval[1]:.0f})"


def _costs(objectives: Objectives) -> tuple[str, ...]:
    """Costs that every table shows, and those that the study lowers."""
    return tuple(dict.fromkeys((*_COSTS, *objectives.costs)))


def trial_cells(trial: Trial, objectives: Objectives) -> list[str]:
    """FLOPs, parameters, inference memory, further costs and accuracy of a trial."""
    costs = [
        format_cost(name, trial.value(name)) if trial.has(name) else ABSENT
        for name in _costs(objectives)
    ]
    return [*costs, accuracy_text(trial, objectives.accuracy)]


def trial_columns(objectives: Objectives) -> list[str]:
    """Titles of `trial_cells`."""
    costs = [_COSTS.get(name, name) for name in _costs(objectives)]
    accuracy = objectives.accuracy
    return [
        *costs,
        f"{accuracy.title} (95 %)" if accuracy.is_percent else accuracy.title,
    ]
