import numpy as np
import pytest
from threadpoolctl import threadpool_info

from vidnas.budgets.user_cost import UserPrice
from vidnas.space.choice_space import ChoiceSpace
from vidnas.statistics.blas_threads import one_thread
from vidnas.strategies.ladder.search import LadderSearch
from vidnas.strategies.strategy import SearchState


def blas_threads():
    return {p["num_threads"] for p in threadpool_info() if p["user_api"] == "blas"}


def test_linear_algebra_has_one_thread_within_and_its_own_after():
    before = blas_threads()
    with one_thread():
        assert blas_threads() == {1}
    assert blas_threads() == before


def test_a_failure_within_gives_the_threads_back():
    before = blas_threads()
    with pytest.raises(ZeroDivisionError), one_thread():
        _ = 1 / 0
    assert blas_threads() == before


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
