"""How large is a block drawn? By one measure for all networks of a picture."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vidnas.views.drawings.blocks import Block

ROOM = 760  # pixels that the longest network may take, where its blocks allow
LEAST, MOST = 11, 40  # length of a block [pixels]
BETWEEN, APART = 2, 9  # pixels between blocks, and between stages
_TICKS = (4096, 1024, 256, 64, 16)
_TICK_APART = 11  # pixels


@dataclass(frozen=True, slots=True)
class Scale:
    """From channels and frames to pixels.

    Height grows with the square root of the channels, so that narrow layers are seen
    beside wide ones. A head may be wider than all layers; it is cut off.

    Args:
        height: Height of the widest layer [pixels].
        channels: Channels of the widest layer.
        length: Length of a block of the most frames [pixels].
        frames: The most frames of any block.
    """

    height: int
    channels: int
    length: float
    frames: int

    @classmethod
    def of(cls, networks: Sequence[Sequence[Block]], height: int) -> "Scale":
        """The scale on which all networks have room."""
        blocks = [block for network in networks for block in network]
        layers = [block for block in blocks if block.part != "head"]
        most = max(map(len, networks))
        length = min(MOST, max(LEAST, ROOM / most - BETWEEN))
        return cls(
            height,
            max(max(block.width, block.inner) for block in layers),
            length,
            max(block.frames for block in blocks),
        )

    def tall(self, channels: int) -> float:
        """Height of so many channels [pixels], at most that of the picture."""
        share = math.sqrt(channels / self.channels)
        return round(self.height * min(1.0, share), 1)

    def long(self, frames: int) -> float:
        """Length of a block of so many frames [pixels], never too short for a label."""
        return round(max(LEAST, self.length * frames / self.frames), 1)

    def is_cut(self, block: Block) -> bool:
        """Whether a block has more channels than the picture has room for."""
        return block.width > self.channels

    def ticks(self) -> list[int]:
        """Channels worth a line across the picture, as far as they stand apart."""
        found: list[int] = []
        for tick in _TICKS:
            above = self.tall(found[-1]) if found else math.inf
            if tick <= self.channels and above - self.tall(tick) >= _TICK_APART:
                found.append(tick)
        return found

    def places(self, blocks: Iterable[Block], start: float) -> list[float]:
        """Where each block begins [pixels], stages apart; then where the last ends.

        Args:
            blocks: Blocks of a network, in order.
            start: Where the first one begins [pixels].
        """
        found: list[float] = []
        at, part = start, ""
        for block in blocks:
            at += APART if part and block.part != part else BETWEEN * bool(part)
            found.append(round(at, 1))
            at, part = at + self.long(block.frames), block.part
        return [*found, round(at, 1)]
