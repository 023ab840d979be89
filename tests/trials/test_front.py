from dataclasses import replace
from itertools import pairwise, permutations, product

import numpy as np
import pytest

from vidnas.errors import InputError, ShapeError
from vidnas.trials import (
    FLOPS,
    TOP1,
    Fidelity,
    Front,
    Objective,
    hypervolume,
    non_dominated,
)
from vidnas.trials.front import costs_of, crowding, knee, ranks

NAN, INF = np.nan, np.inf


def dominated_by_definition(costs):
    """Row by row: somebody is nowhere higher and somewhere lower."""
    return np.array(
        [
            any((other <= row).all() and (other < row).any() for other in costs)
            for row in costs
        ]
    )


def counted_squares(costs, reference):
    """Unit cells of a grid that some row covers."""
    cells = product(*(range(int(side)) for side in reference))
    return sum(any((row <= cell).all() for row in costs) for cell in cells)


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


@pytest.mark.parametrize("objectives", [1, 2, 3, 4])
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


def test_two_points_cover_their_union():
    # top-1 error [%], latency [ms]
    front = np.array([[20.0, 25.0], [30.0, 10.0]])
    # 20 x 5 under the first point, 10 x 15 only under the second
    assert hypervolume(front, reference=np.array([40.0, 30.0])) == 250.0


def test_three_boxes_cover_their_union():
    # Boxes up to (4, 4, 4): 1 x 2 x 4 = 8, 2 x 3 x 1 = 6, 4 x 1 x 2 = 8.
    front = np.array([[3.0, 2.0, 0.0], [2.0, 1.0, 3.0], [0.0, 3.0, 2.0]])
    # Overlaps: first and second 1 x 2 x 1 = 2, first and third 1 x 1 x 2 = 2,
    # second and third 2 x 1 x 1 = 2, all three 1 x 1 x 1 = 1.
    expected = 8 + 6 + 8 - 2 - 2 - 2 + 1
    assert hypervolume(front, reference=np.array([4.0, 4.0, 4.0])) == expected


def test_one_objective_covers_a_length():
    front = np.array([[3.0], [1.0]])
    assert hypervolume(front, reference=np.array([4.0])) == 3.0


def test_what_does_not_improve_on_the_reference_adds_nothing():
    reference = np.array([4.0, 4.0])
    for row in ([4.0, 0.0], [0.0, 4.0], [5.0, -9.0], [INF, 0.0], [NAN, 0.0]):
        assert hypervolume(np.array([row]), reference=reference) == 0.0
        both = np.array([[2.0, 2.0], row])
        assert hypervolume(both, reference=reference) == 4.0


def test_a_row_without_bound_covers_everything():
    assert hypervolume(np.array([[-INF, 0.0]]), reference=np.array([1.0, 1.0])) == INF


@pytest.mark.parametrize(("objectives", "side"), [(2, 9), (3, 6), (4, 4)])
@pytest.mark.parametrize("seed", range(4))
def test_on_a_grid_hypervolume_counts_squares(seed, objectives, side):
    rng = np.random.default_rng([seed, objectives])
    costs = rng.integers(0, side + 1, (8, objectives)).astype(float)
    reference = np.full(objectives, float(side))
    assert hypervolume(costs, reference=reference) == counted_squares(costs, reference)


def test_neither_order_nor_duplicates_change_the_hypervolume():
    costs = np.array(
        [[1.0, 3.0, 2.0], [2.0, 2.0, 2.0], [3.0, 1.0, 1.0], [3.0, 3.0, 3.0]]
    )
    reference = np.full(3, 4.0)
    volume = hypervolume(costs, reference=reference)
    for order in permutations(range(4)):
        assert hypervolume(costs[list(order)], reference=reference) == volume
    assert hypervolume(np.vstack([costs, costs]), reference=reference) == volume
    for columns in permutations(range(3)):
        assert hypervolume(costs[:, columns], reference=reference) == volume


@pytest.mark.parametrize("seed", range(5))
def test_adding_a_point_never_lowers_the_hypervolume(seed):
    costs = np.random.default_rng(seed).random((20, 3))
    volumes = [hypervolume(costs[:n], reference=np.ones(3)) for n in range(21)]
    assert all(low <= high + 1e-12 for low, high in pairwise(volumes))
    assert volumes[0] == 0.0
    assert volumes[-1] < 1.0


def test_a_reference_of_another_length_is_refused():
    with pytest.raises(ShapeError) as refused:
        hypervolume(np.ones((2, 3)), reference=np.ones(2))
    assert str(refused.value) == (
        "Costs must have one column per reference value, got (2, 3) costs and 2 "
        "reference values."
    )


