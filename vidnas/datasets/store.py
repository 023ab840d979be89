"""Where do clips lie? On a disk, or in an object store, read through fsspec.

A file of an object store is copied to the node's disk when it is read, once for all
processes of the node; the copies used longest ago go first.
"""

import hashlib
import os
import re
import shutil
import tempfile
import time
from functools import cache
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import Any

from vidnas.datasets.node_folder import locked, make_room, node_folder, touch
from vidnas.errors import ClipError
from vidnas.whole_file import unfinished

KIND = "copies"
LIMIT_BYTES = 20 * 2**30
ATTEMPTS = 3
PAUSE_SECONDS = 0.5  # before the second attempt; twice that before the third
# A name such as `rec12:30/a.mp4` is a file: an address has `//` and a known protocol.
_ADDRESS = re.compile(r"([a-z][a-z0-9+.\-]*)://", re.IGNORECASE)


def is_address(path: str | os.PathLike[str]) -> bool:
    """Whether a path is an address, as `s3://bucket/a.mp4`, and no file of a disk."""
    found = _ADDRESS.match(os.fspath(path))
    return found is not None and found[1].lower() in _protocols()


def local_copy(path: str | os.PathLike[str]) -> Path:
    """The file of a path on this node's disk: itself, or a copy of what lies remote.

    A copy stays until room is needed. Take it anew for every reading.

    Args:
        path: Path of a file, or address in an object store.

    Raises:
        ClipError: the object cannot be had, or this disk does not take it.
    """
    address = os.fspath(path)
    if not is_address(address):
        return Path(address)
    if address.lower().startswith(("file://", "local://")):
        return Path(_system(address)[1])
    folder = node_folder(KIND) or _own_folder()
    size, changed = _size_and_change(address)
    key = hashlib.sha256(f"{address} {size} {changed}".encode(errors="surrogateescape"))
    suffix = PurePosixPath(address).suffix[:10]
    copy = folder / f"{key.hexdigest()[:32]}{suffix}"
    if not copy.exists():
        with locked(folder, copy.name):
            if not copy.exists():
                _fetch(address, copy, size)
    touch(copy)
    return copy


def file_version(path: str | os.PathLike[str]) -> tuple[str, int]:
    """When a file changed last, as its disk or store says, and its size [bytes].

    A folder of frames is as old as its newest change of names.

    Raises:
        ClipError: it is not there.
    """
    address = os.fspath(path)
    if is_address(address):
        size, changed = _size_and_change(address)
        return changed, size
    try:
        status = Path(record_file(address)).stat()
    except OSError as wrong:
        raise _absent(address, wrong) from wrong
    return str(status.st_mtime_ns), status.st_size


def record_file(path: str) -> str:
    """The file that holds a record `file#OFFSET`; any other path itself."""
    file, _, offset = path.rpartition("#")
    if file and offset.isdecimal() and not Path(path).exists():
        return file
    return path


def forget_versions() -> None:
    """Asks the stores again what they hold."""
    _size_and_change.cache_clear()


@cache  # a store is asked once in a process, as a disk would be far more often
def _size_and_change(address: str) -> tuple[int, str]:
    def ask() -> tuple[int, str]:
        system, path = _system(address)
        told = system.info(path)
        names = ("ETag", "etag", "md5Hash", "generation", "LastModified", "mtime")
        change = next((told[name] for name in names if told.get(name)), "")
        return int(told.get("size") or 0), str(change or told.get("created") or "")

    found: tuple[int, str] = _attempt(address, ask)
    return found


def _fetch(address: str, copy: Path, size: int) -> None:
    """Copies an object, whole or not at all."""
    if not make_room(copy.parent, size, LIMIT_BYTES):
        raise ClipError(
            f"The disk must have room for a copy of {address} ({size} bytes), "
            f"{copy.parent} has not."
        )

    def fetch() -> None:
        system, path = _system(address)
        with unfinished(copy) as partial:
            system.get_file(path, str(partial))
            got = partial.stat().st_size
            if size and got != size:
                raise OSError(f"{got} of {size} bytes came")

    _attempt(address, fetch)


def _attempt(address: str, ask: Any) -> Any:
    """What a store answers; asked again where it fails, for stores do now and then."""
    for number in range(ATTEMPTS):
        try:
            return ask()
        except FileNotFoundError as wrong:
            raise _absent(address, wrong) from wrong
        except Exception as wrong:  # each store has errors of its own
            if number == ATTEMPTS - 1:
                raise ClipError(
                    f"A clip must be readable in its store, got {_reason(wrong)}: "
                    f"{address}."
                ) from wrong
            time.sleep(PAUSE_SECONDS * 2**number)
    raise AssertionError("the last attempt returns or raises")


def _system(address: str) -> tuple[Any, str]:
    """The file system of an address, and the path there."""
    try:
        system, path = import_module("fsspec").core.url_to_fs(address)
    except ImportError as wrong:
        raise ClipError(
            f"{address} needs a library that is not installed: {_reason(wrong)}."
        ) from wrong
    return system, path


@cache
def _protocols() -> frozenset[str]:
    registry = import_module("fsspec.registry")
    return frozenset(registry.available_protocols())


@cache
def _own_folder() -> Path:
    """Copies of this process alone, where the node keeps none; removed at its end."""
    import atexit

    folder = Path(tempfile.mkdtemp(prefix="vidnas-copies-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _absent(address: str, wrong: Exception) -> ClipError:
    return ClipError(f"A clip must be a file that is there, got {_reason(wrong)}.")


def _reason(wrong: Exception) -> str:
    text = " ".join(str(wrong).split()).rstrip(".")
    return text or type(wrong).__name__
