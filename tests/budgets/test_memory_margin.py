import pytest

from vidnas.budgets.memory_margin import (
    ENOUGH,
    MARGIN,
    PRIOR,
    Pair,
    Spread,
    by_size,
    memory_factor,
)


def test_without_trials_the_factor_is_that_of_the_quickstart_study():
    assert memory_factor([]) == pytest.approx(MARGIN * PRIOR)


def test_few_trials_raise_the_factor_and_never_lower_it():
    assert memory_factor([0.5] * (ENOUGH - 1)) == memory_factor([])
    assert memory_factor([0.5, 2.0]) == pytest.approx(MARGIN * 2.0)


def test_enough_trials_speak_for_themselves():
    assert memory_factor([0.5] * ENOUGH) == pytest.approx(MARGIN * 0.5)
    # Of 40 ratios 0.01, 0.02, ... 38 are at most 0.38; the quantile is of the next.
    ratios = [0.01 * n for n in range(1, 41)]
    assert memory_factor(ratios) == pytest.approx(MARGIN * 0.39)


def test_the_order_of_trials_does_not_matter():
    ratios = [1.0 + 0.01 * n for n in range(30)]
    assert memory_factor(ratios) == memory_factor(ratios[::-1])


def test_a_spread_names_the_worst_either_way():
    # Ratios 0.4, 1.0 and 2.0: half a megabyte too much is farther off than twice.
    spread = Spread.of([Pair(10.0, 4.0), Pair(10.0, 10.0), Pair(20.0, 40.0)])
    assert (spread.count, spread.median, spread.worst) == (3, 1.0, 0.4)
    assert (spread.smallest, spread.largest) == (10.0, 20.0)
    assert spread.low == pytest.approx(0.46)  # 0.4 + 0.1 x 0.6
    assert spread.high == pytest.approx(1.9)  # 2.0 - 0.1 x 1.0


def test_sizes_are_thirds_by_what_was_predicted():
    pairs = [Pair(float(n), float(n)) for n in (9, 1, 5, 2, 8, 4, 7)]
    thirds = by_size(pairs)
    assert [third.count for third in thirds] == [2, 3, 2]
    assert [third.largest for third in thirds] == [2.0, 7.0, 9.0]
    assert by_size(pairs[:5]) == ()
