import numpy as np

from vidnas.clips.transforms.warp import mirrored, rotated, sharpened, sheared, shifted

CLIP = np.random.default_rng(0).integers(0, 256, (2, 5, 5, 3), dtype=np.uint8)


def test_a_mirror_swaps_columns():
    assert np.array_equal(mirrored(CLIP), CLIP[:, :, ::-1])
    assert np.array_equal(mirrored(mirrored(CLIP)), CLIP)


def test_quarter_turns_are_those_of_numpy():
    # numpy turns counterclockwise.
    assert np.array_equal(rotated(CLIP, -90), np.rot90(CLIP, 1, (1, 2)))
    assert np.array_equal(rotated(CLIP, 180), np.rot90(CLIP, 2, (1, 2)))
    assert np.array_equal(rotated(CLIP, 0), CLIP)


def test_what_comes_from_beyond_the_frame_is_grey():
    turned = rotated(CLIP, 45)
    assert (turned[:, 0, 0] == 128).all()
    assert np.array_equal(turned[:, 2, 2], CLIP[:, 2, 2])


def test_a_shear_shifts_each_row_by_more():
    slanted = sheared(CLIP, 1.0, down=False)
    # Row r shows what lies r columns to the right.
    for r in range(5):
        assert np.array_equal(slanted[:, r, : 5 - r], CLIP[:, r, r:])
        assert (slanted[:, r, 5 - r :] == 128).all()
    fallen = sheared(CLIP, 1.0, down=True)
    assert np.array_equal(
        fallen, sheared(CLIP.swapaxes(1, 2), 1.0, down=False).swapaxes(1, 2)
    )


def test_a_shift_moves_and_fills():
    right = shifted(CLIP, 2, down=False)
    assert np.array_equal(right[:, :, 2:], CLIP[:, :, :3])
    assert (right[:, :, :2] == 128).all()
    up = shifted(CLIP, -1, down=True)
    assert np.array_equal(up[:, :4], CLIP[:, 1:])
    assert (up[:, 4] == 128).all()
    assert (shifted(CLIP, 99, down=True) == 128).all()
    assert np.array_equal(shifted(CLIP, 0, down=True), CLIP)


def test_sharpness_by_hand():
    clip = np.full((1, 3, 3, 1), 10, np.uint8)
    clip[0, 1, 1] = 140
    # The smooth middle is (8 x 10 + 5 x 140) / 13 = 60: half way lies 100, and as far
    # beyond 140 lies 220.
    assert sharpened(clip, 0.0)[0, 1, 1] == 60
    assert sharpened(clip, 0.5)[0, 1, 1] == 100
    assert sharpened(clip, 2.0)[0, 1, 1] == 220
    assert (sharpened(clip, 0.0)[0, 0] == 10).all()  # the border stays
    assert sharpened(clip, 1.0) is clip


def test_frames_too_small_for_a_mean_stay():
    small = CLIP[:, :2, :2]
    assert np.array_equal(sharpened(small, 0.1), small)
