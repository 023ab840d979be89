"""Search by score: what half a million untrained networks are good for."""

from pathlib import Path

import numpy as np
import pytest

from vidnas.budgets import Budget, Budgets, Pricing
from vidnas.costs import cost
from vidnas.costs.entropy import entropy_score
from vidnas.files.loading import load_space
from vidnas.strategies import ScoreSearch, SearchState, best_by_score
from vidnas.strategies.scored_networks import ScoredNetworks
from vidnas.trials import Fidelity, Trial

SPACES = Path(__file__).parents[2] / "search_spaces"
MOST = Budgets((Budget("flops", 4e6),), Pricing(8))


def found_in(space, evaluations, seed=0, budgets=MOST):
    rng = np.random.default_rng(seed)
    return best_by_score(space, budgets, "entropy_score", evaluations, rng)


def test_every_network_is_within_the_budgets_and_has_its_own_score(quickstart):
    found = found_in(quickstart, 3000)
    assert found.judged == 3000
    assert found.refused["flops"] > 0
    networks = [quickstart.decode(tuple(row)) for row in found.best.rows.tolist()]
    assert len({network.arch_id for network in networks}) == len(networks) > 100
    flops = [cost(network, 8).flops for network in networks]
    np.testing.assert_array_equal(found.best.costs, flops)
    assert max(flops) <= 4e6
    scores = [entropy_score(network) for network in networks]
    np.testing.assert_allclose(found.best.scores, scores)


@pytest.mark.parametrize("seed", range(3))
def test_it_scores_higher_than_as_many_draws_at_every_size(quickstart, seed):
    found = found_in(quickstart, 4000, seed)
    rng = np.random.default_rng(seed + 100)
    drawn = quickstart.many.sample(rng, 12_000)
    costs = MOST.price.rows(quickstart, drawn)
    within = costs["flops"] <= 4e6
    flops, scores = costs["flops"][within][:4000], costs["entropy_score"][within][:4000]
    assert len(flops) == 4000
    for most in (1.5e6, 2e6, 3e6, 4e6):
        ours = found.best.scores[found.best.costs <= most].max()
        assert ours > scores[flops <= most].max()


def test_it_ends_where_the_space_has_no_more_networks(make_space):
    space = make_space(depth=(1, 2), kernel=("1x3x3", "3x3x3"))
    found = found_in(space, 200, budgets=Budgets((), Pricing(8)))
    assert found.judged == len(found.best) == space.count() == 6
    (only,) = make_space().many.sample(np.random.default_rng(0), 1).tolist()
    alone = found_in(make_space(), 50, budgets=Budgets((), Pricing(8)))
    assert alone.best.rows.tolist() == [only]


def test_a_band_of_cost_keeps_its_best():
    rows = np.arange(40).reshape(-1, 1)
    costs = np.repeat([1.0, 100.0], 20)
    networks = ScoredNetworks(rows, costs, np.arange(40.0))
    # 20 networks in the cheapest band and in the dearest; four of each stay
    kept = networks.best_of_bands()
    assert sorted(kept.scores) == [*range(16, 20), *range(36, 40)]
    assert len(networks[:0].best_of_bands()) == 0


def test_what_it_proposes_is_spread_over_the_front_by_score(quickstart):
    strategy = ScoreSearch(evaluations=2000)
    state = SearchState(quickstart, MOST, [])
    told = strategy.propose(state, np.random.default_rng(0), 8)
    best = strategy.found(state).best
    flops = [float(cost(quickstart.decode(c), 8).flops) for c in told.candidates]
    # Each is on the front of what was found: nothing cheaper scores as high.
    for candidate, size in zip(told.candidates, flops, strict=True):
        score = entropy_score(quickstart.decode(candidate))
        assert score == pytest.approx(best.scores[best.costs <= size].max())
    # Beyond the first, both ends of the front are among the first three.
    assert max(flops[:3]) / min(flops[:3]) > 3
    assert min(np.diff(np.sort(np.log(flops)))) > 0.05


def test_a_search_that_goes_on_proposes_what_an_unbroken_one_would(quickstart):
    strategy = ScoreSearch(evaluations=500)

    def trials_of(candidates):
        return [
            Trial(
                number=number,
                candidate=candidate,
                architecture=quickstart.decode(candidate),
                fidelity=Fidelity(epochs=1),
                seed=0,
                costs={"flops": float(cost(quickstart.decode(candidate), 8).flops)},
            )
            for number, candidate in enumerate(candidates)
        ]

    def proposed(trials, count, seed=0):
        state = SearchState(quickstart, MOST, trials, seed=seed)
        rng = np.random.default_rng(len(trials))
        return strategy.propose(state, rng, count).candidates

    unbroken = proposed([], 6)
    other = proposed([], 6, seed=1)  # and the first search is forgotten
    assert other != unbroken
    assert proposed(trials_of(unbroken[:4]), 2) == unbroken[4:]


def test_memory_that_a_machine_turns_out_to_lack_is_held_and_searched_for_once(
    quickstart,
):
    strategy = ScoreSearch(evaluations=500)
    held = Budget("training_bytes", 200_000, origin="workers.memory")
    state = SearchState(quickstart, MOST, [])
    narrow = SearchState(quickstart, Budgets((*MOST.limits, held), MOST.price), [])
    assert strategy.found(narrow) is strategy.found(state)
    for candidate in strategy.propose(narrow, np.random.default_rng(0), 5).candidates:
        network = quickstart.decode(candidate)
        assert MOST.price.one(network)["training_bytes"] <= 200_000


@pytest.mark.slow
def test_on_x3d_at_2_gflops_it_scores_no_lower_than_random_search():
    space = load_space(SPACES / "x3d.yaml")
    budgets = Budgets((Budget("flops", 2e9),), Pricing(400))
    found = found_in(space, 20_000, budgets=budgets)
    drawn = space.many.sample(np.random.default_rng(1), 60_000)
    costs = budgets.price.rows(space, drawn)
    within = costs["flops"] <= 2e9
    assert within.sum() > 20_000
    assert found.best.scores.max() >= costs["entropy_score"][within].max()
