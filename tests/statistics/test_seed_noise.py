"""What repeated trainings say of the seed."""

import math

import pytest

from vidnas.statistics.seed_noise import spread_within, widened


def test_the_spread_is_pooled_over_networks_and_blind_to_their_level():
    # Squares within: 2 x 1 around 51, and 2 x 4 around 72; one freedom each.
    spread, freedom = spread_within([[50.0, 52.0], [70.0, 74.0], [90.0]])
    assert freedom == 2
    assert spread == pytest.approx(math.sqrt((2 + 8) / 2))
    assert spread_within([[50.0], [70.0]]) == (0.0, 0)


def test_independent_margins_add_like_the_sides_of_a_right_angle():
    # 3 below and 5 above by clips, 4 and 12 by seeds: 5 below for (3, 4).
    assert widened(60.0, (57.0, 65.0), 4.0)[0] == 55.0
    assert widened(60.0, (57.0, 65.0), 12.0)[1] == 73.0
    assert widened(60.0, (57.0, 65.0), 0.0) == (57.0, 65.0)
