"""Which videos does a dataset folder hold? Class folders, with or without splits."""

import hashlib
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from vidnas.clips.index import ClipEntry, ClipIndex
from vidnas.documents.suggestion import nearest
from vidnas.documents.visible_text import spelled_out, visible
from vidnas.errors import ClipError

SUFFIXES = ("mp4", "avi", "webm", "mkv", "mov", "m4v", "mpg", "mpeg", "ts")

# The first folder of these that exists holds the validation clips.
_VALIDATION_FOLDERS = ("val", "validation", "valid", "test")
_TRAINING_FOLDERS = ("train", "training")
_VALIDATION_SHARE = 0.2

_Videos = dict[str, list[Path]]  # class -> its files, sorted by name


def read_class_folders(root: Path) -> ClipIndex:
    """The labelled videos under `root`.

    Two layouts are read. `root/{train,val}/<class>/<video>`, in any case, where `train`
    may also be called `training` and `val` `validation` or `valid`, and `test` serves
    when there is none of them; a `train` folder alone is split like the second layout.
    `root/<class>/<video>`: about a fifth of each class becomes validation, chosen by a
    hash of the file name, so new files leave the old ones where they are.

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
            "train": _entries("train", train, classes, root),
            "val": _entries("val", val, classes, root),
        },
    )


def _split_folders(root: Path) -> dict[str, Path]:
    """The folder of each split; a root without splits is all `train`."""
    children = _folders(root)
    train = _one_of(_TRAINING_FOLDERS, children, root)
    val = _one_of(_VALIDATION_FOLDERS, children, root)
    # Somebody's class may be called `training` or `test`.
    if train is not None and train.name.lower() != "train" and _files(train):
        train = None
    if train is not None:
        return {"train": train} if val is None else {"train": train, "val": val}
    if val is not None and not _videos(root):
        raise ClipError(
            f"A split dataset must have a `train` folder, got only "
            f"{_names(children)} in {root}."
        )
    return {"train": root}


def _one_of(names: tuple[str, ...], folders: list[Path], root: Path) -> Path | None:
    """The folder of the first name that is there, in any case.

    Raises:
        ClipError: two folders have it, such as `train` and `Train`.
    """
    for name in names:
        found = [folder for folder in folders if folder.name.lower() == name]
        if len(found) > 1:
            raise ClipError(
                f"A split must be one folder, got {_names(found)} in {root}."
            )
        if found:
            return found[0]
    return None


def _names(folders: list[Path]) -> str:
    """Names as they are seen, a few of them: `` `Train`, `test` ``."""
    shown = [f"`{visible(folder.name, keep='')}`" for folder in folders[:_SHOWN]]
    more = len(folders) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")


_SHOWN = 5  # names in a message


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
    digest = hashlib.blake2b(
        name.encode(errors="surrogateescape"), digest_size=8
    ).digest()
    return int.from_bytes(digest) / 2**64


def _check_validation_classes(train: _Videos, val: _Videos, root: Path) -> None:
    for name in val:
        if train and name not in train:
            raise ClipError(
                "A validation class must also have training videos, got "
                f"`{visible(name, keep='')}` in {root}.{_meant(name, train)}"
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


def _check_classes(train: _Videos, val: _Videos, root: Path) -> None:
    if not train:
        raise ClipError(
            f"The clip folder must hold videos, found none in {root}. Looked for "
            "<class>/<video> and train/<class>/<video> that end in "
            f"{', '.join(SUFFIXES)}.{_other_level(root)}"
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
    for name in train:
        videos = len(train[name]) + len(val.get(name, ()))
        if not train[name] or not val.get(name):
            raise ClipError(
                "A class must have at least one video for training and one for "
                f"validation, got {videos} {'video' if videos == 1 else 'videos'} "
                f"in all for `{visible(name, keep='')}` in {root}."
            )


def _other_level(root: Path) -> str:
    """What was seen, where the folder above or one below would do."""
    for child in _folders(root)[:_SHOWN]:
        below = _folders(child)
        if any(_files(one) for one in below):
            return (
                f" In {child} there are folders with videos ({_names(below)}): should "
                "that be the clip folder?"
            )
        if any(_files(one) for grand in below[:_SHOWN] for one in _folders(grand)):
            return f" In {child} there are {_names(below)}: should that be it?"
    if _files(root):
        return (
            f" Videos lie in {root} itself, as those of one class do: should "
            f"{root.parent} be the clip folder?"
        )
    children = _folders(root)
    files = (one for child in children[:_SHOWN] for one in sorted(child.iterdir()))
    found = next((f for f in files if f.is_file() and f.name[0] != "."), None)
    such = f", with files such as `{found.relative_to(root)}`" if found else ""
    return f" There are the folders {_names(children)}{such}." if children else ""


def _entries(
    split: str, videos: _Videos, classes: tuple[str, ...], root: Path
) -> tuple[ClipEntry, ...]:
    return tuple(
        ClipEntry(
            path=str(file.absolute()),
            labels=(label,),
            split=split,
            id=str(file.relative_to(root)),
        )
        for label, name in enumerate(classes)
        for file in videos[name]
    )
