from itertools import pairwise, permutations, product

import numpy as np
import pytest

from vidnas.errors import ShapeError
from vidnas.statistics.fronts.hypervolume import hypervolume

NAN, INF = np.nan, np.inf


def counted_squares(costs, reference):
    """Unit cells of a grid that some row covers."""
    cells = product(*(range(int(side)) for side in reference))
    return sum(any((row <= cell).all() for row in costs) for cell in cells)


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


def test_a_reference_that_is_no_number_is_refused():
    with pytest.raises(ShapeError, match=r"must hold numbers, got \[nan, 1.0\]"):
        hypervolume(np.zeros((1, 2)), reference=np.array([NAN, 1.0]))


def test_a_reference_without_end_is_covered_without_end_by_what_lies_inside():
    reference = np.array([INF, 1.0, 1.0])
    assert hypervolume(np.array([[3.0, 0.5, 0.5]]), reference=reference) == INF
    assert hypervolume(np.array([[3.0, 0.5, 1.0]]), reference=reference) == 0.0
    assert hypervolume(np.array([[0.0, 0.0]]), reference=-np.full(2, INF)) == 0.0


@pytest.mark.parametrize("objectives", [2, 3, 4, 5, 6])
def test_corners_of_a_simplex_have_a_volume_in_closed_form(objectives):
    # Row k is 0 in cost k and 1 elsewhere, the reference 2 everywhere: each box is
    # 2 x 1 x ... x 1, any two of them share the box of 1, as do all.
    rows = 1.0 - np.eye(objectives)
    volume = hypervolume(rows, reference=np.full(objectives, 2.0))
    assert volume == pytest.approx(objectives + 1, rel=1e-12)


def test_a_straight_front_covers_half_a_square_and_its_steps():
    # n rows on x + y = 1 up to (1, 1): half the square, less n - 1 triangles of
    # side 1 / (n - 1).
    x = np.linspace(0.0, 1.0, 101)
    volume = hypervolume(np.stack([x, 1.0 - x], axis=1), reference=np.ones(2))
    assert volume == pytest.approx(0.5 - 100 * 0.5 * 0.01**2, rel=1e-12)
