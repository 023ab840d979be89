"""Which dataset do words on the command line name? A path, or words as in `clips:`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vidnas.datasets.readers.annotation import cells, read_lines
from vidnas.datasets.readers.reader import Findings
from vidnas.datasets.readers.table import COLUMNS
from vidnas.datasets.readers.video_files import is_video_name
from vidnas.datasets.source import ClipSource
from vidnas.datasets.store import is_address
from vidnas.documents.node import Node, Origin
from vidnas.documents.suggestion import nearest
from vidnas.errors import InputError
from vidnas.study.experiment.named_clips import FORMS, read_clips
from vidnas.study.experiment.reader import load_experiment

_TABLES, _EXPERIMENTS = (".csv", ".tsv", ".txt"), (".yaml", ".yml")
_LABELS = set(COLUMNS["labels"])


def named_source(path: str | Path) -> ClipSource:
    """The dataset that a path names: class folders, an index, a table or a list.

    Raises:
        InputError: the file could be of several kinds, or of none.
    """
    place = Path(path).expanduser()
    suffix = place.suffix.lower()
    if is_address(path):
        kind = "index" if suffix == ".parquet" else "folder"
        return ClipSource.of({kind: str(path)})
    if place.is_dir() or suffix not in (*_TABLES, *_EXPERIMENTS):
        kind = "index" if suffix == ".parquet" else "folder"
        return ClipSource.of({kind: str(place)})
    if suffix in _EXPERIMENTS:
        source = load_experiment(place).clips.source
        if not source:
            raise InputError(f"{place} must name `clips`, it searches by a score.")
        return ClipSource.of(source)
    return ClipSource.of({_kind_of_text(place): str(place)})


def source_of_words(words: Sequence[str]) -> ClipSource:
    """The dataset that words name: a path, or `KIND=PATH KEY=VALUE ...`.

    Raises:
        InputError: a key is unknown, or a word is neither.
    """
    first, *rest = words
    if "=" not in first or Path(first).exists():
        if rest:
            raise InputError(
                f"A dataset must be one path or `KIND=PATH KEY=VALUE ...`, got "
                f"{' '.join(words)}."
            )
        if is_address(first):
            return named_source(first)
        return named_source(_absolute(Path(first).expanduser()))
    document: dict[str, Any] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            raise InputError(f"A word beside `{first}` must be KEY=VALUE, got {word}.")
        document[key] = _value(value)
    if not any(key in FORMS for key in document):
        raise InputError(
            f"A dataset must be of a kind, one of {', '.join(FORMS)}, got "
            f"`{first.partition('=')[0]}`.{nearest(first.partition('=')[0], FORMS)}"
        )
    node = Node(document, Origin("command line"), ("clips",))
    return ClipSource.of(read_clips(node, Path.cwd()).source)


def _value(text: str) -> Any:
    """A number or flag where the text is one."""
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.isdecimal() else text


def _absolute(path: Path) -> str:
    """The path from the root, links and all; `..` has to follow them."""
    return str(path.resolve() if ".." in path.parts else path.absolute())


def _kind_of_text(path: Path) -> str:
    """The kind of dataset that a text file is by its first line.

    Raises:
        InputError: it shows none, or one that needs more words.
    """
    lines = read_lines(path, Findings())
    if not lines:
        raise InputError(f"A list of clips must have lines, {path} is empty.")
    head = lines[0][1].casefold()
    if "youtube_id" in head:
        return "kinetics"
    separator = next((mark for mark in "\t;," if mark in head), ",")
    columns = {name.strip() for name in next(cells(head, separator))}
    if columns & set(COLUMNS["path"]) and columns & _LABELS:
        return "table"
    if "actions" in columns:
        return "charades"
    return "moments" if _is_of_moments(next(cells(lines[0][1], ","))) else "list"


def _is_of_moments(row: Sequence[str]) -> bool:
    """Whether a row is `CLASS/FILE.mp4,CLASS,VOTES,VOTES`."""
    file, *rest = (cell.strip() for cell in row)
    if len(rest) != 3 or rest[0].isdecimal() or not is_video_name(file):
        return False
    return rest[1].isdecimal() and rest[2].isdecimal()
