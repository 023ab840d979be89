"""On how many frames does a feature depend? Of architectures, many at a time."""

from collections.abc import Iterator

import numpy as np

from vidnas.architecture.columns import Columns
from vidnas.architecture.one_or_many import frames_seen
from vidnas.arrays import Flags, Ints, Numbers


def temporal_reach(columns: Columns) -> Ints:
    """`[N]`: `Architecture.temporal_reach` of each row."""
    reach = frames_seen(
        columns.stem_frames + columns.stem_temporal - 1,
        _layers(columns),
        np.where(columns.causal, 1, 2),
        twice=columns.block == "resnet",
    )
    return np.asarray(reach)


def _layers(columns: Columns) -> Iterator[tuple[Numbers, Numbers, Flags]]:
    """Kernel frames, temporal stride and whether channels are shifted; each [N]."""
    on, before = columns.active, columns.stem_width
    # A layer that does not exist is one that sees one frame and changes nothing.
    frames = np.where(on, columns.kernel_frames, 1)
    strides = np.where(on, columns.temporal_stride, 1)
    shifts = on & (columns.stride == 1) & (strides == 1)
    shifts &= columns.temporal_shift[:, np.newaxis]
    for at in range(on.shape[1]):
        same = columns.width[:, at] == before
        yield frames[:, at], strides[:, at], shifts[:, at] & same
        before = np.where(on[:, at], columns.width[:, at], before)
