"""Where do files of a study lie? In a folder on a disk or in an object store.

Addresses, as `s3://bucket/runs/x`, are those of fsspec. A file is written whole or not
at all: on a disk under a name of its own until it is complete, in an object store by
one upload. Other stores, such as `sftp://`, are written to as disks are.
"""

import errno
import os
import re
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from vidnas.documents.visible_text import is_control, visible
from vidnas.files.no_link import require_no_link
from vidnas.whole_file import is_unfinished, write_whole

ATTEMPTS = 3
PAUSE_SECONDS = 0.5  # before the second attempt; twice that before the third
_ADDRESS = re.compile(r"([a-z][a-z0-9+.\-]+)://", re.IGNORECASE)
# An upload to these replaces an object at once or does nothing.
_WHOLE = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az", "oci", "oss", "memory"}
_Told = TypeVar("_Told")


def is_address(text: str | os.PathLike[str]) -> bool:
    """Whether a text names a place in a store, as `s3://bucket/x`, and no path."""
    return _ADDRESS.match(os.fspath(text)) is not None


class Place:
    """A folder of files, on a disk or in an object store.

    What goes wrong there is an OSError that names the place in plain words; a file that
    is not there is a FileNotFoundError.

    Args:
        address: Path, or address in a store.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._system: Any = None
        self._root = ""

    @classmethod
    def of(cls, text: "Place | str | os.PathLike[str]") -> "Place":
        """The place of a path or an address; nothing is asked or made there yet."""
        if isinstance(text, Place):
            return text
        named = os.fspath(text)
        found = _ADDRESS.match(named)
        if found and found[1].lower() in ("file", "local"):
            named = named[found.end() :]
        return cls(named.rstrip("/") or "/")

    def __str__(self) -> str:
        return self.address

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Place) and self.address == other.address

    def __hash__(self) -> int:
        return hash(self.address)

    @property
    def path(self) -> Path | None:
        """The folder on a disk; None of a place in a store."""
        return None if is_address(self.address) else Path(self.address)

    def child(self, name: str) -> "Place":
        """The folder of that name below."""
        return Place(self._at(name))

    def write(self, name: str, raw: bytes) -> None:
        """Writes a file whole or not at all; one of that name is replaced.

        Raises:
            OSError: the place does not take it.
        """
        if self.path is not None:
            require_no_link(self.path)
            write_whole(self.path / _plain(name), raw)
            return
        key = self._key(name)
        self._attempt(name, lambda: self._upload(key, raw))

    def create(self, name: str, raw: bytes) -> None:
        """Writes a file that must not be there; of two writers one succeeds.

        Raises:
            FileExistsError: it is there, with another content.
            OSError: the place does not take it.
        """
        try:
            if self.path is not None:
                self.path.mkdir(parents=True, exist_ok=True)
                with (self.path / _plain(name)).open("xb") as file:
                    file.write(raw)
                return
            key = self._key(name)
            self._attempt(name, lambda: self._create(key, raw))
        except FileExistsError:
            # The answer to an upload may have been lost, and the upload not.
            if self.read(name) != raw:
                raise

    def read(self, name: str) -> bytes:
        """The content of a file.

        Raises:
            OSError: it is not there, or cannot be read.
        """
        if self.path is not None:
            return (self.path / _plain(name)).read_bytes()
        key = self._key(name)
        return bytes(self._attempt(name, lambda: self._fs().cat_file(key)))

    def read_all(self, names: Sequence[str]) -> list[bytes]:
        """The contents of several files; a store is asked for all of them at once.

        Raises:
            OSError: one is not there, or cannot be read.
        """
        if self.path is not None or len(names) < 2:
            return [self.read(name) for name in names]
        keys = [self._key(name) for name in names]
        found = self._attempt("", lambda: self._fs().cat(keys))
        return [bytes(found[key]) for key in keys]

    def names(self, *, unfinished: bool = False) -> list[str]:
        """Names of the files, in order; none of a folder that is not there.

        Args:
            unfinished: Whether files are named that are being written, or were left so.

        Raises:
            OSError: the place cannot be asked.
        """
        if self.path is not None:
            found: list[str] = []
            with suppress(FileNotFoundError):
                found = [entry.name for entry in self.path.iterdir() if entry.is_file()]
        else:
            found = self._listed(folders=False)
        return sorted(n for n in found if unfinished or not is_unfinished(n))

    def folders(self) -> list[str]:
        """Names of the folders below, in order.

        Raises:
            OSError: the place cannot be asked.
        """
        if self.path is None:
            return sorted(self._listed(folders=True))
        with suppress(FileNotFoundError):
            return sorted(entry.name for entry in self.path.iterdir() if entry.is_dir())
        return []

    def rename(self, name: str, new: str) -> None:
        """Gives a file another name; one that is not there stays away.

        Raises:
            OSError: the place does not take it.
        """
        with suppress(FileNotFoundError):
            if self.path is not None:
                (self.path / _plain(name)).replace(self.path / _plain(new))
                return
            self.write(new, self.read(name))
            self.remove(name)

    def modified(self, name: str) -> float:
        """When a file was last written, by the clock of the place [s since the epoch].

        Raises:
            OSError: it is not there, or the place does not say.
        """
        if self.path is not None:
            return (self.path / _plain(name)).stat().st_mtime
        key = self._key(name)
        return self._attempt(name, lambda: self._modified(key))

    def remove(self, name: str) -> None:
        """Removes a file; one that is not there is removed already.

        Raises:
            OSError: the place does not let it go.
        """
        with suppress(FileNotFoundError):
            if self.path is not None:
                (self.path / _plain(name)).unlink()
                return
            key = self._key(name)
            self._attempt(name, lambda: self._fs().rm_file(key))

    def remove_folder(self) -> None:
        """Removes the folder where it is empty and there is such a thing as a folder.

        Raises:
            OSError: it is not empty, or the place does not let it go.
        """
        if self.path is not None:
            self.path.rmdir()
        elif not self._is_whole():
            self._attempt("", lambda: self._fs().rmdir(self._root))

    def _at(self, name: str) -> str:
        return f"{self.address.rstrip('/')}/{_plain(name)}"

    def _key(self, name: str) -> str:
        plain = _plain(name)
        self._fs()
        return f"{self._root.rstrip('/')}/{plain}"

    def _fs(self) -> Any:
        """The file system of an address."""
        if self._system is None:
            try:
                found = import_module("fsspec").core.url_to_fs(self.address)
            except (ImportError, ValueError) as wrong:
                raise OSError(
                    errno.ENOTSUP,
                    f"no store can be reached: {_reason(wrong)}",
                    str(self),
                ) from wrong
            self._system, self._root = found
        return self._system

    def _is_whole(self) -> bool:
        """Whether it is an object store, in which a folder is part of a name."""
        protocols = self._fs().protocol
        named = {protocols} if isinstance(protocols, str) else set(protocols)
        return bool(named & _WHOLE)

    def _modified(self, key: str) -> float:
        system = self._fs()
        system.invalidate_cache()
        told: datetime = system.modified(key)
        return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()

    def _listed(self, *, folders: bool) -> list[str]:
        """Names of what a store lists below: its files, or its folders."""
        try:
            told = self._attempt("", self._list)
        except FileNotFoundError:
            return []
        found = (
            str(one["name"]).rstrip("/")
            for one in told
            if (one.get("type") == "directory") == folders
        )
        root = self._root.rstrip("/")  # some list the folder itself
        names = (one.rpartition("/")[2] for one in found if one != root)
        return [name for name in names if name]

    def _list(self) -> list[dict[str, Any]]:
        system = self._fs()
        system.invalidate_cache()  # others write there too
        listed: list[dict[str, Any]] = system.ls(self._root, detail=True)
        return listed

    def _upload(self, key: str, raw: bytes) -> None:
        system = self._fs()
        if self._is_whole():
            system.pipe_file(key, raw)
            return
        partial = f"{self._root}/.vidnas-{secrets.token_hex(8)}.partial"
        system.makedirs(self._root, exist_ok=True)
        try:
            system.pipe_file(partial, raw)
            system.mv(partial, key)
        except BaseException:
            with suppress(Exception):
                system.rm_file(partial)
            raise

    def _create(self, key: str, raw: bytes) -> None:
        system = self._fs()
        try:
            system.pipe_file(key, raw, mode="create")
        except TypeError:  # of a store that knows no such upload
            if system.exists(key):
                raise FileExistsError(errno.EEXIST, "it is there", key) from None
            system.pipe_file(key, raw)

    def _attempt(self, name: str, ask: Callable[[], _Told]) -> _Told:
        """What a store answers; asked again where it fails, for stores do at times."""
        where = self._at(name) if name else self.address
        for number in range(ATTEMPTS):
            try:
                return ask()
            except FileNotFoundError as wrong:
                raise FileNotFoundError(
                    errno.ENOENT, "no such file in the store", where
                ) from wrong
            except FileExistsError as wrong:
                raise FileExistsError(errno.EEXIST, "it is there", where) from wrong
            except PermissionError as wrong:
                raise PermissionError(errno.EACCES, _reason(wrong), where) from wrong
            except Exception as wrong:  # each store has errors of its own
                if number == ATTEMPTS - 1 or _is_final(wrong):
                    code = getattr(wrong, "errno", None) or errno.EIO
                    raise OSError(code, _reason(wrong), where) from wrong
                time.sleep(PAUSE_SECONDS * 2**number)
        raise AssertionError("the last attempt returns or raises")


def _is_final(wrong: Exception) -> bool:
    """Whether asking again is of no use."""
    return isinstance(wrong, NotImplementedError) or (
        isinstance(wrong, OSError) and wrong.errno in (errno.ENOSPC, errno.ENOTSUP)
    )


def _plain(name: str) -> str:
    """The name itself; a path would lead out of the place."""
    faulty = name in ("", ".", "..") or "/" in name or "\\" in name
    if faulty or any(map(is_control, name)):
        raise OSError(
            errno.EINVAL, "a file's name must be a name and no path", visible(name, "")
        )
    return name


def _reason(wrong: Exception) -> str:
    text = visible(" ".join(str(wrong).split()), "").rstrip(".")
    return text or type(wrong).__name__
