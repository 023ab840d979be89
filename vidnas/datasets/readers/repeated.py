"""What does an annotation list more than once? Once counts, and it is said."""

from collections.abc import Sequence

from vidnas.datasets.index import ClipEntry
from vidnas.datasets.readers.reader import Findings
from vidnas.documents.visible_text import visible

_Part = tuple[str, float | None, float | None]


def unrepeated(
    entries: Sequence[ClipEntry], names: Sequence[str], findings: Findings
) -> tuple[list[ClipEntry], list[str]]:
    """The entries and their names, each clip of a split and its classes once.

    Args:
        entries: Clips as they are listed.
        names: Name of each.
        findings: Findings that get the repeated ones.
    """
    kept: dict[tuple[_Part, str, tuple[int, ...]], int] = {}
    for n, entry in enumerate(entries):
        key = _part(entry), entry.split, entry.labels
        if kept.setdefault(key, n) != n:
            findings.leave_out("listed before", entry.id)
    rows = list(kept.values())
    return [entries[n] for n in rows], [names[n] for n in rows]


def note_contradictions(
    entries: Sequence[ClipEntry], classes: Sequence[str], findings: Findings
) -> None:
    """Says which clips are listed under several classes, where each has one alone."""
    first: dict[_Part, ClipEntry] = {}
    found = [
        (first[_part(entry)], entry)
        for entry in entries
        if first.setdefault(_part(entry), entry).labels != entry.labels
    ]
    if found:
        one, other = found[0]
        names = [classes[entry.labels[0]] for entry in (one, other)]
        rows = "row names" if len(found) == 1 else "rows name"
        findings.notices.append(
            f"{len(found)} {rows} another class of a clip that was listed, such as "
            + visible(f"{one.id}: `{names[0]}` and `{names[1]}`", keep="")
        )


def _part(entry: ClipEntry) -> _Part:
    return entry.path, entry.start, entry.end
