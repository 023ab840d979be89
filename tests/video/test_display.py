"""Frames are seen as a player shows them."""

import gc
from fractions import Fraction

import av
import numpy as np
import pytest

from vidnas.video.decode import read_clip
from vidnas.video.header import read_header

RED, GREEN, BLUE, WHITE = (250, 10, 10), (10, 250, 10), (10, 10, 250), (250, 250, 250)
WEIGHTS = {1: (0.2126, 0.0722), 5: (0.299, 0.114), 9: (0.2627, 0.0593)}  # H.273


def quarters(top_left, top_right, bottom_left, bottom_right):
    image = np.zeros((48, 64, 3), np.uint8)
    image[:24, :32], image[:24, 32:] = top_left, top_right
    image[24:, :32], image[24:, 32:] = bottom_left, bottom_right
    return image


def corners(image):
    """Colours of the quarters, row by row."""
    h, w = image.shape[:2]
    names = {RED: "R", GREEN: "G", BLUE: "B", WHITE: "W"}
    found = [image[y, x] for y in (h // 4, 3 * h // 4) for x in (w // 4, 3 * w // 4)]
    nearest = [min(names, key=lambda c: np.abs(p.astype(int) - c).sum()) for p in found]
    return "".join(names[colour] for colour in nearest)


@pytest.mark.parametrize(
    ("matrix", "seen", "turned", "mirrored"),
    # x' = a x + c y, y' = b x + d y of the coded picture RG over BW.
    [
        ((1, 0, 0, 1), "RGBW", 0, False),
        ((0, 1, -1, 0), "BRWG", 90, False),
        ((-1, 0, 0, -1), "WBGR", 180, False),
        ((0, -1, 1, 0), "GWRB", 270, False),
        ((-1, 0, 0, 1), "GRWB", 0, True),
        ((0, 1, 1, 0), "RBGW", 90, True),
        ((1, 0, 0, -1), "BWRG", 180, True),
        ((0, -1, -1, 0), "WGBR", 270, True),
        ((0.98, 0.17, -0.17, 0.98), "RGBW", 0, False),  # by 10 degrees: to the next
        ((0.17, 0.98, -0.98, 0.17), "BRWG", 90, False),
        ((0, 0, 0, 0), "RGBW", 0, False),
    ],
)
@pytest.mark.parametrize("suffix", ["mp4", "mov"])
def test_all_turns_and_mirrors_are_shown(
    write_film, suffix, matrix, seen, turned, mirrored
):
    a, b, c, d = (round(value * 65536) for value in matrix)

    def setup(stream):
        stream.set_display_matrix([a, b, 0, c, d, 0, 0, 0, 1 << 30])

    path = write_film(
        f"a.{suffix}",
        frames=3,
        image=lambda n: quarters(RED, GREEN, BLUE, WHITE),
        setup=setup,
        encoder={"crf": "4"},
    )
    upright = (64, 48) if turned in {90, 270} else (48, 64)
    clip = read_clip(path, frames=2, side=upright)
    assert clip.frames.shape == (2, *upright, 3)
    assert corners(clip.frames[0]) == seen
    header = read_header(path)
    assert (header.turned, header.mirrored) == (turned, mirrored)
    assert (header.height, header.width, header.side) == (*upright, 48)


@pytest.mark.parametrize(
    ("shape", "width"),
    [((2, 1), 128), ((1, 2), 32), ((1, 1), 64), ((900, 1), 64)],  # 900:1 is no pixel
)
def test_wide_pixels_make_a_wide_picture(write_film, shape, width):
    def setup(stream):
        stream.codec_context.sample_aspect_ratio = Fraction(*shape)

    path = write_film("a.mp4", size=(64, 64), frames=3, setup=setup)
    header = read_header(path)
    assert (header.width, header.height) == (width, 64)
    assert header.side == min(width, 64)


def test_wide_pixels_are_cut_at_the_centre_of_the_wide_picture(write_film):
    # 64 x 64 of 2:1 is shown 128 x 64; a square shows the middle 32 coded columns.
    image = np.zeros((64, 64, 3), np.uint8)
    image[:, 16:48] = 255

    def setup(stream):
        stream.codec_context.sample_aspect_ratio = Fraction(2, 1)

    path = write_film(
        "a.mp4", size=(64, 64), frames=3, image=lambda n: image, setup=setup
    )
    square = read_clip(path, frames=1, side=32).frames[0]
    assert square[:, 2:-2].min() > 240
    whole = read_clip(path, frames=1, side=(32, 64)).frames[0]
    assert whole[:, :14].max() < 20


def coded(colour, weights, full):
    """Y, U and V of an RGB colour."""
    red, green, blue = (value / 255 for value in colour)
    of_red, of_blue = weights
    y = of_red * red + (1 - of_red - of_blue) * green + of_blue * blue
    u, v = (blue - y) / 2 / (1 - of_blue), (red - y) / 2 / (1 - of_red)
    if full:
        return round(255 * y), round(128 + 255 * u), round(128 + 255 * v)
    return round(16 + 219 * y), round(128 + 224 * u), round(128 + 224 * v)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(
    ("matrix", "size", "weights"),
    [
        (1, (64, 48), WEIGHTS[1]),
        (5, (64, 48), WEIGHTS[5]),
        (9, (64, 48), WEIGHTS[9]),
        (5, (1280, 720), WEIGHTS[5]),
        (None, (64, 48), WEIGHTS[5]),  # what is not tagged is BT.601,
        (None, (1280, 720), WEIGHTS[1]),  # and BT.709 in high definition
    ],
)
@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "libx264"), ("a.webm", "libvpx-vp9")]
)
def test_colours_are_those_that_were_coded(
    tmp_path, name, codec, matrix, size, weights, full
):
    colour = (200, 60, 30)
    path = tmp_path / name
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=10, options={"crf": "4"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        frame = av.VideoFrame(*size, "yuv420p")
        for plane, value in zip(
            frame.planes, coded(colour, weights, full), strict=True
        ):
            plane.update(bytes([value]) * plane.buffer_size)
        for tagged in (stream.codec_context, frame):
            if matrix is not None:
                tagged.colorspace = matrix
            if full:
                tagged.color_range = 2
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    seen = read_clip(path, frames=1, side=16).frames[0, 8, 8]
    assert np.abs(seen.astype(int) - colour).max() <= 3


@pytest.mark.parametrize(
    ("name", "codec", "pixels", "expected"),
    [
        (
            "a.mkv",
            "ffv1",
            "gray",
            (98, 98, 98),
        ),  # 0.299 * 200 + 0.587 * 60 + 0.114 * 30
        ("a.mkv", "ffv1", "gray10le", (98, 98, 98)),
        ("a.mp4", "libx265", "yuv420p10le", (200, 60, 30)),
        ("a.mp4", "libx264", "yuv422p", (200, 60, 30)),
        ("a.webm", "libvpx-vp9", "yuva420p", (200, 60, 30)),
        ("a.mkv", "ffv1", "bgra", (200, 60, 30)),
        ("a.avi", "png", "rgb24", (200, 60, 30)),
        ("a.avi", "mjpeg", "yuvj420p", (200, 60, 30)),
    ],
)
def test_pixels_of_any_format_are_rgb(write_film, name, codec, pixels, expected):
    image = np.full((48, 64, 3), (200, 60, 30), np.uint8)
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    path = write_film(
        name, codec, pixels=pixels, frames=3, image=lambda n: image, encoder=options
    )
    seen = read_clip(path, frames=1, side=16).frames[0, 8, 8]
    assert np.abs(seen.astype(int) - expected).max() <= 4


@pytest.mark.parametrize("size", [(33, 17), (1, 1), (2, 300), (16, 16)])
def test_odd_sizes_cover_the_square(write_film, size):
    path = write_film("a.avi", "png", size=size, pixels="rgb24", frames=2)
    assert read_clip(path, frames=2, side=24).frames.shape == (2, 24, 24, 3)


def test_a_size_that_changes_midway_is_resized(write_film, numbers):
    small = write_film("a.ts", frames=25)
    large = write_film(
        "b.ts",
        frames=25,
        times=range(25, 50),
        size=(128, 96),
        image=lambda n: np.full((96, 128, 3), 5 * (n + 25) + 3, np.uint8),
    )
    path = small.with_name("both.ts")
    path.write_bytes(small.read_bytes() + large.read_bytes())
    clip = read_clip(path, frames=6, frame_stride=9, side=16, start=0.0)
    assert numbers(clip) == [0, 9, 18, 27, 36, 45]


def test_frames_that_were_shown_are_freed_at_once(write_film):
    path = write_film("a.mp4")
    gc.collect()
    gc.disable()  # 8K frames of 50 MB each are not to wait for it
    try:
        read_clip(path, frames=8, side=16)
        left = [one for one in gc.get_objects() if isinstance(one, av.VideoFrame)]
        assert [one.width for one in left if one.width > 16] == []
    finally:
        gc.enable()
