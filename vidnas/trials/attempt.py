"""When is a trial tried again? In smaller parts when memory ran out, else unchanged.

A batch taken in equal micro-batches, whose gradients are averaged, gives the gradient
of the whole batch: the effective batch stays, the memory of a step shrinks. Only batch
norm sees the difference, because it normalises each micro-batch by itself (D116).
A worker that died says nothing of memory: people, pre-emptions and crashes kill too.
"""

from dataclasses import dataclass
from typing import Literal

# Why a trial is worth another try: memory ran out, or its worker died unexplained.
# With `surroundings` broken, its node `preempted`, or `stopped` by a study whose effort
# is spent, a trial was not tried at all.
Cause = Literal["", "memory", "killed", "surroundings", "preempted", "stopped"]
UNTRIED: tuple[Cause, ...] = ("surroundings", "preempted", "stopped")
DEATHS = 3  # deaths of a trial's workers after which it has failed


def equal_part(batch: int, most: int, devices: int = 1) -> int:
    """The largest size of equal parts of a batch that is at most `most`.

    Args:
        batch: Number of clips, a multiple of `devices`.
        most: The most clips of a part; a part has one clip of each device at least.
        devices: Devices that share each part equally.
    """
    each = batch // devices
    most = min(max(most // devices, 1), each)
    return devices * next(size for size in range(most, 0, -1) if each % size == 0)


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a trial is being tried.

    Args:
        micro_batch: Clips whose activations are in memory at once, of all devices.
        retries: Number of tries before this one.
        deaths: Number of those tries whose worker died for no known reason.
    """

    micro_batch: int
    retries: int = 0
    deaths: int = 0

    def after(
        self, cause: Cause, batch: int, *, is_larger: bool = False, devices: int = 1
    ) -> "Attempt | None":
        """The attempt that follows once this one failed; None where none is left.

        When memory ran out, the micro-batch is halved. After the death of a worker the
        trial is tried again unchanged, until `DEATHS` of them.

        Args:
            cause: Why this attempt failed.
            batch: Clips per step, of which micro-batches are equal parts.
            is_larger: Whether a worker with more memory is next, for whole batches.
            devices: Devices that shared each micro-batch.
        """
        retries = self.retries + 1
        if cause == "killed" and self.deaths + 1 < DEATHS:
            return Attempt(self.micro_batch, retries, self.deaths + 1)
        if cause == "memory" and is_larger:
            return Attempt(self.micro_batch, retries, self.deaths)
        if cause == "memory" and self.micro_batch > devices:
            half = equal_part(batch, self.micro_batch // 2, devices)
            return Attempt(half, retries, self.deaths)
        return None

    @property
    def measured(self) -> dict[str, float]:
        """Micro-batch and retries, as a trial records them; empty for a first try."""
        if not self.retries:
            return {}
        return {
            "micro_batch": float(self.micro_batch),
            "retries": float(self.retries),
        }
