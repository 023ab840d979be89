"""How do weights come into our networks: official MoViNet's, or those trained here?

Every tensor is checked before the first is set: a network is loaded whole or not at
all.

```python
model = load_pretrained("movinet_a0_base", published("movinet-a0"))
model = load_pretrained("movinet_a0_base", published("movinet-a0"), classes=10)

architecture = published("movinet-a0", stream=True)
stream = load_pretrained("movinet_a0_stream", architecture).stream()

trained = load_pretrained("runs/train/a2/weights.npz", architecture)
```
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vidnas.architecture.architecture import Architecture
from vidnas.errors import InputError, ShapeError
from vidnas.nets.layers.norm import MOMENTUM
from vidnas.nets.network import VideoNetwork, build
from vidnas.nets.stream import StreamNetwork
from vidnas.nets.weights.model_garden import Array, Checkpoint, read_checkpoint
from vidnas.nets.weights.weights_file import read_weights, weights_file

Shape = tuple[int, ...]
FIRST = "stem/conv/kernel"
LAST = ("head/classes/kernel", "head/classes/bias")


def load_pretrained(
    path: str | Path,
    architecture: Architecture,
    *,
    classes: int | None = None,
    dropout: float = 0.0,
    stochastic_depth: float = 0.0,
    norm_momentum: float = MOMENTUM,
    seed: int = 0,
) -> VideoNetwork:
    """The clip network of an architecture with the weights of a file.

    That is an official checkpoint, or `weights.npz` of `vidnas train`. Official tensors
    are matched by structure, in the forms `3d`, `2plus1d` and `3d_2plus1d`; the last
    holds the weights of the second in 3D kernels, and loads into the same architecture,
    whose `convolution` is `2plus1d`. They do not say which activations they were
    trained with: that is the architecture's to know. Weights of an RGB network load
    into one of grayscale clips, where they give the same as on these clips in RGB.

    Args:
        path: Archive or directory as downloaded (`checkpoint`, `ckpt-1.index`, ...),
            the checkpoint in it without its suffix, or one of its files; or a weights
            file, or its folder.
        architecture: Architecture of the checkpoint, such as `published("movinet-a0")`.
        classes: Number of outputs. Another than the checkpoint's gives a fresh last
            layer under loaded ones; None is the checkpoint's own.
        dropout: Share of hidden values dropped before the last layer, in [0, 1).
        stochastic_depth: Share of clips for which the last layer is skipped in
            training, as `build` takes it.
        norm_momentum: Momentum of batch-norm statistics.
        seed: Seed of a fresh last layer and of dropout.

    Raises:
        InputError: there is no checkpoint at `path`, or a tensor is missing or left
            over.
        ShapeError: a tensor has the wrong shape, the checkpoint has another number of
            bottlenecks or form of convolution, a weights file is another
            architecture's, or the architecture cannot be built.

    Source:
        Model Garden, official/projects/movinet.
    """
    source = _read(path, architecture)
    if classes is None:
        classes = source.outputs
    network = build(
        architecture,
        classes,
        dropout=dropout,
        stochastic_depth=stochastic_depth,
        norm_momentum=norm_momentum,
        seed=seed,
    )
    assign(network, source.arrays, where=source.where, keys=source.keys)
    return network


def load_weights(
    network: VideoNetwork | StreamNetwork,
    path: str | Path,
    *,
    classes: Sequence[str] = (),
) -> bool:
    """Sets a network's weights to those of a file; see `load_pretrained`.

    The last layer keeps its weights where the file has other classes.

    Args:
        network: Network that `build` gave.
        path: Official checkpoint or weights file, as `load_pretrained` takes it.
        classes: Names of the network's outputs. Where the file names others, its last
            layer stays out even when they are as many.

    Returns:
        Whether the last layer was set too.

    Raises:
        InputError: see `load_pretrained`. The network is then unchanged.
    """
    source = _read(path, network.architecture)
    last = not (classes and source.classes) or source.classes == tuple(classes)
    return assign(
        network, source.arrays, where=source.where, keys=source.keys, last=last
    )


def convolution_of(path: str | Path) -> str:
    """The `convolution` of the architecture that a file's weights are for.

    Raises:
        InputError: there are no weights at `path`.
    """
    own = weights_file(path)
    if own:
        return str(read_weights(own).architecture["convolution"])
    split = any("/_conv_temporal/" in key for key in read_checkpoint(path).tensors)
    return "2plus1d" if split else "3d"


def has_widths_of(checkpoint: Checkpoint, architecture: Architecture) -> bool:
    """Whether an official checkpoint is of an architecture, as far as widths tell.

    Args:
        checkpoint: Variables of the checkpoint.
        architecture: MoViNet that it may be of.
    """
    try:
        keys = _keys(checkpoint, architecture)
    except ShapeError:
        return False
    widths = {
        FIRST: architecture.stem.width,
        "head/project/kernel": architecture.head.project_width,
        "head/hidden/kernel": architecture.head.hidden_width,
    }
    for place in architecture.placed_layers():
        widths[f"{place.name}/expand/kernel"] = place.layer.expand_width
        widths[f"{place.name}/project/kernel"] = place.out_width
    encodes = any(key.endswith("/position_scale") for key in keys)
    return encodes == architecture.positional_encoding and all(
        path in keys and checkpoint.tensors[keys[path]].shape[-1] == width
        for path, width in widths.items()
    )


def assign(
    network: VideoNetwork | StreamNetwork,
    arrays: Mapping[str, Array],
    *,
    where: str = "The arrays",
    keys: Mapping[str, str] | None = None,
    last: bool = True,
) -> bool:
    """Sets a network's weights to arrays, in our layouts or official checkpoints'.

    The last layer keeps its weights where the arrays have other classes.

    Args:
        network: Network that `build` gave.
        arrays: Array by the path of our weight, such as `stage1.layer0/expand/kernel`.
        where: Words for what holds the arrays, for messages.
        keys: Name of each array there, by our path, for messages.
        last: Whether the last layer is set where classes agree.

    Returns:
        Whether the last layer was set.

    Raises:
        InputError: an array is missing or left over. The network is then unchanged.
        ShapeError: an array has the wrong shape. The network is then unchanged.
    """
    keys = keys or {}
    weights = {weight.path: weight for weight in network.weights}
    shapes = {path: tuple(weight.shape) for path, weight in weights.items()}
    fresh: tuple[str, ...] = ()
    _, bias = LAST
    if not last or (bias in arrays and arrays[bias].size != shapes[bias][0]):
        fresh = LAST
    if fresh and bias in arrays:
        shapes |= {path: (*shapes[path][:-1], arrays[bias].size) for path in LAST}
    _check_names(shapes, arrays, where, keys)
    for path, shape in shapes.items():
        _check_shape(path, shape, arrays[path].shape, where, keys.get(path, path))
    # Layouts differ in axes of size 1 only.
    values = {
        path: np.asarray(arrays[path], np.float32).reshape(weight.shape)
        for path, weight in weights.items()
        if path not in fresh
    }
    for path, value in values.items():
        weights[path].assign(value)
    return not fresh


def _official_shapes(path: str, shape: Shape) -> tuple[Shape, ...]:
    """Shapes in which official checkpoints hold one of our weights: 3D, then 2D.

    Args:
        path: Path of our weight.
        shape: Shape of our weight.
    """
    if not path.endswith("/kernel"):
        return (shape,)
    if len(shape) == 2:  # pointwise, [in, out]
        return (1, 1, 1, *shape), (1, 1, *shape)
    if len(shape) == 4:  # stem, [k, k, in, out]
        return (1, *shape), shape
    frames, side, _, width, _ = shape  # depthwise
    whole = (frames, side, side, 1, width)
    if frames == 1:
        return whole, (side, side, width, 1)
    return (whole, (frames, 1, width, 1)) if side == 1 else (whole,)


@dataclass(frozen=True)
class _Source:
    """Weights for one architecture; see `assign`."""

    where: str
    arrays: Mapping[str, Array]
    keys: Mapping[str, str]
    classes: tuple[str, ...] = ()

    @property
    def outputs(self) -> int:
        _, bias = LAST
        if bias not in self.arrays:
            raise InputError(
                f"{self.where} must hold a tensor for `{bias}`, and has none. "
                "A backbone alone cannot be loaded."
            )
        return int(self.arrays[bias].size)


def _read(path: str | Path, architecture: Architecture) -> _Source:
    """The weights at `path`, refused where they are another architecture's."""
    own = weights_file(path)
    if own:
        weights = read_weights(own)
        weights.require(architecture)
        arrays = _in_channels(weights.arrays, architecture)
        return _Source(weights.where, arrays, {}, weights.classes)
    checkpoint = read_checkpoint(path)
    keys = _keys(checkpoint, architecture)
    arrays = {name: checkpoint.tensors[key] for name, key in keys.items()}
    return _Source(checkpoint.where, _in_channels(arrays, architecture), keys)


