"""How is a file written? Whole or not at all, whatever else writes beside it.

The content goes to a file of a random name in the same folder, which takes the name at
once. So two commands never meet in one unfinished file, and a link is replaced, never
followed. What a killed command left is removed a day later by the next that writes
there.
"""

import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

OLD_SECONDS = 86400.0  # after which nobody is still writing an unfinished file
_PREFIX, _SUFFIX = ".vidnas-", ".partial"
_OURS = re.compile(rf"{re.escape(_PREFIX)}[0-9a-f]{{16}}{re.escape(_SUFFIX)}")
# Streams by their names: a rename would put a file in the place of the device.
_STREAM_FOLDERS = {"/dev", "/dev/fd", "/proc/self/fd"}


def write_whole(path: Path, content: str | bytes) -> None:
    """Writes a file so that a reader sees the old or the new one, never a half.

    What is no regular file, such as a pipe or `/dev/stdout`, is written to as it is.

    Raises:
        OSError: the disk or the folder does not take the file; then nothing is left.
            The error names `path`.
    """
    raw = content.encode() if isinstance(content, str) else content
    try:
        if _is_stream(path):
            with path.open("wb") as file:
                file.write(raw)
            return
        with unfinished(path) as partial, partial.open("r+b") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        _flush_folder(path.parent)
    except OSError as wrong:
        # A full disk names nothing, and nobody knows the unfinished file.
        raise OSError(wrong.errno, wrong.strerror, str(path)) from wrong


@contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """An empty file beside `path` that takes its name in the end, or is removed.

    Args:
        path: File that appears whole; its folder is made where absent.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}")
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
    file = os.open(partial, flags, 0o666)  # less the umask, as any new file
    try:
        try:
            _keep_permissions(file, path)
            _sweep(path, os.fstat(file).st_mtime)
        finally:
            os.close(file)
        yield partial
        partial.replace(path)
    except BaseException:
        with suppress(OSError):
            partial.unlink()
        raise


def is_unfinished(name: str) -> bool:
    """Whether a file of that name is one that `unfinished` made."""
    return _OURS.fullmatch(name) is not None


def _is_stream(path: Path) -> bool:
    if os.path.abspath(path.parent) in _STREAM_FOLDERS:  # noqa: PTH100 (no links)
        return path.exists()
    return path.is_char_device() or path.is_fifo()


def _keep_permissions(file: int, path: Path) -> None:
    """A file that is replaced keeps its permission bits."""
    with suppress(OSError):
        before = path.lstat()
        if stat.S_ISREG(before.st_mode):
            os.fchmod(file, stat.S_IMODE(before.st_mode))


def _sweep(path: Path, now: float) -> None:
    """Removes what killed commands left long ago, by the disk's own clock."""
    # Version 0.1 wrote to these names.
    names = [f".{path.name}.partial", f".{path.name}.part"]
    with suppress(OSError):
        names += [name for name in os.listdir(path.parent) if is_unfinished(name)]  # noqa: PTH208
    for name in names:
        left = path.with_name(name)
        with suppress(OSError):
            if now - left.lstat().st_mtime > OLD_SECONDS:
                left.unlink()


def _flush_folder(folder: Path) -> None:
    """The new name is on the disk too, where the file system can say so."""
    with suppress(OSError):
        file = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
