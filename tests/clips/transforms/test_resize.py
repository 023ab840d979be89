import numpy as np
import pytest

from vidnas.clips.transforms.resize import Box, resized


def noise(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def test_a_box_of_the_size_asked_for_comes_out_as_it_went_in():
    clip = noise(3, 20, 24, 3)
    box = Box(top=2, left=5, height=16, width=16)
    assert np.array_equal(resized(clip, box, 16), clip[:, 2:18, 5:21])


def test_two_pixels_become_four_a_quarter_of_the_way_apart():
    # Middles of the new pixels lie at -0.25, 0.25, 0.75 and 1.25 of the old ones; what
    # lies beyond a middle is that pixel: 0, 0 + 100 / 4, 0 + 3 * 100 / 4, 100.
    row = np.array([0, 100], np.uint8)
    clip = np.broadcast_to(row[None, None, :, None], (1, 2, 2, 1))
    (frame,) = resized(clip, Box(0, 0, 2, 2), 4)
    assert frame[0, :, 0].tolist() == [0, 25, 75, 100]
    assert (frame == frame[0]).all()


def test_four_pixels_become_two_between_the_middle_ones_of_each_half():
    # Middles at 0.5 and 2.5: (10 + 20) / 2 and (30 + 50) / 2.
    row = np.array([10, 20, 30, 50], np.uint8)
    clip = np.broadcast_to(row[None, :, None, None], (1, 4, 4, 1))
    assert resized(clip, Box(0, 0, 4, 4), 2)[0, :, 0, 0].tolist() == [15, 40]


@pytest.mark.parametrize("channels", [1, 3])
def test_a_mirror_is_the_mirror_of_the_result(channels):
    clip = noise(2, 19, 23, channels)
    box = Box(1, 2, 15, 20)
    mirrored = resized(clip, box, 12, mirrored=True)
    assert np.array_equal(mirrored, resized(clip, box, 12)[:, :, ::-1])


def test_white_and_black_stay_white_and_black_at_any_size():
    for value in (0, 255):
        clip = np.full((2, 31, 17, 3), value, np.uint8)
        for side in (1, 8, 40):
            assert (resized(clip, Box(3, 1, 23, 16), side) == value).all()


def test_one_pixel_fills_the_square():
    clip = noise(2, 9, 9, 3)
    filled = resized(clip, Box(4, 5, 1, 1), 6)
    assert (filled == clip[:, 4:5, 5:6]).all()
