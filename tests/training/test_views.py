"""A network is measured on several views of each video, and on longer clips."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from vidnas.trials import Recipe

pytestmark = pytest.mark.keras
HERE = Path(__file__).parent
spec = importlib.util.spec_from_file_location("small", HERE / "small_clips.py")
SMALL = importlib.util.module_from_spec(spec)
spec.loader.exec_module(SMALL)
LONGER = 7
B, SIDE = 4, SMALL.SIDE


@pytest.fixture(scope="module")
def network():
    from vidnas.nets import build

    return build(SMALL.small_architecture(), 4, seed=3)


@pytest.fixture(scope="module")
def session(network):
    from vidnas.training.session import Session

    shape = (B, SMALL.FRAMES, SIDE, SIDE, 3)
    return Session(
        network, Recipe(crop=0.0), 4, shape, norm_momentum=0.9, score_frames=LONGER
    )


def test_longer_clips_are_scored_few_at_once(session):
    # 4 clips of 4 frames are trained on at once, so 16 // 7 of 7 frames are scored.
    assert session.score_shape == (2, LONGER, SIDE, SIDE, 3)


def test_probabilities_are_averaged_over_the_views(session, network):
    rng = np.random.default_rng(0)
    clips = rng.integers(0, 256, (9, LONGER, SIDE, SIDE, 3), dtype=np.uint8)
    targets = np.eye(4, dtype=np.float32)[np.repeat([0, 1, 2], 3)]
    batches = [(clips[n : n + 2], targets[n : n + 2]) for n in range(0, 9, 2)]
    score = session.score(batches, views=3)
    logits = network(clips.astype(np.float32) / 255, training=False)
    shares = np.exp(logits - np.max(logits, axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    means = shares.reshape(3, 3, 4).mean(axis=1)
    assert score.clips == 3
    assert score.top1 == pytest.approx(100 * np.mean(means.argmax(1) == [0, 1, 2]))
    expected = -np.log(means[[0, 1, 2], [0, 1, 2]]).mean()
    assert score.loss == pytest.approx(expected, rel=1e-4)


def test_equal_views_score_as_one_does(session):
    rng = np.random.default_rng(1)
    clips = rng.integers(0, 256, (2, LONGER, SIDE, SIDE, 3), dtype=np.uint8)
    targets = np.eye(4, dtype=np.float32)[[1, 3]]
    one = session.score([(clips, targets)])
    twice = [(clips[[n, n]], targets[[n, n]]) for n in range(2)]
    two = session.score(twice, views=2)
    assert two.clips == one.clips == 2
    assert two.top1 == one.top1
    assert two.loss == pytest.approx(one.loss, rel=1e-4)
