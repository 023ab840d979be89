from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from vidnas.architecture.kernel import Kernel
from vidnas.architecture.parts import Layer, Stage
from vidnas.architecture.published.catalogue import published
from vidnas.documents.node import Node, Origin
from vidnas.errors import SpaceError
from vidnas.files.loading import load_space
from vidnas.files.yaml_file import dump_document
from vidnas.space.language.declaration import (
    ClipSpace,
    HeadSpace,
    StageSpace,
    StemSpace,
)
from vidnas.space.language.options import Width
from vidnas.space.reading import read_space
from vidnas.space.space import Space


def every_candidate(space):
    """All canonical candidates, by trying every index vector."""
    vectors = product(*(range(len(choice.options)) for choice in space.choices))
    return {space.canonical(vector) for vector in vectors}


SMALL = {
    "one architecture": ({}, 1),
    # 0.75 x 16 = 12 rounds up to 16, as 1.0 x 16; the head has 8 and 16
    "widths that round to one": ({"width": (0.75, 1.0), "head": (0.5, 1.0)}, 2),
    # 8, 16 twice, 24
    "three widths of four": ({"width": (0.5, 0.75, 1.0, 1.5)}, 3),
    # depth 1: 2 kernels; depth 2: 2 x 2
    "gated layers": ({"depth": (1, 2), "kernel": ("1x3x3", "3x3x3")}, 2 + 4),
    # depth 1: 2; depth 3: 2^3; nothing at depth 2
    "a gap in the depths": ({"depth": (1, 3), "kernel": ("1x3x3", "3x3x3")}, 2 + 8),
    # the same, written from large to small
    "depths that fall": ({"depth": (3, 1), "kernel": ("1x3x3", "3x3x3")}, 8 + 2),
    # expansions 0.75 and 1.0 both give 16, 2.0 gives 32; depths 1 and 2: 2 + 2^2
    "expansions that round to one": (
        {"depth": (1, 2), "expand": (0.75, 1.0, 2.0)},
        2 + 4,
    ),
    # per stage 2 squeeze-excites x (2 + 2^2), twice; 2 frames x 2 resolutions
    "two stages": (
        {
            "stages": 2,
            "depth": (1, 2),
            "kernel": ("1x3x3", "3x3x3"),
            "squeeze_excite": (False, True),
            "frames": (2, 4),
            "resolution": (8, 16),
        },
        (2 * 6) ** 2 * 4,
    ),
}


@pytest.mark.parametrize("name", SMALL)
def test_the_count_is_that_of_trying_everything(make_space, name):
    options, by_hand = SMALL[name]
    space = make_space(**options)
    assert space.count() == by_hand
    candidates = every_candidate(space)
    assert len(candidates) == by_hand
    # Different candidates are different networks.
    assert len({space.decode(candidate).arch_id for candidate in candidates}) == by_hand


@pytest.mark.parametrize("name", SMALL)
def test_every_candidate_of_a_small_space_returns_from_its_architecture(
    make_space, name
):
    space = make_space(**SMALL[name][0])
    for candidate in every_candidate(space):
        assert space.encode(space.decode(candidate)) == candidate


@pytest.mark.parametrize("seed", range(8))
def test_encoding_a_decoded_candidate_returns_it(space, seed):
    candidate = space.sample(np.random.default_rng(seed))
    assert space.encode(space.decode(candidate)) == candidate


@pytest.mark.parametrize("seed", range(5))
def test_samples_of_both_kinds_are_canonical_and_decode(space, seed):
    rng = np.random.default_rng(seed)
    for candidate in (space.sample(rng), space.sample_coherent(rng)):
        assert space.canonical(candidate) == candidate
        assert all(type(index) is int for index in candidate)
        left_out = len(space.declaration.stages) - len(space.decode(candidate).stages)
        assert 0 <= left_out <= len(space.decoder.optional)


def test_the_same_seed_draws_the_same_candidates(space):
    first, second = (
        [
            draw(np.random.default_rng(3))
            for draw in (space.sample, space.sample_coherent)
        ]
        for _ in range(2)
    )
    assert first == second


def test_coherent_samples_reach_farther_than_uniform_ones(quickstart):
    # Sum of depths: 2 + 3 + 3 = 8 at most, 3 at least.
    def ends(draw):
        rng = np.random.default_rng(0)
        depths = [quickstart.decode(draw(rng)).depth for _ in range(200)]
        return sum(depth in (3, 8) for depth in depths)

    # Uniformly 2 x 1/2 x 1/3 x 1/3 = 1 in 9 stands at an end.
    assert ends(quickstart.sample_coherent) > 2 * ends(quickstart.sample)


