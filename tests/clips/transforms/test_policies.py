import numpy as np
import pytest

from vidnas.clips.transforms.policies import (
    AUTO_AUGMENT,
    OPERATIONS,
    auto_augmented,
    rand_augmented,
)

CLIP = np.random.default_rng(0).integers(30, 220, (3, 16, 16, 3), dtype=np.uint8)
WITHOUT_STRENGTH = {"identity", "autocontrast", "equalise"}


def test_there_are_the_fourteen_operations_of_the_paper():
    # arXiv 1909.13719, section 3.1
    assert len(OPERATIONS) == 14


@pytest.mark.parametrize("name", sorted(OPERATIONS.keys() - WITHOUT_STRENGTH))
def test_no_strength_changes_nothing_and_more_changes_more(name):
    slope = np.linspace(130, 250, 16).astype(np.uint8)
    clip = np.stack(
        [slope[:, None] + 0 * slope, slope + 0 * slope[:, None], CLIP[0, :, :, 0]], -1
    )[None]

    def change(strength):
        new = OPERATIONS[name](clip, strength, np.random.default_rng(1))
        return np.abs(new.astype(int) - clip).mean()

    assert change(0.0) == 0
    assert 0 < change(0.3) < change(1.0)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_equal_frames_stay_equal_and_the_clip_is_not_touched(name):
    still = np.repeat(CLIP[:1], 4, axis=0)
    before = still.copy()
    new = OPERATIONS[name](still, 0.7, np.random.default_rng(2))
    assert (new == new[0]).all()
    assert np.array_equal(still, before)


def test_rand_augment_of_no_magnitude_only_spreads_values():
    """Autocontrast and equalise have no strength; all else does nothing then."""
    for seed in range(30):
        new = rand_augmented(CLIP, 1, 0.0, np.random.default_rng(seed))
        order = np.argsort(CLIP[..., 0].ravel(), kind="stable")
        assert (np.diff(new[..., 0].ravel()[order].astype(int)) >= 0).all()


def test_auto_augment_is_the_table_of_model_garden():
    # official/vision/ops/augment.py, `policy_v0`: first, one in the middle, last
    assert len(AUTO_AUGMENT) == 25
    assert AUTO_AUGMENT[0] == (("equalise", 0.8, 1), ("shear_y", 0.8, 4))
    assert AUTO_AUGMENT[15] == (("rotate", 1.0, 7), ("translate_y", 0.8, 9))
    assert AUTO_AUGMENT[24] == (("colour", 0.8, 6), ("rotate", 0.4, 5))
    assert (
        sum(magnitude for pair in AUTO_AUGMENT for *_, magnitude in pair) == 240
    )  # added up from there


@pytest.mark.parametrize("seed", range(40))
def test_auto_augment_treats_all_frames_alike(seed):
    still = np.repeat(CLIP[:1], 3, axis=0)
    new = auto_augmented(still, np.random.default_rng(seed))
    assert new.shape == still.shape
    assert (new == new[0]).all()
