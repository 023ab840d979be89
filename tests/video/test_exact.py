"""Every window is, to the pixel, what decoding the whole film shows."""

import av
import numpy as np
import pytest

from vidnas.video import packet_times, packets
from vidnas.video.decode import read_clip
from vidnas.video.display import Painter

FRAMES, SIZE = 120, (64, 96)
B_FRAMES = {"bf": "2", "g": "12", "b": "2M"}
HIDDEN = {"auto-alt-ref": "1", "lag-in-frames": "16", "g": "40", "b": "300k"}
QUIET = "keyint=24:bframes=4:log-level=none"
ROLLING = {"x264-params": "intra-refresh=1:keyint=20"}
OPEN_GOP = {"x264-params": "open-gop=1:keyint=20:bframes=3:b-pyramid=normal"}

_rng = np.random.default_rng(0)
SCENE = _rng.integers(0, 255, (60, 90, 3), np.uint8).repeat(8, 0).repeat(8, 1)


def moving(n):
    y, x = 3 * n % 200, 2 * n % 400
    return np.ascontiguousarray(SCENE[y : y + SIZE[0], x : x + SIZE[1]])


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("a.mp4", "libx264", {"bf": "3", "g": "30"}),
        ("open.mp4", "libx264", OPEN_GOP),
        ("rolling.mp4", "libx264", ROLLING),  # its key frames need the frames before
        ("a.mkv", "libx264", {"preset": "slower"}),
        ("a.ts", "libx264", {"bf": "3", "g": "30"}),
        ("a.avi", "libx264", {"bf": "3", "g": "30"}),
        ("a.flv", "libx264", {"g": "15"}),
        ("a.mp4", "libx265", {"x265-params": QUIET}),
        ("a.webm", "libvpx", HIDDEN),  # frames that are never shown
        ("a.webm", "libvpx-vp9", HIDDEN | {"cpu-used": "8"}),
        ("a.mp4", "libsvtav1", {"preset": "12", "g": "40"}),
        ("a.mpg", "mpeg2video", B_FRAMES),
        ("a.ts", "mpeg2video", B_FRAMES),
        ("a.avi", "mpeg4", B_FRAMES),
        ("a.mp4", "mpeg4", B_FRAMES),
        ("a.avi", "mjpeg", {"b": "4M"}),
        ("a.wmv", "wmv2", {"b": "2M"}),
    ],
)
def test_every_window_is_exact(write_film, name, codec, options):
    pixels = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    path = write_film(
        name, codec, frames=FRAMES, image=moving, size=SIZE[::-1],
        encoder=options, pixels=pixels,
    )  # fmt: skip
    with av.open(str(path)) as container:
        painter = Painter(SIZE, 1.0)
        whole = [painter.paint(frame).copy() for frame in container.decode(video=0)]
    assert len(whole) == FRAMES
    rng = np.random.default_rng(0)
    for turn in range(20):
        frames, stride = int(rng.integers(1, 8)), int(rng.integers(1, 18))
        slack = FRAMES - ((frames - 1) * stride + 1)
        first = int(rng.integers(slack + 1))
        if turn % 2:  # the packets are looked at again
            packet_times.forget()
        clip = read_clip(
            path, frames=frames, frame_stride=stride, side=SIZE,
            start=first / slack if slack else 0.0,
        )  # fmt: skip
        expected = np.stack(whole[first : first + frames * stride : stride])
        assert np.array_equal(clip.frames, expected)
        assert (clip.damaged_packets, clip.fault) == (0, "")


def test_frames_that_are_passed_by_are_not_decoded(write_film, monkeypatch):
    # Key frames every 10 frames, no B-frames; of 5 frames 20 apart nothing between
    # is needed once the wanted frame itself is a key frame.
    path = write_film(
        "a.mp4",
        frames=100,
        image=moving,
        size=SIZE[::-1],
        encoder={"g": "10", "bf": "0"},
    )
    read_clip(path, frames=5, frame_stride=20, side=16, start=0.0)
    decoded = []
    original = packets._decode

    def count(decoder, packet):
        decoded.append(packet)
        return original(decoder, packet)

    monkeypatch.setattr(packets, "_decode", count)
    clip = read_clip(path, frames=5, frame_stride=20, side=16, start=0.0)
    assert len(decoded) < 20
    assert clip.fault == ""
