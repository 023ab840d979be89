"""What does an architecture cost? Parameters, FLOPs and memory in closed form.

`vidnas.costs.network_operations` says what networks compute; everything here is a sum
or a maximum over that, of one architecture or of many at once.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple

import numpy as np

from vidnas.architecture.architecture import Architecture, require_architecture
from vidnas.architecture.columns import Columns
from vidnas.arrays import Ints, Numbers
from vidnas.costs.layer_operations import layer_operations
from vidnas.costs.layer_shapes import Heads, Layers, Stems
from vidnas.costs.network_operations import (
    head_operations,
    operations,
    operations_of_one,
    stem_operations,
)
from vidnas.costs.operation import BYTES, Operations
from vidnas.costs.training_memory import (
    PRECISIONS,
    BackwardNeeds,
    Step,
    backward_of_many,
    backward_of_one,
    step_bytes,
)
from vidnas.documents.rich_display import Displayed
from vidnas.errors import ShapeError

CLASSES = 600  # Kinetics-600, which every published MoViNet figure uses
ROWS = 1024  # priced at a time: many for numpy, yet few enough for a processor's cache


@dataclass(frozen=True, slots=True)
class Cost(Displayed):
    """What one architecture costs, for one clip at its own frames and resolution.

    Args:
        parameters: Trainable parameters.
        stored_parameters: Trainable parameters and batch-norm statistics.
        flops: Multiply-adds of one clip.
        flops_per_frame: `flops` over the clip's frames.
        weights_bytes: All stored parameters in float32.
        inference_bytes: Peak of weights, clip and live activations, one clip (one
            frame when causal, with its stream state, old and new), float32.
        training_bytes: Peak of a training step at `batch` clips: activations kept
            for the backward pass, weights, gradients and two optimizer slots, in the
            precision asked for.
        stream_state_values: Values carried between frames; 0 unless causal.
        moved_bytes: Bytes that the operations of one clip read and write, weights
            once, float32; what is fused into an operation moves nothing.
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

    def row(self, row: int) -> Cost:
        """The cost of one network."""
        return Cost(*(int(self[name][row]) for name in COSTS))

    @property
    def names(self) -> tuple[str, ...]:
        """The fields of `Cost`."""
        return COSTS

    def __getitem__(self, name: str) -> Ints:
        """[N]. The cost of that name."""
        values: Ints = getattr(self, name)
        return values


COSTS = tuple(field.name for field in fields(Cost))


