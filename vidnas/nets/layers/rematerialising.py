"""How is a layer computed again in the backward pass, instead of kept until then?

Memory for time: of a layer only its input is kept, and what is inside it is computed a
second time when its gradients are due.
"""

from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from vidnas.nets.layers.tensor import Tensor

# Under which TensorFlow knows the gradient, and a graph its layers. As for activations,
# `tf.custom_gradient` would keep every graph that uses it alive for ever.
NAME = "VidnasRematerialised"


def call_rematerialised(
    layer: keras.layers.Layer, x: Tensor, share: Tensor = None, **options: Any
) -> Tensor:
    """What a layer makes of `x` in training; its graph forgets how until it is asked.

    The second time sees the same weights, statistics and `share`, so it computes the
    same; batch-norm statistics that it moves are thrown away. `tf.gradients` asks for
    that; a tape goes back as ever, through what was kept for it.

    Args:
        layer: Layer without random numbers of its own.
        x: Input of the layer.
        share: Factor `[B]` of what is added to the shortcut, clip by clip, or None.
        **options: More arguments of the layer, no tensors.
    """
    y = layer(x, share=share, training=True, **options)
    if tf.executing_eagerly():
        return y
    inputs = [y, x, *([] if share is None else [share])]
    weights = [
        weight.value for weight in (*layer.trainable_weights, *_fixed_weights(layer))
    ]
    graph = tf.compat.v1.get_default_graph()
    with graph.gradient_override_map({"IdentityN": NAME}):
        y, *_ = tf.identity_n([*inputs, *weights])

    def again(x: Tensor, *others: Tensor) -> Tensor:
        share, values = (None, others) if len(inputs) == 2 else (others[0], others[1:])
        variables = (*layer.trainable_weights, *_fixed_weights(layer))
        with keras.StatelessScope(list(zip(variables, values, strict=True))):
            return layer(x, share=share, training=True, **options)

    # The graph holds it, and no tensor is held by it, so both are freed together.
    graph.get_collection_ref(NAME).append((y.op.name, again))
    return y


def _fixed_weights(layer: keras.layers.Layer) -> list[Any]:
    return list(layer.non_trainable_weights)


@tf.RegisterGradient(NAME)
def _gradient(operation: Any, dy: Tensor, *_: Tensor) -> list[Tensor]:
    by_name: dict[str, Callable[..., Tensor]] = dict(
        operation.graph.get_collection(NAME)
    )
    _, x, *others = operation.inputs
    # Or TensorFlow would find that it has computed all of this before, and keep that.
    with tf.control_dependencies([dy]):
        x = tf.identity(x)
    y = by_name[operation.name](x, *others)
    # Weights come from one vector, which all layers before this one depend on as well.
    sources = [x, *others]
    return [None, *tf.gradients(y, sources, dy, stop_gradients=sources)]
