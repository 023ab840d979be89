"""How well does a cheap fidelity rank? Planted answers."""

import numpy as np
import pytest

from vidnas.statistics.rank_correlation import kendall
from vidnas.trials.rank_agreement import quantile_bands, rank_agreement


def sample(count, correlation, seed=0, trend=5.0):
    """Accuracies at two fidelities, both rising with FLOPs, else so correlated."""
    rng = np.random.default_rng(seed)
    flops = np.exp(np.linspace(0, 3, count))
    full = rng.normal(size=count)
    noise = rng.normal(size=count)
    cheap = correlation * full + np.sqrt(1 - correlation**2) * noise
    size = trend * np.log(flops)
    return cheap + size, full + size, flops


def test_kendall_counts_pairs():
    # Of 1 2 3 4 against 1 3 2 4, five pairs of six agree: (5 - 1) / 6.
    cheap, full = np.array([1.0, 2, 3, 4]), np.array([1.0, 3, 2, 4])
    assert kendall(cheap, full) == pytest.approx(4 / 6)
    assert kendall(cheap, -full) == pytest.approx(-4 / 6)


def test_ties_count_as_in_tau_b():
    # Pairs: (1,2) tied in cheap; (1,3), (2,3) agree: 2 / sqrt(2 x 3).
    tau = kendall(np.array([1.0, 1.0, 2.0]), np.array([1.0, 2.0, 3.0]))
    assert tau == pytest.approx(2 / np.sqrt(6))
    assert np.isnan(kendall(np.ones(3), np.arange(3.0)))


def test_bands_hold_as_many_networks_each_and_equal_flops_together():
    flops = np.array([8.0, 1, 2, 7, 3, 4, 6, 5])
    assert quantile_bands(flops, 4).tolist() == [3, 0, 0, 3, 1, 1, 2, 2]
    assert quantile_bands(np.ones(8), 4).tolist() == [0] * 8
    assert quantile_bands(flops, 1).tolist() == [0] * 8


@pytest.mark.parametrize("seed", range(5))
def test_a_planted_correlation_is_recovered(seed):
    # Kendall's tau of a normal pair of correlation r is 2 / pi asin(r).
    cheap, full, flops = sample(60, 0.95, seed, trend=0.0)
    found = rank_agreement(cheap, full, flops, np.random.default_rng(0))
    planted = 2 / np.pi * np.arcsin(0.95)
    assert found.overall.low < planted < found.overall.high
    assert found.equal.low < planted < found.equal.high
    assert found.is_recommended
    assert found.verdict == "recommended"


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_not_recommended_although_it_knows_the_sizes(seed):
    cheap, full, flops = sample(40, 0.0, seed, trend=20.0)
    found = rank_agreement(cheap, full, flops, np.random.default_rng(0))
    assert found.overall.low > 0.6  # more FLOPs, more accuracy: it says no more
    assert not found.is_recommended
    assert found.verdict.startswith(
        "not recommended: tau at equal FLOPs may be as low as"
    )


def test_too_few_networks_say_so():
    one = np.ones(1)
    found = rank_agreement(one, one, one, np.random.default_rng(0))
    assert found.verdict == "not recommended: too few networks, or all alike"


def test_a_sample_that_may_be_too_small_asks_for_more():
    cheap, full, flops = sample(12, 0.6, seed=3, trend=0.0)
    found = rank_agreement(cheap, full, flops, np.random.default_rng(0))
    assert found.equal.tau >= 0.3 > found.equal.low
    assert found.verdict.endswith("; a larger sample may decide")
