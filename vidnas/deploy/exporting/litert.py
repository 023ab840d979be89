"""How does a network become a LiteRT file? By its signature, in four kinds of numbers.

`none` is float32. `float16` halves the file, `dynamic` holds weights in 8 bits and
computes in float; `int8` computes in 8 bits too, but for what must stay float: the
counter, means over frames, and the classifier.
"""

import tempfile
from pathlib import Path
from typing import Any

import tensorflow as tf

from vidnas.deploy.exporting.integer_file import IntegerFile
from vidnas.deploy.exporting.ranges import Ranges, Rounding
from vidnas.deploy.exporting.saved_model import save_function
from vidnas.deploy.exporting.step import Network, exported_function
from vidnas.deploy.litert import quiet
from vidnas.errors import EvaluationError

QUANTIZE = ("none", "float16", "dynamic", "int8")


def litert_model(
    network: Network, batch: int, quantize: str, ranges: Ranges | None = None
) -> bytes:
    """The LiteRT model of a network.

    Args:
        network: Network to export, as its weights are now.
        batch: Clips or streams side by side.
        quantize: One of `QUANTIZE`.
        ranges: Ranges of its sites, which `int8` needs.

    Raises:
        EvaluationError: LiteRT has no operator for a part of it.
    """
    whole = quantize == "int8"
    assert (ranges is not None) or not whole, "`int8` needs ranges"
    function = exported_function(
        network,
        batch,
        watcher=lambda: Rounding(ranges) if whole and ranges else None,
    )
    with tempfile.TemporaryDirectory() as folder, quiet():
        save_function(function, Path(folder))
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if quantize != "none":
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        if quantize == "float16":
            converter.target_spec.supported_types = [tf.float16]
        if whole:
            # Inputs and outputs without a range stay float.
            converter.inference_input_type = tf.int8
            converter.inference_output_type = tf.int8
        model = _convert(converter)
    return IntegerFile(model).improved() if whole else model


def _convert(converter: Any) -> bytes:
    try:
        model: bytes = converter.convert()
    except Exception as wrong:  # the converter's own errors share no other base
        reason = str(wrong).strip().splitlines()[0:1]
        raise EvaluationError(f"LiteRT cannot convert it: {''.join(reason)}") from wrong
    return model
