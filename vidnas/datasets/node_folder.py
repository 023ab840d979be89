"""Where on a node's disk lies what can be made again? One folder a user, bounded.

It holds decoded clips and copies of remote files, by name. Whatever was used longest
ago goes first. Without it, all works as well, only slower.
"""

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from vidnas.whole_file import OLD_SECONDS, is_unfinished

VARIABLE = "VIDNAS_NODE_FOLDER"  # a folder in place of the default, or `off`
_OFF = ("off", "0", "")
_LOCKS = 256  # names share them, so that they need not be removed
_FREE = 2  # a file is kept only where so many of its size would fit

# Elsewhere there are no such locks: a thing may be made twice.
try:
    _fcntl: Any = import_module("fcntl")
except ImportError:  # a system without these locks
    _fcntl = None


def node_folder(kind: str) -> Path | None:
    """The folder of one kind of things; None where there can or shall be none.

    Args:
        kind: Kind of things, such as `decoded`.
    """
    stated = os.environ.get(VARIABLE)
    if stated is not None and stated.strip().lower() in _OFF:
        return None
    user = os.getuid() if hasattr(os, "getuid") else "user"
    root = Path(stated) if stated else Path(tempfile.gettempdir()) / f"vidnas-{user}"
    try:
        root.mkdir(mode=0o700, parents=bool(stated), exist_ok=True)
        if not stated and not _is_own(root):
            return None
        folder = root / kind
        folder.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        return None
    return folder if os.access(folder, os.W_OK) else None


def touch(item: Path) -> None:
    """Notes that a file or folder was used now."""
    with suppress(OSError):
        os.utime(item)


def make_room(folder: Path, needed: int, limit: int) -> bool:
    """Removes what was used longest ago until `needed` more bytes fit the limit.

    Args:
        folder: Folder of one kind.
        needed: Size of what is to come [bytes].
        limit: The most that the folder may hold [bytes].

    Returns:
        Whether so much may be written now: it fits the limit and the disk.
    """
    if needed > limit:
        return False
    items = sorted(_items(folder))
    total = sum(size for _, size, _ in items)
    for _, size, item in items:
        if total + needed <= limit:
            break
        _remove(item)
        total -= size
    try:
        return shutil.disk_usage(folder).free >= _FREE * needed
    except OSError:
        return False


@contextmanager
def locked(folder: Path, name: str) -> Iterator[None]:
    """Holds the lock of a name among the processes of this node.

    It goes with its process. Where the disk knows no locks, nothing is held.
    """
    if _fcntl is None:
        yield
        return
    number = sum(name.encode()) % _LOCKS
    try:
        file = os.open(folder / f".lock-{number:03d}", os.O_CREAT | os.O_RDWR, 0o600)
    except OSError:
        yield
        return
    try:
        with suppress(OSError):
            _fcntl.flock(file, _fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def _is_own(root: Path) -> bool:
    """Whether nobody else could have put something there."""
    status = root.lstat()
    if not stat.S_ISDIR(status.st_mode):
        return False
    if not hasattr(os, "getuid"):
        return True
    return status.st_uid == os.getuid() and not status.st_mode & 0o022


def _items(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """When each thing was used last, its size, and where it is."""
    for item in folder.iterdir():
        if item.name.startswith(".lock-"):
            continue
        with suppress(OSError):
            if is_unfinished(item.name):
                if time.time() - item.lstat().st_mtime > OLD_SECONDS:
                    _remove(item)  # a killed process left it
                continue
            parts = item.iterdir() if item.is_dir() else [item]
            size = sum(part.lstat().st_size for part in parts)
            yield item.lstat().st_mtime, size, item


def _remove(item: Path) -> None:
    """What others have mapped stays theirs until they let it go."""
    with suppress(OSError):
        if item.is_dir():
            shutil.rmtree(item)
        else:
            item.unlink()
