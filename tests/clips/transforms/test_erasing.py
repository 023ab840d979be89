import numpy as np

from vidnas.clips.transforms.erasing import erased

CLIP = np.full((4, 32, 32, 3), 90, np.uint8)


def test_a_box_of_all_frames_is_hidden_by_the_same_noise():
    areas = []
    for seed in range(60):
        new = erased(CLIP, 1.0, np.random.default_rng(seed))
        assert (new == new[0]).all()
        rows, columns = np.nonzero((new[0] != 90).any(axis=-1))
        height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
        areas.append(height * width / 32**2)
    # arXiv 1708.04896: 2 to 33 % of the frame, here by whole pixels
    assert min(areas) > 0.01
    assert max(areas) < 0.37
    assert (CLIP == 90).all()


def test_the_share_of_clips_is_the_one_asked_for():
    hit = [erased(CLIP, 0.25, np.random.default_rng(s)) is not CLIP for s in range(400)]
    # 100 of 400 expected; three deviations are 26
    assert 74 <= sum(hit) <= 126
    assert erased(CLIP, 0.0, np.random.default_rng(0)) is CLIP
