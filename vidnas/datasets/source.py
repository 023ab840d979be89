"""Which dataset is meant? A name of it that travels to workers, and its index there."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidnas.datasets.index import ClipIndex
from vidnas.datasets.readers.assembling import assemble
from vidnas.datasets.readers.reader import Findings
from vidnas.datasets.readers.registry import FOLDER, INDEX, READERS
from vidnas.datasets.store import is_address, is_local_address, local_copy
from vidnas.documents.suggestion import nearest
from vidnas.errors import ClipError

Option = str | int | float | bool | None | tuple[Any, ...]

# Of times of files: a change in the moment of reading has the time that was seen.
_SETTLED_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class ClipSource:
    """A dataset by name: what `clips:` of an experiment says of it.

    It is hashable and small: workers get it, and read the index themselves.

    Args:
        kind: Kind of dataset, the word that names its reader: `folder`.
        path: Path of the folder or file that is read first, absolute where it travels.
        options: Options of the reader by name, in the order of their names.
    """

    kind: str
    path: str
    options: tuple[tuple[str, Option], ...] = ()

    @classmethod
    def of(cls, named: "str | Path | Mapping[str, Any] | ClipSource") -> "ClipSource":
        """The dataset that a path or a document names.

        Args:
            named: Class folders, or an index ending in `.parquet`; or a document of the
                kind with its path first, and options of the reader.
        """
        if isinstance(named, ClipSource):
            return named
        if isinstance(named, Mapping):
            (kind, path), *options = named.items()
            frozen = ((name, _frozen(value)) for name, value in options)
            return cls(kind, str(path), tuple(sorted(frozen)))
        kind = "index" if str(named).endswith(".parquet") else FOLDER
        return cls(kind, str(named))

    def to_document(self) -> dict[str, Any]:
        """The source as plain data, which `of` reads."""
        options = {name: _thawed(value) for name, value in self.options}
        return {self.kind: self.path, **options}

    @property
    def named(self) -> str | dict[str, Any]:
        """The source as an assignment has it: class folders by their path alone."""
        is_plain = self.kind == FOLDER and not self.options
        return self.path if is_plain else self.to_document()

    def option(self, name: str) -> Any:
        """An option of the reader; None where it has none of that name."""
        return self.to_document().get(name)

    def with_option(self, name: str, value: Any) -> "ClipSource":
        """The source with an option of its reader."""
        return ClipSource.of({**self.to_document(), name: value})

    def __str__(self) -> str:
        return self.path


def _frozen(value: Any) -> Any:
    """A value of a document that can be hashed; a mapping is pairs in a tuple."""
    if isinstance(value, Mapping):
        return ("map", *((key, _frozen(one)) for key, one in sorted(value.items())))
    if isinstance(value, list | tuple):
        return ("list", *(_frozen(one) for one in value))
    return value


def _thawed(value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    form, *items = value
    if form == "map":
        return {key: _thawed(one) for key, one in items}
    return [_thawed(one) for one in items]


_Times = tuple[tuple[Path, int], ...]
_indexes: dict[tuple[ClipSource, Path], tuple[ClipIndex, _Times]] = {}
_lock = threading.Lock()


def read_index(source: ClipSource) -> ClipIndex:
    """The clips of a dataset, read again in a process only after it has changed.

    Raises:
        ClipError: the dataset cannot be used.
    """
    key = source, Path.cwd()  # a relative path means another dataset elsewhere
    with _lock:
        if key in _indexes:
            index, times = _indexes[key]
            if all(_time(path) == then for path, then in times):
                return index
        if source.kind not in READERS:
            raise ClipError(
                f"A dataset must be one of {', '.join(READERS)}, got `{source.kind}`."
                f"{nearest(source.kind, READERS)}"
            )
        index, findings = _read(source)
        _indexes.pop(key, None)
        times = tuple((one, _time(one)) for one in sorted(findings.watched))
        newest = max((then for _, then in times), default=0)
        if newest < time.time_ns() - _SETTLED_SECONDS * 1e9:
            _indexes[key] = index, times
        return index


def _read(source: ClipSource) -> tuple[ClipIndex, Findings]:
    """The clips of a dataset, and what its reader noted."""
    options = source.to_document()
    path, findings = _on_disk(source), Findings()
    try:
        listing = READERS[source.kind](path, options, findings)
        return assemble(listing, path, options, findings), findings
    except ClipError as wrong:
        if not is_address(source.path):
            raise
        raise ClipError(str(wrong).replace(str(path), source.path)) from wrong


def _on_disk(source: ClipSource) -> Path:
    """The folder or file of a dataset; of an index in an object store, its copy.

    Raises:
        ClipError: another dataset lies in an object store, or the index cannot be had.
    """
    if not is_address(source.path):
        return Path(source.path)
    if source.kind == INDEX or is_local_address(source.path):
        return local_copy(source.path)
    raise ClipError(
        f"A dataset must lie on a disk, unless it is an index (.parquet) whose paths "
        f"are addresses; got {source.path}."
    )


def _time(path: Path) -> int:
    """When a folder or file was last changed [ns]; 0 where it is not there."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0
