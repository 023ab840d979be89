import numpy as np

from vidnas.statistics.attainment import attained, best_within, middle_row, steps


def test_the_best_within_a_budget_counts_what_costs_as_much():
    costs, values = np.array([2.0, 1.0, 3.0]), np.array([60.0, 50.0, 55.0])
    budgets = np.array([0.5, 1.0, 2.5, 9.0])
    assert best_within(costs, values, budgets, least=10.0).tolist() == [10, 50, 60, 60]
    # what is no better than guessing counts as guessing
    assert best_within(costs, values, budgets, least=58.0).tolist() == [58, 58, 60, 60]


def test_nothing_found_counts_as_guessing():
    none = np.array([])
    assert best_within(none, none, np.array([1.0, 2.0]), least=5.0).tolist() == [5, 5]
    assert steps(none, none, least=5.0).tolist() == []


def test_the_best_is_what_every_network_is_asked_one_by_one():
    rng = np.random.default_rng(0)
    for count in range(1, 30):
        costs = rng.integers(1, 8, count).astype(float)
        values = rng.integers(0, 5, count).astype(float)
        budgets = np.arange(0.0, 9.0)
        slow = [max([1.0, *values[costs <= b]]) for b in budgets]
        assert best_within(costs, values, budgets, least=1.0).tolist() == slow
        at = steps(costs, values, least=1.0)
        # between two steps nothing changes
        again = best_within(
            at, best_within(costs, values, at, least=1.0), budgets, least=1.0
        )
        assert again.tolist() == slow


def test_at_least_half_of_the_searches_attain_the_middle_row():
    best = np.array([[1.0, 9.0], [3.0, 7.0], [2.0, 8.0]])
    assert attained(best).tolist() == [[3, 9], [2, 8], [1, 7]]
    assert [middle_row(n) for n in (1, 2, 3, 4, 5)] == [0, 0, 1, 1, 2]
    for count in range(1, 9):
        row = middle_row(count)
        assert row + 1 >= count / 2 > row
