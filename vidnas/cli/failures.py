"""What is said when a command breaks? One line, and the exit code it ends with."""

import errno

from vidnas.errors import InputError, VidnasError

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
    if isinstance(wrong, ValueError) and "null byte" in str(wrong):
        return "A path must not hold a NUL character.", WRONG_INPUT
    return None


def _os_words(wrong: OSError) -> str:
    """What an error of the system says: `runs/x cannot be used: Not a directory`."""
    reason = wrong.strerror or " ".join(str(wrong).split()) or type(wrong).__name__
    places = [_text(name) for name in (wrong.filename, wrong.filename2) if name]
    # Of a file that is written aside and then put in its place, the last counts.
    if not places:
        return f"The system refused: {reason}."
    return f"{places[-1]} cannot be used: {reason}."


def _text(name: object) -> str:
    return name.decode(errors="replace") if isinstance(name, bytes) else str(name)
