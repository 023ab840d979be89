import numpy as np
import pytest

from vidnas.statistics.fronts.dominance import crowding, non_dominated, ranks
from vidnas.statistics.fronts.hypervolume import hypervolume

NAN, INF = np.nan, np.inf


def dominated_by_definition(costs):
    """Row by row: somebody is nowhere higher and somewhere lower."""
    return np.array(
        [
            any((other <= row).all() and (other < row).any() for other in costs)
            for row in costs
        ]
    )


def test_a_row_is_dominated_where_another_is_nowhere_higher_and_somewhere_lower():
    # cost, error
    costs = np.array([[1.0, 9.0], [2.0, 5.0], [2.0, 6.0], [4.0, 4.0], [5.0, 5.0]])
    # The third lies above the second, the last above the fourth.
    assert non_dominated(costs).tolist() == [True, True, False, True, False]


def test_of_equal_rows_the_first_stays():
    costs = np.array([[3.0, 1.0], [1.0, 3.0], [1.0, 3.0], [3.0, 1.0]])
    assert non_dominated(costs).tolist() == [True, True, False, False]


def test_nan_is_never_on_the_front_and_dominates_nothing():
    costs = np.array([[NAN, 0.0], [0.0, NAN], [5.0, 5.0]])
    assert non_dominated(costs).tolist() == [False, False, True]
    assert not non_dominated(costs[:2]).any()


def test_infinity_is_a_cost_like_any_other():
    costs = np.array([[INF, 1.0], [1.0, INF], [INF, INF], [-INF, 2.0]])
    # The last lies below the second and third; nobody is below 1 in the first.
    assert non_dominated(costs).tolist() == [True, False, False, True]


def test_nothing_has_an_empty_front():
    nothing = np.empty((0, 2))
    assert non_dominated(nothing).tolist() == []
    assert ranks(nothing).tolist() == []
    assert crowding(nothing).tolist() == []
    assert hypervolume(nothing, reference=np.array([1.0, 1.0])) == 0.0
    assert hypervolume(np.array([]), reference=np.array([1.0, 1.0])) == 0.0


@pytest.mark.parametrize("objectives", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("seed", range(5))
def test_the_front_is_that_of_the_definition(seed, objectives):
    # Few levels, so that ties and duplicates are common.
    costs = np.random.default_rng([seed, objectives]).integers(0, 5, (40, objectives))
    kept = non_dominated(costs)
    unique, first = np.unique(costs, axis=0, return_index=True)
    expected = first[~dominated_by_definition(unique)]
    assert np.flatnonzero(kept).tolist() == sorted(expected.tolist())


def test_ranks_peel_one_front_after_another():
    costs = np.array([[1.0, 4.0], [4.0, 1.0], [2.0, 4.0], [5.0, 5.0], [3.0, 3.0]])
    # front 0: (1, 4), (4, 1), (3, 3); then (2, 4); (5, 5) is above (2, 4)
    assert ranks(costs).tolist() == [0, 0, 1, 2, 0]


def test_equal_rows_stand_in_different_ranks_and_nan_in_the_last():
    costs = np.array([[1.0, 1.0], [1.0, 1.0], [NAN, 0.0], [2.0, 2.0]])
    assert ranks(costs).tolist() == [0, 1, 3, 2]


@pytest.mark.parametrize("seed", range(5))
def test_every_row_of_a_later_rank_is_beaten_by_one_before(seed):
    costs = np.random.default_rng(seed).random((50, 2))
    rank = ranks(costs)
    for number in range(1, rank.max() + 1):
        for row in costs[rank == number]:
            before = costs[rank == number - 1]
            assert ((before <= row).all(axis=1) & (before < row).any(axis=1)).any()


def test_crowding_is_the_gap_between_neighbours():
    costs = np.array([[0.0, 10.0], [1.0, 6.0], [4.0, 2.0], [10.0, 0.0]])
    # The second has (4 - 0) / 10 + (10 - 2) / 10, the third 9 / 10 + (6 - 0) / 10.
    np.testing.assert_allclose(crowding(costs), [INF, 1.2, 1.5, INF])


def test_equal_costs_are_not_crowded_by_their_spread():
    # No spread in the first column, so the second alone counts: (4 - 0) / 4
    costs = np.array([[7.0, 0.0], [7.0, 1.0], [7.0, 4.0]])
    np.testing.assert_allclose(crowding(costs), [INF, 1.0, INF])
    assert crowding(costs[:1]).tolist() == [INF]


@pytest.mark.parametrize("objectives", [1, 2, 3])
@pytest.mark.parametrize("enough", [1, 5, 20])
def test_the_first_rows_have_the_ranks_that_all_rows_give_them(objectives, enough):
    rng = np.random.default_rng(enough)
    costs = rng.integers(0, 12, (60, objectives)).astype(float)
    costs[::17] = NAN
    whole, told = ranks(costs), ranks(costs, enough)
    known = told < told.max()
    assert known.sum() >= enough
    assert (whole[known] == told[known]).all()
    assert (whole[~known] >= told.max()).all()


@pytest.mark.parametrize("objectives", [2, 3, 4, 5])
def test_many_rows_have_the_front_that_all_pairs_give(objectives):
    rng = np.random.default_rng(objectives)
    smooth = np.abs(rng.normal(size=(1100, objectives)))
    smooth = 9.0 - 8.0 * smooth / np.linalg.norm(smooth, axis=1, keepdims=True)
    # None beats another on a ball; the levels of the others make ties, some infinite.
    levels = rng.integers(3, 12, (1100, objectives)).astype(float)
    levels[::50, 0], levels[::70, -1] = INF, -INF
    costs = rng.permutation(np.concatenate([smooth, levels]))
    beaten = np.zeros(len(costs), bool)
    for row, own in enumerate(costs):
        nowhere_higher = (costs <= own).all(axis=1)
        earlier_twin = (costs[:row] == own).all(axis=1).any()
        lower = (costs[nowhere_higher] < own).any()
        beaten[row] = lower or earlier_twin
    assert (non_dominated(costs) == ~beaten).all()


@pytest.mark.parametrize("levels", [3, 40, 10_000])
def test_ranks_of_two_costs_are_the_fronts_removed_one_by_one(levels):
    costs = np.random.default_rng(levels).integers(0, levels, (300, 2)).astype(float)
    costs[::31] = NAN
    expected = np.full(len(costs), -1)
    rank = 0
    while (left := np.flatnonzero(expected < 0)).size:
        front = non_dominated(costs[left])
        expected[left[front] if front.any() else left] = rank
        rank += 1
    assert (ranks(costs) == expected).all()
