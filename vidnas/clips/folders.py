"""Which videos does a dataset folder hold? Class folders, with or without splits."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vidnas.documents.suggestion import nearest
from vidnas.errors import ClipError

SUFFIXES = ("mp4", "avi", "webm", "mkv", "mov", "m4v", "mpg", "mpeg", "ts")

# The first folder of these that exists holds the validation clips.
_VALIDATION_FOLDERS = ("val", "validation", "valid", "test")
_VALIDATION_SHARE = 0.2

_Videos = dict[str, list[Path]]  # class -> its files, sorted by name


@dataclass(frozen=True, slots=True)
class ClipFile:
    """One labelled video file; `label` is the index of its class."""

    path: Path
    label: int


@dataclass(frozen=True, slots=True)
class ClipIndex:
    """The files of a dataset.

    Args:
        root: Folder of the dataset.
        classes: Names in alphabetical order; a label is a position here.
        splits: Files of `train` and `val`, by class, then by name.
    """

    root: Path
    classes: tuple[str, ...]
    splits: Mapping[str, tuple[ClipFile, ...]]


def read_folders(root: Path) -> ClipIndex:
    """The labelled videos under `root`.

    Two layouts are read. `root/{train,val}/<class>/<video>`, where `val` may also be
    called `validation` or `valid`, and `test` serves when there is none of them; a
    `train` folder alone is split like the second layout. `root/<class>/<video>`: about
    a fifth of each class becomes validation, chosen by a hash of the file name, so new
    files leave the old ones where they are.

    Hidden files and files without a video suffix are skipped, and so are folders that
    hold no video.

    Raises:
        ClipError: `root` is missing, holds no video or one class only, a class lacks a
            training or a validation video, or validation has a class of its own.
    """
    if not root.is_dir():
        what = "a file" if root.exists() else "nothing there"
        raise ClipError(f"The clip folder must exist, found {what}: {root}.")
    folder_of_split = _split_folders(root)
    train = _videos(folder_of_split["train"])
    if "val" in folder_of_split:
        val = _videos(folder_of_split["val"])
        _check_validation_classes(train, val, root)
    else:
        train, val = _split_classes(train)
    _check_classes(train, val, root)
    classes = tuple(sorted(train))
    return ClipIndex(
        root=root,
        classes=classes,
        splits={
            "train": _label_files(train, classes),
            "val": _label_files(val, classes),
        },
    )


def _split_folders(root: Path) -> dict[str, Path]:
    """The folder of each split; a root without splits is all `train`."""
    names = {child.name.lower(): child for child in _folders(root)}
    val = next((names[n] for n in _VALIDATION_FOLDERS if n in names), None)
    if "train" in names:
        folders = {"train": names["train"]}
        return folders if val is None else {**folders, "val": val}
    if val is not None and not _videos(root):
        raise ClipError(
            f"A split dataset must have a `train` folder, got only `{val.name}` in "
            f"{root}."
        )
    return {"train": root}


def _videos(folder: Path) -> _Videos:
    """Files of each class folder that holds at least one video."""
    videos = {child.name: _files(child) for child in _folders(folder)}
    return {name: files for name, files in videos.items() if files}


def _folders(folder: Path) -> list[Path]:
    return sorted(
        child
        for child in folder.iterdir()
        if child.is_dir() and not child.name.startswith(".")
    )


def _files(folder: Path) -> list[Path]:
    return sorted(
        child
        for child in folder.iterdir()
        if child.suffix.lower().lstrip(".") in SUFFIXES
        and not child.name.startswith(".")
        and child.is_file()
    )


def _split_classes(videos: _Videos) -> tuple[_Videos, _Videos]:
    """About four fifths and one fifth of every class, at least one file in each."""
    train: _Videos = {}
    val: _Videos = {}
    for name, files in videos.items():
        by_share = sorted(files, key=lambda file: _share(file.name))
        below = sum(_share(file.name) < _VALIDATION_SHARE for file in by_share)
        count = max(1, min(below, len(by_share) - 1))
        val[name] = sorted(by_share[:count])
        train[name] = sorted(by_share[count:])
    return train, val


def _share(name: str) -> float:
    """A number in [0, 1) that only the name decides."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def _check_validation_classes(train: _Videos, val: _Videos, root: Path) -> None:
    for name in val:
        if train and name not in train:
            raise ClipError(
                f"A validation class must also have training videos, got `{name}` in "
                f"{root}.{nearest(name, train)}"
            )


def _check_classes(train: _Videos, val: _Videos, root: Path) -> None:
    if not train:
        raise ClipError(
            f"The clip folder must hold videos, found none in {root}. Looked for "
            "<class>/<video> and train/<class>/<video> that end in "
            f"{', '.join(SUFFIXES)}."
        )
    if len(train) == 1:
        raise ClipError(
            f"The clip folder must hold at least two classes, got only "
            f"`{next(iter(train))}` in {root}."
        )
    for name in train:
        videos = len(train[name]) + len(val.get(name, ()))
        if not train[name] or not val.get(name):
            raise ClipError(
                "A class must have at least one video for training and one for "
                f"validation, got {videos} {'video' if videos == 1 else 'videos'} "
                f"in all for `{name}` in {root}."
            )


def _label_files(videos: _Videos, classes: tuple[str, ...]) -> tuple[ClipFile, ...]:
    return tuple(
        ClipFile(file, label)
        for label, name in enumerate(classes)
        for file in videos[name]
    )