def _in_channels(
    arrays: Mapping[str, Array], architecture: Architecture
) -> Mapping[str, Array]:
    """The arrays, those of an RGB network for grayscale where that is wanted.

    Grayscale shown to an RGB network is one value three times, so the sum of its first
    kernel over them gives what it gives, exactly.
    """
    kernel = arrays.get(FIRST)
    if architecture.clip.channels != 1 or kernel is None or kernel.shape[-2:-1] != (3,):
        return arrays
    return {**arrays, FIRST: kernel.sum(axis=-2, keepdims=True)}


def _keys(checkpoint: Checkpoint, architecture: Architecture) -> dict[str, str]:
    """The checkpoint's name of each tensor, by ours."""
    if architecture.block != "movinet":
        raise ShapeError(
            "An architecture for official MoViNet weights must have `block` movinet, "
            f"got {architecture.block}."
        )
    names = checkpoint.our_names([place.name for place in architecture.placed_layers()])
    keys = {name: key for key, name in names.items()}
    _check_form(checkpoint, keys, architecture)
    return keys


def _check_form(
    checkpoint: Checkpoint, keys: Mapping[str, str], architecture: Architecture
) -> None:
    """That both are streams or neither, and both (2+1)D or neither."""
    for place in architecture.placed_layers():
        key = keys.get(f"{place.name}/squeeze_excite/reduce/kernel", "")
        read_width = checkpoint.tensors[key].shape[-2:-1] if key else ()
        width = place.layer.expand_width
        # A stream's sees the mean so far beside the frame's.
        if read_width == ((width,) if architecture.causal else (2 * width,)):
            remedy = "" if architecture.causal else " Pass `--stream`."
            raise ShapeError(
                f"The architecture for {checkpoint.where} must be "
                f"{_causality(not architecture.causal)}, as its squeeze-excite is, "
                f"got one that is {_causality(architecture.causal)}.{remedy}"
            )
    split = any("/temporal/" in path for path in keys)
    temporal = any(
        place.layer.kernel.frames > 1 for place in architecture.placed_layers()
    )
    if temporal and split != (architecture.convolution == "2plus1d"):
        form = "2plus1d" if split else "3d"
        raise ShapeError(
            f"The architecture for {checkpoint.where} must have `convolution` {form}, "
            f"as its tensors have, got {architecture.convolution}. Replace it, or pass "
            f"`--convolution {form}`."
        )


