"""Many candidates at once against one by one."""

import numpy as np
import pytest

from vidnas.architecture.columns import Columns
from vidnas.architecture.kernel import Kernel
from vidnas.budgets.budget import Budget, Budgets
from vidnas.budgets.one_choice_away import neighbours, repair
from vidnas.budgets.price import Pricing
from vidnas.costs.network_cost import cost, cost_many
from vidnas.costs.scores import SCORES
from vidnas.errors import InfeasibleError, SpaceError
from vidnas.space.candidate_text import candidate_text, read_candidate
from vidnas.space.identities import identities
from vidnas.space.language.declaration import (
    ClipSpace,
    HeadSpace,
    StageSpace,
    StemSpace,
)
from vidnas.space.language.expression import Name, where
from vidnas.space.language.options import Width, choice
from vidnas.space.space import Space

COUNT = 60


@pytest.fixture(scope="module")
def gated():
    """Tied widths, a condition, a stage's own choice, expressions and two rules."""
    scale, causal = choice("scale", (0.5, 1.0, 1.5)), choice("streams", (False, True))
    form = choice("form", ("3d", "2plus1d"), when=causal)
    kernels = (Kernel(1, 3), Kernel(3, 3), Kernel(5, 1))
    first = StageSpace(
        Width(16, scale),
        (1, 2, 3),
        kernels,
        expand_width=Name("width") * Name("ratio"),
        stride=2,
        squeeze_excite=(False, True),
        choices={"ratio": (1, 2)},
        name="first",
    )
    second = StageSpace(
        Width(24, scale),
        (1, 2),
        kernels,
        (1.0, 2.0),
        squeeze_excite=Name("layer") > 0,
        activation=where(causal, "hard_swish", "swish"),
    )
    return Space(
        name="gated",
        clip=ClipSpace((4, 8), (16, 24)),
        stem=StemSpace(Width(8, scale)),
        stages=(first, second),
        head=HeadSpace(32, 16),
        causal=causal,
        convolution=form,
        rules={
            "narrower": Name("first.depth") <= Name("stage2.depth") + 1,
            "sees": Name("temporal_reach") >= 3,
        },
    )


@pytest.fixture(params=["shipped", "gated"])
def any_space(request, space, gated):
    return space if request.param == "shipped" else gated


def tuples(matrix):
    return [tuple(row) for row in matrix.tolist()]


def test_samples_are_canonical_meet_the_rules_and_decode_as_one_by_one(any_space):
    many = any_space.many
    rows = many.sample(np.random.default_rng(0), COUNT)
    alone = [any_space.decode(candidate) for candidate in tuples(rows)]
    assert [any_space.canonical(c) for c in tuples(rows)] == tuples(rows)
    assert all(any_space.meets(candidate) for candidate in tuples(rows))
    together, expected = any_space.columns(rows), Columns.of(alone)
    for name in ("flops", "parameters", "training_bytes", "stream_state_values"):
        found = cost_many(together, 7)[name]
        np.testing.assert_array_equal(found, cost_many(expected, 7)[name])
    for name, score in SCORES.items():
        told = [score.one(network) for network in alone]
        assert score.many(together).tolist() == pytest.approx(told), name
    # Equal identities are equal networks, and the other way round.
    ids = [a.arch_id for a in alone]
    pairs = set(zip(ids, identities(together).tolist(), strict=True))
    assert len(pairs) == len(set(ids)) == len(set(identities(together).tolist()))


def test_which_choices_are_active_and_allowed_is_the_same_many_at_a_time(any_space):
    rng = np.random.default_rng(1)
    drawn = rng.integers(any_space.many.sizes, size=(COUNT, len(any_space.choices)))
    flags = any_space.many.active(drawn)
    expected = [any_space.program.values(row)[1] for row in tuples(drawn)]
    np.testing.assert_array_equal(flags, expected)
    rows = any_space.many.canonical(drawn)
    assert tuples(rows) == [any_space.canonical(row) for row in tuples(drawn)]
    meeting = [any_space.meets(row) for row in tuples(rows)]
    assert any_space.many.meets(rows).tolist() == meeting


def test_mutations_always_change_the_architecture(any_space):
    rng = np.random.default_rng(2)
    rows = any_space.many.sample(rng, COUNT)
    mutated = any_space.many.mutate(rows, rng)
    for before, after in zip(tuples(rows), tuples(mutated), strict=True):
        assert any_space.canonical(after) == after
        assert any_space.meets(after)
        assert any_space.decode(after).arch_id != any_space.decode(before).arch_id


