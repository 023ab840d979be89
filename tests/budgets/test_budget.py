import dataclasses
from itertools import product

import numpy as np
import pytest

from vidnas.architecture import Columns
from vidnas.budgets import (
    BUDGETED,
    Budget,
    Budgets,
    PlainPrice,
    Pricing,
    Screen,
    cheapest,
    extremes,
)
from vidnas.budgets.feasibility import feasibility
from vidnas.costs import cost
from vidnas.costs.entropy import entropy_score
from vidnas.documents.quantity import format_cost
from vidnas.errors import InfeasibleError
from vidnas.space import ClipSpace, Space, choice, where


def limits(**maxima):
    return Budgets(tuple(Budget(name, m) for name, m in maxima.items()), Pricing())


@pytest.fixture(scope="module")
def wide(make_space):
    """Two frames, widths, depths, kernels, expansions: 2 x 2 x (4 + 16) = 80."""
    return make_space(
        frames=(2, 4),
        width=(0.5, 1.0),
        depth=(2, 1),  # the cheapest is not the first option
        kernel=("3x3x3", "1x3x3"),
        expand=(1.0, 2.0),
    )


def every_candidate(space):
    vectors = product(*(range(len(choice.options)) for choice in space.choices))
    return sorted({space.canonical(vector) for vector in vectors})


def test_every_budget_is_a_cost(small):
    known = {*cost(small).to_document(), "temporal_reach"}
    assert set(BUDGETED) == known - {"batch"}


def test_a_budget_is_written_in_its_unit():
    assert str(Budget("flops", 20e6)) == "flops <= 20 M"
    assert str(Budget("training_bytes", 2**30)) == "training_bytes <= 1 GiB"


def test_broken_budgets_are_named_and_a_cost_may_equal_its_limit(small):
    exact = cost(small)
    assert limits().broken(small) == ()
    assert limits(flops=exact.flops, parameters=exact.parameters).broken(small) == ()
    assert limits(
        flops=exact.flops - 1, parameters=exact.parameters, training_bytes=1
    ).broken(small) == ("flops", "training_bytes")


def test_without_limits_nothing_is_priced(small):
    def never(architecture):
        raise AssertionError(f"priced {architecture}")

    assert Budgets((), PlainPrice(never)).broken(small) == ()


def test_a_plain_price_asks_once_for_each_row_and_agrees_with_closed_forms(wide):
    asked = []

    def once(architecture):
        asked.append(architecture)
        return cost(architecture)

    rows = np.array([*every_candidate(wide)][:6], np.int64)
    plain, closed = PlainPrice(once).rows(wide, rows), Pricing().rows(wide, rows)
    assert len(plain) == len(closed) == 6
    for name in ("flops", "parameters", "entropy_score", "temporal_reach"):
        np.testing.assert_allclose(plain[name], closed[name])
    assert plain.names == closed.names
    assert len(asked) == 6
    assert PlainPrice(once).rows(wide, rows[:0]).names == ()


def test_rows_within_the_budgets_are_those_that_break_none(wide):
    networks = [wide.decode(candidate) for candidate in every_candidate(wide)]
    costs = [cost(network, 5, 2) for network in networks]
    flops = sorted(price.flops for price in costs)
    memory = sorted(price.training_bytes for price in costs)
    maxima = (("flops", flops[50]), ("training_bytes", memory[40]))
    limits = tuple(Budget(name, maximum) for name, maximum in maxima)
    budgets = Budgets(limits, Pricing(classes=5, batch=2))
    within = budgets.within(budgets.price.many(Columns.of(networks)))
    assert within.tolist() == [not budgets.broken(network) for network in networks]
    assert 0 < within.sum() < len(networks)


def test_all_rows_are_within_no_budgets(small):
    columns = Columns.of([small] * 3)
    assert Budgets((), Pricing()).within(Pricing().many(columns)).tolist() == [True] * 3
    assert Budgets((), Pricing()).within(Pricing().many(columns[:0])).tolist() == []


