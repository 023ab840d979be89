"""How does a training fail by name, and leave Keras and the memory as they were?"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import keras
import tensorflow as tf

from vidnas.costs.training_memory import PRECISIONS
from vidnas.errors import InputError, OutOfMemoryError
from vidnas.nets.layers.restoration import compute_in


@contextmanager
def training_scope(
    *, precision: str, batch: int, micro_batch: int | None = None
) -> Iterator[None]:
    """A scope to build and train one network in.

    It computes in the precision. Afterwards the network is freed and Keras as before.

    Args:
        precision: Precision to compute in, one of `PRECISIONS`.
        batch: Clips per step, for messages.
        micro_batch: Clips in memory at once, for messages; None for the batch.

    Raises:
        OutOfMemoryError: memory ran out inside.
        InputError: there is no such precision.
    """
    what = f"batch {batch}"
    if micro_batch is not None and micro_batch < batch:
        what = f"micro-batch {micro_batch}"
    if precision not in PRECISIONS:
        raise InputError(
            f"`precision` must be one of {', '.join(PRECISIONS)}, got `{precision}`."
        )
    with _clear_keras_afterwards(), compute_in(precision), _report_out_of_memory(what):
        yield


@contextmanager
def _report_out_of_memory(what: str) -> Iterator[None]:
    try:
        yield
    except tf.errors.ResourceExhaustedError as error:
        raise OutOfMemoryError(f"out of memory at {what}") from error
    except tf.errors.InternalError as error:
        # What a GPU says when a batch cannot be copied to it.
        if "Dst tensor is not initialized" not in str(error):
            raise
        raise OutOfMemoryError(f"out of memory at {what}") from error


@contextmanager
def _clear_keras_afterwards() -> Iterator[None]:
    try:
        yield
    finally:
        # Keras would look for garbage too: once is enough.
        keras.backend.clear_session(free_memory=False)
        gc.collect()
