"""What does an official MoViNet checkpoint hold, under the names of our weights?

TensorFlow's Model Garden saves `tf.train.Checkpoint(model=...)`: a tensor is called by
its path through objects, such as

```text
model/layer_with_weights-0/layer_with_weights-3/_expansion/_conv/kernel
└ wrappers: any ──────────────────────────────┘ └ part ────────┘ └ leaf
```

Only parts and leaves have a meaning. Wrappers say which tensors share a layer, and in
which order layers follow; they change when a checkpoint names its backbone beside its
model, as those converted from `3d_2plus1d` to `2plus1d` do.

Source:
    Model Garden, official/projects/movinet: modeling/movinet_layers.py and
    tools/convert_3d_2plus1d.py.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from vidnas.errors import InputError, ShapeError
from vidnas.nets.weights.checkpoint_path import is_archive, open_checkpoint

Array = np.ndarray[Any, Any]

# Part of an official layer -> layer of ours, below its owner.
_STEM = {"_stem/_conv": "conv", "_stem/_batch_norm": "norm"}
_BOTTLENECK = {
    "_expansion/_conv": "expand",
    "_expansion/_batch_norm": "expand_norm",
    "_feature/_conv": "depthwise",
    "_feature/_batch_norm": "depthwise_norm",
    "_feature/_conv_temporal": "temporal",
    "_feature/_batch_norm_temporal": "temporal_norm",
    "_attention/_se_reduce/_conv": "squeeze_excite/reduce",
    "_attention/_se_expand/_conv": "squeeze_excite/expand",
    "_projection/_conv": "project",
    "_projection/_batch_norm": "project_norm",
    "_skip/_projection/_conv": "shortcut",
    "_skip/_projection/_batch_norm": "shortcut_norm",
}
_HEAD = {
    "_project/_conv": "project",
    "_project/_batch_norm": "norm",
    "_head/_conv": "hidden",
    "_classifier/_conv": "classes",
}
# Both are one scalar, whose variable has the names `scale` and `_scale`.
_SCALES = {
    "_mobile_bottleneck/_rezero": "project_norm/residual_scale",
    "_attention/_pos_encoding/_rezero": "squeeze_excite/position_scale",
}
_PARTS = _STEM | _BOTTLENECK | _HEAD
_LEAVES = {
    "kernel": "kernel",
    "depthwise_kernel": "kernel",
    "bias": "bias",
    "gamma": "gamma",
    "beta": "beta",
    "moving_mean": "moving_mean",
    "moving_variance": "moving_variance",
}
_FIRSTS = "|".join(sorted({part.partition("/")[0] for part in _PARTS | _SCALES}))
_KEY = re.compile(rf"(?P<layer>.+?)/(?P<part>(?:{_FIRSTS})/.+)/(?P<leaf>\w+)")
_VARIABLE = "/.ATTRIBUTES/VARIABLE_VALUE"
# What training keeps in a checkpoint besides the network.
_COUNTERS = ("save_counter", "global_step")
_TRAINING = {"optimizer", "keras_api", ".OPTIMIZER_SLOT"}


@dataclass(frozen=True)
class Checkpoint:
    """The variables of an official checkpoint, without those of its training.

    Args:
        where: Path of the checkpoint, for messages.
        tensors: Array by its path through objects.
    """

    where: str
    tensors: Mapping[str, Array]

    def our_names(self, bottlenecks: Sequence[str]) -> dict[str, str]:
        """Our name of each tensor, by its own; its own where we have none.

        Args:
            bottlenecks: Names of the network's bottlenecks in order, such as
                `stage1.layer0`.

        Raises:
            ShapeError: the checkpoint has another number of bottlenecks.
        """
        places = {key: _place(key) for key in self.tensors}
        layers = sorted(
            {place.layer for place in places.values() if place and not place.owner},
            key=_natural_order,
        )
        if len(layers) != len(bottlenecks):
            raise ShapeError(
                f"{self.where} must hold {len(bottlenecks)} bottlenecks, as the "
                f"architecture has, got {len(layers)}."
            )
        owners = dict(zip(layers, bottlenecks, strict=True))
        names: dict[str, str] = {}
        unique: set[str] = set()
        for key, place in places.items():
            name = key
            if place:
                name = f"{place.owner or owners[place.layer]}/{place.weight}"
            # Of two tensors with one name, the second is left over.
            names[key] = key if name in unique else name
            unique.add(name)
        return names


def read_checkpoint(path: str | Path) -> Checkpoint:
    """The variables of an official checkpoint.

    Args:
        path: Archive or directory as downloaded, the checkpoint in it without its
            suffix (`.../ckpt-1`), or one of its files.

    Raises:
        InputError: there is no checkpoint at `path`, or it cannot be read.
    """
    path = Path(path)
    with open_checkpoint(path) as found:
        prefix = _prefix(found)
        return _read_prefix(prefix, path if is_archive(path) else prefix)


def _read_prefix(prefix: Path, where: Path) -> Checkpoint:
    try:
        reader = tf.train.load_checkpoint(str(prefix))
        tensors = {
            key.removesuffix(_VARIABLE): np.asarray(reader.get_tensor(key))
            for key in sorted(reader.get_variable_to_shape_map())
            if key.endswith(_VARIABLE) and not _of_training(key)
        }
    except (tf.errors.OpError, ValueError, LookupError, RuntimeError) as error:
        (reason, *_) = str(error).splitlines() or [type(error).__name__]
        raise InputError(
            f"{where} must be a TensorFlow checkpoint, and cannot be read: "
            f"{reason.rstrip('.')}."
        ) from error
    return Checkpoint(str(where), tensors)


def _prefix(path: Path) -> Path:
    """The checkpoint of that prefix, or the one of a folder, or its latest."""
    if path.with_name(f"{path.name}.index").is_file():
        return path
    indexes = sorted(path.glob("*.index"))
    if len(indexes) == 1:
        return indexes[0].with_suffix("")
    latest = tf.train.latest_checkpoint(str(path))
    if latest:
        return Path(latest)
    names = ", ".join(one.stem for one in indexes)
    raise InputError(
        f"{path} must hold one TensorFlow checkpoint (`NAME.index` and its data), got "
        f"{names}. Choose one: {path / indexes[-1].stem}."
    )


def _of_training(key: str) -> bool:
    key = key.removesuffix(_VARIABLE)
    return key in _COUNTERS or not _TRAINING.isdisjoint(key.split("/"))


@dataclass(frozen=True)
class _Place:
    """Where a tensor belongs.

    Args:
        layer: Official layer that holds the tensor.
        owner: Part of ours that has the layer: `stem`, `head`, or nothing for a
            bottleneck.
        weight: Path of our weight below its owner.
    """

    layer: str
    owner: str
    weight: str


def _place(key: str) -> _Place | None:
    """Where a tensor belongs, or None where it is no MoViNet's."""
    match = _KEY.fullmatch(key)
    if not match:
        return None
    layer, part, leaf = match.groups()
    if part in _SCALES and leaf.lstrip("_") == "scale":
        return _Place(layer, "", _SCALES[part])
    # A (2+1)D form wraps its 2D convolution once more, a 3D one does not.
    part = re.sub(r"(/_conv(?:_temporal)?)/_conv$", r"\1", part)
    if part not in _PARTS or leaf not in _LEAVES:
        return None
    owner = "stem" if part in _STEM else "head" if part in _HEAD else ""
    return _Place(layer, owner, f"{_PARTS[part]}/{_LEAVES[leaf]}")


def _natural_order(text: str) -> list[tuple[int, str]]:
    """Sorts `layer-2` before `layer-10`."""
    return [
        (int(piece) if piece.isdigit() else -1, piece)
        for piece in re.split(r"(\d+)", text)
    ]
