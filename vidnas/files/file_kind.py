"""What is a file that a user names? Its kind, and the command that takes it."""

import re
import stat
from pathlib import Path

from vidnas.errors import InputError

EXPERIMENT = "an experiment"
SPACE = "a search space"
ARCHITECTURE = "an architecture"
ENSEMBLE = "an ensemble"
TABLE = "a latency table"
JOURNAL = "the journal of a study"
STUDY_FOLDER = "a study folder"
TRAINING_FOLDER = "the folder of a training"
VIDEO = "a video"
FOLDER = "a folder"

# What takes it; `PATH` stands for the file.
_COMMANDS = {
    EXPERIMENT: "`vidnas search PATH` takes it",
    SPACE: "`vidnas space show PATH` takes it",
    ARCHITECTURE: "`vidnas cost PATH` and `vidnas train PATH` take it",
    ENSEMBLE: "`vidnas evaluate PATH` and `vidnas stream PATH` take it",
    TABLE: "`vidnas latency check --table PATH` takes it",
    JOURNAL: "`vidnas front` takes its folder",
    STUDY_FOLDER: "`vidnas front PATH` takes it",
    TRAINING_FOLDER: "`vidnas predict PATH` asks its network",
    VIDEO: "`vidnas data check` takes a folder of class folders with videos",
}
_KIND_OF_SCHEMA = {
    "experiment": EXPERIMENT,
    "space": SPACE,
    "architecture": ARCHITECTURE,
    "ensemble": ENSEMBLE,
    "latency": TABLE,
    "journal": JOURNAL,
}
_KIND_OF_SUFFIX = {
    ".html": "a page",
    ".ipynb": "a notebook",
    ".npz": "a file of weights",
    ".keras": "a file of weights",
    ".h5": "a file of weights",
    ".py": "a Python file",
}
_SCHEMA = re.compile(rb"""^[{\s]*["']?schema["']?\s*:\s*["']?vidnas\.(\w+)/""", re.M)
_HEAD_OF_JOURNAL = re.compile(rb'^\{"event":')
# How mp4 and mov, avi, mkv and webm, and mpg begin.
_VIDEO = re.compile(rb"....ftyp|RIFF|\x1a\x45\xdf\xa3|\x00\x00\x01\xba", re.S)
_FIRST = 2**14  # bytes of a file that tell its kind
MOST_BYTES = 2**26  # of a text document


def kind_of(path: Path) -> str:
    """What the file or folder is, in words; empty where that is not known.

    Raises:
        OSError: it cannot be looked at.
        ValueError: the path holds a NUL character.
    """
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        if (path / "journal.jsonl").exists():
            return STUDY_FOLDER
        is_training = (path / "training.jsonl").exists()
        return TRAINING_FOLDER if is_training else FOLDER
    if not stat.S_ISREG(mode):
        return "a pipe" if stat.S_ISFIFO(mode) else "a device"
    suffix = path.suffix.lower()
    if suffix in _KIND_OF_SUFFIX:
        return _KIND_OF_SUFFIX[suffix]
    with path.open("rb") as file:
        first = file.read(_FIRST)
    if _VIDEO.match(first):
        return VIDEO
    if _HEAD_OF_JOURNAL.match(first):
        return JOURNAL
    schema = _SCHEMA.search(first)
    return _KIND_OF_SCHEMA.get(schema[1].decode(), "") if schema else ""


def require_kind(path: Path, wanted: str, error: type[InputError] = InputError) -> None:
    """Raises where a file can be seen to be of another kind than `wanted`.

    Args:
        path: File that a user named.
        wanted: Kind that is needed, such as `SPACE`.
        error: Error class of the document.

    Raises:
        InputError: the file is of another kind, cannot be read, or is far too large.
    """
    try:
        found = kind_of(path)
        size = path.stat().st_size
    except OSError as wrong:
        raise error(f"{path} cannot be read: {wrong.strerror}.") from wrong
    except ValueError as wrong:  # a NUL character
        raise error(f"{path} cannot be read: {wrong}.") from wrong
    if found not in ("", wanted):
        raise wrong_kind(path, wanted, error)
    if size > MOST_BYTES:
        raise error(
            f"{path} must be {wanted} of at most {MOST_BYTES >> 20} MiB, it has "
            f"{size >> 20} MiB."
        )


def wrong_kind(path: Path, wanted: str, error: type[InputError]) -> InputError:
    """The error of a path that should be something else."""
    try:
        found = kind_of(path)
    except OSError as wrong:
        return error(f"{path} must be {wanted}: {wrong.strerror}.")
    except ValueError as wrong:
        return error(f"{path} must be {wanted}: {wrong}.")
    remedy = _COMMANDS.get(found, "").replace("PATH", str(path))
    return error(
        f"{path} must be {wanted}, it is {found or 'a file of another kind'}"
        f"{f': {remedy}' if remedy else ''}."
    )
