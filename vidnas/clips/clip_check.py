"""What is one clip like, and what is wrong with it? Its header and its windows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from vidnas.clips.clip_shape import entry_header, read_entry, require_frame
from vidnas.clips.decoded_faults import is_still, kind_of
from vidnas.clips.findings import Finding
from vidnas.clips.window import Window
from vidnas.datasets.index import ClipEntry
from vidnas.datasets.readers.tfrecord import is_record
from vidnas.datasets.store import is_address
from vidnas.errors import ClipError
from vidnas.video.decode import DecodedClip
from vidnas.video.header import ClipHeader

SIDE = 32  # pixels at which windows are looked at
STARTS = (0.0, 0.5, 1.0)  # where trainings may begin, from the first to the last
CENTRE = (0.5,)
_CUT = 0.05  # share of the listed frames whose lack is told
_SLOW = 0.98  # share of the rate asked for below which frames repeat; 29.97 is 30
# Most that a pixel of a still scene differs at `SIDE`, of 255; noise at x264's lowest
# effort differs by 13.
_COMPRESSION = 16
_LONG = 4  # how many times as long as wide a picture is odd
_PLACES = {0.0: "beginning", 0.5: "middle", 1.0: "end"}


@dataclass(frozen=True, slots=True)
class CheckedClip:
    """One clip that was looked at.

    Args:
        entry: Entry of the index.
        header: Facts of its video; None where they cannot be read, or were not.
        findings: What was found.
        reason: Sentence that says why it cannot be read; empty where it can.
    """

    entry: ClipEntry
    header: ClipHeader | None
    findings: tuple[Finding, ...]
    reason: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether the clip teaches nothing."""
        return any(finding.is_bad for finding in self.findings)


def check_clip(entry: ClipEntry, window: Window) -> CheckedClip:
    """What is found in a clip when the windows are read that trainings read.

    Args:
        entry: Clip to read, at its beginning, middle and end.
        window: Frames of a clip.
    """
    absent = _why_absent(entry)
    if absent is not None:
        reason = f"A clip must be a readable video, got {absent.words}: {entry.path}."
        return CheckedClip(entry, None, (absent,), reason)
    try:
        header = entry_header(entry)
        has_slack = _seconds(entry, header) > window.seconds(header.rate)
        windows = {
            start: read_entry(entry, window, side=SIDE, start=start)
            for start in (STARTS if has_slack else CENTRE)
        }
    except ClipError as error:
        return _unreadable(entry, error)
    found = [*_of_header(entry, header, window), *_of_windows(entry, windows)]
    found += _of_shape(entry, header)
    return CheckedClip(entry, header, tuple(_once_a_kind(found)))


def check_beginning(entry: ClipEntry, window: Window | None) -> CheckedClip:
    """What is found in a clip when its first frame alone is decoded.

    What its header and packets tell is known then: that it is missing, empty or
    unreadable, of one picture, or shorter than the window. What is broken within it is
    not.

    Args:
        entry: Clip to look at.
        window: Frames of a clip; None to say no more than whether it can be read.
    """
    absent = _why_absent(entry)
    if absent is not None:
        reason = f"A clip must be a readable video, got {absent.words}: {entry.path}."
        return CheckedClip(entry, None, (absent,), reason)
    try:
        if window is None:
            require_frame(entry)
            return CheckedClip(entry, None, ())
        header = entry_header(entry)
    except ClipError as error:
        return _unreadable(entry, error)
    return CheckedClip(entry, header, tuple(_of_header(entry, header, window)))


def _why_absent(entry: ClipEntry) -> Finding | None:
    """Why there is nothing to read; None where there is something."""
    path = Path(entry.path)
    if is_address(entry.path) or is_record(entry.path):  # they say it when read
        return None
    try:
        size = path.stat().st_size
        if path.is_dir():
            is_empty = next(path.iterdir(), None) is None
            words = "a folder without any frame"
        else:
            is_empty, words = not size, "a file of 0 bytes"
    except (FileNotFoundError, NotADirectoryError):
        words = "no such file"
        if path.is_symlink():
            words = f"a link to {path.readlink()}, which is not there"
        return Finding("missing", entry.id, words)
    except OSError as error:
        words = (error.strerror or type(error).__name__).lower()
        return Finding("unreadable", entry.id, words)
    return Finding("empty", entry.id, words) if is_empty else None