def test_an_inactive_choice_does_not_count(make_space):
    space = make_space(depth=(1, 2), kernel=("1x3x3", "3x3x3"))
    # depth, kernel of layer 0, kernel of layer 1
    assert [c.name for c in space.choices] == [
        "stage1.depth",
        "stage1.layer0.kernel",
        "stage1.layer1.kernel",
    ]
    assert space.canonical((0, 1, 1)) == (0, 1, 0)
    assert space.canonical((1, 1, 1)) == (1, 1, 1)
    assert [c.name for c in space.active((0, 1, 0))] == [
        "stage1.depth",
        "stage1.layer0.kernel",
    ]


@pytest.mark.parametrize("seed", range(5))
def test_a_mutation_is_another_canonical_network(space, seed):
    rng = np.random.default_rng(seed)
    candidate = space.sample(rng)
    for changes in (1, 2, 3):
        mutated = space.mutate(candidate, rng, changes=changes)
        assert space.canonical(mutated) == mutated
        assert space.decode(mutated).arch_id != space.decode(candidate).arch_id
        assert space.encode(space.decode(mutated)) == mutated


@pytest.mark.parametrize("seed", range(5))
def test_one_mutation_changes_one_choice_or_grows_a_stage(space, seed):
    rng = np.random.default_rng(seed)
    candidate = space.sample(rng)
    mutated = space.mutate(candidate, rng)
    changed = {
        choice
        for choice, old, new in zip(space.choices, candidate, mutated, strict=True)
        if old != new
    }
    # All others were switched on or off by it.
    redrawn = changed & set(space.active(candidate)) & set(space.active(mutated))
    assert len(redrawn) == 1


def test_a_new_layer_copies_the_last_one(make_space):
    space = make_space(depth=(1, 3), kernel=("1x3x3", "3x3x3", "5x3x3"))
    before = (0, 2, 0, 0)  # depth 1, kernel 5x3x3
    grown = {
        space.mutate(before, np.random.default_rng(seed)) for seed in range(20)
    } & {(1, a, b, c) for a in range(3) for b in range(3) for c in range(3)}
    assert grown == {(1, 2, 2, 2)}


def test_redraws_that_cancel_are_followed_by_more(make_space):
    # One choice of two options: every second redraw returns to the start.
    space = make_space(squeeze_excite=(False, True))
    for changes in (1, 2, 3):
        assert space.mutate((0,), np.random.default_rng(0), changes=changes) == (1,)


def test_a_single_architecture_cannot_be_mutated(make_space):
    space = make_space()
    assert space.choices == ()
    assert space.sample(np.random.default_rng(0)) == ()
    assert space.cross((), (), np.random.default_rng(0)) == ()
    assert space.encode(space.decode(())) == ()
    with pytest.raises(SpaceError, match=r"^Space 'made' holds one architecture only"):
        space.mutate((), np.random.default_rng(0))


@pytest.mark.parametrize("seed", range(5))
def test_a_cross_takes_every_part_whole_from_either_parent(space, seed):
    rng = np.random.default_rng(seed)
    first, second = space.sample(rng), space.sample(rng)
    child = space.cross(first, second, rng)
    assert space.encode(space.decode(child)) == child
    groups = {}
    for choice in space.active(child):
        groups.setdefault(choice.group, []).append(space.positions[choice.name])
    for positions in groups.values():
        ours, mine, yours = ([c[i] for i in positions] for c in (child, first, second))
        assert ours in (mine, yours)


def test_crosses_mix_both_parents(quickstart):
    rng = np.random.default_rng(0)
    first, second = quickstart.sample(rng), quickstart.sample(rng)
    children = {quickstart.cross(first, second, rng) for _ in range(50)}
    # Six parts (clip, stem, three stages, head) make at most 2^6 children.
    assert 2**3 < len(children) <= 2**6
    assert children - {first, second}


def test_a_space_survives_its_document(space):
    document = space.to_document()
    read = read_space(Node(document, Origin("document")))
    assert read == space
    assert read.space_hash == space.space_hash


def test_a_space_survives_its_file(space, write):
    loaded = load_space(write(dump_document(space.to_document())))
    assert loaded == space
    assert loaded.space_hash == space.space_hash


def test_a_space_made_in_python_survives_its_file(make_space, write):
    space = make_space(
        depth=(1, 3), expand=(0.75, 1.5), width=(0.5, 1.0), squeeze_excite=(True, False)
    )
    declared = space.declaration
    head = replace(declared.head, width=Width(20, (1.0, 1.2), round_to=4))
    finer = Space(replace(declared, head=head))
    for made in (space, finer):
        loaded = load_space(write(dump_document(made.to_document())))
        assert loaded == made
        assert loaded.space_hash == made.space_hash


