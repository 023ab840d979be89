"""A folder of frames is read as a video."""

from fractions import Fraction

import av
import numpy as np
import pytest

from vidnas.errors import ClipError
from vidnas.video.decode import read_clip
from vidnas.video.frame_folder import list_frames
from vidnas.video.header import read_header, require_decodable


@pytest.fixture
def write_picture(tmp_path):
    def write(name, n, codec="mjpeg", size=(64, 48)):
        path = tmp_path / "frames" / name
        path.parent.mkdir(exist_ok=True)
        pixels = "yuvj420p" if codec == "mjpeg" else "rgb24"
        context = av.CodecContext.create(codec, "w")
        context.width, context.height, context.pix_fmt = *size, pixels
        context.time_base = Fraction(1, 25)
        image = np.full((size[1], size[0], 3), 5 * n + 3, np.uint8)
        frame = av.VideoFrame.from_ndarray(image).reformat(format=pixels)
        path.write_bytes(b"".join(map(bytes, context.encode(frame))))
        return path.parent

    return write


@pytest.mark.parametrize(
    ("pattern", "codec"),
    [("img_{:05d}.jpg", "mjpeg"), ("{}.JPEG", "mjpeg"), ("frame{}.png", "png")],
)
def test_frames_come_by_their_numbers(write_picture, numbers, pattern, codec):
    for n in range(12):
        folder = write_picture(pattern.format(n), n, codec)
    clip = read_clip(folder, frames=4, frame_stride=2, side=16, start=1.0)
    assert numbers(clip) == [5, 7, 9, 11]  # not 1, 10, 11, 2 ...
    assert (clip.damaged_packets, clip.fault) == (0, "")


def test_flow_beside_the_frames_is_no_frame(write_picture, numbers):
    for n in range(3):
        write_picture(f"flow_x_{n:05d}.jpg", 30)
        write_picture(f"flow_y_{n:05d}.jpg", 40)
        folder = write_picture(f"img_{n:05d}.jpg", n)
    (folder / "._img_00000.jpg").write_bytes(b"a file manager's own")
    (folder / "notes.txt").write_text("no picture")
    assert numbers(read_clip(folder, frames=3, side=16, start=0.0)) == [0, 1, 2]


def test_seconds_and_rates_count_25_frames_a_second(write_picture, numbers):
    for n in range(30):
        folder = write_picture(f"{n:03d}.jpg", n)
    clip = read_clip(folder, frames=3, fps=5.0, side=16, start=0.0, begin=0.4)
    assert numbers(clip) == [10, 15, 20]
    header = read_header(folder)
    assert (header.frames, header.rate, header.seconds) == (30, 25.0, 1.2)
    assert (header.width, header.height, header.side) == (64, 48, 48)


def test_a_damaged_frame_shows_the_one_before(write_picture, numbers):
    for n in range(8):
        folder = write_picture(f"{n}.jpg", n)
    (folder / "3.jpg").write_bytes(b"no picture")
    clip = read_clip(folder, frames=8, side=16, start=0.0)
    assert numbers(clip) == [0, 1, 2, 2, 4, 5, 6, 7]
    assert clip.damaged_packets == 1
    assert clip.fault == "damaged: 7 of 8 frames can be decoded"


def test_a_damaged_first_frame_shows_the_next(write_picture, numbers):
    for n in range(4):
        folder = write_picture(f"{n}.jpg", n)
    (folder / "0.jpg").write_bytes(b"no picture")
    assert numbers(read_clip(folder, frames=4, side=16, start=0.0)) == [1, 1, 2, 3]


def test_a_name_with_a_pattern_is_one_file(write_picture, numbers):
    for n in range(3):
        folder = write_picture(f"img%03d_{n}.jpg", n)
    assert numbers(read_clip(folder, frames=3, side=16, start=0.0)) == [0, 1, 2]


def test_one_frame_is_a_still(write_picture):
    folder = write_picture("0.jpg", 0)
    assert read_clip(folder, frames=4, side=16).fault == "still: one picture"
    single = read_clip(folder / "0.jpg", frames=4, side=16)
    assert single.fault == "still: one picture"


def test_a_folder_without_pictures_is_named(tmp_path):
    (tmp_path / "a.txt").write_text("no picture")
    with pytest.raises(ClipError, match="must hold pictures, got none"):
        list_frames(tmp_path)
    for call in (require_decodable, read_header):
        with pytest.raises(ClipError, match="must hold pictures, got none"):
            call(tmp_path)


def test_a_folder_of_which_no_frame_decodes_is_named(tmp_path):
    (tmp_path / "0.jpg").write_bytes(b"no picture")
    for call in (require_decodable, read_header):
        with pytest.raises(ClipError, match="a frame that decodes, got none"):
            call(tmp_path)
    with pytest.raises(ClipError, match="a frame that decodes, got none"):
        read_clip(tmp_path, frames=2, side=8)
