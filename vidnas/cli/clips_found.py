"""How does a header say what was found about clips? A line for each kind."""

from collections.abc import Iterable

from vidnas.cli.output import note
from vidnas.clips.findings import Finding, kind_lines
from vidnas.clips.window import Window
from vidnas.datasets.index import LeftOut
from vidnas.documents.visible_text import visible


def findings_lines(
    findings: Iterable[Finding], window: Window, left_out: Iterable[LeftOut] = ()
) -> list[str]:
    """What was found: number, kind and first names, a line a kind.

    Args:
        findings: What searches and trainings say.
        window: Longest window that is read.
        left_out: What the reader did not take.
    """
    lines = [f"clips       {line}" for line in kind_lines(findings, window.words)]
    return [visible(line, keep="") for line in [*lines, *_left_out_lines(left_out)]]


def note_left_out(left_out: Iterable[LeftOut]) -> None:
    """Says what the reader of a dataset did not take, a line a reason."""
    for line in _left_out_lines(left_out):
        note(line)


def left_out_text(one: LeftOut) -> str:
    """What the reader did not take: `3 x no video: .txt (first: a/notes.txt)`."""
    first = "first: " if one.count > 1 else ""
    return f"{one.count} x {one.reason} ({first}{visible(one.example, keep='')})"


def _left_out_lines(left_out: Iterable[LeftOut]) -> list[str]:
    return [f"left out    {left_out_text(one)}" for one in left_out]
