"""What can be decided? Options of widths, clip, stem, stages and head, as data."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vidnas.core.kernel import Kernel
from vidnas.core.parts import STEM_KERNEL


@dataclass(frozen=True, slots=True)
class Width:
    """`base` times one of `multipliers`, rounded to the nearest multiple of `round_to`.

    Halves go up and nothing falls below `round_to`. There is no 0.9 guard as in
    `round8`: the released MoViNet-A2 has 16 = 0.75 x 24 channels in its first stage,
    which the guard would make 24.
    """

    base: int
    multipliers: tuple[float, ...] = (1.0,)
    round_to: int = 8

    def times(self, factor: float) -> int:
        """`factor` times the base, rounded."""
        step = self.round_to
        return max(step, math.floor(factor * self.base / step + 0.5) * step)

    @property
    def options(self) -> tuple[int, ...]:
        """The different widths, in order of their multipliers."""
        return tuple(dict.fromkeys(self.times(m) for m in self.multipliers))

    def to_document(self) -> Any:
        """As YAML spells it: the base alone where nothing else is chosen."""
        if self.multipliers == (1.0,) and self.round_to == 8:
            return self.base
        document: dict[str, Any] = {
            "base": self.base,
            "multiplier": _spelled(self.multipliers),
        }
        if self.round_to != 8:
            document["round_to"] = self.round_to
        return document


@dataclass(frozen=True, slots=True)
class ClipSpace:
    """Frames and resolutions that a network may take."""

    frames: tuple[int, ...]
    resolution: tuple[int, ...]
    frame_stride: int = 1

    def to_document(self) -> dict[str, Any]:
        """As YAML spells it."""
        return {
            "frames": _spelled(self.frames),
            "resolution": _spelled(self.resolution),
            "frame_stride": self.frame_stride,
        }


@dataclass(frozen=True, slots=True)
class StemSpace:
    """The first convolution."""

    width: Width
    kernel: Kernel = STEM_KERNEL
    stride: int = 2

    def to_document(self) -> dict[str, Any]:
        """As YAML spells it."""
        return {
            "width": self.width.to_document(),
            "kernel": str(self.kernel),
            "stride": self.stride,
        }


@dataclass(frozen=True, slots=True)
class StageSpace:
    """A stage: its width, depth and squeeze-excite, and per layer kernel and expansion.

    `expand` is relative to the base width, so that the expanded width of a layer does
    not depend on the width multiplier of its stage.
    """

    width: Width
    depth: tuple[int, ...]
    kernel: tuple[Kernel, ...]
    expand: tuple[float, ...]
    stride: int = 1
    squeeze_excite: tuple[bool, ...] = (True,)

    @property
    def expand_widths(self) -> tuple[int, ...]:
        """The different expanded widths, in order of `expand`."""
        return tuple(dict.fromkeys(self.width.times(ratio) for ratio in self.expand))

    def to_document(self) -> dict[str, Any]:
        """As YAML spells it."""
        return {
            "width": self.width.to_document(),
            "depth": _spelled(self.depth),
            "stride": self.stride,
            "kernel": _spelled([str(kernel) for kernel in self.kernel]),
            "expand": _spelled(self.expand),
            "squeeze_excite": _spelled(self.squeeze_excite),
        }


@dataclass(frozen=True, slots=True)
class HeadSpace:
    """The classifier: projected width and hidden width."""

    width: Width
    hidden: int

    def to_document(self) -> dict[str, Any]:
        """As YAML spells it."""
        return {"width": self.width.to_document(), "hidden": self.hidden}


@dataclass(frozen=True, slots=True)
class Choice:
    """A named decision.

    Args:
        name: Dotted path, such as `stage2.layer0.kernel`.
        options: At least two different values.
        group: What crossover keeps together: `clip`, `stem`, `stage2` or `head`.
        gate: Name of the depth choice that switches a layer on, or "".
        layer: Number of the layer in its stage, from 0; -1 for other choices.
    """

    name: str
    options: tuple[Any, ...]
    group: str
    gate: str = ""
    layer: int = -1


def _spelled(options: Sequence[Any]) -> Any:
    return options[0] if len(options) == 1 else list(options)
