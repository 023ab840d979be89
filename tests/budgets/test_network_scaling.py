import pytest

from vidnas.architecture.published import published
from vidnas.budgets.network_scaling import scaled_to_fit
from vidnas.costs import cost


@pytest.mark.parametrize("keeps_clip", [False, True])
def test_the_largest_size_within_a_budget_is_found(keeps_clip):
    network = published("movinet-a0").at(8, 64)
    most = 2 * cost(network).flops
    found = scaled_to_fit(
        network, lambda n: cost(n).flops <= most, keeps_clip=keeps_clip
    )
    used = cost(found.architecture).flops / most
    # Widths are multiples of 8, depths whole: steps of EfficientNet's rule are coarse.
    assert 0.8 < used <= 1.0
    assert ("resolution" in found.factors) != keeps_clip
    assert all(factor > 1.0 for factor in found.factors.values())
    if keeps_clip:
        assert found.architecture.clip == network.clip


def test_what_no_size_keeps_to_is_none_and_what_all_keep_to_is_the_largest():
    network = published("movinet-a0").at(8, 64)
    assert scaled_to_fit(network, lambda n: False) is None
    largest = scaled_to_fit(network, lambda n: True)
    # Seven doublings by depth x width^2 x resolution^2.
    growth = (
        largest.factors["depth"]
        * (largest.factors["width"] * largest.factors["resolution"]) ** 2
    )
    assert growth == pytest.approx(2**7, rel=0.35)
