"""How does a command's output look? Aligned tables on stdout, the rest on stderr."""

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from vidnas.documents.quantity import format_bytes, format_count
from vidnas.documents.visible_text import visible
from vidnas.trials.trial import Trial, top1_interval

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
        print(visible(text), flush=True)
    except BrokenPipeError:
        raise
    except OSError as wrong:  # a full disk
        raise OSError(wrong.errno, wrong.strerror, "The output") from wrong


def note(text: str) -> None:
    """Progress or an error, to stderr."""
    with suppress(OSError):  # nobody reads it, and that is no reason to stop
        print(visible(text), file=sys.stderr, flush=True)


def say_json(value: Any) -> None:
    """A result for a script, to stdout."""
    say(json.dumps(value, indent=2).replace("\x7f", "\\u007f"))


def say_csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Rows as comma-separated values, to stdout; keys that are no column are left out.

    No text is a formula to a spreadsheet: one that begins like a formula begins with an
    apostrophe. Hidden characters are spelled.
    """
    writer = csv.DictWriter(
        sys.stdout, columns, lineterminator="\n", extrasaction="ignore"
    )
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})
    sys.stdout.flush()


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


def top1_text(trial: Trial) -> str:
    """`87.5 (83.1-90.9)`: top-1 with its 95 % interval [%]."""
    if trial.state != "done":
        return ABSENT
    interval = top1_interval(trial)
    accuracy = f"{trial.measured['top1']:.1f}"
    if interval is None:
        return accuracy
    return f"{accuracy} ({interval[0]:.0f}-{interval[1]:.0f})"


def trial_cells(trial: Trial) -> list[str]:
    """FLOPs, parameters, inference memory and top-1 of a trial."""
    return [
        format_count(trial.value("flops")),
        format_count(trial.value("parameters")),
        format_bytes(trial.value("inference_bytes")),
        top1_text(trial),
    ]


TRIAL_COLUMNS = ("FLOPs", "params", "memory", "top-1 [%] (95 %)")
