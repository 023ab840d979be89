"""What is said when a command breaks? One line, and the exit code it ends with."""

import errno
import os
from pathlib import Path

from vidnas.errors import InputError, VidnasError
from vidnas.files.file_kind import kind_of

DONE, FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130

# The path is not one that can be used; anything else failed on the way.
_WRONG_PATHS = frozenset(
    {
        errno.ENOENT,
        errno.ENOTDIR,
        errno.EISDIR,
        errno.EEXIST,
        errno.ENOTEMPTY,
        errno.EACCES,
        errno.EPERM,
        errno.EROFS,
        errno.ENAMETOOLONG,
        errno.ELOOP,
        errno.ENXIO,
        errno.EXDEV,
        errno.ETXTBSY,
    }
)


def failure(wrong: BaseException) -> tuple[str, int] | None:
    """The line and the exit code of an error; None where it is a bug of ours.

    Args:
        wrong: What ended the command.
    """
    if isinstance(wrong, VidnasError):
        return str(wrong), WRONG_INPUT if isinstance(wrong, InputError) else FAILED
    if isinstance(wrong, OSError):
        code = WRONG_INPUT if wrong.errno in _WRONG_PATHS else FAILED
        return _os_words(wrong), code
    if isinstance(wrong, MemoryError):
        return "The machine's memory is used up.", FAILED
    if isinstance(wrong, RecursionError):
        return "The input nests too deeply to be read.", WRONG_INPUT
    if isinstance(wrong, UnicodeEncodeError) and _is_no_text(wrong):
        before, after = wrong.object[: wrong.start], wrong.object[wrong.start :]
        word = (before.split() or [""])[-1] + (after.split() or [""])[0]
        return f"A name must be UTF-8, got `{word}`.", WRONG_INPUT
    if isinstance(wrong, ValueError) and "null byte" in str(wrong):
        return "A path must not hold a NUL character.", WRONG_INPUT
    return None


def _is_no_text(wrong: UnicodeEncodeError) -> bool:
    """Whether it is a name of the system that is no UTF-8, as Python spells those."""
    return "\udc80" <= wrong.object[wrong.start] <= "\udcff"


def _os_words(wrong: OSError) -> str:
    """What an error of the system says: `runs/x cannot be used: Not a directory`."""
    if wrong.errno == errno.ENOENT and _is_here_gone():
        return "The current folder was deleted: change to one that is there."
    reason = wrong.strerror or " ".join(str(wrong).split()) or type(wrong).__name__
    places = [_text(name) for name in (wrong.filename, wrong.filename2) if name]
    # Of a file that is written aside and then put in its place, the last counts.
    if not places:
        return f"The system refused: {reason}."
    if wrong.errno in (errno.EEXIST, errno.ENOTDIR):
        file = _file_in_place_of_a_folder(Path(places[-1]))
        if file is not None:
            return f"{file} must be a folder, it is {_kind(file)}."
    return f"{places[-1]} cannot be used: {reason}."


def _is_here_gone() -> bool:
    try:
        Path.cwd()
    except OSError:
        return True
    return False


def _file_in_place_of_a_folder(path: Path) -> Path | None:
    """What is no folder and lies where the path needs one."""
    there = next((p for p in (path, *path.parents) if os.path.lexists(p)), None)
    return None if there is None or there.is_dir() else there


def _kind(file: Path) -> str:
    try:
        return kind_of(file) or "a file"
    except (OSError, ValueError):
        return "a link that leads nowhere" if file.is_symlink() else "a file"


def _text(name: object) -> str:
    return name.decode(errors="replace") if isinstance(name, bytes) else str(name)
