import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from vidnas.budgets import UserPrice
from vidnas.space import ChoiceSpace
from vidnas.statistics.blas_threads import _pools, one_thread
from vidnas.strategies import LadderSearch, SearchState


@pytest.fixture(autouse=True)
def two_blas_threads():
    """The suite holds them to one."""
    _pools.cache_clear()
    with threadpool_limits(2, user_api="blas"):
        yield


def blas_threads():
    return {p["num_threads"] for p in threadpool_info() if p["user_api"] == "blas"}


def test_linear_algebra_has_one_thread_within_and_its_own_after():
    assert blas_threads() == {2}
    with one_thread():
        assert blas_threads() == {1}
    assert blas_threads() == {2}


def test_a_failure_within_gives_the_threads_back():
    with pytest.raises(ZeroDivisionError), one_thread():
        _ = 1 / 0
    assert blas_threads() == {2}


def test_ladder_search_proposes_with_one_thread(monkeypatch):
    space = ChoiceSpace.of("two", {"x": (1, 2), "y": (1, 2)})
    seen = []

    def screen_for(*arguments):
        seen.append(blas_threads())
        return real(*arguments)

    real = SearchState.screen
    monkeypatch.setattr(SearchState, "screen", screen_for)
    LadderSearch().propose(
        SearchState(space, UserPrice(space).budgets(), []), np.random.default_rng(0), 1
    )
    assert seen == [{1}]
