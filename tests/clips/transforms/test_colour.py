import numpy as np
import pytest

from vidnas.clips.transforms.colour import ColourChange, mean_grey, random_colours


def pixels(*colours):
    return np.array(colours, np.uint8).reshape(1, 1, len(colours), 3)


def test_no_change_changes_nothing():
    clip = np.random.default_rng(0).integers(0, 256, (2, 9, 9, 3), dtype=np.uint8)
    assert ColourChange().apply(clip) is clip
    assert np.array_equal(ColourChange(hue=1.0).apply(clip), clip)


def test_brightness_multiplies_and_ends_at_white():
    clip = pixels([10, 100, 200])
    # 10 x 1.5 = 15, 100 x 1.5 = 150, 200 x 1.5 = 300, more than white
    assert ColourChange(brightness=1.5).apply(clip).ravel().tolist() == [15, 150, 255]


def test_contrast_pulls_towards_the_mean_grey_of_the_clip():
    clip = np.full((1, 4, 4, 3), 100, np.uint8)
    clip[:, :, 2:] = 200
    # Every fourth row and column is the first alone: a mean grey of 100.
    assert mean_grey(clip) == pytest.approx(100.0)
    half = ColourChange(contrast=0.5).apply(clip)
    assert half[0, 0, 0].tolist() == [100] * 3
    assert half[0, 0, 3].tolist() == [150] * 3  # 100 + 0.5 x (200 - 100)


def test_contrast_is_that_of_the_brightened_clip():
    clip = np.full((1, 4, 4, 3), 100, np.uint8)
    clip[:, :, 2:] = 120
    # 120 x 0.5 = 60 lies 10 above the mean of 50; half of that is left.
    changed = ColourChange(brightness=0.5, contrast=0.5).apply(clip)
    assert changed[0, 0, 3].tolist() == [55] * 3


def test_without_saturation_a_pixel_is_its_own_grey():
    # 0.299 x 200 + 0.587 x 100 + 0.114 x 50 = 59.8 + 58.7 + 5.7 = 124.2
    grey = ColourChange(saturation=0.0).apply(pixels([200, 100, 50]))
    assert grey.ravel().tolist() == [124, 124, 124]


def test_a_third_of_the_wheel_turns_red_towards_green_and_leaves_grey():
    red, grey = ColourChange(hue=1 / 3).apply(pixels([100, 0, 0], [90, 90, 90]))[0, 0]
    assert grey.tolist() == [90, 90, 90]
    assert red.argmax() == 1 or red.argmax() == 2
    assert red[0] < 30


def test_hue_keeps_the_luma():
    clip = pixels([120, 100, 90], [100, 120, 110])
    turned = ColourChange(hue=0.2).apply(clip)
    luma = np.array([0.299, 0.587, 0.114])
    # Rounding each channel may move the luma by half a step.
    assert turned @ luma == pytest.approx(clip @ luma, abs=0.51)


def test_the_map_and_the_table_agree():
    clip = np.random.default_rng(1).integers(0, 256, (2, 8, 8, 3), dtype=np.uint8)
    table = ColourChange(brightness=0.7, contrast=1.2).apply(clip)
    mapped = ColourChange(0.7, 1.2, saturation=1 + 1e-9).apply(clip)
    assert np.abs(table.astype(int) - mapped).max() <= 1


def test_grey_clips_change_in_brightness_and_have_no_hue():
    clip = np.full((1, 2, 2, 1), 100, np.uint8)
    assert (ColourChange(1.2, saturation=0.0, hue=0.3).apply(clip) == 120).all()


def test_draws_stay_within_the_jitter():
    for seed in range(100):
        change = random_colours((0.4, 0.2, 0.0, 0.1), np.random.default_rng(seed))
        assert 0.6 <= change.brightness <= 1.4
        assert 0.8 <= change.contrast <= 1.2
        assert change.saturation == 1.0
        assert -0.1 <= change.hue <= 0.1
