"""How does a header say what was found about clips? A line for each kind."""

from collections.abc import Iterable

from vidnas.clips.findings import Finding, kind_lines
from vidnas.clips.index import LeftOut
from vidnas.clips.window import Window

_TOLD = ("leak",)  # what `BegunClips.say` tells


def findings_lines(findings: Iterable[Finding], window: Window) -> list[str]:
    """What was found: number, kind and first names, a line a kind.

    Args:
        findings: What searches and trainings say.
        window: Longest window that is read.
    """
    told = (finding for finding in findings if finding.kind not in _TOLD)
    return [f"clips       {line}" for line in kind_lines(told, window.words)]


def left_out_text(one: LeftOut) -> str:
    """What the reader did not take: `3 no video: .txt (first: a/notes.txt)`."""
    first = "first: " if one.count > 1 else ""
    return f"{one.count} {one.reason} ({first}{one.example})"
