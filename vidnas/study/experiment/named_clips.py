"""Which dataset does an experiment name? `clips:` has one kind, and options of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vidnas.documents.node import Node
from vidnas.study.experiment.defaults import MOTION

FOLDER = "folder"


@dataclass(frozen=True, slots=True)
class Motion:
    """Motion clips to generate into the clips folder where they are absent.

    Args:
        seed: Seed of the generator.
        train_per_class: Training clips per class.
        val_per_class: Validation clips per class.
    """

    seed: int
    train_per_class: int
    val_per_class: int


@dataclass(frozen=True, slots=True)
class Clips:
    """Where the videos are, and what says their classes.

    Args:
        source: Kind of the dataset with its absolute path, the first key; options of
            the kind after it. Empty where nothing is trained and no clips are named.
        motion: Clips to generate there, or None for the user's own videos.
    """

    source: Mapping[str, Any]
    motion: Motion | None = None

    @property
    def place(self) -> Path:
        """Folder or file of the dataset that is read first; `.` where there is none."""
        return Path(next(iter(self.source.values()), ""))


@dataclass(frozen=True, slots=True)
class Form:
    """What may stand beside a kind of dataset.

    Args:
        paths: Keys of files and folders, relative to the experiment's.
        options: Reader of each further key.
    """

    paths: tuple[str, ...] = ()
    options: Mapping[str, Callable[[Node], Any]] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys of the form, those that every kind has included."""
        return (*self.paths, *self.options, *COMMON, CACHE)


def _group(node: Node) -> int | str:
    return node.integer() if isinstance(node.value, int) else node.text()


def _columns(node: Node) -> dict[str, str]:
    node.fields("path", "labels", "start", "end", "split", "group", "id")
    return {key: node.child(key).text() for key in node.value}


def _split(node: Node) -> int:
    return node.integer(maximum=3)


# Of every kind: what must be on one side, and whether content is in the identity.
COMMON: Mapping[str, Callable[[Node], Any]] = {"group": _group, "content": Node.flag}
CACHE = "cache"  # folder or address of a decoded copy; `false` for none
_FILES = ("val", "test", "videos", "classes")

FORMS: Mapping[str, Form] = {
    FOLDER: Form(),
    "list": Form(
        _FILES,
        {
            "separator": lambda node: node.one_of("space", "tab", "comma"),
            "frames": Node.flag,
        },
    ),
    "kinetics": Form((*_FILES, "replacement")),
    "ucf101": Form(("videos",), {"split": _split}),
    "hmdb51": Form(("videos",), {"split": _split}),
    "something": Form(_FILES),
    "charades": Form(_FILES, {"per": lambda node: node.one_of("video", "action")}),
    "moments": Form(_FILES),
    "table": Form(_FILES, {"columns": _columns}),
    "tfrecord": Form(("val", "test", "classes")),
    "index": Form(("videos",)),
}


def require_known_keys(clips: Node) -> str:
    """The kind of dataset that `clips` names; empty where it names none.

    Raises:
        InputError: it names two, or has a key that its kind has not.
    """
    value = clips.value if isinstance(clips.value, dict) else {}
    kinds = [key for key in value if key in FORMS]
    if len(kinds) > 1:
        raise clips.child(kinds[1]).complaint(
            f"`clips` must name one dataset, got `{kinds[0]}` and `{kinds[1]}`."
        )
    if not kinds:
        clips.fields(*FORMS, "motion")
        return ""
    motion = ("motion",) if kinds[0] == FOLDER else ()
    clips.fields(kinds[0], *FORMS[kinds[0]].keys, *motion)
    return str(kinds[0])


def read_clips(node: Node, folder: Path) -> Clips:
    """The dataset that a document names.

    Args:
        node: Mapping with a kind of dataset.
        folder: Folder that relative paths begin at.

    Raises:
        InputError: a key or a value is wrong.
    """
    kind = require_known_keys(node) or FOLDER
    form = FORMS[kind]
    source: dict[str, Any] = {kind: _place(node.need(kind), folder)}
    for key in form.paths:
        stated = node.get(key)
        if stated is not None:
            source[key] = _places(stated, folder)
    for key, reader in (*form.options.items(), *COMMON.items()):
        stated = node.get(key)
        if stated is not None:
            source[key] = reader(stated)
    cache = node.get(CACHE)
    if cache is not None:
        source[CACHE] = False if cache.value is False else _place(cache, folder)
    return Clips(source, node.read("motion", _motion, None))


def _places(node: Node, folder: Path) -> str | list[str]:
    if isinstance(node.value, list):
        return [_place(one, folder) for one in node.items()]
    return _place(node, folder)


def _place(node: Node, folder: Path) -> str:
    """An absolute path; an address in an object store stays as it is."""
    text = node.text()
    if "://" in text:
        return text
    return str((folder / Path(text).expanduser()).resolve())


def _motion(node: Node) -> Motion:
    node.fields("seed", "train_per_class", "val_per_class")
    return Motion(
        node.read("seed", lambda n: n.integer(minimum=0), MOTION["seed"]),
        node.read("train_per_class", Node.integer, MOTION["train_per_class"]),
        node.read("val_per_class", Node.integer, MOTION["val_per_class"]),
    )
