import numpy as np
import pytest

from vidnas.clips.transforms.mixing import blended, cut_in, mixed

CLIPS = np.stack([np.full((2, 8, 8, 3), v, np.uint8) for v in (0, 100, 200)])
TARGETS = np.eye(3, dtype=np.float32)


def test_a_quarter_of_one_clip_and_three_of_the_other():
    clips, targets = blended(CLIPS, TARGETS, 0.25)
    # 0.25 x 0 + 0.75 x 200, and the other way round; the middle one is its own partner
    assert clips[:, 0, 0, 0, 0].tolist() == [150, 100, 50]
    assert targets.tolist() == [[0.25, 0, 0.75], [0, 1, 0], [0.75, 0, 0.25]]
    assert targets.dtype == np.float32


def test_the_whole_weight_changes_nothing():
    clips, targets = blended(CLIPS, TARGETS, 1.0)
    assert np.array_equal(clips, CLIPS)
    assert np.array_equal(targets, TARGETS)


@pytest.mark.parametrize("seed", range(20))
def test_targets_are_shares_of_the_pixels(seed):
    rng = np.random.default_rng(seed)
    clips, targets = cut_in(CLIPS, TARGETS, rng.random(), rng)
    for n, other in ((0, 200), (2, 0)):
        share = (clips[n] == other).mean()
        assert targets[n, 2 - n] == pytest.approx(share, abs=1e-6)
        assert targets[n, n] == pytest.approx(1 - share, abs=1e-6)
    assert (clips == clips[:, :1]).all()  # the same box in every frame


def test_no_area_changes_nothing():
    clips, targets = cut_in(CLIPS, TARGETS, 0.0, np.random.default_rng(0))
    assert np.array_equal(clips, CLIPS)
    assert np.array_equal(targets, TARGETS)


def test_where_both_are_asked_for_half_of_the_batches_get_either():
    cut = 0
    for seed in range(200):
        clips, targets = mixed(
            CLIPS, TARGETS, np.random.default_rng(seed), mixup=0.8, cutmix=1.0
        )
        assert targets.sum(axis=1) == pytest.approx(1.0)
        cut += set(np.unique(clips)) <= {0, 100, 200}
    assert 75 < cut < 140  # blends round to the same values now and then


def test_one_alone_is_always_that_one():
    for seed in range(20):
        rng = np.random.default_rng(seed)
        clips, _ = mixed(CLIPS, TARGETS, rng, mixup=0.0, cutmix=1.0)
        assert set(np.unique(clips)) <= {0, 100, 200}


def test_several_labels_are_mixed_as_one_is():
    both = np.array([[1, 1, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    _, targets = blended(CLIPS, both, 0.5)
    assert targets[0].tolist() == [0.5, 0.5, 0.5]
