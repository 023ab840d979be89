"""How does a network become an ONNX file? From its function, by tf2onnx."""

import json
from importlib import import_module
from typing import Any

import tensorflow as tf

from vidnas.deploy.exported.about import AFTER, About
from vidnas.deploy.exporting.step import Network, exported_function, input_specs
from vidnas.deploy.litert import quiet
from vidnas.errors import EvaluationError, InputError
from vidnas.nets.tensorflow_import import hold_back_notices

OPSET = 17  # hard swish, which is of 14, and what ONNX Runtime 1.13 reads


def onnx_model(network: Network, about: About) -> bytes:
    """The ONNX model of a network, for any batch.

    A state's output has the name of its input with `_out` behind: ONNX has one name for
    one tensor.

    Args:
        network: Network to export, as its weights are now.
        about: What is said of it, in the model's metadata.

    Raises:
        InputError: tf2onnx is not installed.
        EvaluationError: it has no operator for a part of the network.
    """
    try:
        with hold_back_notices():
            tf2onnx = import_module("tf2onnx")
    except ImportError as missing:
        raise InputError(
            "ONNX files are made by tf2onnx: pip install 'vidnas[onnx]'."
        ) from missing
    specs = input_specs(network, None)
    function = exported_function(network, None, suffix=AFTER)
    with quiet():
        model = _convert(tf2onnx, function, specs)
    entry = model.metadata_props.add()
    entry.key, entry.value = "vidnas", json.dumps(about.to_document())
    return bytes(model.SerializeToString())


def _convert(tf2onnx: Any, function: Any, specs: dict[str, tf.TensorSpec]) -> Any:
    names = list(specs)

    # tf2onnx knows no named arguments.
    def run(*tensors: Any) -> dict[str, Any]:
        found = function(**dict(zip(names, tensors, strict=True)))
        return {name: tf.identity(found[name], name=name) for name in sorted(found)}

    try:
        model, _ = tf2onnx.convert.from_function(
            tf.function(run, autograph=False),
            input_signature=list(specs.values()),
            opset=OPSET,
        )
    except Exception as wrong:  # its errors share no other base
        (reason, *_) = str(wrong).splitlines() or [type(wrong).__name__]
        raise EvaluationError(f"tf2onnx cannot convert it: {reason}") from wrong
    return model
