"""What are a folder's clips like? Their classes, number, length, size and rate."""

from dataclasses import dataclass
from statistics import median_low

from vidnas.datasets.source import ClipSource, read_index
from vidnas.datasets.store import local_copy
from vidnas.errors import ClipError
from vidnas.video.header import ClipHeader, read_header

LOOKED_AT = 100  # files of which the header is read


@dataclass(frozen=True, slots=True)
class Survey:
    """What a folder's clips are like, by the headers of some of them.

    Args:
        classes: Names in the order of their labels.
        train: Number of training videos.
        frames: Median length [frames].
        side: Median of the shorter side [pixels].
        rate: Median frame rate [frames per second].
    """

    classes: tuple[str, ...]
    train: int
    frames: int
    side: int
    rate: float


def survey_clips(source: ClipSource, looked_at: int = LOOKED_AT) -> Survey:
    """What the clips of a dataset are like.

    Args:
        source: Dataset to look at.
        looked_at: Most headers that are read, evenly over all files.

    Raises:
        ClipError: the dataset cannot be used, or no header of those can be read.
    """
    index = read_index(source)
    files = [file.path for split in index.splits.values() for file in split]
    step = max(1, len(files) // looked_at)
    headers: list[ClipHeader] = []
    first = ""
    for path in files[::step]:
        try:
            headers.append(read_header(local_copy(path)))
        except ClipError as wrong:
            first = first or str(wrong)
    if not headers:
        raise ClipError(f"A clip folder must hold readable videos. First: {first}")
    return Survey(
        classes=index.classes,
        train=len(index.splits["train"]),
        frames=median_low([header.frames for header in headers]),
        side=median_low([header.side for header in headers]),
        rate=median_low([header.rate for header in headers]),
    )
