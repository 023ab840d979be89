"""How does a network run on frames as they arrive?

A `StreamNetwork` computes what its causal clip network would, chunk by chunk, in memory
that does not grow. What layers remember from chunk to chunk are explicit states:
tensors of at most 4 axes, listed by `vidnas.nets.stream_states.state_shapes`.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self, cast

import keras
import tensorflow as tf

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.reader import architecture_from
from vidnas.errors import ShapeError
from vidnas.nets.layers.activations import at_inference, portable
from vidnas.nets.layers.causal import Memory
from vidnas.nets.layers.restoration import Restorable, fresh_rng, register
from vidnas.nets.layers.tensor import Tensor
from vidnas.nets.parts import fix_parts, fixed_parts, make_parts
from vidnas.nets.stream_states import (
    check_chunk,
    check_count,
    check_floats,
    check_size,
    check_states,
    frame_sizes,
    state_shapes,
)

States = Mapping[str, Tensor]
Step = Callable[[Tensor, States], tuple[Tensor, States]]


@register
class StreamNetwork(Restorable, keras.Model):
    """The layers of a causal network, run frame by frame; see `build`.

    The layers, with their weights, are those of the clip network it was made from:
    training one trains the other, and weights saved by one load into the other. It is
    for inference: norms use their moving statistics, and nothing is dropped.

        stream = build(architecture, classes=600, stream=True)
        states = stream.initial_states(batch=1)
        for frames in chunks:  # [1, T, H, W, C], any T
            logits, states = stream(frames, states)

    `stream.frozen(batch=1)` is the fastest way to do so, a frame at a time.

    Args:
        architecture: Causal architecture of the network.
        stem: First layers of the network.
        blocks: Layers of the network, in order.
        head: Last layers of the network.

    Input shape:
        Frames `[B, T, H, W, C]` in [0, 1], all but B known, any T of 1 or more; states
        as `initial_states` or the last chunk gave them.

    Output shape:
        Logits `[B, classes]`, float32, after the last frame of the chunk (with
        `every_frame`, `[B, T, classes]` after each), and the new states.
    """

    def __init__(
        self,
        architecture: Architecture,
        stem: keras.layers.Layer,
        blocks: list[Any],
        head: keras.layers.Layer,
        name: str | None = None,
    ) -> None:
        # States keep their own types: 16 bits cannot count frames.
        super().__init__(name=name, autocast=False)
        self.supports_jit = False
        if not architecture.causal:
            raise ShapeError(
                "A stream needs a causal network, got one that sees later frames. "
                "Build `architecture.streaming()`."
            )
        self.architecture = architecture
        # Named as in `VideoNetwork`, so that saved weights fit both.
        self.stem = stem
        self.blocks = blocks
        self.head = head
        self.built = True

    def facts(self) -> dict[str, Any]:
        """What its layers are made from, as plain data."""
        return {**self.head.facts_of_network(), "fixed_parts": fixed_parts(self)}

    @classmethod
    def of_facts(
        cls,
        *,
        name: str,
        architecture: Any = None,
        fixed_parts: Any = (),
        **facts: Any,
    ) -> Self:
        """A fresh stream from what `facts` gave."""
        network = architecture_from(architecture)
        stream = cls(network, *make_parts(network, rng=fresh_rng(), **facts), name=name)
        fix_parts(stream, fixed_parts)
        return stream

    def export(self, filepath: str | Path, *arguments: Any, **options: Any) -> None:
        """See `keras.Model.export`. What is exported takes one frame at a time.

        Its inputs are `frame` `[B, 1, H, W, C]` and the states, by name; its outputs
        `logits` and the new states, under the names of the old.
        """
        clip = self.architecture.clip
        shape = (1, clip.resolution, clip.resolution, clip.channels)
        frame = keras.Input(shape, name="frame")
        states = {
            name: keras.Input(state.shape[1:], dtype=state.dtype, name=name)
            for name, state in self.initial_states(1).items()
        }
        logits, after = self(frame, states)
        step = keras.Model({"frame": frame, **states}, {"logits": logits, **after})
        step.export(filepath, *arguments, **options)

    @property
    def channels(self) -> int:
        """Values of a pixel of its frames."""
        return self.architecture.clip.channels

    def initial_states(
        self, batch: int, size: tuple[int, int] | None = None
    ) -> dict[str, Tensor]:
        """Zeros: the states before the first frame.

        Args:
            batch: Streams that run side by side.
            size: Height and width of the frames [pixels], when they are not the
                architecture's.

        Returns:
            A tensor `[batch, ...]` per state; buffers in the type the network computes
            in, counters and means in float32.

        Raises:
            ShapeError: `batch` or a side is below 1.
        """
        check_count("batch", batch)
        if size is not None:
            check_size(size)
        side = self.architecture.clip.resolution
        shapes = self._shapes(*(size or (side, side)))
        return {
            name: tf.zeros(
                [batch, *shape],
                self.compute_dtype if name.endswith("_buffer") else "float32",
            )
            for name, shape in shapes.items()
        }

    def frozen(
        self, batch: int, size: tuple[int, int] | None = None, *, frames: int = 1
    ) -> Step:
        """This stream as a compiled function, for chunks of one shape.

        Its weights are constants, as they are now: what a later training does to the
        network, it does not see. TensorFlow then computes once what depends on weights
        alone, and reads none of 390 variables: a frame takes MoViNet-A0 a third less
        time than in a `tf.function` of this network (CPU).

        Args:
            batch: Streams that run side by side.
            size: Height and width of the frames [pixels], when they are not the
                architecture's.
            frames: Number of frames in every chunk.

        Returns:
            From float32 frames `[batch, frames, H, W, C]` and states, both tensors, to
            logits and new states. It raises as this network does.

        Raises:
            ShapeError: `batch`, `frames` or a side is below 1.
        """
        check_count("frames", frames)
        initial = self.initial_states(batch, size)
        side = self.architecture.clip.resolution
        clip = [batch, frames, *(size or (side, side)), self.channels]
        weights = [(weight, weight.numpy()) for weight in self.weights]

        def step(frames: Tensor, states: States) -> tuple[Tensor, States]:
            constants = [(weight, tf.constant(value)) for weight, value in weights]
            with keras.StatelessScope(state_mapping=constants):
                return self(frames, states)

        function = tf.function(step, autograph=False).get_concrete_function(
            tf.TensorSpec(clip, tf.float32),
            {
                name: tf.TensorSpec(state.shape, state.dtype)
                for name, state in initial.items()
            },
        )
        shapes = {name: tuple(state.shape[1:]) for name, state in initial.items()}

        def run(frames: Tensor, states: States) -> tuple[Tensor, States]:
            # TensorFlow takes bytes for floats.
            check_floats(frames, "Frames", self.channels)
            try:
                return cast(tuple[Tensor, States], function(frames, states))
            except (TypeError, ValueError) as error:
                wrong = error  # which does not say in what
            check_chunk(frames, tuple(clip))
            check_states(states, shapes, batch)
            raise wrong

        return run

    def __call__(
        self,
        frames: Tensor,
        states: Mapping[str, Tensor],
        *arguments: Any,
        **options: Any,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """See `call`; refuses what does not fit, in a line that Keras leaves alone.

        Raises:
            InputError: the frames are not of floats, or the states no mapping.
            ShapeError: the frames are not `[B, T, H, W, C]`, or the states are not
                those of this network, batch and frame size.
        """
        _, H, W, _ = frame_sizes(frames, "Frames", self.channels)
        check_states(states, self._shapes(H, W), frames.shape[0])
        return super().__call__(frames, states, *arguments, **options)

    def call(
        self,
        frames: Tensor,
        states: Mapping[str, Tensor],
        every_frame: bool = False,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """Logits after the chunk's last frame, or after every one, and new states."""
        T, H, W, C = frames.shape[1:]
        x = tf.reshape(frames, [-1, H, W, C])  # [B, T, H, W, C] -> [B*T, H, W, C]
        with at_inference():
            return self._step(x, T, states, every_frame)

    def step(
        self, images: Tensor, states: Mapping[str, Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The next frame of each stream, in a form that phone runtimes take.

        What it computes is what a call computes of chunks of one frame; no tensor in it
        has more than 4 axes.

        Args:
            images: A frame of each stream, `[B, H, W, C]` in [0, 1].
            states: States, as `initial_states` or the last frame gave them.

        Returns:
            Logits `[B, classes]` after the frame, and the new states.
        """
        with portable():
            return self._step(images, 1, states, every_frame=False)

    def _step(
        self,
        x: Tensor,
        frames: int,
        states: Mapping[str, Tensor],
        every_frame: bool,
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """What `call` gives, of chunks `[B*T, H, W, C]` of `frames` frames."""
        T = frames
        memory = Memory(states, {"frames": states["frames"] + float(T)})
        x = tf.cast(x, self.compute_dtype)
        x = self.stem(x, frames=T, training=False, memory=memory.for_block("stem"))
        for block in self.blocks:
            part = memory.for_block(block.name)
            x = block(x, frames=T, training=False, memory=part)
        logits = self.head(
            x,
            frames=T,
            training=False,
            memory=memory.for_block("head"),
            every_frame=every_frame,
        )
        return logits, {name: memory.future[name] for name in states}

    def _shapes(self, height: int, width: int) -> dict[str, tuple[int, ...]]:
        *_, classes = self.head.classes.kernel.shape
        return state_shapes(self.architecture, classes, height, width)
