"""How does an architecture become a Keras model that trains, or that streams?

`build` makes a `VideoNetwork`: stem, layers and head, from clips
`[B, T, H, W, C]` in [0, 1] to logits `[B, classes]`, where C is the clip's `channels`.
The network is convolutional and takes clips of other lengths and sizes than its
architecture names. A causal one has a stream twin of the same weights, a
`StreamNetwork`.
"""

from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Literal, Self, overload

import keras
import numpy as np
import tensorflow as tf

from vidnas.architecture.architecture import Architecture, require_architecture
from vidnas.architecture.kernel import strided
from vidnas.architecture.reader import architecture_from
from vidnas.errors import ShapeError
from vidnas.nets.layers.activations import at_inference, portable
from vidnas.nets.layers.causal import Memory
from vidnas.nets.layers.norm import MOMENTUM
from vidnas.nets.layers.rematerialising import call_rematerialised
from vidnas.nets.layers.restoration import Restorable, register
from vidnas.nets.layers.tensor import Tensor
from vidnas.nets.parts import fix_parts, fixed_parts, make_parts
from vidnas.nets.shape_tracing import TracesByShape
from vidnas.nets.stream import StreamNetwork
from vidnas.nets.stream_states import (
    check_count,
    check_length,
    check_share,
    frame_sizes,
)


@overload
def build(
    architecture: Architecture,
    classes: int | None = ...,
    *,
    stream: Literal[False] = False,
    dropout: float = ...,
    stochastic_depth: float = ...,
    norm_momentum: float = ...,
    rematerialise: bool = ...,
    seed: int = ...,
) -> "VideoNetwork": ...


@overload
def build(
    architecture: Architecture,
    classes: int | None = ...,
    *,
    stream: Literal[True],
    dropout: float = ...,
    stochastic_depth: float = ...,
    norm_momentum: float = ...,
    rematerialise: bool = ...,
    seed: int = ...,
) -> StreamNetwork: ...


def build(
    architecture: Architecture,
    classes: int | None = None,
    *,
    stream: bool = False,
    dropout: float = 0.0,
    stochastic_depth: float = 0.0,
    norm_momentum: float = MOMENTUM,
    rematerialise: bool = False,
    seed: int = 0,
) -> "VideoNetwork | StreamNetwork":
    """The network of an architecture, as a Keras model with fresh weights.

    Args:
        architecture: Architecture to build.
        classes: Number of outputs of the classifier; by default those that the
            architecture knows, of its file or its publication.
        stream: Whether frames arrive in chunks, with states carried between them.
            What is not causal becomes its causal twin, `architecture.streaming()`.
            Otherwise a causal architecture becomes its clip form: a whole clip at
            once, no frame seeing a later one. To train a network on clips and run it
            as a stream, build that form and take its `stream()`.
        dropout: Share of hidden values dropped before the last layer, in [0, 1).
        stochastic_depth: Share of clips for which the last layer is skipped in
            training, in [0, 1); it falls to zero linearly towards the first. MoViNets
            were trained with 0.2.
        norm_momentum: Momentum of batch-norm statistics, in [0, 1). The published 0.99
            remembers some 100 steps; a short training needs less.
        rematerialise: Whether a training step keeps of each layer its input only, and
            computes what is inside a second time: a third more work, less memory.
        seed: Seed of the weights and of dropout.

    Returns:
        A model from float clips `[B, T, H, W, C]` in [0, 1] to logits `[B, classes]`;
        with `stream`, from frames and states to logits and states.

    Raises:
        ShapeError: `classes` is below 1 or nowhere said, a share or the seed is out of
            range, or the architecture is none, or has a part that cannot be built.
    """
    require_architecture(architecture)
    classes = architecture.classes if classes is None else classes
    if classes is None:
        raise ShapeError("`classes` must be given, the architecture names none.")
    check_count("classes", classes)
    check_count("seed", seed, least=0)
    check_share("dropout", dropout)
    check_share("stochastic_depth", stochastic_depth)
    check_share("norm_momentum", norm_momentum)
    if stream:
        architecture = architecture.streaming()
    if architecture.positional_encoding and not architecture.causal:
        raise ShapeError(
            "`positional_encoding` needs a causal network, got one that sees later "
            "frames."
        )
    network = VideoNetwork(
        architecture,
        classes,
        dropout=dropout,
        stochastic_depth=stochastic_depth,
        norm_momentum=norm_momentum,
        rematerialise=rematerialise,
        seed=seed,
    )
    return network.stream() if stream else network


