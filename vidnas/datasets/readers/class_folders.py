"""Which videos does a dataset folder hold? Class folders, with or without splits.

`root/<class>/.../<video>`, or `root/{train,val,test}/<class>/.../<video>`. A video is a
file that FFmpeg reads, or a folder of frames.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from vidnas.datasets.index import ClipEntry
from vidnas.datasets.readers.first_reading import FIRST_READING, as_first_read
from vidnas.datasets.readers.reader import UNSPLIT, Findings, Listing, composed
from vidnas.datasets.readers.split_folders import SplitFolder, find_splits, folder_names
from vidnas.datasets.readers.video_files import (
    EMPTY,
    FoundVideo,
    entries_of,
    folders_in,
    is_video_name,
    no_video,
    videos_below,
)
from vidnas.documents.suggestion import nearest
from vidnas.documents.visible_text import spelled_out, visible
from vidnas.errors import ClipError

_Videos = dict[str, list[FoundVideo]]  # class -> its videos, sorted by name
_SHOWN = 5  # names in a message
_OURS = {"motion.json"}  # which `vidnas data motion` writes beside its clips


def read_class_folders(
    path: Path, options: Mapping[str, Any], findings: Findings
) -> Listing:
    """The labelled videos below a folder.

    In any case of letters, `train` may also be called `training`; `val` `validation`,
    `valid` or `dev`; a class may be called any of these. Videos may lie in folders of
    their class (`class/person/clip.mp4`).

    Args:
        path: Folder of the classes, or of the splits.
        options: `reading`: 1 for what versions up to 0.2 found.
        findings: Findings that get what is left out.

    Raises:
        ClipError: the folder is missing, holds no video or one class only, or
            validation has a class of its own.
    """
    if not path.is_dir():
        what = "a file" if path.exists() else "nothing there"
        raise ClipError(f"The clip folder must exist, found {what}: {path}.")
    first = options.get("reading") == FIRST_READING
    splits = find_splits(path, findings, is_first=first)
    _leave_out_loose(path, findings)
    found = {split.name: _classes(split, findings, first) for split in splits}
    for split in splits:
        if split.name and not found[split.name]:
            findings.leave_out("split without a video", split.folder)
    main = "train" if "train" in found else UNSPLIT
    classes = tuple(sorted(found[main]))
    _check(found, main, path)
    entries, names = _listed(found, classes, splits, path, findings)
    return Listing(
        classes,
        entries,
        names=names,
        is_annotated=False,
        states_val="val" in found,
    )


def _classes(split: SplitFolder, findings: Findings, is_first: bool) -> _Videos:
    """Videos of each class folder that holds at least one."""
    if split.name:
        _leave_out_loose(split.folder, findings)
    found: _Videos = {}
    children = folders_in(split.folder, Findings(watched=findings.watched))
    _note_twice(children, findings)
    for child in children:
        videos = videos_below(child, findings)
        if is_first:
            videos = as_first_read(videos, findings)
        else:
            for video in videos:
                if video.kind == EMPTY:
                    findings.leave_out(EMPTY, video.path)
            videos = [video for video in videos if video.kind != EMPTY]
        if videos:
            name = child.name if is_first else composed(child.name)
            found.setdefault(name, []).extend(videos)
        else:
            findings.leave_out("class folder without a video", child)
    return found


def _note_twice(children: Iterable[Path], findings: Findings) -> None:
    """Notes classes that are one folder, by a link."""
    first: dict[Path, Path] = {}
    for child in children:
        other = first.setdefault(child.resolve(), child)
        if other is not child:
            names = (visible(one.name, keep="") for one in (other, child))
            findings.notices.append(
                "the classes `{}` and `{}` are one folder, by a link".format(*names)
            )


def _leave_out_loose(folder: Path, findings: Findings) -> None:
    """Notes files that lie beside the class folders."""
    for entry in entries_of(folder, findings):
        if not entry.is_dir() and entry.name not in _OURS:
            is_video = is_video_name(entry.name)
            reason = "video in no class folder" if is_video else no_video(entry.name)
            findings.leave_out(reason, entry.path)


def _listed(
    found: Mapping[str, _Videos],
    classes: tuple[str, ...],
    splits: Iterable[SplitFolder],
    root: Path,
    findings: Findings,
) -> tuple[list[ClipEntry], list[str]]:
    """Entries in the order of splits, classes and names; and their names."""
    entries: list[ClipEntry] = []
    names: list[str] = []
    for split in splits:
        videos = found[split.name]
        for name in sorted(set(videos) - set(classes)):  # of `test` alone
            findings.leave_out(
                "test video of a class that is not trained",
                videos[name][0].path,
                len(videos[name]),
            )
        for label, name in enumerate(classes):
            for video in videos.get(name, ()):
                entries.append(_entry(video, label, split.name, root))
                names.append(video.name)
    return entries, names


def _entry(video: FoundVideo, label: int, split: str, root: Path) -> ClipEntry:
    return ClipEntry(
        path=str(video.path.absolute()),
        labels=(label,),
        split=split,
        id=composed(str(video.path.relative_to(root))),
    )


def _check(found: Mapping[str, _Videos], main: str, root: Path) -> None:
    """Raises where classes cannot be learnt from these folders."""
    train = found[main]
    if not train:
        raise ClipError(
            f"The clip folder must hold videos, found none in {root}. Looked for "
            "<class>/<video> and train/<class>/<video> that FFmpeg reads, such as "
            f".mp4, .avi, .MTS, and folders of frames.{_other_level(root)}"
        )
    for name in found.get("val", ()):
        if name not in train:
            raise ClipError(
                "A validation class must also have training videos, got "
                f"`{visible(name, keep='')}` in {root}.{_meant(name, train)}"
            )
    looks: dict[str, str] = {}
    for name in train:
        other = looks.setdefault(_looks(name), name)
        if other != name:
            raise ClipError(
                f"Classes must differ to the eye, `{spelled_out(other)}` and "
                f"`{spelled_out(name)}` in {root} look alike."
            )
    if len(train) == 1:
        only = visible(next(iter(train)), keep="")
        raise ClipError(
            f"The clip folder must hold at least two classes, got only `{only}` in "
            f"{root}.{_other_level(root)}"
        )


def _meant(name: str, names: Iterable[str]) -> str:
    """The class that was meant; where they look alike, what tells them apart."""
    for other in names:
        if _looks(other) == _looks(name):
            return (
                f" It looks like a class of `train` and is another name: here "
                f"`{spelled_out(name)}`, there `{spelled_out(other)}`."
            )
    return visible(nearest(name, names), keep="")


def _looks(name: str) -> str:
    """What a name looks like: without blanks at its ends, marks composed."""
    return unicodedata.normalize("NFC", name).strip()


def _other_level(root: Path) -> str:
    """What was seen, where the folder above or one below would do."""
    nothing = Findings()
    children = folders_in(root, nothing)
    for child in children[:_SHOWN]:
        below = folders_in(child, nothing)
        if any(_videos_in(one) for one in below):
            return (
                f" In {child} there are folders with videos ({folder_names(below)}): "
                "should that be the clip folder?"
            )
        if any(
            _videos_in(one)
            for grand in below[:_SHOWN]
            for one in folders_in(grand, nothing)
        ):
            return f" In {child} there are {folder_names(below)}: should that be it?"
    if _videos_in(root):
        return (
            f" Videos lie in {root} itself, as those of one class do: should "
            f"{root.parent} be the clip folder?"
        )
    files = (one for child in children[:_SHOWN] for one in sorted(child.iterdir()))
    found = next((f for f in files if f.is_file() and f.name[0] != "."), None)
    such = f", with files such as `{found.relative_to(root)}`" if found else ""
    return f" There are the folders {folder_names(children)}{such}." if children else ""


def _videos_in(folder: Path) -> bool:
    """Whether videos lie right in a folder."""
    entries = entries_of(folder, Findings())
    return any(is_video_name(entry.name) and entry.is_file() for entry in entries)
