"""How does a frozen clip network or operator run in LiteRT on a CPU, in float32?"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import absl.logging
import tensorflow as tf

from vidnas.errors import EvaluationError, InputError
from vidnas.nets.layers.tensor import Tensor
from vidnas.nets.tensorflow_import import hold_back_notices


def convert(function: Any) -> bytes:
    """The LiteRT model of a compiled function whose weights are constants.

    Raises:
        EvaluationError: LiteRT has no operator for a part of it.
    """
    with quiet():
        try:
            converter = tf.lite.TFLiteConverter.from_concrete_functions([function])
            model: bytes = converter.convert()
        except Exception as wrong:  # the converter's own errors share no other base
            reason = str(wrong).strip().splitlines()[0:1]
            told = f"LiteRT cannot convert it: {''.join(reason)}"
            raise EvaluationError(told) from wrong
    return model


@contextmanager
def quiet() -> Iterator[None]:
    """Inside, converters say nothing but what is an error."""
    # The level of absl's logger alone is one that absl sets again.
    logger, verbosity = logging.getLogger("tensorflow"), absl.logging.get_verbosity()
    level = logger.level
    logger.setLevel(logging.ERROR)
    absl.logging.set_verbosity(absl.logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
        absl.logging.set_verbosity(verbosity)


def make_invoker(
    model: bytes, inputs: Sequence[Tensor], threads: int
) -> Callable[[], None]:
    """A function that runs a LiteRT model once, on inputs that are set already.

    Raises:
        InputError: the interpreter is not installed.
    """
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as missing:
        raise InputError(
            "`--runtime litert` needs the LiteRT interpreter: "
            "pip install 'vidnas[litert]'."
        ) from missing
    with hold_back_notices():
        interpreter = Interpreter(model_content=model, num_threads=threads)
        interpreter.allocate_tensors()
    details = sorted(interpreter.get_input_details(), key=lambda d: d["name"])
    by_shape: dict[tuple[int, ...], list[Any]] = {}
    for tensor in inputs:
        by_shape.setdefault(tuple(tensor.shape), []).append(tensor)
    for detail in details:
        values = by_shape[tuple(detail["shape"])].pop().numpy()
        interpreter.set_tensor(detail["index"], values)
    return interpreter.invoke
