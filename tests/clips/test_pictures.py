"""Pictures that a page or a file can hold."""

import io

import av
import numpy as np
import pytest

from vidnas.clips.pictures import contact_sheet, jpeg, png


def decoded(content):
    with av.open(io.BytesIO(content)) as container:
        frame = next(container.decode(video=0))
        return frame.to_ndarray(format="rgb24").astype(int)


@pytest.fixture
def image():
    image = np.zeros((54, 96, 3), np.uint8)
    image[..., 0] = np.arange(96) * 2
    image[..., 1] = np.arange(54)[:, None] * 4
    return image


def test_a_png_holds_every_pixel(image):
    assert np.array_equal(decoded(png(image)), image)


def test_a_jpeg_is_alike_and_small(image):
    content = jpeg(image)
    assert np.abs(decoded(content) - image).mean() < 3
    assert len(content) < 2000


def test_black_and_white_stay_so_in_a_jpeg():
    image = np.zeros((16, 32, 3), np.uint8)
    image[:, 16:] = 255
    seen = decoded(jpeg(image))
    assert seen[:, :8].max() <= 3
    assert seen[:, 24:].min() >= 252


def test_a_sheet_shows_frames_by_rows():
    frames = np.full((5, 10, 20, 3), 1, np.uint8) * np.arange(1, 6)[:, None, None, None]
    sheet = contact_sheet(frames.astype(np.uint8))
    # 3 columns of 20 and 4 gaps of 4; 2 rows of 10 and 3 gaps
    assert sheet.shape == (32, 76, 3)
    middles = [[sheet[9 + 14 * r, 14 + 24 * c, 0] for c in range(3)] for r in range(2)]
    assert middles == [[1, 2, 3], [4, 5, 127]]
