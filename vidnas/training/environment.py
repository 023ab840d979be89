"""What must a process set before it imports TensorFlow?

Importing this module loads nothing heavy, so a worker calls `prepare` first.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from vidnas.errors import InputError


def load_tensorflow(*, cpus: int) -> None:
    """Prepares this process and imports TensorFlow, unless that was done before.

    What TensorFlow says on the error stream while it is imported (that it found no GPU,
    that oneDNN is on) is held back unless the import fails.

    Args:
        cpus: Threads that TensorFlow may compute with, at least 1.
    """
    if "tensorflow" in sys.modules:
        return
    prepare(cpus=cpus)
    with _hold_back(sys.__stderr__):
        import keras  # noqa: F401
        import tensorflow  # noqa: F401


@contextmanager
def _hold_back(stream: TextIO | None) -> Iterator[None]:
    """Holds back what native code writes to a stream, unless the scope fails."""
    if stream is None:
        yield
        return
    stream.flush()
    number = stream.fileno()
    copy = os.dup(number)
    with tempfile.TemporaryFile() as output:
        os.dup2(output.fileno(), number)
        try:
            yield
        except BaseException:
            output.seek(0)
            os.write(copy, output.read())
            raise
        finally:
            os.dup2(copy, number)
            os.close(copy)


def prepare(*, cpus: int, memory_limit_bytes: int | None = None) -> None:
    """Sets the environment variables that TensorFlow reads when it is imported.

    Allocator statistics and a memory limit work on a CPU only with its BFC allocator.
    oneDNN trains depthwise networks three times faster than TensorFlow's own kernels.
    Memory of a GPU is taken as needed, so that workers can share one.

    Args:
        cpus: Threads that TensorFlow may compute with, at least 1.
        memory_limit_bytes: The most a CPU trial may allocate; None for no limit.

    Raises:
        InputError: `cpus` is below 1, or TensorFlow is already imported.
    """
    if cpus < 1:
        raise InputError(f"`cpus` must be at least 1, got {cpus}.")
    if "tensorflow" in sys.modules:
        raise InputError(
            "The environment must be prepared before TensorFlow is imported, and this "
            "process has imported it already."
        )
    os.environ.update(
        KERAS_BACKEND="tensorflow",
        TF_CPP_MIN_LOG_LEVEL="3",
        TF_CPU_ALLOCATOR_USE_BFC="1",
        TF_ENABLE_ONEDNN_OPTS="1",
        TF_FORCE_GPU_ALLOW_GROWTH="true",
        TF_NUM_INTRAOP_THREADS=str(cpus),
        TF_NUM_INTEROP_THREADS="1" if cpus == 1 else "2",
        OMP_NUM_THREADS=str(cpus),
    )
    if memory_limit_bytes is not None:
        mebibytes = max(1, memory_limit_bytes // 2**20)
        os.environ["TF_CPU_BFC_MEM_LIMIT_IN_MB"] = str(mebibytes)
