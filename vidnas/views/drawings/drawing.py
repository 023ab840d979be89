"""What does a picture of networks hold? One strip each, on one scale, and a legend.

It is pure text: SVG that loads nothing, on light paper or dark, with words for those
who do not see it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from vidnas.architecture.architecture import Architecture, require_architecture
from vidnas.architecture.difference import differences
from vidnas.costs.network_cost import by_block, cost
from vidnas.documents.quantity import format_count
from vidnas.errors import InputError
from vidnas.views.drawings.blocks import Block, blocks_of, with_changes
from vidnas.views.drawings.colours import PAPER, STYLE
from vidnas.views.drawings.scale import Scale
from vidnas.views.drawings.strip import Strip, legend
from vidnas.views.drawings.svg import FONT, rectangle, text, text_width
from vidnas.views.text.escaping import escape
from vidnas.views.text.summary import clip_in_words, stages_in_words
from vidnas.whole_file import write_whole

MARK = 'data-vidnas="drawing"'  # by which a file is known as ours
MARGIN, GAP, LINE = 12, 26, 16  # pixels
HEIGHTS = {1: 104, 2: 88}  # of the widest layer [pixels], by the number of networks
LOW = 60  # where there are more
MOST_LINES, WIDEST = 14, 130  # lines of what differs, and their characters
LEAST_WIDTH = 480  # pixels, so that the legend has room


@dataclass(frozen=True)  # without slots: its text is kept
class Drawing:
    """A picture of one network or several, on one scale.

    Two networks are compared: blocks that differ are framed, and the differences are
    listed. It shows itself in a notebook, and `save` writes it.

    Args:
        networks: Networks by the names that stand above them, at least one.
        classes: Outputs of the classifier that is priced; by default those that each
            network knows.
        tells_cost: Whether multiply-adds and parameters stand above a network.

    Raises:
        InputError: there is no network.
        ShapeError: one of them is no architecture.
    """

    networks: Mapping[str, Architecture]
    classes: int | None = None
    tells_cost: bool = True

    def __post_init__(self) -> None:
        if not self.networks:
            raise InputError("A drawing must have at least one network, got none.")
        for network in self.networks.values():
            require_architecture(network)

    @cached_property
    def svg(self) -> str:
        """The picture as an SVG document."""
        blocks = self._blocks()
        scale = Scale.of(blocks, HEIGHTS.get(len(blocks), LOW))
        strips = [
            self._strip(name, network, own, scale)
            for (name, network), own in zip(self.networks.items(), blocks, strict=True)
        ]
        lines = self.lines
        wide = max(LEAST_WIDTH, *(strip.width for strip in strips))
        wide = max([wide, *(text_width(words, 10.5) for words in lines)])
        y, parts = 0.0, []
        for strip in strips:
            parts.append(strip.svg(y))
            y += strip.height + GAP
        for number, words in enumerate(lines):
            is_title = number == 0
            parts.append(
                text(0, y, words, size=10.5, muted=not is_title, bold=is_title)
            )
            y += LINE
        signs, high = legend(blocks, wide)
        parts.append(f'<g transform="translate(0 {y:g})">{signs}</g>')
        return self._document("".join(parts), wide, y + high)

    @property
    def title(self) -> str:
        """What is drawn, in a line."""
        *names, last = self.networks
        words = f"{', '.join(names)} and {last}" if names else last
        return f"{words}, drawn a block a layer"

    @property
    def description(self) -> str:
        """What the picture shows, in words."""
        told = [
            f"{name}: {self._facts(network)}. Stem, stages as width x layers with "
            f"their kernels, and head: {stages_in_words(network)}."
            for name, network in self.networks.items()
        ]
        return " ".join([*told, *(f"{words}." for words in self.lines)])

    @property
    def differences(self) -> dict[str, str]:
        """What the second of two networks changes, by place; none of any others."""
        if len(self.networks) != 2:
            return {}
        before, after = self.networks.values()
        return differences(before, after)

    @property
    def lines(self) -> list[str]:
        """The differences as lines below the picture, a title first."""
        if len(self.networks) != 2:
            return []
        found = [f"{place}: {words}" for place, words in self.differences.items()]
        if not found:
            return ["Both are the same network."]
        before, after = self.networks
        more = len(found) - MOST_LINES
        shown = found if more <= 1 else found[:MOST_LINES]
        rest = [f"and at {more} further places"] * (more > 1)
        lines = [f"What differs from {before} to {after}", *shown, *rest]
        return [_cut(words) for words in lines]

    def save(self, path: str | Path) -> None:
        """Writes the picture as an SVG file; a reader sees the old one or the new.

        Args:
            path: File, such as `a2.svg`.
        """
        write_whole(Path(path), self.svg + "\n")

    def __repr__(self) -> str:
        return f"<drawing of {', '.join(self.networks)}>"

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        return scrolling(self)

    def _blocks(self) -> list[tuple[Block, ...]]:
        blocks = [blocks_of(network) for network in self.networks.values()]
        if len(blocks) == 2:
            ours, theirs = blocks
            return [with_changes(ours, theirs), with_changes(theirs, ours)]
        return blocks

    def _strip(
        self, name: str, network: Architecture, blocks: Sequence[Block], scale: Scale
    ) -> Strip:
        priced = by_block(network, self.classes)
        whole = sum(block["flops"] for block in priced.values())
        shares = {place: block["flops"] / whole for place, block in priced.items()}
        return Strip(name, self._facts(network), blocks, shares, scale)

    def _facts(self, network: Architecture) -> str:
        """`movinet, 50 frames of 172 x 172, 15 layers, 2.63 G multiply-adds, ...`."""
        words = [f"{network.block} stream" if network.causal else network.block]
        words += [network.convolution] * (network.convolution != "3d")
        words += [clip_in_words(network), f"{network.depth} layers"]
        if self.tells_cost:
            priced = cost(network, self.classes)
            words.append(f"{format_count(priced.flops)} multiply-adds")
            words.append(f"{format_count(priced.parameters)} parameters")
        return ", ".join(words)

    def _document(self, body: str, width: float, height: float) -> str:
        wide, high = round(width + 2 * MARGIN), round(height + 2 * MARGIN)
        paper = rectangle(0, 0, wide, high, PAPER, "vn-paper")
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" {MARK} role="img" '
            f'width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" '
            f'font-family="{escape(FONT)}"><title>{escape(self.title)}</title>'
            f"<desc>{escape(self.description)}</desc><style>{STYLE}</style>{paper}"
            f'<g transform="translate({MARGIN} {MARGIN})">{body}</g></svg>'
        )


def draw(
    *networks: Architecture, names: Sequence[str] = (), classes: int | None = None
) -> Drawing:
    """A picture of one network, or of several on one scale; two are compared.

    Args:
        networks: Architectures to draw.
        names: Names that stand above them; by default their `arch_id`.
        classes: Outputs of the classifier that is priced; by default those that each
            network knows.

    Raises:
        InputError: there is no network, or not one name for each.
        ShapeError: one of them is no architecture.
    """
    for network in networks:
        require_architecture(network)
    named = tuple(names) or tuple(network.arch_id for network in networks)
    if len(named) != len(networks) or len(set(names)) != len(names):
        raise InputError(
            f"`names` must be {len(networks)} different ones, got "
            f"{', '.join(named) or 'none'}."
        )
    if len(set(named)) < len(named):  # one network twice
        named = tuple(f"{n}. {name}" for n, name in enumerate(named, start=1))
    return Drawing(dict(zip(named, networks, strict=True)), classes)


def scrolling(drawing: Drawing) -> str:
    """The picture in HTML; where it is wider than the page, it scrolls by itself."""
    return (
        '<div class="drawing" role="region" tabindex="0" style="overflow-x:auto" '
        f'aria-label="{escape(drawing.title)}">{drawing.svg}</div>'
    )


def _cut(words: str) -> str:
    return words if len(words) <= WIDEST else f"{words[: WIDEST - 4]} ..."
