import numpy as np
import pytest

from vidnas.budgets import Budgets, Pricing, Screen, UserPrice
from vidnas.space import ChoiceSpace
from vidnas.strategies.breeding import with_whole_stages
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


def test_one_move_may_give_all_layers_of_a_stage_one_option(make_space):
    space = make_space(depth=(4,), expand=(1.0, 2.0, 4.0), kernel=("1x3x3", "3x1x1"))
    layers, rng = Features(space).layers, np.random.default_rng(0)
    assert [len(columns) for columns in layers] == [4, 4]
    rows = space.many.sample(rng, 400)
    moved = with_whole_stages(space.many, rows, layers, rng)

    def whole(matrix):
        alike = [np.ptp(matrix[:, columns], axis=1) == 0 for columns in layers]
        return np.any(alike, axis=0).mean()

    # Drawn, one option for all four: 3 / 3**4 + 2 / 2**4 = 0.16; a quarter more are.
    assert whole(rows) == pytest.approx(0.16, abs=0.05)
    assert whole(moved) == pytest.approx(0.16 + 0.25 * 0.84, abs=0.06)
    assert (space.many.canonical(moved) == moved).all()
