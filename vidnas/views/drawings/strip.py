"""How is one network drawn? As a strip, a block a layer.

Height is width in channels, solid what a block gives and faint what it holds inside;
length is time in frames; colour is the kernel, written below; a dot is a squeeze-excite
and `/2` a stride. Bars say where the multiply-adds are.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from vidnas.views.drawings.blocks import ALONE, Block
from vidnas.views.drawings.colours import INK, MUTED, PAPER, colour
from vidnas.views.drawings.scale import Scale
from vidnas.views.drawings.svg import dot, line, rectangle, ring, text, text_width
from vidnas.views.text.escaping import escape

LEFT = 64  # pixels, for the names of the rows
_NAME, _FACTS, _TOP = 14, 31, 60  # baselines of the words, and where blocks may begin
_KERNELS, _BARS, _ROW = 46, 22, 14  # heights of the rows below


@dataclass(frozen=True, slots=True)
class Strip:
    """One network of a picture.

    Args:
        name: Name that stands above it.
        facts: What is said of it below its name.
        blocks: Its blocks, in order.
        shares: Share of the multiply-adds by block, those of the head together; none
            where no bars are drawn.
        scale: Scale of the picture.
    """

    name: str
    facts: str
    blocks: Sequence[Block]
    shares: Mapping[str, float]
    scale: Scale

    @property
    def height(self) -> float:
        """Height of the strip [pixels]."""
        bars = _BARS + 8 if self.shares else 0
        return self._base + _KERNELS + bars + len(_ROWS) * _ROW

    @property
    def width(self) -> float:
        """Width of the strip, its words too [pixels]."""
        words = max(text_width(self.name, 13.5), text_width(self.facts, 11))
        return max(self._places[-1] + 12, words + 4)

    @property
    def _base(self) -> float:
        """Where blocks stand [pixels]."""
        return _TOP + self.scale.height

    @property
    def _places(self) -> list[float]:
        return self.scale.places(self.blocks, LEFT)

    def svg(self, y: float) -> str:
        """The strip as the group of a picture, `y` pixels from its top."""
        parts = (
            text(0, _NAME, self.name, size=13, muted=False, bold=True),
            text(0, _FACTS, self.facts, size=11),
            *self._axis(),
            *map(self._block, self.blocks, self._places),
            *self._bars(),
            *self._rows(),
        )
        return f'<g transform="translate(0 {y:g})">{"".join(parts)}</g>'

    def _axis(self) -> Iterator[str]:
        end = self._places[-1]
        for tick in self.scale.ticks():
            y = self._base - self.scale.tall(tick)
            yield line(LEFT - 4, y, end, y)
            yield text(LEFT - 8, y + 3, tick, size=9, anchor="end")
        yield line(LEFT - 4, self._base, end, self._base)
        yield text(0, self._base + 12, "kernel", size=10)

    def _block(self, block: Block, x: float) -> str:
        scale, base = self.scale, self._base
        long, tall = scale.long(block.frames), scale.tall(block.width)
        inside, fill = scale.tall(block.inner), colour(block.kernel)
        top = base - max(tall, inside)
        parts = []
        if inside > tall:
            parts.append(rectangle(x, top, long, inside - tall, fill, opacity=0.3))
        parts.append(rectangle(x, base - tall, long, tall, fill))
        if 0 < inside < tall:  # narrower inside than what it gives
            y = base - inside
            parts.append(line(x, y, x + long, y, "vn-cut", PAPER))
        middle = round(x + long / 2, 1)
        parts += self._cut(block, x, long)
        parts += self._marks(block, middle, top)
        if block.change:
            dashed = block.change == ALONE
            size = long + 1, base - top + 4
            parts.append(ring(x - 0.5, top - 2, *size, dashed=dashed))
        y = base + 6
        label = text(middle + 3, y, block.label, size=9, anchor="end", turned=True)
        share = self.shares.get(block.name)
        told = "" if share is None else f"; {100 * share:.1f} % of the multiply-adds"
        title = f"<title>{escape(block.title + told)}</title>"
        return f"<g>{title}{''.join(parts)}{label}</g>"

    def _cut(self, block: Block, x: float, long: float) -> Iterator[str]:
        """Two slanted lines and a number where a block is higher than the picture."""
        if not self.scale.is_cut(block):
            return
        y = self._base - 0.8 * self.scale.height
        for low in (y, y + 4):
            yield line(x, low, x + long, low - 4, "vn-cut", PAPER)
        # Projection and hidden layer stand side by side, so their numbers part.
        at, anchor = (x, "start") if block.kernel is None else (x + long, "end")
        yield text(at, self._base - self.scale.height - 5, block.width, anchor=anchor)

    def _marks(self, block: Block, middle: float, top: float) -> Iterator[str]:
        """Signs above a block, from below: a squeeze-excite, strides."""
        y = top - 5
        if block.squeeze_excite:
            yield dot(middle, y)
            y -= 6
        for stride, axis in ((block.stride, ""), (block.temporal_stride, "t")):
            if stride > 1:
                words = f"{axis}/{stride}"
                yield text(middle, y, words, size=9, muted=False, anchor="middle")
                y -= 9

    def _bars(self) -> Iterator[str]:
        if not self.shares:
            return
        low = self._base + _KERNELS + _BARS
        most = max(self.shares.values())
        yield text(0, low, "FLOPs")
        yield line(LEFT - 4, low, self._places[-1], low)
        for name, (x, end) in self._spans(lambda block: _bar(block.name)).items():
            share = self.shares.get(name, 0.0)
            tall = round(_BARS * share / most, 1)
            title = f"<title>{escape(name)}: {100 * share:.1f} % of the FLOPs</title>"
            bar = rectangle(x, low - tall, round(end - x, 1), tall, MUTED, "vn-muted")
            yield f"<g>{title}{bar}</g>"

    def _rows(self) -> Iterator[str]:
        """What each part gives, in numbers, below its last block."""
        y = self.height - len(_ROWS) * _ROW + 8
        parts = self._spans(lambda block: block.part)
        for name, number in _ROWS.items():
            yield text(0, y, name)
            for part, (x, end) in parts.items():
                last = [block for block in self.blocks if block.part == part][-1]
                if part != "head":
                    middle = round((x + end) / 2, 1)
                    yield text(middle, y, number(last), size=9.5, anchor="middle")
            y += _ROW

    def _spans(self, key: Callable[[Block], str]) -> dict[str, tuple[float, float]]:
        """From where to where blocks of one key stand [pixels]."""
        found = {}
        paired = zip(self.blocks, self._places, strict=False)
        for name, group in groupby(paired, key=lambda pair: key(pair[0])):
            some = list(group)
            last, x = some[-1]
            found[name] = some[0][1], round(x + self.scale.long(last.frames), 1)
        return found


_ROWS: Mapping[str, Callable[[Block], int]] = {
    "channels": lambda block: block.width,
    "pixels": lambda block: block.side,
    "frames": lambda block: block.frames,
}


def _bar(name: str) -> str:
    """The part or layer whose multiply-adds are counted together."""
    return name if name.startswith("stage") else name.partition(".")[0]


def legend(networks: Sequence[Sequence[Block]], width: float) -> tuple[str, float]:
    """What the signs mean, those that occur, in lines of at most some width.

    Args:
        networks: Blocks of every network of the picture.
        width: Width of the picture [pixels].

    Returns:
        Elements of the picture, from its top, and their height [pixels].
    """
    x, y, parts = 0.0, 12.0, []
    for sign, words in _signs([block for blocks in networks for block in blocks]):
        room = 18 + text_width(words, 10.5) + 14
        if x and x + room > width:
            x, y = 0.0, y + 17
        shifted = f'<g transform="translate({x:g} {y:g})">{sign}</g>'
        parts += [shifted, text(x + 18, y, words, size=10.5)]
        x += room
    return "".join(parts), y + 8


def _signs(blocks: Sequence[Block]) -> Iterator[tuple[str, str]]:
    """Pictures of at most 14 x 10 pixels, and what they mean."""
    kernels = sorted({block.kernel for block in blocks if block.kernel})
    for kernel in kernels:
        yield rectangle(0, -9, 12, 10, colour(kernel)), str(kernel)
    if any(block.inner > block.width for block in blocks):
        faint = rectangle(0, -9, 12, 10, colour(None), opacity=0.3)
        yield faint, "faint: channels inside a layer"
    if any(block.squeeze_excite for block in blocks):
        yield dot(6, -4), "squeeze-excite"
    if any(block.stride > 1 for block in blocks):
        yield text(0, 0, "/2", size=10, muted=False), "stride in space"
    if any(block.temporal_stride > 1 for block in blocks):
        yield text(-2, 0, "t/2", size=10, muted=False), "stride in time"
    for change in dict.fromkeys(block.change for block in blocks if block.change):
        yield ring(0, -9, 12, 10, dashed=change == ALONE), change
    tall = line(6, -10, 6, 1, "vn-line", INK)
    yield tall, "height: channels, growing with their square root"
    yield line(0, -4, 12, -4, "vn-line", INK), "length: frames"
