"""Which activations and gates do networks use, and in which form do they train best?"""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

Tensor = Any


def _swish(x: Tensor) -> Tensor:
    # `tf.nn.silu` recomputes the sigmoid in the backward pass: an eighth less memory,
    # the same speed, but its custom gradient traces slower, which short trials feel.
    return x * tf.sigmoid(x)


def _hard_sigmoid(x: Tensor) -> Tensor:
    return tf.nn.relu6(x + 3.0) * (1.0 / 6.0)


def _movinet_hard_sigmoid(x: Tensor) -> Tensor:
    # The rounded sixth of Model Garden, official/modeling/activations/sigmoid.py, under
    # which released streams were trained; an exact one moves their logits by 6e-5.
    return tf.nn.relu6(x + 3.0) * 0.16667


def _hard_swish(x: Tensor) -> Tensor:
    # Scaled last, so that the backward pass keeps no scaled gate.
    return x * tf.nn.relu6(x + 3.0) * (1.0 / 6.0)


ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "swish": _swish,
    "hard_swish": _hard_swish,
    "relu": tf.nn.relu,
    "relu6": tf.nn.relu6,
    "sigmoid": tf.sigmoid,
    "hard_sigmoid": _hard_sigmoid,
    "movinet_hard_sigmoid": _movinet_hard_sigmoid,
}


def activated(x: Tensor, name: str) -> Tensor:
    """What the activation of that name makes of `x`; "" leaves it."""
    return ACTIVATIONS[name](x) if name else x
