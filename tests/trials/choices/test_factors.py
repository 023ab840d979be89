import numpy as np
import pytest

from vidnas.space import ChoiceSpace
from vidnas.trials.choices.factors import factors_of


def test_layers_of_a_stage_are_one_factor_by_the_shares_of_their_options(make_space):
    space = make_space(depth=(1, 2, 3), kernel=("1x3x3", "3x3x3"))
    at = {choice.name: i for i, choice in enumerate(space.choices)}
    row = [0] * len(at)
    row[at["stage1.depth"]] = 2  # 3 layers
    row[at["stage1.layer1.kernel"]] = 1
    one = [0] * len(at)  # 1 layer; the others do not exist
    factors = {f.name: f for f in factors_of(space, np.array([row, one]))}
    assert list(factors) == ["stage1.depth", "stage1.kernel"]
    kernel = factors["stage1.kernel"]
    assert (kernel.layers, list(map(str, kernel.options))) == (3, ["1x3x3", "3x3x3"])
    np.testing.assert_allclose(kernel.shares, [[2 / 3, 1 / 3], [1.0, 0.0]])
    np.testing.assert_allclose(kernel.columns[:, 0], [1 / 3, 0.0])


def test_a_choice_that_is_not_made_counts_as_the_mean_of_those_made(make_space):
    space = make_space(stages=1, depth=(1, 2), expand=(1.0, 2.0))
    factor = factors_of(space, np.array([[0, 0, 0], [0, 1, 0]]))[1]
    factor.shares[0] = 0.0
    np.testing.assert_allclose(factor.columns[0], factor.columns[1])


def test_many_numbers_are_a_curve_and_many_words_are_flags():
    options = {"size": (1, 2, 4, 8, 16), "kind": ("a", "b", "c", "d", "e")}
    space = ChoiceSpace.of("plain", options)
    size, kind = factors_of(space, np.zeros((3, 2), np.int64))
    straight, squares = size.table.T
    assert np.diff(straight) == pytest.approx([np.diff(straight)[0]] * 4)  # in the log
    np.testing.assert_allclose(squares, straight**2)
    np.testing.assert_array_equal(kind.table, np.eye(5)[:, 1:])
    assert kind.tried.tolist() == [True, False, False, False, False]
    many = factors_of(space, np.zeros((200, 2), np.int64))  # enough for flags
    np.testing.assert_array_equal(many[0].table, np.eye(5)[:, 1:])


def test_of_many_numbers_networks_share_a_limit_and_of_few_an_option():
    options = {"size": (8, 4, 2, 1, 16), "few": (2, 1), "flag": (False, True)}
    space = ChoiceSpace.of("plain", options)
    size, few, flag = factors_of(space, np.array([[0, 0, 1], [3, 1, 0]]))  # 8 and 1
    traits = {word: share.tolist() for word, share in size.traits}
    assert list(traits)[:4] == [f"at least {n}" for n in (2, 4, 8, 16)]
    assert list(traits)[4:] == [f"at most {n}" for n in (1, 2, 4, 8)]
    assert traits["at least 8"] == [1.0, 0.0]
    assert traits["at most 4"] == [0.0, 1.0]
    assert [word for word, _ in few.traits] == ["2", "1"]
    assert [word for word, _ in flag.traits] == ["false", "true"]


def test_every_space_has_factors_that_hold_every_choice(space):
    rows = space.many.sample(np.random.default_rng(0), 20)
    factors = factors_of(space, rows)
    names = [factor.name for factor in factors]
    assert len(set(names)) == len(names)
    assert sum(max(f.layers, 1) for f in factors) == len(space.choices)
    for factor in factors:
        assert np.isfinite(factor.columns).all()
        made = factor.shares.sum(axis=1)
        assert np.isclose(made, 1.0).sum() + np.isclose(made, 0.0).sum() == 20
