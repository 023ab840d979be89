"""On studies whose truth is known: what is planted is found, on noise nothing is."""

import numpy as np
import pytest

from vidnas.statistics.effects.fitted import fit
from vidnas.statistics.effects.found import find
from vidnas.statistics.effects.matched import shared

STUDIES = 200
# Columns of 10 blocks: flags of two options, of three, and a line.
SIZES = (1, 1, 2, 2, 1, 1, 2, 1, 1, 2)
STRONG, WEAK = 2, 4  # blocks with an effect


def study(seed, count=60, size=1.0):
    """Values that two blocks and a bent curve in a given number decide, and noise."""
    rng = np.random.default_rng(seed)
    cost = rng.normal(size=count)
    blocks = []
    for columns in SIZES:
        options = rng.integers(columns + 1, size=count)
        blocks.append(np.eye(columns + 1)[options][:, 1:])
    effect = blocks[STRONG] @ np.array([1.5, 3.0]) + 1.2 * blocks[WEAK][:, 0]
    values = 3.0 * cost - cost**2 + size * effect + rng.normal(size=count)
    given = np.stack([np.ones(count), cost, cost**2], axis=1)
    return values, given, blocks, rng


def test_planted_blocks_are_found_in_their_order_and_hardly_any_other():
    orders = [tuple(f.block for f in find(*study(seed))) for seed in range(40)]
    assert all(order[0] == STRONG for order in orders)
    assert sum(order[:2] == (STRONG, WEAK) for order in orders) >= 35
    assert sum(len(set(order) - {STRONG, WEAK}) for order in orders) <= 4


def test_on_noise_one_study_in_twenty_finds_something():
    # 5 % of 200 studies are 10; 17 or more have a probability of 2 %.
    found = [bool(find(*study(seed, size=0.0))) for seed in range(STUDIES)]
    assert 3 <= sum(found) <= 17


def test_values_of_heavy_tails_deceive_as_seldom():
    rng, wrong = np.random.default_rng(0), 0
    for seed in range(STUDIES):
        _, given, blocks, _ = study(seed)
        wrong += bool(find(rng.standard_t(2, size=60), given, blocks, rng))
    assert wrong <= 17


def left(values, columns):
    """What the columns do not explain."""
    return values - columns @ np.linalg.lstsq(columns, values, rcond=None)[0]


def test_intervals_hold_the_planted_truth_as_often_as_they_say():
    inside = {"difference": 0, "strong": 0, "weak": 0}
    for seed in range(STUDIES):
        values, given, blocks, _ = study(seed, count=120)
        pair = [blocks[STRONG], blocks[WEAK]]
        model = fit(values, given, pair)
        points, half, told = model.differences(0, np.array([[0.0, 1.0]]))
        assert told.all()
        inside["difference"] += bool(abs(points[0] - 3.0) <= half[0])
        # What each adds to the networks of this study; the error has variance 1.
        parts = pair[0] @ np.array([1.5, 3.0]), 1.2 * pair[1][:, 0]
        whole = 120 + (left(sum(parts), given) ** 2).sum()
        for at, name in enumerate(("strong", "weak")):
            others = np.concatenate([given, pair[1 - at]], axis=1)
            true = (left(parts[at], others) ** 2).sum() / whole
            share = model.shares[at]
            inside[name] += bool(share.low <= true <= share.high)
    assert all(0.91 <= count / STUDIES <= 0.985 for count in inside.values()), inside


def test_what_goes_along_with_a_block_is_named_and_not_taken():
    values, given, blocks, rng = study(3)
    copy = blocks[STRONG].copy()
    copy[:2] = copy[2:4]  # nearly the same
    first, *others = find(values, given, [*blocks, copy], rng)
    pair = {STRONG, len(blocks)}
    assert first.block in pair
    assert set(first.alike) == pair - {first.block}
    assert pair.isdisjoint(other.block for other in others)


def test_a_block_that_is_the_given_number_explains_nothing():
    values, given, blocks, rng = study(0, size=0.0)
    assert find(values, given, [given[:, 1:2] * 2.0 + 1.0], rng) == ()
    model = fit(values, given, [given[:, 1:2], blocks[0]])
    assert model.shares[0].share == 0.0
    assert not model.differences(0, np.ones((1, 1)))[2].any()


@pytest.mark.parametrize("values", [np.zeros(60), np.ones(60)])
def test_values_that_are_all_alike_say_nothing(values):
    _, given, blocks, rng = study(0)
    assert find(values, given, blocks, rng) == ()


def test_values_without_an_error_are_explained_wholly():
    _, given, blocks, rng = study(1)
    values = given @ np.array([1.0, 2.0, 0.5]) + 2.0 * blocks[0][:, 0]
    assert [one.block for one in find(values, given, blocks, rng)] == [0]
    model = fit(values, given, [blocks[0]])
    assert model.shares[0].low > 0.999
    assert model.differences(0, np.ones((1, 1)))[0] == pytest.approx([2.0])


def members_at_cost(seed, often):
    """50 traits of 120 networks; one in six is a member, and has the first `often`."""
    rng = np.random.default_rng(seed)
    traits = (rng.random((120, 50)) < 0.4).astype(float)
    members = rng.permutation(120) < 20
    traits[members, 0] = rng.random(20) < often
    return traits, members, rng.normal(size=120), rng


def test_what_members_share_is_found_beside_their_neighbours():
    found = [shared(*members_at_cost(seed, often=0.95)) for seed in range(20)]
    assert sum(one.luck[0] <= 0.05 for one in found) >= 18
    assert all(one.members[0] > one.near[0] + 0.2 for one in found)


def test_members_like_any_other_share_something_in_one_set_of_twenty():
    lucky = [shared(*members_at_cost(s, 0.4)).luck.min() <= 0.05 for s in range(100)]
    assert sum(lucky) <= 11


def test_what_every_network_of_such_a_cost_has_is_no_merit_of_members():
    traits, members, places, rng = members_at_cost(0, 0.4)
    traits[:, 0] = places > np.median(places)  # dear ones have it
    members = places > np.quantile(places, 0.85)
    assert shared(traits, members, places, rng).luck[0] > 0.05