def test_a_mutation_changes_one_choice_beside_the_layers_it_switches(quickstart):
    rng = np.random.default_rng(3)
    rows = quickstart.many.sample(rng, 200)
    copied = 0
    for before, after in zip(
        tuples(rows), tuples(quickstart.many.mutate(rows, rng)), strict=True
    ):
        changed = np.flatnonzero(np.not_equal(before, after)).tolist()
        names = [quickstart.choices[i].name for i in changed]
        depth = [name for name in names if name.endswith(".depth")]
        gates = {quickstart.choices[i].gate for i in changed} - {""}
        assert len(changed) == 1 or (len(depth) == 1 and gates == set(depth))
        if depth and max(after[i] for i in changed) and len(changed) > 1:
            stage = depth[0].removesuffix(".depth")
            number = int(stage.removeprefix("stage")) - 1
            was, layers = (
                quickstart.decode(one).stages[number].layers for one in (before, after)
            )
            kernels = {layer.kernel for layer in layers[-2:]}
            grown = len(layers) > len(was)
            copied += grown
            assert not grown or len(kernels) == 1
    assert copied > 3


def test_crosses_take_every_group_from_either_parent(any_space):
    rng = np.random.default_rng(4)
    first, second = (any_space.many.sample(rng, COUNT) for _ in range(2))
    for child, mine, yours in zip(
        tuples(any_space.many.cross(first, second, rng)),
        tuples(first),
        tuples(second),
        strict=True,
    ):
        assert any_space.canonical(child) == child
        assert any_space.meets(child)
        options = zip(child, mine, yours, strict=True)
        assert all(index in (a, b, 0) for index, a, b in options)


def test_a_stratified_sample_covers_the_bands_evenly(quickstart):
    def flops(rows):
        return cost_many(quickstart.columns(rows), 8)["flops"]

    def shares(rows, edges):
        prices = flops(rows)
        return np.histogram(prices, edges)[0] / len(rows)

    rng = np.random.default_rng(5)
    rows = quickstart.many.sample_stratified(rng, 200, flops)
    assert len(rows) == 200
    prices = flops(rows)
    edges = np.geomspace(prices.min() * 0.999, prices.max() * 1.001, 6)
    # A fifth of the range each: within a factor of two of a fifth of the candidates.
    assert shares(rows, edges).min() > 0.1
    assert shares(quickstart.many.sample(rng, 200), edges).min() < 0.05


def test_neighbours_are_all_other_architectures_one_choice_away(gated):
    candidate = gated.sample(np.random.default_rng(7))
    near = tuples(neighbours(gated, candidate))
    by_hand = set()
    for at, one in enumerate(gated.choices):
        for index in range(len(one.options)):
            changed = [*candidate[:at], index, *candidate[at + 1 :]]
            moved = gated.canonical(changed)
            if gated.meets(moved):
                by_hand.add(gated.decode(moved).arch_id)
    by_hand.discard(gated.decode(candidate).arch_id)
    found = [gated.decode(one).arch_id for one in near]
    assert len(found) == len(set(found))
    assert set(found) == by_hand


@pytest.mark.parametrize("seed", range(5))
def test_repair_ends_just_within_the_budgets(any_space, seed):
    rng = np.random.default_rng(seed)
    candidate, other = any_space.sample(rng), any_space.sample(rng)
    prices = [cost(any_space.decode(c), 7).flops for c in (candidate, other)]
    limit = min(prices)
    budgets = Budgets((Budget("flops", limit),), Pricing(classes=7))
    repaired = repair(any_space, candidate, budgets)
    assert any_space.canonical(repaired) == repaired
    assert any_space.meets(repaired)
    assert cost(any_space.decode(repaired), 7).flops <= limit
    assert repair(any_space, repaired, budgets) == repaired


def test_what_cannot_be_repaired_is_said(quickstart):
    budgets = Budgets((Budget("flops", 10.0),), Pricing(classes=7))
    candidate = quickstart.sample(np.random.default_rng(0))
    with pytest.raises(
        InfeasibleError, match="No candidate of space 'quickstart' near"
    ):
        repair(quickstart, candidate, budgets)


def test_a_candidate_survives_copy_and_paste(any_space):
    rng = np.random.default_rng(8)
    for _ in range(10):
        candidate = any_space.sample(rng)
        text = candidate_text(any_space, candidate)
        assert read_candidate(any_space, f"  {text}\n") == candidate


def test_text_that_was_changed_or_is_of_another_space_is_refused(quickstart, gated):
    text = candidate_text(quickstart, quickstart.sample(np.random.default_rng(0)))
    for wrong in (text[:-1], text.replace(".", "", 1), "", "quickstart", text + "0"):
        with pytest.raises(SpaceError, match="must end in its checksum"):
            read_candidate(quickstart, wrong)
    with pytest.raises(SpaceError, match=r"must be of space `gated/.*` got|must be of"):
        read_candidate(gated, text)
