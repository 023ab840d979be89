"""What must not be on two sides? Groups by folder, pattern or column."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from vidnas.datasets.index import ClipEntry
from vidnas.datasets.readers.reader import Findings
from vidnas.documents.visible_text import visible
from vidnas.errors import ClipError


def with_groups(
    entries: Sequence[ClipEntry],
    names: Sequence[str],
    group: int | str,
    findings: Findings,
) -> list[ClipEntry]:
    """The entries, each with its group; those that have one keep it.

    Args:
        entries: Clips of one dataset.
        names: Path of each within its class, or as its annotation lists it.
        group: Position from 1 of the folder in that path that is a group, such as a
            person's; or a pattern, whose groups (or all of it) tell one from another.
        findings: Findings that get the clips that are in none.

    Raises:
        ClipError: the pattern is none, or no clip is in a group.
    """
    found = [
        entry.group or _group(name, group) for entry, name in _pairs(entries, names)
    ]
    if entries and not any(found):
        what = f"folder {group}" if isinstance(group, int) else f"pattern `{group}`"
        raise ClipError(
            f"`group` must tell clips apart, no clip has the {what}; one is "
            f"`{names[0]}`."
        )
    alone = [name for name, one in zip(names, found, strict=True) if not one]
    if alone:
        findings.notices.append(
            f"{len(alone)} clips in no group, each one of its own, such as "
            f"{visible(alone[0], keep='')}"
        )
    return [
        replace(entry, group=one) for entry, one in zip(entries, found, strict=True)
    ]


def _pairs(
    entries: Sequence[ClipEntry], names: Sequence[str]
) -> "zip[tuple[ClipEntry, str]]":
    return zip(entries, names, strict=True)


def _group(name: str, group: int | str) -> str:
    if isinstance(group, int):
        folders = name.split("/")[:-1]
        return folders[group - 1] if 0 < group <= len(folders) else ""
    try:
        match = re.search(group, name)
    except re.error as wrong:
        raise ClipError(
            f"`group` must be a folder's position or a pattern, got `{group}`: {wrong}."
        ) from wrong
    if match is None:
        return ""
    parts: Mapping[int, str] = dict(enumerate(match.groups() or (match[0],)))
    return "/".join(part or "" for part in parts.values())


def groups_on_both_sides(
    splits: Mapping[str, Sequence[ClipEntry]],
) -> tuple[str, ...]:
    """Groups that have clips in `train` and in `val`, by name."""
    train, val = (
        {entry.group for entry in splits.get(split, ()) if entry.group}
        for split in ("train", "val")
    )
    return tuple(sorted(train & val))
