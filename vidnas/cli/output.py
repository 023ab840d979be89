"""How does a command's output look? Aligned tables on stdout, the rest on stderr."""

import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from vidnas.documents.quantity import format_bytes, format_count
from vidnas.documents.visible_text import visible
from vidnas.trials.trial import Trial, top1_interval

ABSENT = "-"


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