def test_a_screen_admits_what_is_new_and_within_the_budgets(wide):
    priced = {c: cost(wide.decode(c)).flops for c in every_candidate(wide)}
    median = sorted(priced.values())[len(priced) // 2]
    screen = Screen(wide, limits(flops=median), set())
    admitted = {c for c in priced if screen.admits(c)}
    assert admitted == {c for c, flops in priced.items() if flops <= median}
    assert screen.refused == {"flops": len(priced) - len(admitted)}
    # All are seen now; what is seen is not refused by a budget.
    assert not any(screen.admits(c) for c in admitted)
    assert screen.refused == {"flops": len(priced) - len(admitted)}


def test_a_screen_counts_every_budget_that_refuses(wide):
    screen = Screen(wide, limits(flops=1, parameters=1, training_bytes=1e12), set())
    candidate = wide.sample(np.random.default_rng(0))
    assert not screen.admits(candidate)
    assert not screen.fits(candidate)
    assert screen.refused == {"flops": 2, "parameters": 2}


def test_a_screen_does_not_admit_what_the_study_has_seen(wide):
    candidate = wide.sample(np.random.default_rng(0))
    screen = Screen(wide, limits(), {wide.decode(candidate).arch_id})
    assert not screen.admits(candidate)
    assert screen.fits(candidate)
    assert screen.refused == {}


def test_the_feasible_share_is_counted(wide):
    candidates = every_candidate(wide)
    flops = sorted(cost(wide.decode(c)).flops for c in candidates)
    budgets = limits(flops=flops[len(flops) // 2])
    found = feasibility(wide, budgets, np.random.default_rng(0), samples=200)
    assert found.sampled == 200
    assert 0 < found.feasible < 200
    assert found.refused == {"flops": 200 - found.feasible}
    low, high = found.interval
    assert low < 100.0 * found.feasible / 200 == found.share < high
    assert feasibility(wide, limits(), np.random.default_rng(0)).feasible == 2000


def test_a_space_beyond_a_budget_is_named_with_its_cheapest_cost(quickstart):
    least = cost(quickstart.decode(cheapest(quickstart, Pricing(), "flops"))).flops
    budgets = limits(parameters=1e12, flops=least - 1)
    with pytest.raises(InfeasibleError) as refused:
        feasibility(quickstart, budgets, np.random.default_rng(0))
    assert str(refused.value) == (
        "Space 'quickstart' has no candidate within flops <= "
        f"{format_cost('flops', least - 1)}: the cheapest found costs "
        f"{format_cost('flops', least)}."
    )


def test_a_needle_that_sampling_misses_is_found_by_descent(quickstart):
    least = cost(quickstart.decode(cheapest(quickstart, Pricing(), "flops"))).flops
    budgets = limits(flops=least)
    found = feasibility(quickstart, budgets, np.random.default_rng(0), samples=20)
    assert found.feasible == 0
    assert found.refused == {"flops": 20}


def test_budgets_that_only_clash_together_are_said_to(make_space):
    # Two networks, of which the narrower one sees more frames: each budget admits one.
    scale = choice("scale", (0.5, 1.0))
    made = make_space(width=scale)
    clip = ClipSpace(where(scale < 1.0, 32, 2), 8)
    space = Space(dataclasses.replace(made.declaration, clip=clip))
    narrow, wide = (cost(space.decode((index,))) for index in range(2))
    assert narrow.parameters < wide.parameters
    assert narrow.flops > wide.flops
    budgets = limits(parameters=narrow.parameters, flops=wide.flops)
    with pytest.raises(InfeasibleError) as refused:
        feasibility(space, budgets, np.random.default_rng(0), samples=20)
    assert str(refused.value) == (
        f"No candidate of space 'made' was found within both {budgets.limits[0]} and "
        f"{budgets.limits[1]}: each can be met alone, but within the first the nearest "
        f"to the second found has flops {format_cost('flops', narrow.flops)}."
    )


@pytest.mark.parametrize("name", BUDGETED)
def test_the_cheapest_is_that_of_trying_everything(wide, name):
    def cost_of(candidate):
        return Pricing().one(wide.decode(candidate), [name])[name]

    found = cheapest(wide, Pricing(), name)
    assert found in every_candidate(wide)
    assert cost_of(found) == min(map(cost_of, every_candidate(wide)))


def test_the_cheapest_of_one_architecture_is_itself(make_space):
    assert cheapest(make_space(), Pricing(), "flops") == ()


def test_a_soft_budget_weighs_by_how_far_a_cost_is_beyond_it(small):
    exact = cost(small)
    soft = (
        Budget("flops", exact.flops / 4, soft=True),  # 4 times its limit: 1/4
        Budget("parameters", exact.parameters / 2, soft=True),  # 1/2
        Budget("training_bytes", 2.0 * exact.training_bytes, soft=True),  # within: 1
    )
    budgets = Budgets((*soft, Budget("flops", exact.flops)), Pricing())
    assert budgets.broken(small) == ()
    assert budgets.exceeded(small) == ("flops", "parameters")
    assert budgets.weight(small) == pytest.approx(1 / 8)
    columns = Columns.of([small] * 2)
    costs = Pricing().many(columns)
    assert budgets.weights(costs) == pytest.approx([1 / 8, 1 / 8])
    assert Budgets((), Pricing()).weight(small) == 1.0


def test_a_screen_lets_pass_as_often_as_the_weight_says(wide):
    candidate = wide.sample(np.random.default_rng(0))
    flops = cost(wide.decode(candidate)).flops
    budgets = Budgets((Budget("flops", flops / 4, soft=True),), Pricing())
    rng = np.random.default_rng(0)
    passed = sum(
        Screen(wide, budgets, set()).admits(candidate, rng) for _ in range(400)
    )
    assert passed / 400 == pytest.approx(0.25, abs=0.06)  # 3 standard errors
    assert Screen(wide, budgets, set()).without_soft_budgets().admits(candidate, rng)


def test_a_filter_asks_for_the_least_of_a_score(wide):
    networks = [wide.decode(candidate) for candidate in every_candidate(wide)]
    scores = sorted(entropy_score(network) for network in networks)
    asked = Budget("entropy_score", minimum=scores[30])
    budgets = Budgets((asked,), Pricing())
    within = budgets.within(budgets.price.many(Columns.of(networks)))
    assert within.tolist() == [not budgets.broken(network) for network in networks]
    assert within.sum() == sum(score >= scores[30] for score in scores) < len(scores)
    found = feasibility(wide, budgets, np.random.default_rng(0), samples=100)
    assert found.refused == {"entropy_score": 100 - found.feasible}
    assert str(Budget("layers", minimum=2.0)) == "layers >= 2"
    beyond = Budgets((Budget("entropy_score", minimum=1000.0),), Pricing())
    with pytest.raises(InfeasibleError, match="entropy_score >= 1 k: the nearest"):
        feasibility(wide, beyond, np.random.default_rng(0), samples=10)


def test_the_budget_that_binds_is_that_which_refuses_most_alone(wide):
    flops = sorted(cost(wide.decode(c)).flops for c in every_candidate(wide))
    soft = Budget("parameters", 1.0, soft=True)
    limits = (Budget("flops", flops[20]), Budget("inference_bytes", 1e12), soft)
    budgets = Budgets(limits, Pricing())
    found = feasibility(wide, budgets, np.random.default_rng(0), samples=200)
    assert found.binding == limits[0]
    assert [r.alone for r in found.refusals[:2]] == [200 - found.feasible, 0]
    assert found.refusals[2].beyond == 200
    assert found.preferred == 0
    least, most = extremes(wide, budgets, found.example)
    assert cost(wide.decode(least)).flops == flops[0]
    assert cost(wide.decode(most)).flops == max(f for f in flops if f <= flops[20])