@register
class VideoNetwork(Restorable, TracesByShape, keras.Model):
    """Stem, layers and head of one architecture; see `build`.

    A model of Keras in all things: it is saved, loaded, cloned, exported, fitted and
    made part of other models as any is.

    Input shape:
        `[B, T, H, W, C]`, all but B known.

    Output shape:
        `[B, classes]`, float32.
    """

    def __init__(
        self,
        architecture: Architecture,
        classes: int,
        *,
        dropout: float,
        stochastic_depth: float,
        norm_momentum: float,
        rematerialise: bool,
        seed: int,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.supports_jit = False  # on a CPU, XLA makes these layers slower
        self.architecture = architecture
        self.rematerialise = rematerialise
        self.stochastic_depth = stochastic_depth
        self.seed = seed
        rng = np.random.default_rng(seed)
        self.stem, self.blocks, self.head = make_parts(
            architecture,
            classes,
            dropout=dropout,
            norm_momentum=norm_momentum,
            rng=rng,
        )
        # Layer l of L is kept with probability 1 - l / L * rate.
        depth = len(self.blocks)
        rates = stochastic_depth * np.arange(1, depth + 1) / depth
        self.keep_probabilities = (1.0 - rates).astype(np.float32)
        self.seeds = None
        if stochastic_depth:
            self.seeds = keras.random.SeedGenerator(int(rng.integers(2**31)))
        self.built = True

    def facts(self) -> dict[str, Any]:
        """Arguments of `build`, and the parts that are not trained, as plain data."""
        return {
            **self.head.facts_of_network(),
            "stochastic_depth": self.stochastic_depth,
            "rematerialise": self.rematerialise,
            "seed": self.seed,
            "fixed_parts": fixed_parts(self),
        }

    @classmethod
    def of_facts(
        cls,
        *,
        name: str,
        architecture: Any = None,
        fixed_parts: Any = (),
        **facts: Any,
    ) -> Self:
        """A fresh network from what `facts` gave."""
        network = cls(architecture_from(architecture), name=name, **facts)
        fix_parts(network, fixed_parts)
        return network

    @property
    def input_shape(self) -> tuple[int | None, ...]:
        """Shape of the architecture's clips; others may do, see `build`."""
        clip = self.architecture.clip
        side = clip.resolution
        return (None, clip.frames, side, side, clip.channels)

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """Shape of the logits."""
        return (None, self.head.outputs)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """Shape of the logits of clips of a shape."""
        return (input_shape[0], self.head.outputs)

    def compute_output_spec(self, clips: Any, *arguments: Any, **options: Any) -> Any:
        """Shape and type of the logits, which are float32 in every precision."""
        return keras.KerasTensor(self.compute_output_shape(clips.shape), "float32")

    def export(
        self,
        filepath: str | Path,
        format: str = "tf_saved_model",
        verbose: bool | None = None,
        input_signature: Any = None,
        **options: Any,
    ) -> None:
        """See `keras.Model.export`; its clips are the architecture's by default."""
        if input_signature is None:
            input_signature = [keras.InputSpec(shape=self.input_shape, dtype="float32")]
        super().export(filepath, format, verbose, input_signature, **options)

    def __call__(self, clips: Tensor, *arguments: Any, **options: Any) -> Tensor:
        """See `call`; refuses clips that do not fit, in a line that Keras leaves alone.

        Raises:
            InputError: the clips are not of floats.
            ShapeError: the clips are not `[B, T, H, W, C]`, or too short for a kernel.
        """
        T, *_ = frame_sizes(clips, "Clips", self.architecture.clip.channels)
        check_length(self.architecture, T)
        return super().__call__(clips, *arguments, **options)

    def call(self, clips: Tensor, training: bool = False) -> Tensor:
        """Logits of float clips in [0, 1]."""
        with nullcontext() if training else at_inference():
            return self._logits(clips, training)

    def train_subclip(
        self, frames: Tensor, states: Mapping[str, Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Logits after the next frames of clips in training, and new states.

        Norms go by these frames alone, and layers are dropped as in any training. The
        states are those of `stream()`, before the first frames its `initial_states`.
        No gradient goes back through states that come in as constants.

        Args:
            frames: Next frames of clips, float `[B, T, H, W, C]` in [0, 1].
            states: States that the frames before left, by name.

        Source:
            MoViNets, arXiv 2103.11511, training with stream buffers.
        """
        future = {"frames": states["frames"] + float(frames.shape[1])}
        memory = Memory(states, future)
        frames = tf.cast(frames, self.compute_dtype)
        logits = self._logits(frames, training=True, memory=memory)
        return logits, {name: future[name] for name in states}

    def run_folded(self, images: Tensor) -> Tensor:
        """Logits of clips whose frames stand one after the other.

        Args:
            images: Frames `[B*T, H, W, C]` in [0, 1], as many to a clip as the
                architecture's has.
        """
        with portable():
            shares = self._shares(images, training=False)
            T = self.architecture.clip.frames
            return self._run(images, T, shares, training=False)

    def _logits(
        self, clips: Tensor, training: bool, memory: Memory | None = None
    ) -> Tensor:
        T, H, W, C = clips.shape[1:]
        shares = self._shares(clips, training)
        x = tf.reshape(clips, [-1, H, W, C])  # [B, T, H, W, C] -> [B*T, H, W, C]
        return self._run(x, T, shares, training, memory)

    def _run(
        self,
        x: Tensor,
        frames: int,
        shares: list[Tensor],
        training: bool,
        memory: Memory | None = None,
    ) -> Tensor:
        def remembered(name: str) -> dict[str, Memory]:
            return {} if memory is None else {"memory": memory.for_block(name)}

        T = frames
        x = self.stem(x, frames=T, training=training, **remembered("stem"))
        for block, share in zip(self.blocks, shares, strict=True):
            if self.rematerialise and training and memory is None:
                x = call_rematerialised(block, x, share, frames=T)
            else:
                part = remembered(block.name)
                x = block(x, frames=T, training=training, share=share, **part)
            T = strided(T, block.temporal_stride)
        return self.head(x, frames=T, training=training, **remembered("head"))

    def _shares(self, clips: Tensor, training: bool) -> list[Tensor]:
        """By layer, what multiplies it in each clip `[B]`: 0 where it is skipped.

        Source:
            Stochastic depth, arXiv 1603.09382, with kept layers scaled up as dropout
            does; its rates as in Model Garden, official/projects/movinet.
        """
        if self.seeds is None or not training:
            return [None] * len(self.blocks)
        shape = [len(self.blocks), tf.shape(clips)[0]]
        uniform = keras.random.uniform(shape, seed=self.seeds, dtype="float32")
        probability = self.keep_probabilities[:, None]
        return tf.unstack(tf.cast(uniform < probability, "float32") / probability)

    def stream(self) -> StreamNetwork:
        """The same layers with the same weights, run on frames as they arrive.

        Raises:
            ShapeError: the network is not causal.
        """
        return StreamNetwork(self.architecture, self.stem, list(self.blocks), self.head)
