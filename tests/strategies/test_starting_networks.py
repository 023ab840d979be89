import numpy as np
import pytest

from vidnas.budgets.budget import Budget, Budgets
from vidnas.budgets.user_cost import UserPrice
from vidnas.space.choice_space import ChoiceSpace
from vidnas.strategies.random_search import Random
from vidnas.strategies.starting_networks import StartingNetworks
from vidnas.strategies.strategy import SearchState
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.trial import Trial

# 3 x 3 candidates that cost 1 to 9 FLOPs.
PRICE = UserPrice(
    ChoiceSpace.of("grid", {"a": (0, 1, 2), "b": (0, 1, 2)}),
    cost=lambda values: {"flops": 1.0 + 3 * values["a"] + values["b"]},
)
SPACE, FREE = PRICE.space, PRICE.budgets()
SEEDS = ((2, 2), (0, 1), (1, 1))


def tried(candidate, number=0, state="done"):
    architecture = SPACE.decode(candidate)
    return Trial(
        number=number,
        candidate=candidate,
        architecture=architecture,
        fidelity=Fidelity(epochs=1),
        seed=0,
        costs=PRICE.one(architecture),
        state=state,
        measured={"top1": 50.0} if state == "done" else {},
    )


def propose(count, trials=(), budgets=FREE, seeds=SEEDS, rng=0):
    strategy = StartingNetworks(Random(), seeds)
    return strategy.propose(
        SearchState(SPACE, budgets, trials), np.random.default_rng(rng), count
    )


@pytest.mark.parametrize("count", [1, 2, 3])
def test_seeds_come_first_and_in_their_order(count):
    assert propose(count).candidates == SEEDS[:count]


@pytest.mark.parametrize("state", ["done", "running", "failed"])
def test_a_seed_that_was_tried_is_not_proposed_again(state):
    trials = [tried((2, 2), state=state)]
    assert propose(2, trials).candidates == SEEDS[1:]


def test_the_strategy_fills_a_batch_without_the_seeds_in_it():
    found = propose(9).candidates
    assert found[:3] == SEEDS
    assert len(set(found)) == 9


def test_once_the_seeds_are_tried_the_strategy_proposes_as_without_them():
    trials = [tried(seed, number) for number, seed in enumerate(SEEDS)]
    plain = Random().propose(
        SearchState(SPACE, FREE, trials), np.random.default_rng(4), 2
    )
    assert propose(2, trials, rng=4) == plain


def test_a_seed_beyond_a_hard_budget_is_left_out():
    budgets = PRICE.budgets(Budget("flops", 5.0))
    assert propose(2, budgets=budgets).candidates == ((0, 1), (1, 1))


def test_a_soft_budget_refuses_no_seed():
    budgets = Budgets((Budget("flops", 1.0, soft=True),), FREE.price)
    assert propose(3, budgets=budgets).candidates == SEEDS


def test_a_seed_that_stands_there_twice_is_proposed_once():
    assert propose(2, seeds=((2, 2), (2, 2), (0, 0))).candidates == ((2, 2), (0, 0))
