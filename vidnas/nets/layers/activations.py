"""Which activations and gates do networks use, and in which form do they train best?"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

import tensorflow as tf

from vidnas.nets.layers.sites import site
from vidnas.nets.layers.tensor import Tensor

# Values of a feature map from which on XLA repays its compilation.
WORTH_COMPILING = 2**17
FUSED = ("relu", "relu6")  # into the operator before, in LiteRT
_INFERENCE: ContextVar[bool] = ContextVar("inference", default=False)
_PORTABLE: ContextVar[bool] = ContextVar("portable", default=False)


def _gated_activation(
    name: str, gate: Callable[[Tensor], Tensor], slope: Callable[[Tensor], Tensor]
) -> Callable[[Tensor], Tensor]:
    """`x * gate(x)`, of which a graph's backward pass keeps nothing but `x`.

    TensorFlow would keep the gate as well, and pass over memory four times to go back.
    XLA makes one pass of it. A training step of MoViNet-A0 takes a tenth less time and
    a fifth less memory so, one of A2 a sixth less time (CPU). XLA compiles once a
    shape, which small feature maps never repay; on a GPU it was not measured.

    The product's gradient is overridden, which `tf.gradients` sees; a tape takes
    TensorFlow's, which is as exact. `tf.custom_gradient` would keep every graph that
    uses it alive for ever.

    Args:
        name: Name under which TensorFlow knows the gradient.
        gate: Function of a tensor that multiplies it.
        slope: Derivative of the product.
    """

    def back(x: Tensor, dy: Tensor) -> Tensor:
        return dy * slope(x)

    compiled_back = tf.function(back, autograph=False, jit_compile=True)

    @tf.RegisterGradient(name)
    def gradient(product: Any, dy: Tensor) -> tuple[Tensor, None]:
        x, _ = product.inputs
        if (x.shape.num_elements() or 0) >= WORTH_COMPILING and not _on_gpu():
            # Traced outside of the graph at hand, which it would keep alive.
            with tf.init_scope():
                spec = tf.TensorSpec(x.shape, x.dtype)
                one_pass = compiled_back.get_concrete_function(spec, spec)
            return one_pass(x, dy), None
        # Or the slope would be computed, and kept, in the forward pass.
        with tf.control_dependencies([dy]):
            return back(tf.identity(x), dy), None

    def activation(x: Tensor) -> Tensor:
        gates = gate(x)
        if _INFERENCE.get() or tf.executing_eagerly():
            return x * gates
        graph = tf.compat.v1.get_default_graph()
        with graph.gradient_override_map({"Mul": name}):
            return tf.multiply(x, gates)

    return activation


@cache
def _on_gpu() -> bool:
    return bool(tf.config.list_physical_devices("GPU"))


def _swish_slope(x: Tensor) -> Tensor:
    gate = tf.sigmoid(x)
    return gate * (1.0 + x * (1.0 - gate))


def _hard_sigmoid(x: Tensor) -> Tensor:
    return tf.nn.relu6(x + 3.0) * (1.0 / 6.0)


def _movinet_hard_sigmoid(x: Tensor) -> Tensor:
    # The rounded sixth of Model Garden, official/modeling/activations/sigmoid.py, under
    # which released streams were trained; an exact one moves their logits by 6e-5.
    return tf.nn.relu6(x + 3.0) * 0.16667


def _hard_swish_slope(x: Tensor) -> Tensor:
    # Between -3 and 3 also x times the slope of the gate.
    inside = tf.cast(tf.abs(x) < 3.0, x.dtype)
    return (tf.nn.relu6(x + 3.0) + x * inside) * (1.0 / 6.0)


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "swish": _gated_activation("VidnasSwish", tf.sigmoid, _swish_slope),
    "hard_swish": _gated_activation(
        "VidnasHardSwish", _hard_sigmoid, _hard_swish_slope
    ),
    "relu": tf.nn.relu,
    "relu6": tf.nn.relu6,
    "sigmoid": tf.sigmoid,
    "hard_sigmoid": _hard_sigmoid,
    "movinet_hard_sigmoid": _movinet_hard_sigmoid,
}


@contextmanager
def at_inference() -> Iterator[None]:
    """Activations inside are plain operations, which can be exported.

    A gradient of ours is one of this process: no file holds it. TensorFlow's own, which
    these operations then have, is as exact.
    """
    token = _INFERENCE.set(True)
    try:
        yield
    finally:
        _INFERENCE.reset(token)


@contextmanager
def portable() -> Iterator[None]:
    """As `at_inference`; layers inside take the operations that phones run best.

    Those are 2D convolutions, 4-D means and sums of two. Results agree but for
    rounding; TensorFlow runs other forms faster.
    """
    token = _PORTABLE.set(True)
    try:
        with at_inference():
            yield
    finally:
        _PORTABLE.reset(token)


def is_portable() -> bool:
    """Whether operations are made inside `portable`."""
    return _PORTABLE.get()


def activate(x: Tensor, name: str) -> Tensor:
    """What the activation of that name makes of `x`; "" leaves it.

    Both ends are sites, but for what phones fuse into the convolution before.
    """
    if not name:
        return site(x)
    return site(ACTIVATIONS[name](x if name in FUSED else site(x)))
