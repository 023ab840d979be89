"""Which errors are a candidate's, and which of the surroundings?"""

import errno

import pytest

from vidnas.errors import (
    ClipError,
    EvaluationError,
    InputError,
    OutOfMemoryError,
    ShapeError,
    SurroundingsError,
)
from vidnas.trials.surroundings import (
    is_of_memory,
    is_of_surroundings,
    was_of_surroundings,
)

SURROUNDINGS = [
    ClipError("The clip folder must exist, found nothing there: clips."),
    SurroundingsError("TensorFlow found no GPU"),
    ImportError("libcudart.so.12: cannot open shared object file"),
    ModuleNotFoundError("No module named 'av'"),
    FileNotFoundError(errno.ENOENT, "No such file or directory", "clips"),
    PermissionError(errno.EACCES, "Permission denied", "clips"),
    OSError(errno.ENOSPC, "No space left on device"),
    OSError(errno.EIO, "Input/output error"),
    OSError(errno.ESTALE, "Stale file handle"),
    OSError(errno.ENOTCONN, "Transport endpoint is not connected"),
    TimeoutError(errno.ETIMEDOUT, "Connection timed out"),
    RuntimeError("failed call to cuInit: CUDA_ERROR_NO_DEVICE: no device"),
    RuntimeError("clips/a.mp4; No such file or directory"),
]
CANDIDATES = [
    ValueError("could not broadcast"),
    ZeroDivisionError("division by zero"),
    EvaluationError("loss became NaN at step 3: no such file or directory"),
    OutOfMemoryError("out of memory at batch 8"),
    ShapeError("Sizes must fit."),
    InputError("`cpus` must be at least 1, got 0."),
    TimeoutError("gave up after 60 s"),
    RuntimeError("CUDA_ERROR_OUT_OF_MEMORY: out of memory"),
    KeyError("permissions"),
]


@pytest.mark.parametrize("error", SURROUNDINGS, ids=repr)
def test_clips_files_libraries_and_devices_are_the_surroundings(error):
    assert is_of_surroundings(error)
    # As journals of before have it.
    assert was_of_surroundings(f"{type(error).__name__}: {error} (folders.py, line 6)")


@pytest.mark.parametrize("error", CANDIDATES, ids=repr)
def test_everything_else_is_the_candidates(error):
    assert not is_of_surroundings(error)


@pytest.mark.parametrize(
    "reason",
    [
        "loss became NaN at step 3 with learning rate 0.1",
        "out of memory at micro-batch 1",
        "the worker died 3 times: the worker was killed",
        "the worker was killed at micro-batch 1",
        "ValueError: could not broadcast (network.py, line 3)",
        "note: ClipError",
        "",
    ],
)
def test_reasons_of_candidates_stay_theirs(reason):
    assert not was_of_surroundings(reason)


def test_a_kill_of_the_study_was_no_trials_fault():
    assert was_of_surroundings("the study was killed at micro-batch 1")


def test_a_host_without_memory_is_out_of_memory():
    assert is_of_memory(MemoryError())
    assert is_of_memory(OSError(errno.ENOMEM, "Cannot allocate memory"))
    assert not is_of_memory(OSError(errno.ENOSPC, "No space left on device"))


def test_an_error_that_cannot_be_said_is_the_candidates():
    class DumbError(Exception):
        def __str__(self):
            raise ValueError("no words")

    assert not is_of_surroundings(DumbError())


def test_an_error_that_was_raised_from_another_is_what_that_is():
    def from_(cause, error=None):
        error = error or RuntimeError("the training broke")
        error.__cause__ = cause
        return error

    gone = FileNotFoundError(errno.ENOENT, "No such file or directory", "clips")
    assert is_of_surroundings(from_(gone))
    assert is_of_surroundings(from_(from_(ImportError("No module named 'av'"))))
    assert not is_of_surroundings(from_(ValueError("could not broadcast")))
    assert not is_of_surroundings(from_(gone, EvaluationError("loss became NaN")))


def test_several_errors_are_the_surroundings_if_each_is():
    gone = FileNotFoundError(errno.ENOENT, "No such file or directory", "clips")
    assert is_of_surroundings(ExceptionGroup("clips", [gone, ImportError("av")]))
    assert not is_of_surroundings(ExceptionGroup("all", [gone, KeyError("x")]))
