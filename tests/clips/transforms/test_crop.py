import numpy as np
import pytest

from vidnas.clips.transforms.crop import random_box, short_side_box
from vidnas.clips.transforms.resize import Box

SHAPES = [(144, 144), (120, 213), (213, 120), (7, 300)]


@pytest.mark.parametrize(("height", "width"), SHAPES)
def test_boxes_lie_inside_and_keep_their_area_and_aspect(height, width):
    for seed in range(200):
        rng = np.random.default_rng(seed)
        box = random_box(height, width, rng, area=(0.08, 1.0), aspect=(3 / 4, 4 / 3))
        assert 0 <= box.top <= box.top + box.height <= height
        assert 0 <= box.left <= box.left + box.width <= width
        # Sides are whole pixels: half a pixel more or less on each.
        assert (box.width + 0.5) / (box.height - 0.5) >= 3 / 4
        assert (box.width - 0.5) / (box.height + 0.5) <= 4 / 3
        if (height, width) == (144, 144):
            assert (box.width + 0.5) * (box.height + 0.5) >= 0.08 * height * width


def test_areas_are_spread_evenly_over_their_range():
    rng = np.random.default_rng(0)
    boxes = [
        random_box(256, 256, rng, area=(0.1, 0.5), aspect=(1, 1)) for _ in range(2000)
    ]
    shares = np.sort([box.height * box.width / 256**2 for box in boxes])
    # The mean of evenly spread shares is 0.3; three deviations of 2000 draws are 0.008.
    assert shares.mean() == pytest.approx(0.3, abs=0.008)
    assert 0.099 < shares[0] < 0.102
    assert 0.498 < shares[-1] < 0.503


def test_where_no_box_of_that_aspect_fits_the_largest_at_the_centre_does():
    # All of the area of 10 x 100 at an aspect of at most 2: 10 rows, 20 columns.
    rng = np.random.default_rng(0)
    box = random_box(10, 100, rng, area=(1.0, 1.0), aspect=(0.5, 2.0))
    assert box == Box(top=0, left=40, height=10, width=20)
    tall = random_box(100, 10, rng, area=(1.0, 1.0), aspect=(0.5, 2.0))
    assert tall == Box(top=40, left=0, height=20, width=10)


def test_a_frame_of_one_pixel_has_one_box():
    rng = np.random.default_rng(0)
    assert random_box(1, 1, rng, area=(0.08, 1), aspect=(0.5, 2)) == Box(0, 0, 1, 1)


def test_a_short_side_of_two_resolutions_shows_half_of_the_frame():
    # A frame of 100 x 160 resized to a short side of 2 R and cropped to R shows 50
    # of its 100 rows, and as many columns.
    places = set()
    for seed in range(50):
        rng = np.random.default_rng(seed)
        box = short_side_box(100, 160, rng, short_side=(2.0, 2.0))
        assert (box.height, box.width) == (50, 50)
        places.add((box.top, box.left))
    assert max(top for top, _ in places) <= 50
    assert 60 < max(left for _, left in places) <= 110


def test_short_sides_lie_between_the_limits():
    rng = np.random.default_rng(1)
    sides = {
        short_side_box(320, 400, rng, short_side=(1.0, 1.25)).height for _ in range(500)
    }
    assert min(sides) == 256  # 320 / 1.25
    assert max(sides) in (319, 320)
