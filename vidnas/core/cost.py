"""What does an architecture cost? Parameters, FLOPs and memory in closed form.

`operations` lists what the network computes; everything here is a sum or a maximum over
that list.
"""

from dataclasses import asdict, dataclass
from typing import Any

from vidnas.core.architecture import Architecture
from vidnas.core.operation import Operation
from vidnas.core.operations import operations

BYTES = 4  # float32
CLASSES = 600  # Kinetics-600, which every published MoViNet figure uses


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
    batch: int

    @property
    def memory(self) -> int:
        """Peak memory of inference [bytes]; another name of `inference_bytes`."""
        return self.inference_bytes

    def to_document(self) -> dict[str, int]:
        """The cost as plain data."""
        return asdict(self)


def cost(architecture: Architecture, classes: int = CLASSES, batch: int = 1) -> Cost:
    """The cost of an architecture with a classifier for `classes`.

    Args:
        architecture: What to price; causal architectures are priced as streams.
        classes: Outputs of the classifier.
        batch: Clips per training step, for `training_bytes`.
    """
    listed = list(operations(architecture, classes))
    parameters = sum(op.parameters for op in listed)
    flops = sum(op.flops for op in listed)
    state = sum(op.state for op in listed)
    stored = parameters + sum(2 * op.norm_width for op in listed)
    frames = architecture.clip.frames
    # A stream runs one frame at a time, so its activations are one frame's.
    steps = frames if architecture.causal else 1
    live = max(op.reads + op.writes + op.held for op in listed) // steps
    return Cost(
        parameters=parameters,
        stored_parameters=stored,
        flops=flops,
        flops_per_frame=flops // frames,
        weights_bytes=stored * BYTES,
        inference_bytes=(stored + live + state) * BYTES,
        training_bytes=_training_values(listed, stored, parameters, batch) * BYTES,
        stream_state_values=state,
        batch=batch,
    )


def _training_values(
    listed: list[Operation], stored: int, parameters: int, batch: int
) -> int:
    # Parameters and statistics, each as one vector and unpacked; a gradient, likewise;
    # two optimizer slots (momentum and velocity); the mask of the decay.
    fixed = 2 * stored + 5 * parameters
    kept = sum(op.kept for op in listed)
    # While one operation is differentiated, the gradients of what it wrote and read
    # are alive beside everything kept.
    workspace = max(op.reads + op.writes for op in listed)
    return fixed + batch * (kept + workspace)


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
