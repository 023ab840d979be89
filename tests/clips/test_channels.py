import numpy as np
import pytest

from vidnas.clips.channels import in_channels
from vidnas.errors import ClipError


def test_grey_is_the_luma_of_bt_601_rounded():
    # 0.299 x 200 + 0.587 x 100 + 0.114 x 50 = 59.8 + 58.7 + 5.7 = 124.2
    # 0.299 x 1 + 0.587 x 1 + 0.114 x 0 = 0.886
    clip = np.array([[200, 100, 50], [1, 1, 0], [255, 255, 255]], np.uint8)
    grey = in_channels(clip, 1)
    assert grey.dtype == np.uint8
    assert grey.tolist() == [[124], [1], [255]]


def test_a_grey_pixel_stays_what_it_is():
    levels = np.arange(256, dtype=np.uint8)
    clip = np.repeat(levels[:, None], 3, axis=1)
    assert np.array_equal(in_channels(clip, 1)[:, 0], levels)


def test_colour_is_left_alone_and_nothing_else_is_known():
    clip = np.zeros((2, 3), np.uint8)
    assert in_channels(clip, 3) is clip
    with pytest.raises(ClipError, match="`channels` of a clip must be 1 or 3, got 2"):
        in_channels(clip, 2)
