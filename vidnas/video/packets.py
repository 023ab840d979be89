"""Which packets does a stream have, and which frames do they decode to?"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import av

from vidnas.video.opening import Deadline

DOUBTFUL = False
Skips = Callable[[Any], bool]

_CHECKED_EVERY = 16  # packets
_MOST_ERRORS = 64  # of reading, before the rest of a file is given up
_MOST_ERRORS_IN_A_ROW = 8


def read_packets(container: Any, *streams: Any) -> Iterator[Any]:
    """Packets of streams, None for each that cannot be read.

    Empty packets are left out, also the one that would empty the decoder: a decoder
    that is emptied takes nothing more.
    """
    errors = in_a_row = 0
    packets = container.demux(*streams)
    while errors < _MOST_ERRORS and in_a_row < _MOST_ERRORS_IN_A_ROW:
        try:
            packet = next(packets)
        except (StopIteration, av.error.EOFError):
            return
        except IndexError:  # PyAV's end of a file in which a stream turned up late
            return
        except (av.error.FFmpegError, OSError):
            errors, in_a_row = errors + 1, in_a_row + 1
            packets = container.demux(*streams)  # a generator that raised has ended
            yield None
            continue
        in_a_row = 0
        if packet.size:
            yield packet


def is_shown(packet: Any, codec: str) -> bool:
    """Whether a packet shows a frame; VP8 keeps hidden ones, to predict from."""
    if packet.is_discard:
        return False
    # RFC 6386, section 9.1: bit 4 of the frame tag is `show_frame`.
    return codec != "vp8" or bool(memoryview(packet)[0] & 0x10)


def decode_frames(
    packets: Iterable[Any], stream: Any, deadline: Deadline, skips: Skips | None = None
) -> Iterator[Any]:
    """Frames in the order in which they are shown, None for each damaged packet.

    A packet that decodes, and is said to be damaged, gives `DOUBTFUL` and its frames.

    Args:
        packets: Packets of the stream, None for each that could not be read.
        stream: Video stream with its decoder.
        deadline: When decoding must be done.
        skips: Whether the frame of a packet need not be decoded, unless others are
            predicted from it; None to decode all.
    """
    decoder = stream.codec_context
    for n, packet in enumerate(packets):
        if n % _CHECKED_EVERY == 0:
            deadline.check()
        if packet is None:
            yield None
            continue
        if packet.pts is None:  # without delay a frame is shown when it is decoded
            packet.pts = packet.dts
        if skips is not None:
            decoder.skip_frame = "NONREF" if skips(packet) else "DEFAULT"
        frames = _decode(decoder, packet)
        if packet.is_corrupt and None not in frames:
            yield DOUBTFUL
        yield from frames
    yield from _decode(decoder, None)


def _decode(decoder: Any, packet: Any) -> list[Any]:
    try:
        return list(decoder.decode(packet))
    except av.error.EOFError:
        return []
    except av.error.FFmpegError:
        return [None]
