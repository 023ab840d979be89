import math

import numpy as np
import pytest

from vidnas.architecture.columns import Columns
from vidnas.architecture.published.catalogue import published
from vidnas.costs.entropy import entropy_score, entropy_scores
from vidnas.costs.network_cost import cost


def test_a_small_network_has_its_entropy_by_hand(small):
    # Layer 1: 8 channels in, 3x3x3 over 2 x 4 x 4, 16 inside.
    # cos((2, 4, 4), (3, 3, 3)) = (6 + 12 + 12) / (6 sqrt 27)
    first = math.log(8 * 16 * 27 * -math.log(1 - 30 / (6 * math.sqrt(27)))) / 2
    # Layer 2: 8 in, 1x3x3 over 2 x 2 x 2, 16 inside: (2 + 6 + 6) / sqrt(12 x 19)
    second = math.log(8 * 16 * 9 * -math.log(1 - 14 / math.sqrt(12 * 19))) / 2
    assert entropy_score(small) == pytest.approx(first + second + math.log(8))


def test_many_are_scored_as_one_by_one(space):
    rng = np.random.default_rng(0)
    networks = [space.decode(space.sample(rng)) for _ in range(20)]
    scores = entropy_scores(Columns.of(networks))
    np.testing.assert_allclose(scores, [entropy_score(one) for one in networks])


def test_published_networks_grow_in_entropy_with_their_size():
    scores = [entropy_score(published(f"movinet-a{size}")) for size in range(6)]
    assert scores == sorted(scores)
    assert np.isfinite(entropy_score(published("r2plus1d-18")))


def test_the_score_sees_more_than_cost(quickstart):
    rows = quickstart.many.sample(np.random.default_rng(0), 300)
    scores = entropy_scores(quickstart.columns(rows))
    flops = [cost(quickstart.decode(tuple(row))).flops for row in rows.tolist()]
    correlation = np.corrcoef(scores, np.log(flops))[0, 1]
    assert 0.2 < correlation < 0.95
