"""What does a study send to its workers? One function that loads TensorFlow there."""

import sys
from collections.abc import Mapping
from typing import Any

from vidnas.architecture.architecture import Architecture
from vidnas.training.environment import load_tensorflow
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.recipe import Recipe
from vidnas.trials.watch import Watch


def train_in_group(
    architecture: Architecture,
    *,
    group: str,
    shares: Mapping[str, Mapping[str, Any]],
    watch: Watch | None = None,
    **facts: Any,
) -> dict[str, float]:
    """Measured numbers of an architecture, trained in a worker of a group.

    Args:
        architecture: Architecture to train.
        group: Name of the group.
        shares: Arguments `cpus`, `gpus` and `memory` of `train_candidate` by group.
        watch: Watch over the training; None for nobody.
        facts: Its other arguments.
    """
    return train_candidate(architecture, watch=watch, **shares[group], **facts)


def train_candidate(
    architecture: Architecture,
    *,
    dataset: str | Mapping[str, Any],
    recipe: Recipe,
    fidelity: Fidelity,
    seed: int,
    cpus: int = 1,
    gpus: float = 0.0,
    memory: float | None = None,
    micro_batch: int | None = None,
    counted: tuple[int, int] | None = None,
    watch: Watch | None = None,
    full_epochs: int | None = None,
) -> dict[str, float]:
    """Measured numbers of an architecture; see `candidate_training.evaluate`.

    The first call in a process prepares the environment and imports TensorFlow.

    Args:
        architecture: Architecture to train.
        dataset: Class folders, or the document that names the dataset.
        recipe: Recipe of the training.
        fidelity: Epochs, and frames and resolution where they are not the
            architecture's own.
        seed: Seed of weights, order of clips, augmentation and dropout.
        cpus: Threads that TensorFlow may compute with, and that make batches.
        gpus: GPUs that this process asked for, or its share of one. Several train one
            network together.
        memory: Most memory a training may take [bytes], of the CPU or of each GPU this
            process sees; held from the first call to the end of the process.
        micro_batch: Clips whose activations are in memory at once; None for the batch.
        counted: Readable clips of `train` and `val` that there must be; None for any.
        watch: Watch over the training; None for nobody.
        full_epochs: Epochs of full training, where the fidelity has fewer and the
            recipe's schedule is one over those.

    Raises:
        SurroundingsError: TensorFlow finds fewer GPUs than were asked for.
        OutOfMemoryError: memory ran out.
        EvaluationError: the loss became NaN or infinite.
        ClipError: the clips cannot be used, or others were counted.
    """
    if "tensorflow" not in sys.modules:
        limit = None if memory is None else int(memory)
        load_tensorflow(cpus=cpus, memory_limit_bytes=limit)
        if memory is not None:
            from vidnas.training.allocator import limit_gpus

            limit_gpus(memory)
    if gpus:
        from vidnas.training.allocator import require_gpu

        require_gpu(max(1, int(gpus)))
    from vidnas.training.candidate_training import evaluate
    from vidnas.training.replicas.devices import gpu_devices

    return evaluate(
        architecture,
        dataset=dataset,
        recipe=recipe,
        fidelity=fidelity,
        seed=seed,
        micro_batch=micro_batch,
        counted=counted,
        watch=watch,
        full_epochs=full_epochs,
        threads=cpus,
        devices=gpu_devices(int(gpus)),
    )