def cost(
    architecture: Architecture,
    classes: int | None = None,
    batch: int = 1,
    *,
    precision: str = "float32",
    rematerialise: bool = False,
) -> Cost:
    """The cost of an architecture with a classifier for `classes`.

    Args:
        architecture: Architecture to price, as a stream if it is causal.
        classes: Outputs of the classifier; by default those that the architecture
            knows, of its file or its publication, else `CLASSES`.
        batch: Clips per training step, for `training_bytes`.
        precision: Precision of the training, as a `Recipe` names it.
        rematerialise: Whether the training computes a layer's inner activations again
            in the backward pass, and does not keep them.

    Raises:
        ShapeError: there is no architecture, or `classes` or `batch` is no whole
            number of at least 1, or no recipe has that precision.
    """
    classes = known_classes(architecture, classes)
    step = Step(_count("batch", batch), _precision(precision), rematerialise)
    clip, causal = architecture.clip, architecture.causal
    # A stream runs one frame at a time, so its activations are one frame's.
    steps = clip.frames if causal else 1
    pairs = list(operations_of_one(architecture, classes))
    kinds = [kind for _, kind in pairs]
    totals = _Totals(
        parameters=sum(kind.parameters for kind in kinds),
        norm_width=sum(kind.norm_width for kind in kinds),
        flops=sum(kind.flops for kind in kinds),
        state=sum(kind.state for kind in kinds),
        moved=sum(kind.traffic for kind in kinds),
        live=max(kind.live // steps + kind.kernel_copy for kind in kinds),
        clip=clip.frames // steps * clip.resolution**2 * clip.channels,
        backward=backward_of_one(pairs, step),
    )
    return Cost(**_cost_fields(totals, clip.frames, step), batch=step.batch)


def carried_bytes(trained: "Cost | Costs") -> Any:
    """What training on sub-clips holds beside a step of one of them [bytes].

    States before and after a sub-clip, and the sums of gradients and statistics.

    Args:
        trained: Cost of a training step on one sub-clip, or of each of many.
    """
    states = 2 * trained.batch * trained.stream_state_values
    return BYTES * (states + trained.stored_parameters)


def known_classes(architecture: Architecture, classes: int | None = None) -> int:
    """The classes asked for, or else the architecture's own, or else `CLASSES`.

    Raises:
        ShapeError: there is no architecture, or what was asked for is no whole number
            of at least 1.
    """
    require_architecture(architecture)
    if classes is None:
        return architecture.classes or CLASSES
    return _count("classes", classes)


def _count(name: str, value: object) -> int:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if not whole or value < 1:  # type: ignore[operator]
        raise ShapeError(
            f"`{name}` must be a whole number of at least 1, got {value!r}."
        )
    return int(value)  # type: ignore[call-overload, no-any-return]


def _precision(name: str) -> str:
    if name not in PRECISIONS:
        raise ShapeError(
            f"`precision` must be one of {', '.join(PRECISIONS)}, got {name!r}."
        )
    return name


def cost_many(
    columns: Columns,
    classes: int = CLASSES,
    batch: int = 1,
    *,
    precision: str = "float32",
    rematerialise: bool = False,
) -> Costs:
    """The cost of every row: to the digit what `cost` says of its architecture.

    Counts are int64, so exact below 9.2e18; memory in use stays at some megabytes.

    Args:
        columns: Columns of N architectures.
        classes: Outputs of the classifier.
        batch: Clips per training step, for `training_bytes`.
        precision: Precision of the training, as a `Recipe` names it.
        rematerialise: Whether the training computes a layer's inner activations again
            in the backward pass, and does not keep them.
    """
    step = Step(batch, precision, rematerialise)
    if len(columns) <= ROWS:
        return _cost_some(columns, classes, step)
    some = [
        _cost_some(columns[start : start + ROWS], classes, step)
        for start in range(0, len(columns), ROWS)
    ]
    each = ([costs[name] for costs in some] for name in COSTS)
    return Costs(*map(np.concatenate, each))


def _cost_some(columns: Columns, classes: int, step: Step) -> Costs:
    totals = _totals(columns, classes, step)
    values = _cost_fields(totals, columns.frames, step)
    return Costs(**values, batch=np.full(len(columns), step.batch, np.int64))


class _Totals(NamedTuple):
    """All operations of a network, or of each of many.

    Args:
        parameters: Trainable parameters of all.
        norm_width: Channels of all batch norms.
        flops: Multiply-adds of all.
        state: Values that a stream carries from frame to frame.
        moved: Values that all read and write.
        live: Most values alive in one at inference, with the copy of its kernel.
        clip: Values of the clip, or of one frame of a stream.
        backward: Peak of a clip's backward pass, weights aside [bytes].
    """

    parameters: Numbers
    norm_width: Numbers
    flops: Numbers
    state: Numbers
    moved: Numbers
    live: Numbers
    clip: Numbers
    backward: Numbers


def _cost_fields(totals: _Totals, frames: Numbers, step: Step) -> dict[str, Any]:
    """The fields of a `Cost` or of `Costs`, but for the batch."""
    stored = totals.parameters + 2 * totals.norm_width
    return {
        "parameters": totals.parameters,
        "stored_parameters": stored,
        "flops": totals.flops,
        "flops_per_frame": totals.flops // frames,
        "weights_bytes": stored * BYTES,
        # A stream's states are there twice: as they were and as they will be.
        "inference_bytes": (stored + totals.clip + totals.live + 2 * totals.state)
        * BYTES,
        "training_bytes": step_bytes(totals.parameters, stored, totals.backward, step),
        "stream_state_values": totals.state,
        "moved_bytes": (totals.moved + stored) * BYTES,
    }


def _totals(columns: Columns, classes: int, step: Step) -> _Totals:
    """The totals of every row, [N]."""
    layers = Layers.of(columns)
    frames, depth = columns.frames, columns.depth
    # A stream runs one frame at a time, so its activations are one frame's.
    steps = np.where(columns.causal, frames, 1)
    heads = Heads.of(columns, layers)
    stem, stem_needs = _sum_up(stem_operations(Stems.of(columns)), steps)
    inside, needs = _sum_up(layer_operations(layers), np.repeat(steps, depth))
    head, head_needs = _sum_up(head_operations(heads, classes), steps)
    first = depth.cumsum() - depth
    live = np.maximum.reduceat(inside[-1], first)
    inputs = np.asarray(layers.in_width * layers.pixels_in)
    sums = stem[:-1] + np.add.reduceat(inside[:-1], first, axis=1) + head[:-1]
    parameters, norm_width, flops, state, moved = sums
    return _Totals(
        parameters,
        norm_width,
        flops,
        state,
        moved,
        live=np.maximum(np.maximum(stem[-1], live), head[-1]),
        clip=frames // steps * columns.resolution**2 * columns.channels,
        backward=backward_of_many(stem_needs, needs, head_needs, inputs, depth, step),
    )


def _sum_up(kinds: Iterable[Operations], steps: Ints) -> tuple[Ints, BackwardNeeds]:
    """Totals at each of M places, which take as many steps [M].

    Returns:
        [6, M], the first fields of `_Totals` in order, and what the backward pass needs
        of the places.
    """
    sums, (live, most) = (np.zeros((rows, len(steps)), np.int64) for rows in (7, 2))
    for kind in kinds:
        at, traffic = kind.at, kind.traffic
        summed = (
            kind.parameters,
            kind.norm_width,
            kind.flops,
            kind.state,
            traffic,
            kind.backward_values,
            kind.marks,
        )
        for total, value in zip(sums, summed, strict=True):
            if not isinstance(value, int):  # the 0 of what it has none of
                total[at] += value
        # Divided once, in the end: (live + kernel_copy * steps) // steps counts.
        for peak, value in (
            (live, kind.live + kind.kernel_copy * steps[at]),
            (most, traffic),
        ):
            if isinstance(at, slice):
                np.maximum(peak, value, out=peak)
            else:
                peak[at] = np.maximum(peak[at], value)
    *totals, values, marks = sums
    return np.array([*totals, live // steps]), BackwardNeeds(values, marks, most)


def by_block(
    architecture: Architecture, classes: int | None = None
) -> dict[str, dict[str, Any]]:
    """Parameters, FLOPs and output values of every block, in order."""
    classes = known_classes(architecture, classes)
    blocks: dict[str, dict[str, Any]] = {}
    for op in operations(architecture, classes):
        row = blocks.setdefault(op.block, {"parameters": 0, "flops": 0, "values": 0})
        row["parameters"] += op.parameters
        row["flops"] += op.flops
        row["values"] = op.writes
    return blocks
