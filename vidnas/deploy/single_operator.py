"""How is one operator run alone? As the layers of a network make it, a few times over.

Copies of an operator run one after another in one graph, each on its own input with its
own weights, so that calling the graph weighs little beside them.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from vidnas.architecture.kernel import Kernel, strided
from vidnas.costs.latency.operators import BEHIND, Operators
from vidnas.nets.layers.activations import activate
from vidnas.nets.layers.dense import DenseConv3D
from vidnas.nets.layers.depthwise import DepthwiseConv3D, Pointwise
from vidnas.nets.layers.frames import shift_channels, take_every
from vidnas.nets.layers.norm import MOMENTUM, Norm, convolve_and_norm
from vidnas.nets.layers.squeeze_excite import SqueezeExcite
from vidnas.nets.layers.tensor import Tensor

Function = Callable[..., Any]


class RunnableOperator(NamedTuple):
    """An operator as a function, with its weights.

    Args:
        call: Function from the operator's inputs to its output.
        weights: Variables that the function reads.
        inputs: Shape of each input.
    """

    call: Function
    weights: Sequence[Any]
    inputs: tuple[tuple[int, ...], ...]


def make_operator(operator: Operators, rng: np.random.Generator) -> RunnableOperator:
    """An operator of one place, with fresh weights."""
    o = operator
    T, side, width_in, width_out = map(int, (o.frames, o.side, o.width_in, o.width_out))
    name, causal = BEHIND[int(o.behind)], bool(o.by_frame)
    shape = (T, side, side, width_in)

    def weightless(call: Function) -> RunnableOperator:
        return RunnableOperator(lambda x: activate(call(x), name), (), (shape,))

    match o.kind:
        case "convolution" | "depthwise" | "temporal" | "depthwise3d":
            kernel = Kernel(int(o.kernel_frames), int(o.kernel_side))
            strides = int(strided(side, o.out_side)), int(strided(T, o.out_frames))
            options: dict[str, Any] = {"causal": causal, "rng": rng, "name": "it"}
            layer: keras.layers.Layer
            if o.kind == "convolution":
                layer = DenseConv3D(width_in, width_out, kernel, *strides, **options)
            else:
                layer = DepthwiseConv3D(width_in, kernel, *strides, **options)
            return _with_norm(layer, width_out, name, shape, frames=T)
        case "pointwise":
            layer = Pointwise(width_in, width_out, rng=rng, name="it")
            return _with_norm(layer, width_out, name, shape)
        case "dense":
            layer = Pointwise(width_in, width_out, bias=True, rng=rng, name="it")
            return RunnableOperator(
                lambda x: activate(layer(x), name), layer.weights, ((T, width_in),)
            )
        case "squeeze_excite":
            layer = SqueezeExcite(
                width_in,
                width_out,
                activation="relu",
                gate="sigmoid",
                squeezed="so_far" if causal else "clip",
                rng=rng,
                name="it",
            )
            return RunnableOperator(
                lambda x: activate(layer(x, frames=T), name), layer.weights, (shape,)
            )
        case "sum":
            return RunnableOperator(
                lambda x, y: activate(x + y, name), (), (shape, shape)
            )
        case "pooling":
            stride = int(strided(side, o.out_side))
            return weightless(lambda x: tf.nn.avg_pool2d(x, 3, stride, "SAME"))
        case "thinning":
            return weightless(lambda x: take_every(x, T, int(strided(T, o.out_frames))))
        case "shift":
            return weightless(lambda x: shift_channels(x, T, causal, None))
    assert o.kind == "average", o.kind
    frames = 1 if causal else T
    return weightless(
        lambda x: tf.reduce_mean(tf.reshape(x, [-1, frames * side**2, width_in]), 1)
    )


def _with_norm(
    layer: keras.layers.Layer,
    width: int,
    activation: str,
    shape: tuple[int, ...],
    **options: Any,
) -> RunnableOperator:
    norm = Norm(width, momentum=MOMENTUM, epsilon=1e-3, name="norm")

    def call(x: Tensor) -> Tensor:
        return activate(convolve_and_norm(layer, norm, x, False, **options), activation)

    return RunnableOperator(call, [*layer.weights, *norm.weights], (shape,))


def compile_frozen(
    call: Function, weights: Sequence[Any], inputs: Sequence[tuple[int, ...]]
) -> Function:
    """A compiled function of float32 inputs, whose weights are constants.

    TensorFlow then computes once what depends on weights alone.
    """
    values = [(weight, weight.numpy()) for weight in weights]

    def constant(*tensors: Tensor) -> Tensor:
        mapping = [(weight, tf.constant(value)) for weight, value in values]
        with keras.StatelessScope(state_mapping=mapping):
            return call(*tensors)

    specs = [tf.TensorSpec(shape, tf.float32) for shape in inputs]
    return tf.function(constant, autograph=False).get_concrete_function(*specs)


def compile_in_turn(
    operators: Sequence[RunnableOperator], *, whole: bool = False
) -> tuple[Function, list[Any]]:
    """A compiled function that runs all of them in turn, and inputs for it.

    Args:
        operators: Operators to run, in turn.
        whole: Whether the function returns all they give; otherwise one value of each,
            and the rest is forgotten at once, as inside a network.
    """
    shapes = [shape for each in operators for shape in each.inputs]

    def call(*tensors: Tensor) -> Tensor:
        waiting: list[Tensor] = list(tensors)
        outputs: list[Tensor] = []
        for each in operators:
            # One begins when the one before has ended, and what it gave is gone.
            with tf.control_dependencies(outputs[-1:]):
                mine = [tf.identity(waiting.pop(0)) for _ in each.inputs]
            y = each.call(*mine)
            # Without a use of what it gives, an operator would not be run.
            outputs.append(y if whole else tf.slice(y, [0] * y.ndim, [1] * y.ndim))
        return outputs if whole else tf.add_n([tf.reshape(y, [1]) for y in outputs])

    weights = [weight for each in operators for weight in each.weights]
    tensors = [tf.random.normal(shape) for shape in shapes]
    return compile_frozen(call, weights, shapes), tensors
