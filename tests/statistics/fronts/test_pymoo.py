"""The same fronts, volumes and knees as pymoo, where it is installed."""

import warnings

import numpy as np
import pytest

from vidnas.statistics.fronts.dominance import non_dominated, ranks
from vidnas.statistics.fronts.hypervolume import hypervolume
from vidnas.statistics.fronts.knee import knees

pytest.importorskip("pymoo", reason="a peer, for benchmarks")
INF = np.inf


@pytest.fixture
def quiet():
    """pymoo 0.6.2 still imports from where scipy 1.17 says not to."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def sets(objectives):
    """Sets of rows, random and degenerate, without NaN, which pymoo does not know."""
    rng = np.random.default_rng(objectives)
    ball = np.abs(rng.normal(size=(60, objectives)))
    ball = 1.0 - ball / np.linalg.norm(ball, axis=1, keepdims=True)
    infinite = rng.random((30, objectives))
    infinite[::4, 0] = INF
    return {
        "random": rng.random((200, objectives)),
        "ball": ball,
        "twice": np.concatenate([ball, ball]),
        "ties": rng.integers(0, 4, (80, objectives)) / 4.0,
        "equal": np.full((9, objectives), 0.5),
        "infinite": infinite,
        "outside": 1.0 + rng.random((9, objectives)),
        "flat": np.where(np.arange(objectives) == 0, 0.3, rng.random((40, objectives))),
        "one": rng.random((1, objectives)),
        "none": np.empty((0, objectives)),
    }


@pytest.mark.parametrize("objectives", [2, 3, 4, 5])
def test_volumes_are_those_of_pymoo(objectives, quiet):
    from pymoo.indicators.hv import HV

    reference = np.full(objectives, 0.9)
    for name, costs in sets(objectives).items():
        theirs = HV(ref_point=reference)(costs) if len(costs) else 0.0
        ours = hypervolume(costs, reference=reference)
        assert ours == pytest.approx(theirs, rel=1e-9, abs=1e-15), name


@pytest.mark.parametrize("objectives", [2, 3, 4, 5])
def test_fronts_are_those_of_pymoo(objectives, quiet):
    from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

    for name, costs in sets(objectives).items():
        # Of equal rows pymoo keeps all, and we the first.
        unique = np.unique(costs, axis=0)
        # Infinity ends pymoo's own sweep of three costs; a large number orders alike.
        fronts = NonDominatedSorting().do(np.minimum(unique, 1e9))
        theirs = np.full(len(unique), -1)
        for rank, front in enumerate(fronts):
            theirs[front] = rank
        assert (ranks(unique) == theirs).all(), name
        assert (
            unique[theirs == 0] == np.unique(costs[non_dominated(costs)], axis=0)
        ).all(), name


@pytest.mark.parametrize("objectives", [2, 3])
@pytest.mark.parametrize("seed", range(5))
def test_knees_are_those_of_pymoo(objectives, seed, quiet):
    from pymoo.mcdm.high_tradeoff import HighTradeoffPoints

    rng = np.random.default_rng([objectives, seed])
    costs = rng.random((400, objectives)) ** 2
    costs = costs[non_dominated(costs)]
    low, high = costs.min(axis=0), costs.max(axis=0)
    theirs = HighTradeoffPoints()((costs - low) / (high - low))
    theirs = [] if theirs is None else np.atleast_1d(theirs).tolist()
    assert knees(costs).tolist() == theirs
