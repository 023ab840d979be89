import numpy as np

from vidnas.statistics.fronts.knee import knee, knees

NAN, INF = np.nan, np.inf


def test_the_knee_lies_farthest_below_the_line_between_the_ends():
    # Scaled to [0, 1]: sums 1, 0.1 + 0.3 = 0.4, 0.5 + 0.2 = 0.7, 1
    costs = np.array([[0.0, 10.0], [10.0, 3.0], [50.0, 2.0], [100.0, 0.0]])
    assert knee(costs) == 1
    assert knee(costs[:1]) == 0
    assert knee(costs * [1.0, 1000.0]) == 1


def test_the_knee_of_three_objectives_counts_them_all():
    # In shares the rows add up to 1, 2, 2, 0.9; without the third the first wins.
    ends = [[0.0, 0.0, 1.0], [1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]
    costs = np.array([*ends, [0.4, 0.5, 0.0]])
    assert knee(costs) == 3
    assert knee(costs[:, :2]) == 0


def test_what_is_no_number_is_no_knee():
    costs = np.array([[NAN, -9.0], [INF, 0.0], [0.0, 4.0], [1.0, 1.0], [4.0, 0.0]])
    assert knee(costs) == 3
    assert knee(costs[:2]) == 0
    assert knee(np.ones((4, 2))) == 0


def test_a_sharp_bend_is_a_knee_and_a_straight_front_has_none():
    x = np.linspace(0.0, 1.0, 21)
    bent = np.stack([x, np.where(x < 0.3, 1.0 - 3.2 * x, 0.04 * (1.0 - x))], axis=1)
    assert 6 in knees(bent)
    assert len(knees(np.stack([x, 1.0 - x], axis=1))) == 0
    assert len(knees(np.ones((1, 2)))) == 0
    assert len(knees(np.empty((0, 3)))) == 0
