"""What must a process set before it imports TensorFlow?

Importing this module loads nothing heavy, so a worker calls `prepare` first.
"""

import gc
import os
import sys

from vidnas.errors import InputError
from vidnas.nets.tensorflow_import import LEVEL, import_tensorflow


def load_tensorflow(*, cpus: int, memory_limit_bytes: int | None = None) -> None:
    """Prepares this process and imports TensorFlow, unless that was done before.

    What is alive then is alive until the process ends: some 300,000 objects, which a
    search for garbage after every training would look at, for as long as a small one
    takes a dozen steps. From now on it does not.

    Args:
        cpus: Threads that TensorFlow may compute with, at least 1.
        memory_limit_bytes: The most a CPU trial may allocate; None for no limit.
    """
    if "tensorflow" in sys.modules:
        return
    prepare(cpus=cpus, memory_limit_bytes=memory_limit_bytes)
    import_tensorflow()
    gc.collect()
    gc.freeze()


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
    os.environ.setdefault(LEVEL, "3")
    os.environ.update(
        KERAS_BACKEND="tensorflow",
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
