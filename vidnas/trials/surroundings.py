"""Is an error a candidate's, or of the surroundings that every trial needs?

Clips, files, libraries and devices are there for all candidates or for none. A trial
that misses one was not tried; it is tried again once that is mended.
"""

import builtins
import errno

from vidnas.errors import ClipError, EvaluationError, InputError, SurroundingsError

_OUR_NAMES = ("ClipError", "SurroundingsError")
# What libraries say of files and devices in errors of their own.
_SIGNS = (
    "no such file or directory",
    "permission denied",
    "no space left on device",
    "disk quota exceeded",
    "read-only file system",
    "stale file handle",
    "input/output error",
    "transport endpoint is not connected",
    "too many open files",
    "cannot open shared object file",
    "cuda_error_no_device",
    "cuda_error_invalid_device",
    "cuda_error_device_unavailable",
    "cuda_error_not_initialized",
    "cuda_error_system_",
    "cuda_error_compat_not_supported",
    "cuda_error_ecc_uncorrectable",
    "cuda_error_unknown",
    "failed call to cuinit",
    "no cuda-capable device",
    "no cuda gpus are available",
    "cuda driver version is insufficient",
    "dnn library initialization failed",
    "dnn library is not found",
)
_MEMORY_SIGNS = ("out_of_memory", "out of memory")
# Reasons of failed trials in journals of before, when a killed driver counted.
_KILLED_STUDY = "the study was killed"


def is_of_memory(error: BaseException) -> bool:
    """Whether the host had no memory left."""
    return isinstance(error, MemoryError) or (
        isinstance(error, OSError) and error.errno == errno.ENOMEM
    )


def is_of_surroundings(error: BaseException) -> bool:
    """Whether an error of an evaluation says nothing about its candidate.

    One that was raised from another, or of several, is what those are.
    """
    if isinstance(error, ClipError | SurroundingsError | ImportError):
        return True
    if isinstance(error, EvaluationError | InputError):
        return False
    if isinstance(error, TimeoutError) and error.errno is None:
        return False  # an evaluation that gave up by itself
    if isinstance(error, OSError) or _has_sign(_text(error)):
        return True
    if isinstance(error, BaseExceptionGroup):
        return all(map(is_of_surroundings, error.exceptions))
    cause = error.__cause__
    return cause is not None and is_of_surroundings(cause)


def was_of_surroundings(reason: str) -> bool:
    """Whether a recorded reason, `NAME: text`, is one of the surroundings."""
    if reason.startswith(_KILLED_STUDY):
        return True
    name, colon, text = reason.partition(": ")
    if not colon or not name.isidentifier():
        return False
    if name in _OUR_NAMES:
        return True
    kind = getattr(builtins, name, None)
    if isinstance(kind, type) and issubclass(kind, OSError | ImportError):
        return True
    return name.endswith(("Error", "Exception")) and _has_sign(text)


def _has_sign(text: str) -> bool:
    lowered = text.lower()
    found = any(sign in lowered for sign in _SIGNS)
    return found and not any(sign in lowered for sign in _MEMORY_SIGNS)


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # of a class that we do not know
        return ""
