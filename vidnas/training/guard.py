"""What may go wrong around a training, and what must be as before when it ends?"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import keras
import tensorflow as tf

from vidnas.core.errors import EvaluationError, InputError
from vidnas.core.recipe import PRECISIONS


@contextmanager
def guarded(*, precision: str, batch: int) -> Iterator[None]:
    """A scope to build and train one network in.

    It computes in the precision. Afterwards the network is freed and Keras as before.

    Args:
        precision: One of `PRECISIONS`.
        batch: Clips per step, for messages.

    Raises:
        EvaluationError: memory ran out inside.
        InputError: there is no such precision.
    """
    with _cleared(), _precision(precision), _out_of_memory(batch):
        yield


@contextmanager
def _out_of_memory(batch: int) -> Iterator[None]:
    try:
        yield
    except tf.errors.ResourceExhaustedError as error:
        raise EvaluationError(f"out of memory at batch {batch}") from error
    except tf.errors.InternalError as error:
        # What a GPU says when a batch cannot be copied to it.
        if "Dst tensor is not initialized" not in str(error):
            raise
        raise EvaluationError(f"out of memory at batch {batch}") from error


@contextmanager
def _precision(policy: str) -> Iterator[None]:
    if policy not in PRECISIONS:
        raise InputError(
            f"`precision` must be one of {', '.join(PRECISIONS)}, got `{policy}`."
        )
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


@contextmanager
def _cleared() -> Iterator[None]:
    try:
        yield
    finally:
        keras.backend.clear_session()
        gc.collect()