def test_the_knee_lies_farthest_below_the_line_between_the_ends():
    # Scaled to [0, 1]: sums 1, 0.1 + 0.3 = 0.4, 0.5 + 0.2 = 0.7, 1
    costs = np.array([[0.0, 10.0], [10.0, 3.0], [50.0, 2.0], [100.0, 0.0]])
    assert knee(costs) == 1
    assert knee(costs[:1]) == 0
    assert knee(costs * [1.0, 1000.0]) == 1


@pytest.fixture
def trials(make_trial):
    return [
        make_trial(0, flops=4e6, top1=70.0),
        make_trial(1, flops=1e6, top1=40.0),
        make_trial(2, flops=4e6, top1=60.0),  # below trial 0
        make_trial(3, flops=2e6, top1=55.0),
        make_trial(4, flops=9e6, top1=70.0),  # dearer than trial 0
        make_trial(5, flops=1e5, state="running"),
        make_trial(6, flops=1e5, state="failed", reason="out of memory"),
        make_trial(7, flops=1e5, top1=NAN),
    ]


def test_a_front_holds_done_trials_from_cheap_to_dear(trials):
    front = Front.of(trials, (FLOPS, TOP1))
    assert [trial.number for trial in front.trials] == [1, 3, 0]
    assert len(front) == 3


def test_the_direction_of_an_objective_decides(trials):
    worst = Front.of(trials[:5], (FLOPS, Objective("top1", maximise=False)))
    assert [trial.number for trial in worst.trials] == [1]
    np.testing.assert_array_equal(
        costs_of(trials[:2], (FLOPS, TOP1)), [[4e6, -70.0], [1e6, -40.0]]
    )


def test_measured_numbers_come_before_priced_ones(make_trial):
    trial = make_trial(costs={"flops": 1.0, "top1": 2.0}, measured={"top1": 3.0})
    assert (trial.value("flops"), trial.value("top1")) == (1.0, 3.0)


def test_the_order_of_trials_does_not_change_the_front(trials):
    front = Front.of(trials, (FLOPS, TOP1))
    assert Front.of(trials[::-1], (FLOPS, TOP1)) == front


def test_without_done_trials_the_front_is_empty(trials):
    for few in ([], trials[5:7], trials[7:]):
        front = Front.of(few, (FLOPS, TOP1))
        assert len(front) == 0
        assert front.knee() is None
        assert front.hypervolume({"flops": 1e7, "top1": 0.0}) == 0.0


def test_a_front_covers_the_volume_up_to_its_reference(trials):
    front = Front.of(trials, (FLOPS, TOP1))
    # Up to 10 M: from 4 M at 70 %, from 2 M at 55 %, from 1 M at 40 %, above 30 %.
    by_hand = 6e6 * 40 + 2e6 * 25 + 1e6 * 10
    assert front.hypervolume({"top1": 30.0, "flops": 10e6}) == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("reference", "came"),
    [
        ({"flops": 1e7}, "flops"),
        ({"flops": 1e7, "top1": 0.0, "seconds": 1.0}, "flops, top1, seconds"),
        ({"flops": 1e7, "top5": 0.0}, "flops, top5"),
        ({}, "nothing"),
    ],
)
@pytest.mark.parametrize("count", [0, 8])
def test_a_reference_must_name_the_objectives(trials, reference, came, count):
    front = Front.of(trials[:count], (FLOPS, TOP1))
    with pytest.raises(InputError) as refused:
        front.hypervolume(reference)
    assert str(refused.value) == (
        f"A reference point must name flops, top1, got {came}."
    )


def test_the_knee_of_a_front_is_a_trial(trials):
    front = Front.of(trials, (FLOPS, TOP1))
    # Scaled: (0, 1), (1/3, 1/2), (1, 0); 5/6 is least.
    assert front.knee() == trials[3]
    changed = replace(trials[3], measured={"top1": 41.0})
    # Now (1/3, 29/30) lies above the line, and the first end is taken.
    assert Front.of([*trials[:3], changed], (FLOPS, TOP1)).knee() == trials[1]


def test_accuracies_of_different_sources_or_fidelities_never_share_a_front(trials):
    inherited = replace(trials[1], source="inherited")
    with pytest.raises(InputError) as caught:
        Front.of([trials[0], inherited, trials[2]], (FLOPS, TOP1))
    assert str(caught.value) == (
        "The trials of a front must have one source of accuracy, got 2 of 'trained', "
        "1 of 'inherited'."
    )
    short = replace(trials[1], fidelity=Fidelity(epochs=97))
    with pytest.raises(InputError, match=r"one fidelity .* 1 of '97 epochs'"):
        Front.of([trials[0], short], (FLOPS, TOP1))
    # One that is not done has no accuracy to mix.
    assert len(Front.of([trials[0], replace(trials[5], source="inherited")], [TOP1]))


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
