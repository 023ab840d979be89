"""What did versions up to 0.2 find in class folders? What began then keeps it."""

from collections.abc import Sequence

from vidnas.datasets.readers.reader import Findings
from vidnas.datasets.readers.video_files import FRAMES, FoundVideo, suffix_of

FIRST_READING, READING = 1, 2  # `reading` of a study that says none, and of a new one
_SUFFIXES = frozenset(["mp4", "avi", "webm", "mkv", "mov", "m4v", "mpg", "mpeg", "ts"])


def as_first_read(videos: Sequence[FoundVideo], findings: Findings) -> list[FoundVideo]:
    """The videos of a class that were read then: files right in its folder.

    Empty files were among them, and told as unreadable.
    """
    kept = []
    for video in videos:
        name = video.path.name
        if (
            video.kind == FRAMES
            or "/" in video.name
            or suffix_of(name) not in _SUFFIXES
        ):
            findings.leave_out("not read when this was begun", video.path)
        else:
            kept.append(video)
    return kept
