"""Strategies by the name that an experiment file gives them."""

import sys
from typing import Any, cast

import numpy as np
import optuna
import pytest

from vidnas.budgets.user_cost import UserPrice
from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError
from vidnas.integrations.optuna import OptunaStrategy
from vidnas.space.choice_space import ChoiceSpace
from vidnas.strategies.grid_search import Grid
from vidnas.strategies.ladder.search import LadderSearch
from vidnas.strategies.strategy import SearchState
from vidnas.study.experiment.named_strategy import read_strategy
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.trial import Trial

OPTIONS = {f"x{n}": (0, 1, 2, 3, 4) for n in range(6)}


def read(value):
    space = cast("Any", ChoiceSpace.of("sum", OPTIONS))
    return read_strategy(Node(value, Origin("search.yaml")), space)


def test_a_sampler_of_optuna_is_named_with_its_options():
    strategy, document = read({"name": "optuna", "sampler": "nsga2", "population": 8})
    assert strategy == OptunaStrategy("nsga2", population=8)
    assert document == {"name": "optuna", "sampler": "nsga2", "population": 8}
    assert read("optuna")[0] == OptunaStrategy("tpe")


def test_a_space_too_large_for_a_grid_is_said_before_anything_runs():
    assert read("grid")[0] == Grid()  # of 5^6 = 15625 combinations
    large = cast("Any", ChoiceSpace.of("large", {**OPTIONS, "y": (0, 1)}))
    with pytest.raises(InputError) as caught:
        read_strategy(Node("grid", Origin("search.yaml")), large)
    assert str(caught.value) == (
        "search.yaml: Grid search needs a space of at most 20000 combinations of "
        "options, 'large' has 3.12e+04. Choose another strategy."
    )


def test_an_unknown_sampler_is_one_line():
    with pytest.raises(InputError, match=r"tpe, nsga2, random.*got `gp`"):
        read({"name": "optuna", "sampler": "gp"})


def test_without_optuna_one_line_says_what_to_install(monkeypatch):
    monkeypatch.delitem(sys.modules, "vidnas.integrations.optuna")
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(InputError) as caught:
        read({"name": "optuna"})
    assert str(caught.value) == (
        "search.yaml: Strategy `optuna` needs `optuna`, which is not installed: "
        "pip install 'vidnas[optuna]'."
    )


def searched(strategy, trials, seed):
    """The top-1 of a search whose best candidate has every choice at 4."""
    space = ChoiceSpace.of("sum", OPTIONS)
    found = []
    for number in range(trials):
        rng = np.random.default_rng([seed, number])
        proposal = strategy.propose(
            SearchState(space, UserPrice(space).budgets(), found), rng, 1
        )
        (candidate,) = proposal.candidates
        found.append(
            Trial(
                number=number,
                candidate=candidate,
                architecture=space.decode(candidate),
                fidelity=Fidelity(epochs=1),
                seed=0,
                costs={"flops": 1.0},
                state="done",
                measured={"top1": float(sum(candidate))},
            )
        )
    return [trial.value("top1") for trial in found]


@pytest.mark.parametrize("sampler", ["tpe", "nsga2"])
def test_what_optuna_learns_survives_that_its_study_is_built_anew(sampler):
    strategy = OptunaStrategy(sampler, start=8, population=8)
    late = np.mean([searched(strategy, 40, seed)[-10:] for seed in range(2)])
    # A random candidate has 6 x 2 = 12, the mean of 20 a deviation of 3.5 / sqrt(20).
    assert late > 12.0 + 3 * 3.5 / np.sqrt(20)


def test_optuna_is_as_talkative_as_before(capfd):
    before = optuna.logging.get_verbosity()
    searched(OptunaStrategy("random"), 1, 0)
    assert optuna.logging.get_verbosity() == before
    assert capfd.readouterr().err == ""


def test_ladder_searchs_budgets_are_read_under_their_earlier_name_too():
    strategy, document = read({"name": "ladder", "rungs": 24})
    assert strategy == LadderSearch(budgets=24)
    assert document == {"name": "ladder", "rungs": 24}  # a journal's stays as it is
    with pytest.raises(InputError, match=r"`budgets` must stand once, got it as"):
        read({"name": "ladder", "budgets": 12, "rungs": 24})
