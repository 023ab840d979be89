"""A folder of frames is read as a video."""

import struct
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
        image = n
        if np.ndim(n) == 0:
            image = np.full((size[1], size[0], 3), 5 * n + 3, np.uint8)
        context.height, context.width, context.pix_fmt = *image.shape[:2], pixels
        context.time_base = Fraction(1, 25)
        image = np.ascontiguousarray(image)
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


def _with_exif(jpeg, orientation):
    """A JPEG with an EXIF segment, as a phone writes it."""
    tiff = struct.pack(">4sIH", b"MM\0*", 8, 1)
    tiff += struct.pack(">HHIHHI", 0x0112, 3, 1, orientation, 0, 0)
    exif = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_stand_upright_as_their_exif_says(write_picture, orientation):
    upright = np.full((64, 64, 3), 120, np.uint8)
    upright[:32, :32], upright[:32, 32:], upright[32:, :32] = 10, 80, 200
    # How the camera stored what stands upright so.
    stored = {
        1: upright,
        2: upright[:, ::-1],
        3: upright[::-1, ::-1],
        4: upright[::-1],
        5: upright.transpose(1, 0, 2),
        6: np.rot90(upright, 1),
        7: upright[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(upright, -1),
    }[orientation]
    folder = write_picture("0.jpg", stored)
    picture = folder / "0.jpg"
    picture.write_bytes(_with_exif(picture.read_bytes(), orientation))
    (shown,) = read_clip(folder, frames=1, side=64).frames
    corners = [shown[y, x].mean().round(-1) for y in (16, 48) for x in (16, 48)]
    assert corners == [10, 80, 200, 120]
    header = read_header(folder)
    assert (header.mirrored, header.turned % 180 == 90) == (
        orientation in {2, 4, 5, 7},
        orientation > 4,
    )
