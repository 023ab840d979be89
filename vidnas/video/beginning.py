"""How does a file begin? Its first frames decoded: which are shown, in which order."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from vidnas.video.opening import Deadline, open_video
from vidnas.video.packets import decode_frames, is_shown, read_packets

_LOOKED_AT = 24  # frames; 16 B-frames and what they are predicted from are among them


@dataclass(frozen=True, slots=True)
class Beginning:
    """What the first frames of a file decode to.

    Args:
        first: Time of the first frame that decodes [time base]; None where its packet
            says none, or no frame decodes.
        is_rising: Whether the decoder's order, which is that of display, is the order
            of the packets' times.
        lost: Frames before the first one that never decode: what they are predicted
            from is not in the file.
    """

    first: int | None
    is_rising: bool
    lost: int


def read_beginning(path: Path, deadline: Deadline) -> Beginning:
    """How a file begins.

    Args:
        path: Video file.
        deadline: When it must be done.
    """
    sent: list[tuple[int | None, bool]] = []
    came: list[int] = []
    early = set()  # packets that raise before any frame has come
    with open_video(path) as (container, stream):
        packets = _numbered(read_packets(container, stream), stream, sent)
        for frame in decode_frames(packets, stream, deadline):
            if frame:
                came.append(int(frame.pts))
            elif frame is None and not came:
                early.add(len(sent) - 1)
            if len(came) == _LOOKED_AT:
                break
    if not came:
        return Beginning(None, is_rising=True, lost=0)
    # Of those after the first key frame, the ones that were to be shown before it.
    one, two = [*sorted(came)[:2], len(sent)][:2]
    never = early | set(range(one)) | set(range(one + 1, two))
    times = [sent[n][0] for n in came]
    return Beginning(
        times[0],
        is_rising=None in times or all(a < b for a, b in pairwise(times)),  # type: ignore[operator]
        lost=sum(sent[n][1] for n in never),
    )


def _numbered(
    packets: Iterable[Any], stream: Any, sent: list[tuple[int | None, bool]]
) -> Iterator[Any]:
    """Packets with their numbers for times; their times, and if shown, go aside."""
    codec = stream.codec_context.name
    for packet in packets:
        if packet is not None:
            time = packet.dts if packet.pts is None else packet.pts
            packet.pts = len(sent)
            sent.append((time, is_shown(packet, codec)))
        yield packet
