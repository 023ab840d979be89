"""What happens to a trial that ran out of memory? It is tried again in smaller parts.

A batch taken in equal micro-batches, whose gradients are averaged, gives the gradient
of the whole batch: the effective batch stays, the memory of a step shrinks. Only batch
norm sees the difference, because it normalises each micro-batch by itself (D116).
"""

from dataclasses import dataclass
from typing import Literal

# Why a trial is worth another try: memory ran out, or its worker died unexplained.
Cause = Literal["", "memory", "killed"]
DEATHS = 2  # deaths at one micro-batch after which it is taken to be too large


def equal_part(batch: int, most: int) -> int:
    """The largest size of equal parts of a batch that is at most `most`."""
    most = min(max(most, 1), batch)
    return next(size for size in range(most, 0, -1) if batch % size == 0)


@dataclass(frozen=True, slots=True)
class Attempt:
    """How a trial is being tried.

    Args:
        micro_batch: Clips whose activations are in memory at once.
        retries: Number of tries before this one.
        deaths: Number of those tries that ended at this micro-batch with a worker that
            died for no known reason.
    """

    micro_batch: int
    retries: int = 0
    deaths: int = 0

    def after(self, cause: Cause, batch: int) -> "Attempt | None":
        """The attempt that follows once this one failed; None where none is left.

        When memory ran out, the micro-batch is halved. A worker may also have been
        killed by a person or a pre-emption, so after its first death the trial is tried
        again unchanged; after the second it is taken to be too large for its host.

        Args:
            cause: Why this attempt failed.
            batch: Clips per step, of which micro-batches are equal parts.
        """
        retries = self.retries + 1
        if cause == "killed" and self.deaths + 1 < DEATHS:
            return Attempt(self.micro_batch, retries, self.deaths + 1)
        if not cause or self.micro_batch == 1:
            return None
        return Attempt(equal_part(batch, self.micro_batch // 2), retries)

    @property
    def measured(self) -> dict[str, float]:
        """Micro-batch and retries, as a trial records them; empty for a first try."""
        if not self.retries:
            return {}
        return {
            "micro_batch": float(self.micro_batch),
            "retries": float(self.retries),
        }
