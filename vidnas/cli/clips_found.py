"""How does a header say what was found about clips? A line for each kind."""

from collections.abc import Iterable

from vidnas.cli.output import note
from vidnas.clips.findings import Finding, kind_lines
from vidnas.clips.window import Window


def note_findings(findings: Iterable[Finding], window: Window) -> None:
    """Says what was found: number, kind and first names, a line a kind.

    Args:
        findings: What searches and trainings say.
        window: Longest window that is read.
    """
    for line in kind_lines(findings, window=window.words):
        note(f"clips       {line}")
