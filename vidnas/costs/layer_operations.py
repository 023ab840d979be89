"""What does a layer compute? An inverted bottleneck, or two dense convolutions.

Each function lists operations of one layer or of many at once; one that only some of
them have is formed for these alone.
"""

from collections.abc import Iterator

from vidnas.architecture.block_rules import SHIFTED, factored_widths
from vidnas.architecture.one_or_many import Numbers, choose, look_up
from vidnas.costs.layer_shapes import Layers, buffer
from vidnas.costs.operation import Operations, convolution, copies_kept, marked


def layer_operations(layers: Layers) -> Iterator[Operations]:
    """What layers compute for one clip, in order."""
    rules = layers.rules
    yield from (_bottleneck if rules.bottleneck else _dense_pair)(layers)
    if some := layers.where(rules.projects_if(layers.keeps_shape)):
        pooled = rules.shortcut == "pooled"
        yield convolution(
            "shortcut",
            some.at,
            taps=1,
            width_in=some.in_width,
            width_out=some.out_width,
            pixels_in=some.pixels_out if pooled else some.pixels_in,
            pixels_out=some.pixels_out,
            # What the layer computed inside waits, and what is pooled.
            waiting=some.out_width * some.pixels_out
            + choose(pooled & (some.pixels_in != some.pixels_out), some.shortcut, 0),
        )


def _copies(layers: Layers, *behind: str) -> Numbers:
    return look_up(copies_kept(layers.block, *behind), layers.activation)


def _marked(layers: Layers, *behind: str) -> Numbers:
    return look_up(marked(layers.block, *behind), layers.activation)


