"""Which dataset is meant? A name of it that travels to workers, and its index there."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidnas.clips.index import ClipIndex
from vidnas.clips.readers.class_folders import read_class_folders

FOLDER = "folder"

Option = str | int | float | bool | None | tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class ClipSource:
    """A dataset by name: what `clips:` of an experiment says of it.

    It is hashable and small: workers get it, and read the index themselves.

    Args:
        kind: Kind of dataset, the word that names its reader: `folder`.
        path: Absolute path of the folder or file that is read first.
        options: Options of the reader by name, in the order of their names.
    """

    kind: str
    path: str
    options: tuple[tuple[str, Option], ...] = ()

    @classmethod
    def of(cls, named: "str | Path | Mapping[str, Any] | ClipSource") -> "ClipSource":
        """The dataset that a path or a document names.

        Args:
            named: Class folders; or a document of the kind with its path first, and
                options of the reader.
        """
        if isinstance(named, ClipSource):
            return named
        if isinstance(named, Mapping):
            (kind, path), *options = named.items()
            return cls(kind, str(path), tuple(sorted(options)))
        return cls(FOLDER, str(named))

    def to_document(self) -> dict[str, Any]:
        """The source as plain data, which `of` reads."""
        return {self.kind: self.path, **dict(self.options)}

    def __str__(self) -> str:
        return self.path


def read_index(source: ClipSource) -> ClipIndex:
    """The clips of a dataset.

    Raises:
        ClipError: the dataset cannot be used.
    """
    return read_class_folders(Path(source.path))
