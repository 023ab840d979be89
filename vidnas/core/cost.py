"""What does an architecture cost? Parameters, FLOPs and memory in closed form.

`vidnas.core.operations` says what networks compute; everything here is a sum or a
maximum over that, of one architecture or of many at once.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple

import numpy as np

from vidnas.core.architecture import Architecture
from vidnas.core.columns import Columns
from vidnas.core.layer_operations import layer_operations
from vidnas.core.numbers import Flags, Ints, Numbers, choose
from vidnas.core.operation import Operations
from vidnas.core.operations import (
    head_operations,
    operations,
    operations_of_one,
    stem_operations,
)
from vidnas.core.placed import Heads, Layers, Stems

BYTES = 4  # float32
CLASSES = 600  # Kinetics-600, which every published MoViNet figure uses
ROWS = 512  # priced at a time: many for numpy, yet few enough for a processor's cache


@dataclass(frozen=True, slots=True)
class Cost:
    """What one architecture costs, for one clip at its own frames and resolution.

    Args:
        parameters: Trainable parameters.
        stored_parameters: Trainable parameters and batch-norm statistics.
        flops: Multiply-adds of one clip.
        flops_per_frame: `flops` over the clip's frames.
        weights_bytes: All stored parameters in float32.
        inference_bytes: Peak of weights and live activations, one clip (one frame
            when causal, with its stream state), float32.
        training_bytes: Peak of a training step at `batch` clips: activations kept
            for the backward pass, weights, gradients and two optimizer slots, float32.
        stream_state_values: Values carried between frames; 0 unless causal.
        moved_bytes: Read and written by the operations of one clip, weights once,
            float32; what is fused into an operation moves nothing.
        batch: Clips in the training step that `training_bytes` prices.
    """

    parameters: int
    stored_parameters: int
    flops: int
    flops_per_frame: int
    weights_bytes: int
    inference_bytes: int
    training_bytes: int
    stream_state_values: int
    moved_bytes: int
    batch: int

    @property
    def arithmetic_intensity(self) -> float:
        """Multiply-adds per byte moved: low where memory takes the time."""
        return self.flops / self.moved_bytes

    @property
    def memory(self) -> int:
        """Peak memory of inference [bytes]; another name of `inference_bytes`."""
        return self.inference_bytes

    def to_document(self) -> dict[str, int]:
        """The cost as plain data."""
        return asdict(self)


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """What N architectures cost: the fields of `Cost`, each [N], int64."""

    parameters: Ints
    stored_parameters: Ints
    flops: Ints
    flops_per_frame: Ints
    weights_bytes: Ints
    inference_bytes: Ints
    training_bytes: Ints
    stream_state_values: Ints
    moved_bytes: Ints
    batch: Ints

    def __len__(self) -> int:
        return len(self.parameters)

    def __getitem__(self, row: int) -> Cost:
        return Cost(*(int(self.of(name)[row]) for name in COSTS))

    @property
    def names(self) -> tuple[str, ...]:
        """The fields of `Cost`."""
        return COSTS

    def of(self, name: str) -> Ints:
        """[N]. The cost of that name."""
        values: Ints = getattr(self, name)
        return values


COSTS = tuple(field.name for field in fields(Cost))


def cost(architecture: Architecture, classes: int = CLASSES, batch: int = 1) -> Cost:
    """The cost of an architecture with a classifier for `classes`.

    Args:
        architecture: What to price; causal architectures are priced as streams.
        classes: Outputs of the classifier.
        batch: Clips per training step, for `training_bytes`.
    """
    listed = [kind for _, kind in operations_of_one(architecture, classes)]
    totals = _Totals(
        parameters=sum(kind.parameters for kind in listed),
        norm_width=sum(kind.norm_width for kind in listed),
        flops=sum(kind.flops for kind in listed),
        kept=sum(kind.kept for kind in listed),
        state=sum(kind.state for kind in listed),
        moved=sum(kind.touched for kind in listed),
        live=max(kind.live for kind in listed),
        touched=max(kind.touched for kind in listed),
    )
    clip, causal = architecture.clip, architecture.causal
    return Cost(**_priced(totals, clip.frames, causal, batch), batch=batch)


def cost_many(columns: Columns, classes: int = CLASSES, batch: int = 1) -> Costs:
    """The cost of every row: to the digit what `cost` says of its architecture.

    Counts are int64, so exact below 9.2e18; memory in use stays at some megabytes.

    Args:
        columns: N architectures.
        classes: Outputs of the classifier.
        batch: Clips per training step, for `training_bytes`.
    """
    if len(columns) <= ROWS:
        return _cost_some(columns, classes, batch)
    some = [
        _cost_some(columns[start : start + ROWS], classes, batch)
        for start in range(0, len(columns), ROWS)
    ]
    each = ([costs.of(name) for costs in some] for name in COSTS)
    return Costs(*map(np.concatenate, each))


def _cost_some(columns: Columns, classes: int, batch: int) -> Costs:
    totals = _totals(columns, classes)
    priced = _priced(totals, columns.frames, columns.causal, batch)
    return Costs(**priced, batch=np.full(len(columns), batch, np.int64))


class _Totals(NamedTuple):
    """All operations of a network, or of each of many.

    Args:
        parameters: Sum.
        norm_width: Sum.
        flops: Sum.
        kept: Sum.
        state: Sum.
        moved: Sum of what is read and written.
        live: The most of one.
        touched: The most of one.
    """

    parameters: Numbers
    norm_width: Numbers
    flops: Numbers
    kept: Numbers
    state: Numbers
    moved: Numbers
    live: Numbers
    touched: Numbers


def _priced(
    totals: _Totals, frames: Numbers, causal: Flags, batch: int
) -> dict[str, Any]:
    """The fields of a `Cost` or of `Costs`, but for the batch."""
    stored = totals.parameters + 2 * totals.norm_width
    # A stream runs one frame at a time, so its activations are one frame's.
    live = totals.live // choose(causal, frames, 1)
    # Parameters and statistics, each as one vector and unpacked; a gradient, likewise;
    # two optimizer slots (momentum and velocity); the mask of the decay.
    fixed = 2 * stored + 5 * totals.parameters
    # While one operation is differentiated, the gradients of what it wrote and read
    # are alive beside everything kept.
    training = fixed + batch * (totals.kept + totals.touched)
    return {
        "parameters": totals.parameters,
        "stored_parameters": stored,
        "flops": totals.flops,
        "flops_per_frame": totals.flops // frames,
        "weights_bytes": stored * BYTES,
        "inference_bytes": (stored + live + totals.state) * BYTES,
        "training_bytes": training * BYTES,
        "stream_state_values": totals.state,
        "moved_bytes": (totals.moved + stored) * BYTES,
    }


def _totals(columns: Columns, classes: int) -> _Totals:
    """The totals of every row, [N]."""
    layers = Layers.of(columns)
    kinds = (
        *stem_operations(Stems.of(columns)),
        *head_operations(Heads.of(columns, layers), classes),
    )
    sums, peaks = _totalled(kinds, len(columns))
    layer_sums, layer_peaks = _totalled(layer_operations(layers), columns.depth.sum())
    first = columns.depth.cumsum() - columns.depth
    sums += np.add.reduceat(layer_sums, first, axis=1)
    np.maximum(peaks, np.maximum.reduceat(layer_peaks, first, axis=1), out=peaks)
    return _Totals(*sums, *peaks)


def _totalled(kinds: Iterable[Operations], places: int) -> tuple[Ints, Ints]:
    """[6, M] and [2, M]. The sums and the peaks of `_Totals`, for each of M places."""
    sums, peaks = np.zeros((6, places), np.int64), np.zeros((2, places), np.int64)
    for kind in kinds:
        at = kind.at
        summed = (
            kind.parameters,
            kind.norm_width,
            kind.flops,
            kind.kept,
            kind.state,
            kind.touched,
        )
        for total, value in zip(sums, summed, strict=True):
            if not isinstance(value, int):  # the 0 of what it has none of
                total[at] += value
        for most, value in zip(peaks, (kind.live, kind.touched), strict=True):
            most[at] = np.maximum(most[at], value)
    return sums, peaks


def by_block(
    architecture: Architecture, classes: int = CLASSES
) -> dict[str, dict[str, Any]]:
    """Parameters, FLOPs and output values of every block, in order."""
    blocks: dict[str, dict[str, Any]] = {}
    for op in operations(architecture, classes):
        row = blocks.setdefault(op.block, {"parameters": 0, "flops": 0, "values": 0})
        row["parameters"] += op.parameters
        row["flops"] += op.flops
        row["values"] = op.writes
    return blocks
