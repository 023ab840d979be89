"""How much memory do decoded clips take in one process? Never more than this."""

from collections.abc import Iterable, Sequence

from vidnas.clips.clip_shape import ClipShape
from vidnas.clips.opening import MEMORY_LIMIT_BYTES
from vidnas.clips.recently_decoded import LIMIT_BYTES


def decoded_bytes(splits: Sequence[int], shapes: Iterable[ClipShape]) -> int:
    """The most that a process holds of decoded clips [bytes].

    It holds the splits that it trains on, and of those before what the store of
    recently decoded clips has room for. A split beyond the limit of one is decoded in
    every pass, and holds nothing.

    Args:
        splits: Number of clips of each split.
        shapes: Shapes that clips are decoded to. Those that differ in their stride or
            rate alone are decoded each by itself.
    """
    in_use, in_all = 0, 0
    for shape in set(shapes):
        each = [clips * shape.size_bytes for clips in splits]
        held = sum(size for size in each if size <= MEMORY_LIMIT_BYTES)
        in_use = max(in_use, held)
        in_all += held
    return min(in_all, in_use + LIMIT_BYTES)
