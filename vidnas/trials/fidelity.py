"""How closely does an evaluation resemble full training?"""

import math
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fidelity:
    """How closely an evaluation resembles full training.

    Args:
        epochs: Passes over the training clips; 0 where nothing is trained.
        frames: Frames per clip; None for the architecture's own.
        resolution: Frame side [pixels]; None for the architecture's own.
    """

    epochs: int
    frames: int | None = None
    resolution: int | None = None

    def to_document(self) -> dict[str, Any]:
        """The fidelity as plain data."""
        document: dict[str, Any] = {"epochs": self.epochs}
        if self.frames is not None:
            document["frames"] = self.frames
        if self.resolution is not None:
            document["resolution"] = self.resolution
        return document

    @property
    def order(self) -> tuple[float, float, float]:
        """Sorts fidelities from cheap to full; the architecture's own clip is full."""
        return (
            float(self.epochs),
            math.inf if self.frames is None else float(self.frames),
            math.inf if self.resolution is None else float(self.resolution),
        )

    def __str__(self) -> str:
        """`2 epochs, 4 frames, 112 px`."""
        trained = f"{self.epochs} epoch{'s' if self.epochs != 1 else ''}"
        parts = [trained if self.epochs else "no training"]
        if self.frames is not None:
            parts.append(f"{self.frames} frames")
        if self.resolution is not None:
            parts.append(f"{self.resolution} px")
        return ", ".join(parts)
