"""How do listed clips become an index? Splits are filled and classes checked."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from vidnas.datasets.index import ClipEntry, ClipIndex
from vidnas.datasets.readers.first_reading import FIRST_READING
from vidnas.datasets.readers.groups import groups_on_both_sides, with_groups
from vidnas.datasets.readers.reader import UNSPLIT, Findings, Listing
from vidnas.datasets.readers.repeated import note_contradictions, unrepeated
from vidnas.datasets.readers.split import split_a_fifth, split_by_share
from vidnas.datasets.readers.video_finder import MISSING
from vidnas.documents.visible_text import visible
from vidnas.errors import ClipError

Splits = dict[str, list[ClipEntry]]


def assemble(
    listing: Listing, path: Path, options: Mapping[str, Any], findings: Findings
) -> ClipIndex:
    """The index of a dataset.

    Args:
        listing: Clips as the dataset lists them.
        path: Folder or file that was read.
        options: Options of the source; `group` and `reading` are used here.
        findings: Findings of the reader, which get what is left out here.

    Raises:
        ClipError: classes cannot be learnt and measured with these clips.
    """
    if not listing.entries:
        raise _nothing("clips", path, findings)
    states_val = listing.states_val or bool(options.get("val"))
    if states_val and not any(entry.split == "val" for entry in listing.entries):
        raise _nothing("the validation clips that it names", path, findings)
    splits = _splits(listing, options, findings)
    kept = _kept_classes(listing, splits, path, findings)
    both = groups_on_both_sides(splits)
    if both:
        groups = "group has" if len(both) == 1 else "groups have"
        findings.notices.append(
            f"{len(both)} {groups} clips in both `train` and `val`, such as "
            f"{visible(both[0], keep='')}"
        )
    return ClipIndex(
        root=path,
        classes=tuple(listing.classes[label] for label in kept),
        splits={
            name: _relabelled(entries, kept)
            for name, entries in splits.items()
            if entries or name in ("train", "val")
        },
        multi_label=listing.multi_label,
        left_out=findings.left_out,
        notices=tuple(findings.notices),
    )


def _nothing(what: str, path: Path, findings: Findings) -> ClipError:
    """The error of a dataset none of whose clips, or of one kind of them, is there."""
    seen = _seen(findings)
    return ClipError(
        f"A dataset must have {what}, {path} has none{f': {seen}' if seen else ''}."
    )


def _seen(findings: Findings) -> str:
    """What was left out, in the words of an error."""
    return "; ".join(
        f"{one.count} {one.reason}, such as {visible(one.example, keep='')}"
        for one in findings.left_out
    )


def _splits(listing: Listing, options: Mapping[str, Any], findings: Findings) -> Splits:
    """Entries by split, `train` and `val` filled."""
    entries, names = listing.entries, list(listing.names)
    names = names or [entry.id for entry in entries]
    if listing.is_annotated:
        entries, names = unrepeated(entries, names, findings)
        if not listing.multi_label:
            note_contradictions(entries, listing.classes, findings)
    if options.get("group") not in (None, ""):
        entries = with_groups(entries, names, options["group"], findings)
    there = {entry.split for entry in entries}
    if "val" not in there and "test" in there:  # which serves where there is none
        entries = [
            replace(entry, split="val") if entry.split == "test" else entry
            for entry in entries
        ]
    elif "val" not in there:
        by_share = options.get("reading") == FIRST_READING
        fill = split_by_share if by_share else split_a_fifth
        entries = fill(entries, names)
    elif "train" in there and UNSPLIT in there:
        for entry in entries:
            if entry.split == UNSPLIT:
                findings.leave_out("in no split", entry.id)
    elif UNSPLIT in there:
        entries = [
            replace(entry, split="train") if entry.split == UNSPLIT else entry
            for entry in entries
        ]
    return {
        name: [entry for entry in entries if entry.split == name]
        for name in ("train", "val", "test")
    }


def _kept_classes(
    listing: Listing, splits: Splits, path: Path, findings: Findings
) -> list[int]:
    """Labels of the classes that can be learnt and measured.

    Raises:
        ClipError: fewer than two can; or one cannot, and the dataset is a folder.
    """
    every = range(len(listing.classes))
    if listing.multi_label:
        if len(every) < 2 or not splits["train"] or not splits["val"]:
            raise _too_few([listing.classes[n] for n in every], splits, path, findings)
        return list(every)
    counts = {split: _count(splits[split], len(every)) for split in ("train", "val")}
    kept = []
    for label in every:
        train, val = counts["train"][label], counts["val"][label]
        if train and val:
            kept.append(label)
        elif listing.is_annotated:
            side = "training" if not train else "validation"
            findings.leave_out(f"class without a {side} video", listing.classes[label])
        else:
            raise _one_side(listing.classes[label], train + val, path)
    if len(kept) < 2:
        raise _too_few([listing.classes[n] for n in kept], splits, path, findings)
    return kept


def _count(entries: Sequence[ClipEntry], classes: int) -> list[int]:
    counts = [0] * classes
    for entry in entries:
        for label in entry.labels:
            counts[label] += 1
    return counts


def _one_side(name: str, videos: int, path: Path) -> ClipError:
    return ClipError(
        "A class must have at least one video for training and one for validation, got "
        f"{videos} {'video' if videos == 1 else 'videos'} in all for "
        f"`{visible(name, keep='')}` in {path}."
    )


def _too_few(
    names: list[str], splits: Splits, path: Path, findings: Findings
) -> ClipError:
    got = f"only `{visible(names[0], keep='')}`" if names else "none"
    groups = {entry.group for found in splits.values() for entry in found}
    if len(groups) == 1 and "" not in groups:
        one = f" All clips are of one group, `{visible(next(iter(groups)), keep='')}`."
    else:
        one = ""
    seen = _seen(findings)
    hint = "; `videos` says where they are" if MISSING in findings.counts else ""
    return ClipError(
        "A dataset must have at least two classes with videos for training and for "
        f"validation, got {got} in {path}.{one}{f' {seen}{hint}.' if seen else ''}"
    )


def _relabelled(
    entries: Sequence[ClipEntry], kept: Sequence[int]
) -> tuple[ClipEntry, ...]:
    """The entries of the classes that are kept, their labels positions there."""
    position = {label: at for at, label in enumerate(kept)}
    return tuple(
        replace(entry, labels=tuple(position[label] for label in entry.labels))
        if any(position[label] != label for label in entry.labels)
        else entry
        for entry in entries
        if all(label in position for label in entry.labels)
    )
