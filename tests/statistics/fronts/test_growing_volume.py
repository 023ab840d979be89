import numpy as np
import pytest

from vidnas.statistics.fronts.dominance import non_dominated
from vidnas.statistics.fronts.growing_volume import GrowingVolume
from vidnas.statistics.fronts.hypervolume import hypervolume

NAN, INF = np.nan, np.inf


@pytest.mark.parametrize("objectives", [2, 3, 4])
@pytest.mark.parametrize("levels", [4, 1000])
def test_after_each_row_it_is_the_volume_of_all_rows_so_far(objectives, levels):
    rng = np.random.default_rng([objectives, levels])
    # Some beyond the reference, some equal, some no number.
    costs = rng.integers(0, levels, (60, objectives)) / levels
    costs[::13, 0] = NAN
    costs[5::17, -1] = INF
    reference = np.full(objectives, 0.8)
    grown = GrowingVolume(reference)
    for count, row in enumerate(costs, start=1):
        on_front = non_dominated(costs[:count])
        assert grown.add(row.tolist()) == bool(on_front[-1])
        assert len(grown) == on_front.sum()
        whole = hypervolume(costs[:count], reference=reference)
        assert grown.volume == pytest.approx(whole, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("objectives", [2, 3])
def test_a_row_without_bound_covers_without_end(objectives):
    grown = GrowingVolume([1.0] * objectives)
    assert grown.add([0.5] * objectives)
    assert grown.add([-INF, *[0.6] * (objectives - 1)])
    assert grown.volume == INF
    assert len(grown) == 2
