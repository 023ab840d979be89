import numpy as np
import pytest

from vidnas.clips.cache.cut import Cut, _weights, covering_shape, cut_of, resize
from vidnas.clips.clip_shape import ClipShape
from vidnas.errors import ClipError

HELD = ClipShape(frames=9, frame_stride=2, side=6)


def test_half_the_side_is_the_mean_of_four_pixels():
    # 1 2 | 3 4    means 3.5 and 5.5, each rounded up at one half
    # 5 6 | 7 8
    clip = np.array([[1, 2, 3, 4], [5, 6, 7, 8]] * 2, np.uint8)
    clip = np.repeat(clip[None, :, :, None], 3, axis=3)
    assert resize(clip, 2)[0, :, :, 0].tolist() == [[4, 6], [4, 6]]


def test_two_thirds_weigh_each_pixel_by_what_is_covered():
    # The first new pixel of a row covers 1 and a half of 3: weights 2/3 and 1/3, in
    # 256ths 170.67 and 85.33, so 171 and 85. (171 x 0 + 85 x 90) / 256 = 29.9
    row = np.array([0, 90, 255], np.uint8)
    clip = np.repeat(np.tile(row, (3, 1))[None, :, :, None], 3, axis=3)
    # The second: (85 x 90 + 171 x 255) / 256 = 200.2
    assert resize(clip, 2)[0, :, :, 0].tolist() == [[30, 200], [30, 200]]


@pytest.mark.parametrize("side", [1, 5, 17, 31, 32])
def test_an_even_picture_stays_even(side):
    for level in (0, 1, 127, 254, 255):
        clip = np.full((1, 32, 32, 3), level, np.uint8)
        assert (resize(clip, side) == level).all()


@pytest.mark.parametrize(("size", "side"), [(32, 20), (33, 32), (146, 110), (96, 7)])
def test_sums_are_those_of_whole_numbers(size, side):
    rng = np.random.default_rng(0)
    clip = rng.integers(0, 256, (1, size, size, 3), dtype=np.uint8)
    weights = _weights(size, side).astype(np.int64)
    assert (weights.sum(axis=1) == 256).all()
    whole = np.einsum("ar,trsc->tasc", weights, clip.astype(np.int64))
    whole = np.einsum("tasc,bs->tabc", whole, weights)
    assert np.array_equal(resize(clip, side), (whole + 2**15) >> 16)


def test_colours_stay_apart():
    clip = np.zeros((1, 4, 4, 3), np.uint8)
    clip[..., 1] = 200
    assert resize(clip, 3)[0, 0, 0].tolist() == [0, 200, 0]


@pytest.mark.parametrize(
    ("wanted", "cut"),
    [
        (ClipShape(9, 2, 6), Cut(9, 1, 6)),
        (ClipShape(5, 4, 3), Cut(5, 2, 3)),
        (ClipShape(3, 8, 6), Cut(3, 4, 6)),
        (ClipShape(10, 2, 6), None),  # longer
        (ClipShape(6, 4, 6), None),  # 6 frames of step 2 take 11
        (ClipShape(4, 3, 6), None),  # between cached frames
        (ClipShape(4, 1, 6), None),  # faster
        (ClipShape(4, 2, 7), None),  # larger
        (ClipShape(4, 2, 6, fps=5.0), None),  # another measure of time
    ],
)
def test_what_can_be_cut_is_no_more_than_there_is(wanted, cut):
    assert cut_of(HELD, wanted) == cut


def test_rates_divide_as_strides_do():
    held = ClipShape(9, 1, 6, fps=10.0)
    assert cut_of(held, ClipShape(5, 1, 6, fps=5.0)) == Cut(5, 2, 6)
    assert cut_of(held, ClipShape(5, 1, 6, fps=4.0)) is None
    assert cut_of(held, ClipShape(5, 1, 6, fps=20.0)) is None


def test_frames_are_taken_as_from_a_video_of_the_windows_length():
    window = np.arange(9, dtype=np.uint8)[:, None, None, None].repeat(3, 3)
    cut = Cut(3, 2, 1)  # spans 5 of 9 frames: a slack of 4
    for start, frames in ((0.0, [0, 2, 4]), (0.5, [2, 4, 6]), (1.0, [4, 6, 8])):
        assert cut.apply(window, start)[:, 0, 0, 0].tolist() == frames


def test_another_pace_takes_the_nearest_frames_that_there_are():
    cut = Cut(3, 2, 1)
    assert cut.at(1.0, 9) is cut
    assert cut.at(1.4, 9).step == 3
    assert cut.at(0.1, 9).step == 1
    assert cut.at(9.0, 9).step == 4  # 3 frames of step 4 take all 9


def test_one_shape_covers_all():
    assert covering_shape([ClipShape(8, 4, 30), ClipShape(4, 6, 40)]) == ClipShape(
        15, 2, 40
    )  # 7 x 2 + 1 frames of stride 2; 3 x 3 + 1 would do for the other
    assert covering_shape(
        [ClipShape(4, 1, 9, fps=10.0), ClipShape(4, 1, 9, fps=4.0)]
    ) == ClipShape(16, 1, 9, fps=20.0)  # 3 x 5 + 1
    for shape in (ClipShape(8, 4, 30), ClipShape(4, 6, 40)):
        assert cut_of(ClipShape(15, 2, 40), shape) is not None
    with pytest.raises(ClipError, match="by `fps` or by `frame_stride`, got both"):
        covering_shape([ClipShape(4, 1, 9, fps=10.0), ClipShape(4, 1, 9)])
