"""Which folders of a dataset are its splits? Where none is, all of them are classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vidnas.datasets.readers.reader import UNSPLIT, Findings
from vidnas.datasets.readers.video_files import (
    entries_of,
    folders_in,
    is_video_name,
    videos_below,
)
from vidnas.documents.visible_text import visible
from vidnas.errors import ClipError

# Names of the folder of each split, in any case; the first that exists holds it.
NAMES = {
    "train": ("train", "training"),
    "val": ("val", "validation", "valid", "dev"),
    "test": ("test", "testing"),
}
_LATER = {"dev", "testing"}  # names that versions up to 0.2 did not know
_SHOWN = 5  # names in a message


@dataclass(frozen=True, slots=True)
class SplitFolder:
    """A folder of class folders.

    Args:
        name: Split that it holds: `train`, `val`, `test`, or nothing for all clips.
        folder: The folder.
    """

    name: str
    folder: Path


def find_splits(
    root: Path, findings: Findings, *, is_first: bool
) -> tuple[SplitFolder, ...]:
    """The folder of each split, or the root as one that is not split.

    A `train` folder is a class where videos lie right in it and no class folders, or
    where several folders beside it are classes and none is `val` or `test`.

    Args:
        root: Folder of the dataset.
        findings: Findings that get the folders that are no split.
        is_first: Whether folders are told as versions up to 0.2 did.

    Raises:
        ClipError: two folders have the name of a split, or `train` alone is missing.
    """
    children = folders_in(root, Findings(watched=findings.watched))
    named = {split: _one_of(split, children, root, is_first) for split in NAMES}
    train = named["train"]
    others = [one for one in children if one not in named.values()]
    if train is not None and not _is_class(train, named, others, is_first):
        splits = {split: folder for split, folder in named.items() if folder}
        if is_first and "val" in splits:  # beside it, `test` was not looked at
            splits.pop("test", None)
        for other in (one for one in children if one not in splits.values()):
            _leave_out_split(other, findings)
        return tuple(SplitFolder(name, folder) for name, folder in splits.items())
    _require_train(train, named, children, others, root)
    _require_no_splits_below(children, root)
    return (SplitFolder(UNSPLIT, root),)


def folder_names(folders: Sequence[Path]) -> str:
    """Names as they are seen, a few of them: `` `Train`, `test` ``."""
    shown = [f"`{visible(folder.name, keep='')}`" for folder in folders[:_SHOWN]]
    more = len(folders) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


def _one_of(
    split: str, folders: Sequence[Path], root: Path, is_first: bool
) -> Path | None:
    """The folder of the first name that is there, in any case.

    Raises:
        ClipError: two folders have it, such as `train` and `Train`.
    """
    names = [name for name in NAMES[split] if not (is_first and name in _LATER)]
    for name in names:
        found = [folder for folder in folders if folder.name.lower() == name]
        if len(found) > 1:
            raise ClipError(
                f"A split must be one folder, got {folder_names(found)} in {root}."
            )
        if found:
            return found[0]
    return None


def _is_class(
    train: Path,
    named: dict[str, Path | None],
    others: Sequence[Path],
    is_first: bool,
) -> bool:
    """Whether a folder called `train` holds the videos of a class of that name."""
    if is_first:
        return train.name.lower() != "train" and _has_videos(train)
    if not any(videos_below(one, Findings()) for one in folders_in(train, Findings())):
        return _has_videos(train) or not (named["val"] or named["test"])
    if named["val"] or named["test"]:
        return False
    beside = [one for one in others if videos_below(one, Findings())]
    return len(beside) > 1 or bool(beside and _has_videos(train))


def _require_train(
    train: Path | None,
    named: dict[str, Path | None],
    children: Sequence[Path],
    others: Sequence[Path],
    root: Path,
) -> None:
    """Raises where folders are splits, and none of them is for training."""
    splits = [named[name] for name in ("val", "test") if named[name] is not None]
    if train is not None or not splits:
        return
    if any(_has_videos(child) for child in children):
        return
    if sum(bool(videos_below(one, Findings())) for one in others) < 2:
        raise ClipError(
            f"A split dataset must have a `train` folder, got only "
            f"{folder_names(children)} in {root}."
        )


def _require_no_splits_below(children: Sequence[Path], root: Path) -> None:
    """Raises where folders that would be classes hold splits themselves."""
    for child in children:
        below = {one.name.lower() for one in folders_in(child, Findings())}
        if "train" in below and below & {*NAMES["val"], *NAMES["test"]}:
            raise ClipError(
                f"The clip folder must hold class folders or splits, {root} holds "
                f"folders with splits. In {child} there are "
                f"{folder_names(folders_in(child, Findings()))}: should that be it?"
            )


def _leave_out_split(folder: Path, findings: Findings) -> None:
    """Notes a folder beside the splits, with the number of its videos."""
    videos = len(videos_below(folder, Findings()))
    if videos:
        findings.leave_out(
            "video in a folder beside the splits, which is none", folder, videos
        )
    else:
        findings.leave_out("folder without a video", folder)


def _has_videos(folder: Path) -> bool:
    """Whether videos lie right in a folder."""
    entries = entries_of(folder, Findings())
    return any(is_video_name(entry.name) and entry.is_file() for entry in entries)
