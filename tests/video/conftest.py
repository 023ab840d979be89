"""Films whose frame number is painted into their brightness, in any container."""

from fractions import Fraction

import av
import numpy as np
import pytest

STEP, DARKEST = 5, 3  # brightness of frame n is 5 n + 3
FINE = {"b": "4M", "qmin": "1", "qmax": "2"}  # for encoders that lose a level
HEALTHY = {  # 50 frames, 8 of stride 2: the window is 15 long, the slack 35
    0.0: [0, 2, 4, 6, 8, 10, 12, 14],
    0.5: [18, 20, 22, 24, 26, 28, 30, 32],
    1.0: [35, 37, 39, 41, 43, 45, 47, 49],
}


def grey(n, width=64, height=48):
    return np.full((height, width, 3), STEP * n + DARKEST, np.uint8)


def _write_sound(container, seconds, codec):
    stream = container.add_stream(codec, rate=48000)
    stream.codec_context.bit_rate = 64000
    yield stream
    size = stream.codec_context.frame_size or 1024
    for start in range(0, int(seconds * 48000), size):
        frame = av.AudioFrame(
            format=stream.format.name, layout=stream.layout.name, samples=size
        )
        frame.rate, frame.pts, frame.time_base = 48000, start, Fraction(1, 48000)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        container.mux(stream.encode(frame))
    container.mux(stream.encode())


@pytest.fixture
def write_film(tmp_path):
    """Writes a film and tells its path.

    Times are frame numbers, or ticks of `tick`; `sound` is seconds of silence and its
    codec; `setup` gets the stream before the first frame.
    """

    def write(
        name,
        codec="libx264",
        *,
        frames=50,
        rate=25,
        times=None,
        tick=None,
        encoder=None,
        container=None,
        format=None,
        sound=None,
        size=(64, 48),
        pixels="yuv420p",
        image=None,
        setup=None,
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(path), "w", format=format, options=container or {}) as file:
            stream = file.add_stream(codec, rate=rate, options=encoder or {})
            stream.width, stream.height, stream.pix_fmt = *size, pixels
            tick = tick or Fraction(1, rate)
            stream.codec_context.time_base = tick
            stream.codec_context.thread_count = 1
            if setup is not None:
                setup(stream)
            silence = _write_sound(file, *sound) if sound else iter(())
            next(silence, None)
            for n in range(frames):
                picture = grey(n, *size) if image is None else image(n)
                frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
                frame.time_base = tick
                frame.pts = n if times is None else times[n]
                file.mux(stream.encode(frame))
            file.mux(stream.encode())
            next(silence, None)
        return path

    return write


@pytest.fixture
def copy_packets(tmp_path):
    """Copies a film's packets into another file without encoding them again."""

    def copy(
        source, name, *, shift=0.0, first=0, container=None, format=None, change=None
    ):
        path = tmp_path / name
        with (
            av.open(str(source)) as old,
            av.open(str(path), "w", format=format, options=container or {}) as new,
        ):
            film = old.streams.video[0]
            stream = new.add_stream_from_template(film)
            ticks = round(shift / film.time_base)
            for n, packet in enumerate(old.demux(film)):
                if packet.dts is None or n < first:
                    continue
                packet.pts, packet.dts = packet.pts + ticks, packet.dts + ticks
                if change is not None:
                    change(packet)
                packet.stream = stream
                new.mux(packet)
        return path

    return copy


@pytest.fixture(scope="session")
def numbers():
    """Reads the painted numbers off a clip."""

    def read(clip):
        levels = clip.frames.mean(axis=(1, 2, 3))
        return [round((level - DARKEST) / STEP) for level in levels.tolist()]

    return read


@pytest.fixture(scope="session")
def healthy():
    """Frames of a healthy film of 50 by start, 8 of stride 2."""
    return HEALTHY


@pytest.fixture(scope="session")
def fine():
    """Options of encoders that would lose a level of brightness."""
    return FINE
