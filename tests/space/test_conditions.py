"""Small spaces with every kind of condition, against trying everything."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from vidnas.architecture.kernel import Kernel
from vidnas.architecture.parts import Stage
from vidnas.documents.node import Node, Origin
from vidnas.errors import PlacedError, SpaceError
from vidnas.space.language.declaration import (
    ClipSpace,
    HeadSpace,
    StageSpace,
    StemSpace,
)
from vidnas.space.language.expression import Name, same, where
from vidnas.space.language.options import Options, Width, choice
from vidnas.space.reading import read_space
from vidnas.space.space import Space

TWO = (Kernel(1, 3), Kernel(3, 3))
LONG = choice("long", (False, True))
WIDE = choice("wide", (1.0, 2.0))
STREAM = choice("stream", (False, True))


def stage(width=16, depth=1, kernel=TWO[0], expand=1.0, **places):
    return StageSpace(width, depth, kernel, expand, squeeze_excite=False, **places)


def space_of(*stages, **more):
    return Space(
        name="small",
        clip=ClipSpace(2, 8),
        stem=StemSpace(Width(8)),
        stages=stages,
        head=HeadSpace(16, 8),
        **more,
    )


# A stage of one or two layers that only long networks have.
LEFT_OUT = stage(
    width=Options((24, 32), when=LONG),
    depth=where(LONG, Name("layers"), 0),
    kernel=TWO,
    choices={"layers": Options((1, 2), when=LONG)},
)
CASES = {
    # 1 wide x 2, shared by both stages
    "tied": (space_of(stage(16 * WIDE), stage(8 * WIDE)), 2),
    # clip: 1; stream: 2 convolutions
    "when": (
        space_of(
            stage(kernel=TWO[1]),
            causal=STREAM,
            convolution=Options(("3d", "2plus1d"), when=STREAM),
        ),
        1 + 2,
    ),
    # depths 1 to 3 of two kernels: 2 + 4 + 8
    "gates": (space_of(stage(depth=(1, 2, 3), kernel=TWO)), 14),
    # 1 to 3 layers twice, the second at least as deep: (1, 1..3), (2, 2..3), (3, 3)
    "rule": (
        space_of(
            stage(depth=(1, 2, 3)),
            stage(width=24, depth=(1, 2, 3)),
            rules={"deeper": Name("stage2.depth") >= Name("stage1.depth")},
        ),
        6,
    ),
    # the rule allows wide networks long ones only: of (wide, long), three
    "rule over tied choices": (
        space_of(
            stage(16 * WIDE, where(LONG, 2, 1)),
            stage(8 * WIDE),
            rules={"wide_is_long": same(WIDE, 1.0) | LONG},
        ),
        3,
    ),
    # without the stage 1; with it 2 widths x (2 + 4)
    "a stage left out": (space_of(stage(), LEFT_OUT, stage(40)), 1 + 2 * 6),
    # all together; times wide 2 x (clip 1 + stream 2)
    "everything": (
        space_of(
            stage(16 * WIDE, kernel=TWO[1]),
            LEFT_OUT,
            stage(40),
            causal=STREAM,
            convolution=Options(("3d", "2plus1d"), when=STREAM),
            rules={"narrow": ~LONG | same(WIDE, 1.0)},
        ),
        # short: wide 2; long: wide 1, 12 stages
        (2 * 1 + 1 * 12) * 3,
    ),
}


@pytest.fixture(params=CASES)
def case(request):
    return CASES[request.param]


def test_the_count_is_that_of_trying_everything(case):
    space, by_hand = case
    vectors = product(*(range(len(choice.options)) for choice in space.choices))
    candidates = {space.canonical(vector) for vector in vectors}
    candidates = {candidate for candidate in candidates if space.meets(candidate)}
    assert space.count() == by_hand == len(candidates)
    networks = {space.decode(candidate) for candidate in candidates}
    assert len({network.arch_id for network in networks}) == by_hand
    for candidate in candidates:
        assert space.encode(space.decode(candidate)) == candidate


def test_candidates_of_conditions_mutate_and_cross(case):
    space, _ = case
    rng = np.random.default_rng(0)
    for _ in range(20):
        first, second = space.sample(rng), space.sample(rng)
        for made in (space.mutate(first, rng), space.cross(first, second, rng)):
            assert space.canonical(made) == made
            assert space.meets(made)
            assert space.encode(space.decode(made)) == made


def test_spaces_of_conditions_survive_their_documents(case):
    space, _ = case
    read = read_space(Node(space.to_document(), Origin("document")))
    assert read.space_hash == space.space_hash
    assert read.to_document() == space.to_document()


def test_a_stage_may_be_left_out():
    space, _ = CASES["a stage left out"]
    assert [choice.name for choice in space.choices][:3] == [
        "long",
        "stage2.layers",
        "stage2.width",
    ]
    whole, network = space.decode((1, 0, 0, 0, 0)), space.decode((0, 0, 0, 0, 0))
    assert [s.width for s in whole.stages] == [16, 24, 40]
    assert network == replace(whole, stages=(whole.stages[0], whole.stages[2]))
    with pytest.raises(SpaceError) as refused:
        space.encode(replace(network, stages=network.stages[:1]))
    assert str(refused.value) == (
        "An architecture of space 'small' must have 2 to 3 stages, got 1."
    )
    # Three stages, but the second is none of those offered.
    foreign = Stage(56, network.stages[0].layers)
    stages = (network.stages[0], foreign, network.stages[1])
    with pytest.raises(SpaceError, match=r"`stage2.width` must be one of 24"):
        space.encode(replace(network, stages=stages))


def test_choices_of_a_stage_that_may_be_left_out_say_when_they_hold():
    optional = stage(width=(24, 32), depth=where(LONG, 1, 0))
    with pytest.raises(PlacedError) as refused:
        space_of(stage(), optional)
    assert str(refused.value) == (
        "`stage2.width` must have a `when`, since some candidates leave its stage out."
    )
    assert refused.value.path == ("stages", 1, "width")


def test_activations_and_convolutions_of_stages_are_found():
    space = space_of(
        stage(kernel=TWO[1], activation=("relu", "swish")),
        stage(kernel=TWO[1], convolution=("3d", "2plus1d")),
        activation=("swish", "hard_swish"),
    )
    networks = {}
    for candidate in product(range(2), repeat=3):
        network = space.decode(candidate)
        networks[network.arch_id] = candidate
        assert space.encode(network) == candidate
    assert len(networks) == 8


def test_the_hash_covers_the_order_of_named_choices():
    names = {"first": (1, 2), "second": (1, 2)}
    depths = stage(depth=Name("first")), stage(24, depth=Name("second"))
    one = space_of(*depths, named=names)
    other = space_of(*depths, named=dict(reversed(names.items())))
    assert [c.name for c in one.choices] != [c.name for c in other.choices]
    assert one.space_hash != other.space_hash


def test_a_whole_network_cannot_be_left_out():
    with pytest.raises(PlacedError) as refused:
        space_of(stage(depth=where(LONG, 1, 0)))
    assert str(refused.value) == (
        "A space must have a stage that no candidate leaves out, got none."
    )
