"""How are channels normed? By the batch in training; folded into a kernel otherwise."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Self

import keras
import tensorflow as tf

from vidnas.nets.layers.restoration import Restorable, register
from vidnas.nets.layers.tensor import Tensor

MOMENTUM = 0.99  # Model Garden, official/projects/movinet
_over_devices: ContextVar[bool] = ContextVar("over_devices", default=False)


@contextmanager
def norm_over_devices(wanted: bool = True) -> Iterator[None]:
    """In this scope batch norm goes by the clips of all devices of a strategy.

    Args:
        wanted: Whether it does; otherwise each device norms its own clips.
    """
    before = _over_devices.set(wanted)
    try:
        yield
    finally:
        _over_devices.reset(before)


@register
class Norm(Restorable, keras.layers.Layer):
    """Batch norm over everything but channels, as one fused operation.

    Moving statistics follow `new = momentum * old + (1 - momentum) * batch`; the fused
    operation computes them itself. Statistics stay in float32 in mixed precision.

    Args:
        width: Channels of the feature map.
        momentum: Momentum of the moving statistics.
        epsilon: Number that is added to the variance.
        residual_scale: Whether the result is multiplied by a learnt scalar that starts
            at zero.
        name: Name of the layer.

    Input shape:
        `[N, H, W, width]`.

    Output shape:
        The same.
    """

    def __init__(
        self,
        width: int,
        *,
        momentum: float,
        epsilon: float,
        residual_scale: bool = False,
        name: str,
    ) -> None:
        super().__init__(name=name)
        self.momentum = momentum
        self.epsilon = epsilon

        def weight(name: str, start: str, trainable: bool, *shape: int) -> Any:
            return self.add_weight(
                name=name,
                shape=shape,
                initializer=start,
                trainable=trainable,
                autocast=False,
                dtype="float32",
            )

        self.gamma = weight("gamma", "ones", True, width)
        self.beta = weight("beta", "zeros", True, width)
        self.moving_mean = weight("moving_mean", "zeros", False, width)
        self.moving_variance = weight("moving_variance", "ones", False, width)
        self.residual_scale = None
        if residual_scale:
            self.residual_scale = weight("residual_scale", "zeros", True)
        self.built = True

    def call(self, x: Tensor, training: bool) -> Tensor:
        """The normalised channels."""
        if training and _over_devices.get():
            return self._norm_over_devices(x)
        gamma, beta = self._affine()
        y, mean, variance, *_ = tf.raw_ops.FusedBatchNormV3(
            x=x,
            scale=gamma,
            offset=beta,
            mean=self.moving_mean.value,
            variance=self.moving_variance.value,
            epsilon=self.epsilon,
            exponential_avg_factor=1.0 - self.momentum if training else 1.0,
            is_training=training,
        )
        if training:
            self.moving_mean.assign(mean)
            self.moving_variance.assign(variance)
        return y

    def _norm_over_devices(self, x: Tensor) -> Tensor:
        """The same over the clips of all devices, of which each has as many."""
        context = tf.distribute.get_replica_context()
        own_mean, own_variance = tf.nn.moments(tf.cast(x, tf.float32), [0, 1, 2])
        # Variance is that within devices and that between: far from a difference of
        # large squares, the former is exact.
        before = self.moving_mean.value
        mean, within, square = context.all_reduce(
            tf.distribute.ReduceOp.MEAN,
            [own_mean, own_variance, tf.square(own_mean - before)],
        )
        variance = within + tf.maximum(square - tf.square(mean - before), 0.0)
        gamma, beta = self._affine()
        factor = gamma * tf.math.rsqrt(variance + self.epsilon)
        y = x * tf.cast(factor, x.dtype) + tf.cast(beta - mean * factor, x.dtype)
        # As the fused operation: the moving variance is that of a sample.
        values = context.num_replicas_in_sync * tf.size(x) // x.shape[-1]
        count = tf.cast(values, tf.float32)
        sample = variance * count / tf.maximum(count - 1.0, 1.0)
        share = 1.0 - self.momentum
        self.moving_mean.assign(before + share * (mean - before))
        old = self.moving_variance.value
        self.moving_variance.assign(old + share * (sample - old))
        return y

    def facts(self) -> dict[str, Any]:
        """Width and rules."""
        return {
            "width": int(self.gamma.shape[0]),
            "momentum": self.momentum,
            "epsilon": self.epsilon,
            "residual_scale": self.residual_scale is not None,
        }

    @classmethod
    def of_facts(cls, *, name: str, **facts: Any) -> Self:
        """A fresh norm of that width and those rules."""
        return cls(name=name, **facts)

    def factor_and_offset(self) -> tuple[Tensor, Tensor]:
        """Factor and offset of each channel, by the moving statistics, in float32."""
        gamma, beta = self._affine()
        factor = gamma * tf.math.rsqrt(self.moving_variance.value + self.epsilon)
        return factor, beta - self.moving_mean.value * factor

    def _affine(self) -> tuple[Tensor, Tensor]:
        gamma, beta = self.gamma.value, self.beta.value
        if self.residual_scale is None:
            return gamma, beta
        # Scaling two vectors scales the whole feature map, at no cost.
        scale = self.residual_scale.value
        return gamma * scale, beta * scale


def convolve_and_norm(
    convolution: keras.layers.Layer,
    norm: Norm,
    x: Tensor,
    training: bool,
    **options: Any,
) -> Tensor:
    """What a convolution and the batch norm after it make of `x`.

    At inference a norm multiplies each output channel by a factor and adds an offset.
    The factor goes into the kernel and the offset is a bias, which spares passes over
    the feature map: a clip takes MoViNet-A0 a seventh less time so (CPU).

    Args:
        convolution: A layer that takes `factor`, which multiplies output channels.
        norm: Batch norm of the convolution's output.
        x: Input of the convolution.
        training: Whether the norm goes by the batch's statistics.
        **options: More arguments of the convolution.
    """
    if training:
        return norm(convolution(x, **options), training=True)
    # Once `x` is there: TensorFlow would fold all kernels of a network first, and keep
    # every copy until its turn comes.
    with tf.control_dependencies([x]):
        factor, offset = norm.factor_and_offset()
    y = convolution(x, factor=factor, **options)
    return tf.nn.bias_add(y, tf.cast(offset, y.dtype))


def scale_kernel(kernel: Tensor, factor: Tensor) -> Tensor:
    """A kernel of which the last axes are multiplied by `factor`, if there is one."""
    return kernel if factor is None else kernel * tf.cast(factor, kernel.dtype)
