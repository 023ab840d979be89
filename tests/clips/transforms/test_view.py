import numpy as np

from vidnas.clips.transforms import (
    Transforms,
    random_views,
    spread_views,
    transformed_views,
)
from vidnas.clips.transforms.view import View

# What versions before there were other transforms drew for 5 clips of 4 frames, 6
# pixels larger than their crop, from `default_rng([7, 3])` after their permutation.
DRAWN_BEFORE = [
    (0.9107, 1, 0, True, (0, 1, 2, 3), (0, 1, 2, 3)),
    (0.9531, 5, 0, False, (0, 1, 2, 3), (0, 1, 3, 2)),
    (0.3306, 2, 0, False, (3, 2, 1, 0), (3, 0, 1, 2)),
    (0.1983, 5, 1, False, (0, 1, 2, 3), (1, 0, 3, 2)),
    (0.3208, 6, 6, True, (3, 2, 1, 0), (3, 1, 0, 2)),
]


def facts(view):
    return round(view.start, 4), view.top, view.left, view.mirrored, view.times


def test_recipes_of_before_draw_what_they_drew():
    rng = np.random.default_rng([7, 3])
    assert rng.permutation(5).tolist() == [3, 0, 2, 4, 1]
    views = random_views(5, 4, 6, rng, True, True)
    assert [facts(view) for view in views] == [before[:5] for before in DRAWN_BEFORE]
    shuffled = [view.shuffle_frames(rng).times for view in views]
    assert shuffled == [before[5] for before in DRAWN_BEFORE]


def test_other_transforms_change_none_of_these_draws():
    views = random_views(5, 4, 6, np.random.default_rng(0), True, True)
    rows = np.arange(5)
    assert transformed_views(views, Transforms(mixup=0.8), rows, (0, 0), 2) == views
    more = transformed_views(views, Transforms(erasing=0.5), rows, (0, 0), 2)
    assert [facts(view) for view in more] == [facts(view) for view in views]
    assert all(view.frame_stride is None for view in more)


def test_strides_lie_around_the_set_s_own_and_never_below_one():
    views = [View(0.5, 0, 0, False, (0,))] * 300
    rows = np.arange(300)

    def strides(stride, jitter):
        drawn = transformed_views(
            views, Transforms(stride_jitter=jitter), rows, (1, 0), stride
        )
        return {view.frame_stride for view in drawn}

    assert strides(5, 1) == {4, 5, 6}
    assert strides(1, 2) == {1, 2, 3}


def test_one_view_is_the_middle_in_space_and_time():
    (view,) = spread_views(3, 5, moments=1, crops=1)
    assert view == View(0.5, 2, 2, False, (0, 1, 2))
    assert not view.source.whole


def test_views_are_spread_from_end_to_end():
    views = spread_views(2, 4, moments=3, crops=3)
    assert [(view.start, view.along) for view in views] == [
        (start, along) for start in (0.0, 0.5, 1.0) for along in (0.0, 0.5, 1.0)
    ]
    assert all(view.source.whole for view in views)
    assert len({view.source for view in views}) == 3  # one for the crops of a moment


def test_crops_lie_along_the_longer_side():
    columns = np.arange(20, dtype=np.uint8)[None, None, :, None]
    wide = np.broadcast_to(columns, (1, 10, 20, 3))
    tall = wide.swapaxes(1, 2)
    views = spread_views(1, 2, moments=1, crops=3)
    for view, first in zip(views, (0, 6, 12), strict=True):  # of 20 - 8 places
        crop = view.apply(wide, 8)
        assert crop.shape == (1, 8, 8, 3)
        assert crop[0, 0, :, 0].tolist() == list(range(first, first + 8))
        assert np.array_equal(view.apply(tall, 8), crop.swapaxes(1, 2))


def test_across_the_longer_side_a_crop_is_central():
    rows = np.arange(10, dtype=np.uint8)[None, :, None, None]
    clip = np.broadcast_to(rows, (1, 10, 20, 3))
    for view in spread_views(1, 2, moments=1, crops=3):
        assert view.apply(clip, 8)[0, :, 0, 0].tolist() == list(range(1, 9))