def _causality(causal: bool) -> str:
    return "causal (a stream)" if causal else "not causal (a base network)"


def _check_names(
    shapes: Mapping[str, Shape],
    arrays: Mapping[str, Array],
    where: str,
    keys: Mapping[str, str],
) -> None:
    missing = [path for path in shapes if path not in arrays]
    if missing:
        path = missing[0]
        raise InputError(
            f"{where} must hold a tensor of shape {_shapes_text(path, shapes[path])} "
            f"for `{path}`, and has none{_more(missing, ' (nor for {} more)')}."
        )
    others = [keys.get(path, path) for path in arrays if path not in shapes]
    if others:
        raise InputError(
            f"{where} must hold nothing but the network's {len(shapes)} weights, got "
            f"`{others[0]}`{_more(others, ' and {} more')} besides."
        )


def _check_shape(path: str, shape: Shape, got: Shape, where: str, key: str) -> None:
    if got not in (shape, *_official_shapes(path, shape)):
        raise ShapeError(
            f"`{key}` of {where} must have shape {_shapes_text(path, shape)} for "
            f"`{path}`, got {list(got)}."
        )


def _shapes_text(path: str, shape: Shape) -> str:
    return " or ".join(str(list(one)) for one in _official_shapes(path, shape))


def _more(names: list[str], text: str) -> str:
    return text.format(len(names) - 1) if len(names) > 1 else ""
