"""What have readers of annotations in common? Files by split, and where videos lie."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vidnas.datasets.readers.reader import UNSPLIT
from vidnas.datasets.readers.split_folders import NAMES
from vidnas.errors import ClipError


def split_files(path: Path, options: Mapping[str, Any]) -> list[tuple[str, Path]]:
    """The annotation file of each split; one that stands alone may hold any.

    Args:
        path: File that is read first.
        options: Options of the source; `val` and `test` are used.
    """
    others = [(s, Path(options[s])) for s in ("val", "test") if options.get(s)]
    return [("train" if others else UNSPLIT, path), *others]


def video_roots(path: Path, options: Mapping[str, Any]) -> list[Path]:
    """Folders of the videos, the best first.

    Where one is the folder of a split, such as `k400/train`, those of the other splits
    beside it follow.

    Args:
        path: File that is read first; its folder holds the videos unless told.
        options: Options of the source; `videos` is used: a folder or several.

    Raises:
        ClipError: a folder is not there.
    """
    stated = options.get("videos") or str(path.parent)
    roots = [
        Path(one).absolute()
        for one in (stated if isinstance(stated, list) else [stated])
    ]
    for root in roots:
        if not root.is_dir():
            raise ClipError(f"The folder of the videos must exist, {root} does not.")
    splits = {name for names in NAMES.values() for name in names} | {"validate"}
    beside = [
        child
        for root in roots
        if root.name.lower() in splits
        for child in sorted(root.parent.iterdir())
        if child.name.lower() in splits and child.is_dir()
    ]
    return list(dict.fromkeys([*roots, *beside]))