def _shifted(layers: Layers) -> Numbers:
    """Values that a temporal shift carries from frame to frame."""
    shifts = layers.temporal_shift & layers.keeps_shape
    return buffer(layers, 2, layers.in_side, layers.in_width // SHIFTED * shifts)


def _bottleneck(layers: Layers) -> Iterator[Operations]:
    rules = layers.rules
    if some := layers.where(rules.expands_if(layers.expand_width != layers.in_width)):
        yield convolution(
            "expand",
            some.at,
            taps=1,
            width_in=some.in_width,
            width_out=some.expand_width,
            pixels_in=some.pixels_in,
            pixels_out=some.pixels_in,
            copies=_copies(some, "expanded"),
            marked=_marked(some, "expanded"),
            left=some.shortcut,
            state=_shifted(some),
        )
    expanded, taps = layers.expand_width * layers.pixels_in, layers.first_frames
    copies, marks = _filtered(layers)
    yield convolution(
        "depthwise",
        layers.at,
        taps=taps * layers.kernel_side**2,
        width_in=layers.expand_width,
        width_out=layers.expand_width,
        pixels_in=layers.pixels_in,
        pixels_out=layers.pixels_between,
        depthwise=True,
        copies=copies,
        marked=marks,
        # A stream reads past frames beside the present one, and each tap its own part.
        read=choose(layers.causal & (taps > 1), 2 * taps, 1) * expanded
        if layers.streams
        else None,
        # Each tap has a result, and one of them is being shifted in time.
        results=choose((layers.kernel_side > 1) & (taps > 1), taps + 1, 1),
        waiting=layers.shortcut,
        # A full 3D stream buffers before its stride, (2+1)D after it.
        state=buffer(layers, layers.first_frames, layers.in_side, layers.expand_width),
    )
    if some := layers.where(layers.split):
        copies, marks = _filtered(some)
        past = buffer(some, some.kernel_frames, some.out_side, some.expand_width)
        yield convolution(
            "temporal",
            some.at,
            taps=some.kernel_frames,
            width_in=some.expand_width,
            width_out=some.expand_width,
            pixels_in=some.pixels_between,
            pixels_out=some.pixels_out,
            depthwise=True,
            copies=copies,
            marked=marks,
            read=_seen(some, some.kernel_frames, some.expand_width),
            waiting=some.shortcut,
            state=past,
            padding=past,
        )
    if some := layers.where(layers.squeeze_excite > 0):
        yield _squeeze_excite(some, some.expand_width)
    yield convolution(
        "project",
        layers.at,
        taps=1,
        width_in=layers.expand_width,
        width_out=layers.out_width,
        pixels_in=layers.pixels_out,
        pixels_out=layers.pixels_out,
        waiting=layers.shortcut,
        extra_parameters=1 if rules.residual_scale else 0,
    )


def _filtered(layers: Layers) -> tuple[Numbers, Numbers]:
    """Copies that a depthwise convolution keeps of its output, and if it is marked."""
    # X3D activates behind squeeze-excite where there is one.
    excited, late = layers.squeeze_excite > 0, ("filtered", "excited")
    return (
        choose(excited, _copies(layers, "filtered"), _copies(layers, *late)),
        choose(excited, _marked(layers, "filtered"), _marked(layers, *late)),
    )


def _seen(layers: Layers, frames: Numbers, width: Numbers) -> Numbers:
    """Values that a convolution over time reads: a stream's past frames as well."""
    values = width * layers.pixels_between
    return choose(layers.causal, frames, 1) * values if layers.streams else values


def _dense_pair(layers: Layers) -> Iterator[Operations]:
    yield from _dense(layers, "first")
    yield from _dense(layers, "second")
    if some := layers.where(layers.squeeze_excite > 0):
        yield _squeeze_excite(some, some.out_width)


def _dense(layers: Layers, name: str) -> Iterator[Operations]:
    first = name == "first"  # it alone has strides
    width_in = layers.in_width if first else layers.expand_width
    width_out = layers.expand_width if first else layers.out_width
    expanded, relu = _copies(layers, "expanded"), _marked(layers, "expanded")
    side = layers.in_side if first else layers.out_side
    state = buffer(layers, layers.first_frames, side, width_in)
    yield convolution(
        name,
        layers.at,
        taps=layers.first_frames * layers.kernel_side**2,
        width_in=width_in,
        width_out=choose(layers.split, _middle(layers), width_out),
        pixels_in=layers.pixels_in if first else layers.pixels_out,
        pixels_out=layers.pixels_between if first else layers.pixels_out,
        copies=expanded if first else choose(layers.split, expanded, 1),
        marked=relu if first else layers.split * relu,
        waiting=0 if first else layers.shortcut,
        left=layers.shortcut if first else 0,
        state=state + _shifted(layers) if first else state,
    )
    if some := layers.where(layers.split):
        middle = _middle(some)
        past = buffer(some, some.kernel_frames, some.out_side, middle)
        yield convolution(
            f"{name}_temporal",
            some.at,
            taps=some.kernel_frames,
            width_in=middle,
            width_out=some.expand_width if first else some.out_width,
            pixels_in=some.pixels_between if first else some.pixels_out,
            pixels_out=some.pixels_out,
            copies=_copies(some, "expanded") if first else 1,
            marked=_marked(some, "expanded") if first else 0,
            waiting=some.shortcut,
            state=past,
            padding=past,
        )


def _middle(layers: Layers) -> Numbers:
    return factored_widths(
        layers.in_width, layers.out_width, layers.kernel_frames, layers.kernel_side
    )


def _squeeze_excite(layers: Layers, width: Numbers) -> Operations:
    hidden, pixels = layers.squeeze_excite, layers.pixels_out
    values = width * pixels
    per_frame = layers.rules.squeezed == "frame"
    # It sees the cumulative mean beside the frame's own, each frame.
    so_far = False if per_frame else layers.causal
    seen = width * choose(so_far, 2, 1)
    steps = choose(layers.causal | per_frame, layers.out_frames, 1)
    weights = (seen + width) * hidden
    # A swish behind it keeps its input, beside what is always kept.
    copies = _copies(layers, "excited")
    return Operations(
        "squeeze_excite",
        layers.at,
        # The scale of the positional encoding is learnt, one per layer.
        parameters=weights + hidden + width + choose(layers.positional_encoding, 1, 0),
        flops=steps * weights,
        reads=values,
        writes=values,
        live=layers.shortcut + copies * values,
        kept=copies * values + steps * (seen + 2 * hidden + 2 * width),
        # A running mean; frame counters are not counted.
        state=choose(so_far, width, 0),
    )
