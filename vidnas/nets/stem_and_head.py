"""What stands before and after the layers of a network? Its stem and its head.

Like all parts they take a feature map `[B*T, H, W, C]` and the frames T of a clip;
given a `Memory`, the T frames are the next chunk of a stream.
"""

from typing import Any, Self

import keras
import tensorflow as tf

from vidnas.architecture.kernel import Kernel
from vidnas.nets.layers.activations import activate
from vidnas.nets.layers.causal import Memory, last_frame
from vidnas.nets.layers.construction import Construction
from vidnas.nets.layers.dense import DenseConv3D
from vidnas.nets.layers.depthwise import DepthwiseConv3D, Pointwise
from vidnas.nets.layers.frames import clip_means, frame_means
from vidnas.nets.layers.norm import convolve_and_norm
from vidnas.nets.layers.restoration import Restorable, register
from vidnas.nets.layers.sites import site, watched_by
from vidnas.nets.layers.tensor import Tensor


@register
class Stem(Restorable, keras.layers.Layer):
    """First convolution, whole or factored, with X3D's temporal one after it.

    Input shape:
        `[B*T, H, W, C]`, the channels of the clip.

    Output shape:
        `[B*T, ceil(H / stride), ceil(W / stride), stem.width]`.
    """

    def __init__(self, construction: Construction) -> None:
        super().__init__(name="stem")
        self.construction = construction
        stem, causal, rng = (
            construction.architecture.stem,
            construction.architecture.causal,
            construction.rng,
        )
        self.activation = construction.rules().stem
        kernel, middle = stem.kernel, stem.factored_width
        channels = construction.architecture.clip.channels
        with keras.name_scope("stem"):
            self.conv = DenseConv3D(
                channels,
                middle or stem.width,
                kernel.spatial if middle else kernel,
                stem.stride,
                causal=causal,
                buffer="conv_buffer",
                rng=rng,
                name="conv",
            )
            self.conv_norm = self.conv_temporal = self.temporal = None
            if middle:
                self.conv_norm = construction.norm(middle, "conv_norm")
                self.conv_temporal = DenseConv3D(
                    middle,
                    stem.width,
                    kernel.temporal,
                    causal=causal,
                    buffer="conv_buffer",
                    rng=rng,
                    name="conv_temporal",
                )
            if stem.temporal > 1:
                self.temporal = DepthwiseConv3D(
                    stem.width,
                    Kernel(stem.temporal, 1),
                    causal=causal,
                    rng=rng,
                    name="temporal",
                )
            self.norm = construction.norm(stem.width, "norm")
        self.built = True

    def facts(self) -> dict[str, Any]:
        """The network that it begins."""
        return self.construction.facts()

    @classmethod
    def of_facts(cls, *, name: str, **facts: Any) -> Self:
        """A fresh stem of that network."""
        return cls(Construction.of_facts(**facts))

    def call(
        self, x: Tensor, frames: int, training: bool, memory: Memory | None = None
    ) -> Tensor:
        """Features of clips of `frames` frames, or of chunks of streams."""
        context = {"frames": frames, "memory": memory}
        last = self.conv
        if self.conv_norm is not None and self.conv_temporal is not None:
            x = convolve_and_norm(self.conv, self.conv_norm, x, training, **context)
            x, last = activate(x, self.activation), self.conv_temporal
        if self.temporal is not None:
            x, last = site(last(x, **context)), self.temporal
        return activate(
            convolve_and_norm(last, self.norm, x, training, **context), self.activation
        )


@register
class Head(Restorable, keras.layers.Layer):
    """Project, average over the clip, and two dense layers; or a classifier per frame.

    Input shape:
        `[B*T, H, W, C]`.

    Output shape:
        `[B, classes]`, float32.
    """

    def __init__(
        self, construction: Construction, width: int, classes: int, dropout: float
    ) -> None:
        super().__init__(name="head")
        self.construction = construction
        self.width_in = width
        head, rng = construction.architecture.head, construction.rng
        rules = construction.rules()
        self.activation, self.classifier = rules.head, rules.classifier
        self.per_frame = head.per_frame
        self.dropout = dropout
        self.seeds = None
        if dropout:
            self.seeds = keras.random.SeedGenerator(int(rng.integers(2**31)))
        self.project = self.norm = self.hidden = None
        with keras.name_scope("head"):
            if head.project_width:
                self.project = Pointwise(
                    width, head.project_width, rng=rng, name="project"
                )
                self.norm = construction.norm(head.project_width, "norm")
                width = head.project_width
            if head.hidden_width:
                self.hidden = Pointwise(
                    width,
                    head.hidden_width,
                    bias=head.hidden_bias,
                    rng=rng,
                    name="hidden",
                )
                width = head.hidden_width
            self.classes = Pointwise(width, classes, bias=True, rng=rng, name="classes")
        self.built = True

    @property
    def outputs(self) -> int:
        """Number of classes."""
        return int(self.classes.kernel.shape[1])

    def facts_of_network(self) -> dict[str, Any]:
        """Architecture, classes and rules of the whole network, as plain data."""
        return {
            **self.construction.facts(),
            "classes": self.outputs,
            "dropout": self.dropout,
        }

    def facts(self) -> dict[str, Any]:
        """The network that it ends, and its width."""
        return {**self.facts_of_network(), "width": self.width_in}

    @classmethod
    def of_facts(
        cls,
        *,
        name: str,
        width: int = 1,
        classes: int = 1,
        dropout: float = 0.0,
        **facts: Any,
    ) -> Self:
        """A fresh head of those."""
        return cls(Construction.of_facts(**facts), width, classes, dropout)

    def call(
        self,
        x: Tensor,
        frames: int,
        training: bool,
        memory: Memory | None = None,
        every_frame: bool = False,
    ) -> Tensor:
        """Logits of clips of `frames` frames, or of streams after a chunk of them.

        With `every_frame`, which only streams have, `[B, T, classes]`.
        """
        if self.project is not None and self.norm is not None:
            x = convolve_and_norm(self.project, self.norm, x, training)
            x = activate(x, self.activation)
        with watched_by(None):  # means and the classifier stay float
            return self._averaged(x, frames, training, memory, every_frame)

    def _averaged(
        self,
        x: Tensor,
        frames: int,
        training: bool,
        memory: Memory | None,
        every_frame: bool,
    ) -> Tensor:
        if self.per_frame:
            x = frame_means(x)
            logits = tf.cast(self._classify(x, training), "float32")
            return self._over_time(logits, frames, memory, every_frame)
        if memory is None:
            x = clip_means(x, frames)
        else:
            x = frame_means(x)
            x = self._over_time(x, frames, memory, every_frame)
        return tf.cast(self._classify(x, training), "float32")

    def _over_time(
        self, x: Tensor, frames: int, memory: Memory | None, every_frame: bool
    ) -> Tensor:
        """Mean `[B, C]` over all frames so far of `x` `[B*T, C]`, or at each frame."""
        clip = tf.reshape(x, [-1, frames, x.shape[1]])
        if memory is None:
            return tf.reduce_mean(clip, 1)
        so_far = memory.update_mean(clip)
        return so_far if every_frame else last_frame(so_far)

    def _classify(self, x: Tensor, training: bool) -> Tensor:
        if self.hidden is not None:
            x = activate(self.hidden(x), self.classifier)
        if self.seeds is not None and training:
            x = keras.random.dropout(x, self.dropout, seed=self.seeds)
        return self.classes(x)
