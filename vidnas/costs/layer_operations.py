"""What does a layer compute? An inverted bottleneck, or two dense convolutions.

Each function lists operations of one layer or of many at once. An operation that only
some of them have is computed for those alone.
"""

from collections.abc import Iterator

from vidnas.architecture.block_rules import SHIFTED, factored_widths
from vidnas.architecture.one_or_many import choose, look_up
from vidnas.arrays import Numbers
from vidnas.costs.layer_shapes import Layers
from vidnas.costs.operation import COPIES, Operations, Shape, convolution


def layer_operations(layers: Layers) -> Iterator[Operations]:
    """What layers compute for one clip, in order."""
    rules = layers.rules
    yield from (_bottleneck if rules.bottleneck else _dense_pair)(layers)
    if some := layers.where(rules.projects_if(layers.keeps_shape)):
        before, after, width = some.before, some.after, some.out_width
        pools = (rules.shortcut == "pooled") & (before.pixels != after.pixels)
        yield convolution(
            "shortcut",
            some.at,
            Shape(rules.shortcut, before, after, some.in_width, width),
            # What the layer computed inside waits, and what is pooled.
            others=width * after.pixels + choose(pools, some.shortcut, 0),
        )


def _bottleneck(layers: Layers) -> Iterator[Operations]:
    rules, width = layers.rules, layers.expand_width
    if some := layers.where(rules.expands_if(width != layers.in_width)):
        widths = some.in_width, some.expand_width
        yield convolution(
            "expand",
            some.at,
            Shape.pointwise(some.before, *widths, some.following("expanded")),
            input_after=some.shortcut,
            extra_state=_shift_state(some),
        )
    yield _depthwise(layers)
    if some := layers.where(layers.split):
        yield _temporal(some)
    if some := layers.where(layers.squeeze_excite > 0):
        yield _squeeze_excite(some, some.expand_width)
    yield convolution(
        "project",
        layers.at,
        Shape.pointwise(layers.after, width, layers.out_width),
        others=layers.shortcut,
        extra_parameters=1 if rules.residual_scale else 0,
    )


def _depthwise(layers: Layers) -> Operations:
    width, taps = layers.expand_width, layers.first_frames
    activation = _depthwise_activation(layers)
    return convolution(
        "depthwise",
        layers.at,
        # A full 3D stream buffers before its stride, (2+1)D after it.
        Shape(
            "depthwise",
            layers.before,
            layers.between,
            width,
            width,
            taps,
            layers.kernel_side,
            choose(layers.split, layers.following("expanded"), activation),
            layers.by_frame,
        ),
        # Where X3D is (2+1)D, a ReLU comes between the halves; memory is priced as if
        # what follows the second half followed both.
        memory_activation=activation,
        # A stream reads past frames beside the present one, and each tap its own part.
        inputs=choose(layers.causal & (taps > 1), 2 * taps, 1) if layers.streams else 1,
        # Each tap has a result, and one of them is being shifted in time.
        results=choose((layers.kernel_side > 1) & (taps > 1), taps + 1, 1),
        others=layers.shortcut,
    )


def _temporal(layers: Layers) -> Operations:
    width, frames, by_frame = layers.expand_width, layers.kernel_frames, layers.by_frame
    maps, activation = (layers.between, layers.after), _depthwise_activation(layers)
    return convolution(
        "temporal",
        layers.at,
        Shape("temporal", *maps, width, width, frames, 1, activation, by_frame),
        # A stream reads past frames beside the present one.
        inputs=choose(by_frame, frames, 1),
        others=layers.shortcut,
        keeps_padding=True,
    )


def _depthwise_activation(layers: Layers) -> Numbers:
    """Activation after a depthwise convolution: X3D's comes after squeeze-excite."""
    early, late = layers.following("filtered"), layers.following("filtered", "excited")
    return choose(layers.squeeze_excite > 0, early, late)


def _shift_state(layers: Layers) -> Numbers:
    """Values that a temporal shift carries from frame to frame."""
    if not layers.streams:
        return 0
    shifts = layers.causal & layers.temporal_shift & layers.keeps_shape
    return shifts * layers.in_side**2 * (layers.in_width // SHIFTED)


def _dense_pair(layers: Layers) -> Iterator[Operations]:
    yield from _dense(layers, "first")
    yield from _dense(layers, "second")
    if some := layers.where(layers.squeeze_excite > 0):
        yield _squeeze_excite(some, some.out_width)


def _dense(layers: Layers, name: str) -> Iterator[Operations]:
    first = name == "first"  # it alone has strides
    width_out = layers.expand_width if first else layers.out_width
    maps = (layers.before, layers.between) if first else (layers.after, layers.after)
    yield convolution(
        name,
        layers.at,
        Shape(
            "convolution",
            *maps,
            layers.in_width if first else layers.expand_width,
            choose(layers.split, _middle(layers), width_out),
            layers.first_frames,
            layers.kernel_side,
            choose(first | layers.split, layers.following("expanded"), 0),
            layers.by_frame,
        ),
        others=0 if first else layers.shortcut,
        input_after=layers.shortcut if first else 0,
        extra_state=_shift_state(layers) if first else 0,
    )
    if some := layers.where(layers.split):
        yield convolution(
            f"{name}_temporal",
            some.at,
            Shape(
                "convolution",
                some.between if first else some.after,
                some.after,
                _middle(some),
                some.expand_width if first else some.out_width,
                some.kernel_frames,
                1,
                some.following("expanded") if first else 0,
                some.by_frame,
            ),
            others=some.shortcut,
            keeps_padding=True,
        )


def _middle(layers: Layers) -> Numbers:
    return factored_widths(
        layers.in_width, layers.out_width, layers.kernel_frames, layers.kernel_side
    )


def _squeeze_excite(layers: Layers, width: Numbers) -> Operations:
    after, hidden = layers.after, layers.squeeze_excite
    values = width * after.pixels
    per_frame = layers.rules.squeezed == "frame"
    by_frame = True if per_frame else layers.by_frame
    activation = layers.following("excited")
    # It sees the cumulative mean beside the frame's own, each frame.
    so_far = False if per_frame else layers.by_frame
    seen = width * choose(so_far, 2, 1)
    steps = choose(by_frame, layers.out_frames, 1)
    weights = (seen + width) * hidden
    # A swish that follows keeps its input, beside what is always kept.
    copies = look_up(COPIES, activation) * values
    return Operations(
        "squeeze_excite",
        layers.at,
        Shape(
            "squeeze_excite", after, after, width, hidden, 1, 1, activation, by_frame
        ),
        # The scale of the positional encoding is learnt, one per layer.
        parameters=weights + hidden + width + choose(layers.positional_encoding, 1, 0),
        flops=steps * weights,
        reads=values,
        writes=values,
        live=layers.shortcut + copies,
        backward_values=copies + steps * (seen + 2 * hidden + 2 * width),
        # A running mean; frame counters are not counted.
        state=choose(so_far, width, 0),
    )
