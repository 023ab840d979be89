"""How does a header say what was found about clips? A line for each kind."""

from collections.abc import Iterable

from vidnas.clips.findings import Finding, kind_lines
from vidnas.clips.index import LeftOut
from vidnas.clips.window import Window


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
    return lines + [f"left out    {left_out_text(one)}" for one in left_out]


def left_out_text(one: LeftOut) -> str:
    """What the reader did not take: `3 no video: .txt (first: a/notes.txt)`."""
    first = "first: " if one.count > 1 else ""
    return f"{one.count} {one.reason} ({first}{one.example})"