def test_the_hash_covers_the_options_and_not_the_name(make_space):
    space = make_space(depth=(1, 2))
    assert (
        Space(replace(space.declaration, name="other")).space_hash == space.space_hash
    )
    # The order of options decides what an index means.
    assert make_space(depth=(2, 1)).space_hash != space.space_hash
    assert make_space(depth=(1, 3)).space_hash != space.space_hash


def test_the_quickstart_is_no_toy(quickstart):
    assert quickstart.count() >= 10**6


def test_a_foreign_network_is_refused_by_the_choice_it_breaks(root, quickstart):
    with pytest.raises(SpaceError) as refused:
        quickstart.encode(published("movinet-a2"))
    assert str(refused.value) == (
        "An architecture of space 'quickstart' must have 3 stages, got 5."
    )
    movinet = load_space(root / "search_spaces" / "movinet_a2.yaml")
    for foreign, message in (
        (published("movinet-a2").at(frames=8), "`clip.frames` must be 50 in space"),
        (published("movinet-a3"), "`clip.frames` must be 50 in space 'movinet_a2'"),
        (
            published("movinet-a0").at(resolution=224),
            "`stem.width` must be one of 16, 24 in space 'movinet_a2', got 8.",
        ),
    ):
        with pytest.raises(SpaceError) as refused:
            movinet.encode(foreign)
        assert str(refused.value).startswith(message)


def test_a_network_that_no_choice_excludes_is_still_compared(make_space):
    space = make_space(depth=(1, 2))
    network = space.decode((1,))
    (stage,) = network.stages
    cases = {
        "`activation` must be swish in space 'made', got relu6": replace(
            network, activation="relu6"
        ),
        "must have 1 stages, got 2": replace(network, stages=(stage, stage)),
        "`stage1.layer1.kernel` must be 1x3x3 in space 'made', got 3x3x3": replace(
            network,
            stages=(Stage(16, (*stage.layers[:1], Layer(16, Kernel(3, 3)))),),
        ),
        "`causal` must be False in space 'made', got True": replace(
            network, causal=True
        ),
    }
    for message, foreign in cases.items():
        with pytest.raises(SpaceError, match=message):
            space.encode(foreign)


def test_a_wrong_candidate_says_what_it_must_be(make_space):
    space = make_space(depth=(1, 2))
    with pytest.raises(SpaceError) as refused:
        space.decode((0, 0))
    assert str(refused.value) == (
        "A candidate of space 'made' must have 1 indices, got 2."
    )
    for index in (-1, 2):
        with pytest.raises(SpaceError) as refused:
            space.decode((index,))
        assert str(refused.value) == (
            "`stage1.depth` must have an index from 0 to 1 in space 'made', "
            f"got {index}."
        )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            {"depth": ()},
            "A choice must offer at least one option, got none.",
        ),
        (
            {"frames": (4, 2, 4)},
            "Options of a choice must differ, got (4, 2, 4).",
        ),
        ({"stages": 0}, "Space 'made' must have at least one stage."),
    ],
)
def test_a_space_without_sense_is_refused(make_space, options, message):
    with pytest.raises(SpaceError) as refused:
        make_space(**options)
    assert str(refused.value) == message


def test_widths_round_to_the_nearest_and_halves_go_up():
    # 0.75 x 24 = 18 -> 16: no 0.9 guard, as the released A2 has it
    assert Width(24, (0.75, 1.0, 1.25)).options == (16, 24, 32)
    # 12 and 20 lie halfway
    assert Width(16, (0.75, 1.25)).options == (16, 24)
    assert Width(16, (0.1,)).options == (8,)
    assert Width(10, (1.0, 1.25), round_to=1).options == (10, 13)


def test_expansions_are_times_the_base_width():
    stage = StageSpace(Width(96, (0.75, 1.25)), (1,), (Kernel(1, 3),), (1.67, 3.0))
    space = Space(
        name="one",
        clip=ClipSpace(4, 32),
        stem=StemSpace(Width(16)),
        stages=(stage,),
        head=HeadSpace(Width(8), 8),
    )
    # 1.67 x 96 = 160.3, whatever the width
    expand = space.choices[space.positions["stage1.layer0.expand"]]
    assert expand.options == (160, 288)


def test_only_decisions_become_choices(quickstart):
    assert isinstance(quickstart, Space)
    names = [choice.name for choice in quickstart.choices]
    assert "stage1.stride" not in names  # given, not offered
    assert "stage1.layer1.kernel" in names
    assert "stage1.layer2.kernel" not in names  # stage 1 has at most two layers
    assert len(set(names)) == len(names)
    assert [quickstart.positions[name] for name in names] == list(range(len(names)))
    assert all(len(choice.options) > 1 for choice in quickstart.choices)
