"""Values are those of SciPy 1.17: `special.betainc`, `stats.f`, `stats.ncf`."""

import pytest

from vidnas.statistics import fisher
from vidnas.statistics.fisher import (
    incomplete_beta,
    noncentrality_interval,
    upper_tail,
)


@pytest.mark.parametrize(
    ("x", "a", "b", "share"),
    [
        (0.3, 2.0, 5.0, 0.579825),
        (0.9, 0.5, 0.5, 0.795167235300866),
        (0.5, 200.0, 300.0, 0.9999964565197356),
        (0.0, 2.0, 3.0, 0.0),
        (1.0, 2.0, 3.0, 1.0),
    ],
)
def test_shares_of_a_beta_are_those_of_tables(x, a, b, share):
    assert incomplete_beta(x, a, b) == pytest.approx(share, abs=1e-12)


def test_an_f_is_as_rare_as_tables_say():
    assert upper_tail(4.170876785766691, 1, 30) == pytest.approx(0.05, abs=1e-10)
    assert upper_tail(0.0, 3, 20) == 1.0


@pytest.mark.parametrize(
    ("f", "freedoms", "limits"),
    [
        (5.0, (3, 30), (1.3430089818, 34.0507851648)),
        (60.0, (1, 400), (32.596764491, 95.5220176619)),
        (0.5, (2, 30), (0.0, 7.008220583)),  # luck may well have made it
        (0.0, (2, 10), (0.0, 0.0)),
    ],
)
def test_limits_are_where_the_noncentral_distribution_leaves_its_tails(
    f, freedoms, limits
):
    assert noncentrality_interval(f, *freedoms) == pytest.approx(limits, abs=1e-8)


def test_a_large_effect_has_the_limits_of_the_whole_mixture(monkeypatch):
    short = noncentrality_interval(10_001.0, 2, 400)
    monkeypatch.setattr(fisher, "LARGE", 1e9)
    whole = noncentrality_interval(10_001.0, 2, 400)
    assert short == pytest.approx(whole, rel=5e-4)
