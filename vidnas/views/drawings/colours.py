"""Which colour has a block? Its hue says how many frames its kernel sees.

The darker, the larger the kernel in space. A kernel has the same colour in every
picture, on light paper and on dark.

Source:
    Hues after Okabe and Ito 2008: people with any colour vision tell them apart, and
    the kernel is written under every block.
"""

from vidnas.architecture.kernel import Kernel

INK, MUTED, PAPER, GRID = "#1b1f24", "#57606a", "#ffffff", "#d8dee4"
# Grey for one frame, blue for three, vermilion for five, green for more; in each, from
# kernels of one pixel to those of seven and more.
_HUES = (
    ("#b4bcc5", "#8d98a4", "#67727e", "#4a545f"),
    ("#9ccbea", "#56b4e9", "#0072b2", "#00518a"),
    ("#f3bd93", "#e6883f", "#d55e00", "#9a4400"),
    ("#93d6bf", "#3fb892", "#009e73", "#006b4e"),
)
# What changes on dark paper; attributes of the elements say what holds on light, also
# to programs that know no style sheets. On paper, always light.
STYLE = (
    "@media screen and (prefers-color-scheme:dark){"
    ".vn-ink{fill:#e6e9ed}.vn-muted{fill:#a0a8b2}.vn-paper{fill:#16191d}"
    ".vn-grid{stroke:#363c44}.vn-line{stroke:#e6e9ed}.vn-cut{stroke:#16191d}}"
)


def colour(kernel: Kernel | None) -> str:
    """The colour of a block with that kernel, None for one that sees one feature."""
    if kernel is None:
        return _HUES[0][0]
    hue = min(kernel.frames // 2, len(_HUES) - 1)
    return _HUES[hue][min(kernel.side // 2, len(_HUES[hue]) - 1)]