def _unreadable(entry: ClipEntry, error: ClipError) -> CheckedClip:
    """What is found in a clip that no frame can be had of."""
    words = str(error).removesuffix(f": {entry.path}.")
    words = words.removeprefix("A clip must be a readable video, got ")
    return CheckedClip(
        entry, None, (Finding("unreadable", entry.id, words),), str(error)
    )


def _seconds(entry: ClipEntry, header: ClipHeader) -> float:
    """Length of the part that an entry labels [s]."""
    end = header.seconds if entry.end is None else min(entry.end, header.seconds)
    return end - (entry.start or 0.0)


def _of_header(
    entry: ClipEntry, header: ClipHeader, window: Window
) -> Iterator[Finding]:
    """What the moments of a video tell: that it is cut, too short, or stands still."""
    listed = header.frames + header.missing
    if header.missing > _CUT * listed:
        kind = "still_broken" if header.frames == 1 else "damaged"
        words = f"{header.frames} of {listed} frames are in the file"
        yield Finding(kind, entry.id, words)
    elif header.frames == 1:
        yield Finding("one_picture", entry.id, "one picture, shown all the time")
    seconds, wanted = _seconds(entry, header), window.seconds(header.rate)
    if header.frames > 1 and seconds < wanted - 0.5 / header.rate:
        words = f"{seconds:.2f} s of {wanted:.2f} s, then its last frame is held"
        yield Finding("short", entry.id, words)
    if window.fps is not None and header.rate < _SLOW * window.fps:
        words = f"{header.rate:.3g} frames a second of {window.fps:g}, some repeat"
        yield Finding("slow", entry.id, words)
    longest, is_part = header.longest, (entry.start, entry.end) != (None, None)
    # In a slow film, two frames to a window are not yet a pause.
    is_pause = longest > 2 / header.rate or longest >= wanted
    if is_pause and longest >= wanted / 2 and window.frames > 1 and not is_part:
        yield Finding("frozen", entry.id, f"one frame is shown for {longest:.1f} s")


def _of_windows(
    entry: ClipEntry, windows: dict[float, DecodedClip]
) -> Iterator[Finding]:
    """What decoding found, with the places where; the worst of each kind."""
    for start, clip in windows.items():
        kind = kind_of(clip)
        if not kind:
            continue
        place = f"at its {_PLACES[start]}: " if len(windows) > 1 else ""
        words = clip.fault.partition(": ")[2] or _words(clip)
        yield Finding(kind, entry.id, f"{place}{words}")
    if all(is_still(clip, _COMPRESSION) for clip in windows.values()):
        yield Finding("unchanging", entry.id, "every picture is the same")


def _words(clip: DecodedClip) -> str:
    """What is wrong with a window of which the decoder counted damage only."""
    count = clip.damaged_packets
    text = f"{count} damaged packet{'s' if count != 1 else ''} passed over"
    return f"{text}, so one picture is held" if is_still(clip) else text


def _of_shape(entry: ClipEntry, header: ClipHeader) -> Iterator[Finding]:
    """What the container does to the pictures, and whether their shape is odd."""
    width, height = header.width, header.height
    if max(width, height) > _LONG * min(width, height):
        yield Finding("odd_shape", entry.id, f"{width} x {height} pixels")
    if header.mirrored:
        yield Finding("mirrored", entry.id, "left is right in the file's own pixels")
    if header.turned:
        words = f"shown upright, by a turn of {header.turned} degrees"
        yield Finding("rotated", entry.id, words)


def _once_a_kind(findings: Sequence[Finding]) -> Iterator[Finding]:
    """The first finding of each kind; a clip that is still is not told as damaged."""
    kinds = {finding.kind for finding in findings}
    seen: set[str] = set()
    if "still_broken" in kinds:
        seen |= {"damaged", "unchanging", "frozen"}
    if "frozen" in kinds:
        seen.add("unchanging")
    if kinds & {"one_picture", "still_short"}:
        seen |= {"short", "unchanging", "still_broken"}
    for finding in findings:
        if finding.kind not in seen:
            seen.add(finding.kind)
            yield finding
