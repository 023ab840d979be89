import numpy as np
import pytest

from vidnas.budgets.budget import Budgets
from vidnas.budgets.price import Pricing
from vidnas.budgets.screen import Screen
from vidnas.budgets.user_cost import UserPrice
from vidnas.space.choice_space import ChoiceSpace
from vidnas.strategies.features import Features


def seen(space, candidates, price=None):
    rows = np.array(candidates, np.int64)
    screen = Screen(space, Budgets((), price or Pricing()), set())
    return Features(space)(rows, screen.price_many(rows))


def test_an_ordered_choice_is_its_logarithm_and_an_unordered_one_flags():
    price = UserPrice(
        ChoiceSpace.of(
            "plain", {"size": (1, 2, 4), "kind": ("a", "b", "c"), "flag": (False, True)}
        ),
        cost_many=lambda rows: {"flops": 1.0 + rows[:, 0]},
    )
    found = seen(price.space, [(2, 1, 1)], price)[0]
    # log 4; not a, b, not c; flag; log(1 + 3 FLOPs)
    expected = [np.log(4.0), 0.0, 1.0, 0.0, 1.0, np.log(4.0)]
    np.testing.assert_allclose(found, expected)


def test_layers_are_averaged_over_those_that_exist(make_space):
    space = make_space(depth=(1, 2, 3), expand=(1.0, 2.0, 4.0))
    names = [choice.name for choice in space.choices]
    base = [0] * len(names)
    for layer, option in ((0, 1), (1, 2)):
        base[next(i for i, n in enumerate(names) if f"layer{layer}.exp" in n)] = option
    base[next(i for i, n in enumerate(names) if n.endswith("depth"))] = 1  # 2 layers
    options = next(c.options for c in space.choices if "expand" in c.name)
    logs = np.log(np.array(options, float))
    found = seen(space, [space.canonical(base)])[0]
    assert (np.abs(found - (logs[1] + logs[2]) / 2.0) < 1e-12).any()  # both layers
    assert (np.abs(found - logs[1]) < 1e-12).any()  # the first


@pytest.mark.parametrize("rows", [1, 7])
def test_features_of_many_are_those_of_each(space, rows):
    matrix = space.many.sample(np.random.default_rng(0), rows)
    screen = Screen(space, Budgets((), Pricing()), set())
    features = Features(space)
    whole = features(matrix, screen.price_many(matrix))
    assert np.isfinite(whole).all()
    for row in range(rows):
        one = matrix[[row]]
        np.testing.assert_allclose(
            features(one, screen.price_many(one))[0], whole[row], rtol=1e-12
        )
