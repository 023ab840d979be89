import json
import os
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from vidnas.errors import ClipError
from vidnas.video.decode import read_clip

SHARED = Path(
    os.environ.get("VIDNAS_SHARED", Path(__file__).parents[2].parent / "shared")
)
VIDEOS = SHARED / "videos"

if (VIDEOS / "facts.json").exists():
    FACTS = json.loads((VIDEOS / "facts.json").read_text())["clips"]
else:
    FACTS = {}
needs_videos = pytest.mark.skipif(
    not FACTS, reason=f"no odd video files in {VIDEOS}; set VIDNAS_SHARED"
)


def write_grey(path, levels, times=None, **options):
    """One grey frame per level; `times` in hundredths of a second."""
    with av.open(str(path), "w", options=options) as container:
        stream = container.add_stream("libx264", rate=100, options={"crf": "10"})
        stream.height, stream.width, stream.pix_fmt = 32, 48, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 100)
        for n, level in enumerate(levels):
            image = np.full((32, 48, 3), level, np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.time_base = Fraction(1, 100)
            frame.pts = n if times is None else times[n]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def levels(clip):
    return clip.frames.mean(axis=(1, 2, 3)).round(-1).astype(int).tolist()


@pytest.mark.parametrize(
    ("start", "expected"),
    # 10 frames hold a window of 2 * 2 + 1 = 5; slack 5, the centre is 2.
    [(0.0, [10, 30, 50]), (0.5, [30, 50, 70]), (1.0, [60, 80, 100])],
)
@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts", "avi"])
def test_a_window_begins_where_asked(tmp_path, suffix, start, expected):
    path = write_grey(tmp_path / f"clip.{suffix}", range(10, 110, 10))
    clip = read_clip(path, frames=3, frame_stride=2, side=16, start=start)
    assert levels(clip) == expected
    assert clip.damaged_packets == 0


def test_a_short_video_holds_its_last_frame(tmp_path):
    path = write_grey(tmp_path / "clip.mp4", [20, 40, 60])
    clip = read_clip(path, frames=6, frame_stride=1, side=16)
    assert levels(clip) == [20, 40, 60, 60, 60, 60]


def test_a_variable_frame_rate_is_read_by_time(tmp_path):
    # Frames are shown from 0, 1, 2, 12 and 16 hundredths; moments are 0, 4, 8, 12, 16.
    path = write_grey(tmp_path / "v.mkv", [20, 40, 60, 80, 100], [0, 1, 2, 12, 16])
    clip = read_clip(path, frames=5, frame_stride=4, side=16, start=0.0)
    assert levels(clip) == [20, 60, 60, 80, 100]


def test_a_truncated_video_holds_the_last_frame_that_is_there(tmp_path):
    path = write_grey(tmp_path / "clip.mp4", range(10, 210, 10), movflags="+faststart")
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"mdat") + 900])
    clip = read_clip(path, frames=20, frame_stride=1, side=16)
    seen = levels(clip)
    held = max(seen)
    assert seen[:2] == [10, 20]
    assert held < 200
    assert seen[seen.index(held) :] == [held] * (20 - seen.index(held))


def test_frames_cover_the_square_and_are_cut_at_the_centre(tmp_path):
    path = tmp_path / "clip.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10, options={"crf": "5"})
        stream.height, stream.width, stream.pix_fmt = 32, 96, "yuv444p"
        image = np.zeros((32, 96, 3), np.uint8)
        image[:, 32:64] = 255  # the middle third is all that a square shows
        for _ in range(3):
            container.mux(
                stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24"))
            )
        container.mux(stream.encode())
    square = read_clip(path, frames=1, frame_stride=1, side=16).frames
    assert square.shape == (1, 16, 16, 3)
    assert square[:, :, 2:-2].min() > 240
    whole = read_clip(path, frames=2, frame_stride=1, side=(16, 48)).frames
    assert whole.shape == (2, 16, 48, 3)
    assert whole[:, :, :12].max() < 15


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"", "invalid data"), (b"no video" * 999, "invalid data")],
)
def test_a_file_without_frames_is_named(tmp_path, data, message):
    path = tmp_path / "broken.mp4"
    path.write_bytes(data)
    with pytest.raises(ClipError, match=f"readable video, got {message}.*broken.mp4"):
        read_clip(path, frames=2, frame_stride=1, side=16)


def test_a_file_without_pictures_is_named(tmp_path):
    path = tmp_path / "song.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        sound = av.AudioFrame.from_ndarray(
            np.zeros((1, 1024), np.float32), format="fltp", layout="mono"
        )
        sound.rate = 8000
        container.mux(stream.encode(sound))
        container.mux(stream.encode())
    with pytest.raises(ClipError, match=r"must have a video stream, got none: .*song"):
        read_clip(path, frames=2, frame_stride=1, side=16)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ClipError, match=r"no such file or directory: .*gone\.mp4"):
        read_clip(tmp_path / "gone.mp4", frames=1, frame_stride=1, side=16)


@needs_videos
@pytest.mark.parametrize(
    "name", ["av1_video.mkv", "corrupted.mp4", "h265_video.mp4", "unordered.mov"]
)
def test_odd_files_show_their_frames(name):
    facts = FACTS[name]
    width, height = (side // 2 for side in facts["coded"])
    count = facts["frames"]
    clip = read_clip(
        VIDEOS / name, frames=count, frame_stride=1, side=(height, width), start=0.0
    )
    colours = clip.frames.mean(axis=(1, 2))  # half size rounds a level or two away
    bad = facts.get("errors", {}).get("InvalidDataError", 0)
    assert clip.frames.shape == (count, height, width, 3)
    assert clip.damaged_packets == bad
    assert colours[0] == pytest.approx(facts["mean_rgb"]["first"], abs=2.0)
    if not bad:  # a lost packet leaves a gap in time, so later moments shift
        assert colours[count // 2] == pytest.approx(
            facts["mean_rgb"]["middle"], abs=2.0
        )
        assert colours[-1] == pytest.approx(facts["mean_rgb"]["last"], abs=2.0)


@needs_videos
@pytest.mark.parametrize(
    ("name", "turns"), [("video_90.mov", -1), ("video_270.mov", 1)]
)
def test_phone_videos_stand_upright(name, turns):
    width, height = FACTS[name]["coded"]
    clip = read_clip(
        VIDEOS / name, frames=1, frame_stride=1, side=(width, height), start=0.0
    )
    with av.open(str(VIDEOS / name)) as container:
        coded = next(container.decode(video=0)).to_ndarray(format="rgb24")
    assert clip.frames.shape == (1, width, height, 3)
    lying = np.rot90(clip.frames[0], -turns)
    assert np.abs(lying.astype(int) - coded).mean() < 1


@needs_videos
@pytest.mark.parametrize("start", [0.0, 0.37, 1.0])
def test_a_seek_lands_on_the_frames_that_a_full_reading_shows(start):
    path = VIDEOS / "nasa_13013.mp4"
    # 390 frames; a window of 4 frames, 5 apart, is 16 long.
    clip = read_clip(path, frames=4, frame_stride=5, side=24, start=start)
    first = round(start * (390 - 16))
    full = read_clip(path, frames=390, frame_stride=1, side=24, start=0.0)
    assert np.array_equal(clip.frames, full.frames[first : first + 16 : 5])
