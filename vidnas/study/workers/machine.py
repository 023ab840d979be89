"""What may a worker take of this machine? Its cores, memory and GPUs, shared out."""

import math
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

from vidnas.documents.quantity import format_bytes
from vidnas.errors import InputError
from vidnas.study.experiment.workers import WorkerGroup, Workers

# What is left of a machine's memory for processes (some 0.6 GiB each with TensorFlow)
# and decoded clips; of a GPU's, for what its driver and libraries hold.
TRAINING_SHARE = 0.75
GPU_SHARE = 0.9
# Of a worker without its training and its clips: TensorFlow and Ray (docs/memory.md).
PROCESS_BYTES = 2**30
OBJECT_STORE_BYTES = 256 * 2**20  # assignments and outcomes are small; clips stay out
_LIMITS = ("memory.max", "memory/memory.limit_in_bytes")  # of cgroups, version 2 and 1


def machine_memory(groups: Path = Path("/sys/fs/cgroup")) -> float:
    """Memory of this machine [bytes], or of the container that this process is in."""
    total = float(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    for name in _LIMITS:
        try:
            text = (groups / name).read_text(encoding="utf-8").strip()
        except OSError:
            continue
        if text.isdigit():  # else `max`: no limit
            total = min(total, float(text))
    return total


def machine_cores(groups: Path = Path("/sys/fs/cgroup")) -> int:
    """Cores that this process may use, those of its container where that has fewer."""
    cores = len(os.sched_getaffinity(0))
    try:
        quota, period = (groups / "cpu.max").read_text(encoding="utf-8").split()
    except (OSError, ValueError):
        return cores
    if quota.isdigit() and period.isdigit():  # else `max`: no limit
        cores = min(cores, math.ceil(int(quota) / int(period)))
    return max(cores, 1)


def cluster_address(given: str | None) -> str | None:
    """The running cluster that is meant, or None for this machine.

    Args:
        given: Address as it was asked for; without one, or with `auto`, that of the
            environment variable RAY_ADDRESS counts, as Ray has it.
    """
    stated = os.environ.get("RAY_ADDRESS", "")
    if given in (None, "auto") and stated and stated != "local":
        return stated
    return given


def gpu_memories() -> tuple[float, ...]:
    """Memory of each GPU of this machine [bytes]."""
    command = shutil.which("nvidia-smi")
    if command is None:
        return ()
    asked = [command, "--query-gpu=memory.total", "--format=csv,noheader,nounits"]
    try:
        answer = subprocess.run(asked, capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    lines = answer.stdout.split() if answer.returncode == 0 else []
    return tuple(float(line) * 2**20 for line in lines if line.isdigit())


def share_out(
    workers: Workers,
    *,
    memory: float | None,
    gpus: tuple[float, ...],
    cores: int | None = None,
) -> Workers:
    """The workers with every `auto` as a number, no more of them than run at once.

    Args:
        workers: Workers as the experiment has them.
        memory: Memory of the machine [bytes]; None on a cluster of unknown machines:
            there a worker without a stated memory is held to none.
        gpus: Memory of each GPU of the machine [bytes].
        cores: Cores of the machine; None on a cluster.

    Raises:
        InputError: one would take more than there is, or all together more memory.
    """
    groups = workers.groups
    if cores is not None:
        groups = _at_once(groups, cores)
    if len(groups) > 1 and any(group.gpus is None for group in groups):
        raise InputError(
            "`gpus: auto` needs workers of one group; with several, write how many "
            "each worker gets, such as 0.5."
        )
    count = sum(group.count for group in groups)
    groups = tuple(_share(group, count, memory, gpus) for group in groups)
    _require_room(groups, memory)
    return replace(workers, groups=groups)


def at_once(count: int, cpus: int, cores: int) -> int:
    """How many workers a machine has cores for, at most those that are wanted.

    Args:
        count: Workers that are wanted.
        cpus: Cores of each.
        cores: Cores of the machine.

    Raises:
        InputError: it has too few for one.
    """
    if cpus > cores:
        raise InputError(
            f"`workers.cpus` must be at most the {cores} cores of this machine, "
            f"got {cpus}."
        )
    return min(count, cores // cpus)


def _at_once(groups: tuple[WorkerGroup, ...], cores: int) -> tuple[WorkerGroup, ...]:
    """The groups, each with one worker at least, then as many as there is room for."""
    for group in groups:
        at_once(1, group.cpus, cores)
    left = cores - sum(group.cpus for group in groups)
    if left < 0:
        raise InputError(
            f"One worker of each group must fit the {cores} cores of this machine, "
            f"together they take {cores - left}."
        )
    fitting = []
    for group in groups:
        more = min(group.count - 1, left // group.cpus)
        left -= more * group.cpus
        fitting.append(replace(group, count=1 + more))
    return tuple(fitting)


def _share(
    group: WorkerGroup, count: int, memory: float | None, gpus: tuple[float, ...]
) -> WorkerGroup:
    """The group with every `auto` as a number, one of `count` workers of a machine."""
    if group.gpus is None:
        group = replace(group, gpus=_gpu_share(group, memory, gpus))
    if group.memory is None:
        return replace(group, memory=_memory_share(group, count, memory, gpus))
    return group


def _gpu_share(
    workers: WorkerGroup, memory: float | None, gpus: tuple[float, ...]
) -> float:
    """GPUs of each worker: as many share one as their memory, or count, allows."""
    if memory is None:
        raise InputError(
            "`workers.gpus: auto` needs the GPUs of one machine; with `--address`, "
            "write how many each worker gets, such as 0.5."
        )
    if not gpus:
        return 0.0
    if workers.memory is None:
        side_by_side = -(-workers.count // len(gpus))
    else:
        side_by_side = int(GPU_SHARE * min(gpus) / workers.memory)
    if not side_by_side:
        raise InputError(
            f"`workers.memory` must be at most {format_bytes(GPU_SHARE * min(gpus))} "
            f"on this machine's GPUs, got {format_bytes(workers.memory or 0)}."
        )
    return int(1e4 / side_by_side) / 1e4  # what Ray counts in


def _memory_share(
    group: WorkerGroup, count: int, memory: float | None, gpus: tuple[float, ...]
) -> float | None:
    if memory is None:
        return None
    if group.gpus:
        return GPU_SHARE * min(gpus) * min(group.gpus, 1.0) if gpus else None
    return float(int(TRAINING_SHARE * memory / count))


def _require_room(groups: tuple[WorkerGroup, ...], memory: float | None) -> None:
    """Raises where workers without a GPU take more than the machine's memory."""
    on_cpu = [group for group in groups if not group.gpus]
    taken = sum(group.count * (group.memory or 0.0) for group in on_cpu)
    if memory is None or taken <= memory:
        return
    if len(groups) > 1:
        raise InputError(
            f"Workers of all groups must take at most the {format_bytes(memory)} of "
            f"this machine, got {format_bytes(taken)}."
        )
    (group,) = groups
    raise InputError(
        f"`workers.memory` must be at most {format_bytes(memory / group.count)} "
        f"for {group.count} workers on this machine of {format_bytes(memory)}, "
        f"got {format_bytes(group.memory or 0.0)}."
    )
