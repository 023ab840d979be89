import math

import numpy as np
import pytest

from vidnas.architecture import Kernel
from vidnas.budgets import draw_coefficients
from vidnas.budgets.scaling_search import median_flops
from vidnas.errors import SpaceError
from vidnas.space import (
    ClipSpace,
    HeadSpace,
    Name,
    Space,
    StageSpace,
    StemSpace,
    Width,
    choice,
)
from vidnas.space.language.expression import Constant, call


def stage(**places):
    given = {"width": Width(96), "depth": 2, "kernel": Kernel(1, 3), "expand": 2.0}
    return StageSpace(**(given | places))


def space_of(*stages, frames=50, resolution=224, frame_stride=5, head=512, **more):
    return Space(
        name="one",
        clip=ClipSpace(frames, resolution, frame_stride),
        stem=StemSpace(Width(16)),
        stages=stages or (stage(),),
        head=HeadSpace(head, hidden=2048),
        **more,
    )


def depths(space):
    return space.to_document()["stages"][0]["depth"]


def test_the_clips_of_the_published_family_come_out():
    # frames, resolution and frame stride of A0, A2, A3, A4 and A5
    for frames, resolution, clip in (
        (1.0, 0.768, (50, 172, 5)),  # 0.768 x 224 = 172.03
        (1.0, 1.0, (50, 224, 5)),
        (2.4, 1.143, (120, 256, 2)),  # 5 / 2.4 = 2.08
        (1.6, 1.295, (80, 290, 3)),  # 290.08; 5 / 1.6 = 3.1
        (2.4, 1.429, (120, 320, 2)),
    ):
        scaled = space_of().scaled(frames=frames, resolution=resolution)
        network = scaled.decode(()).clip
        assert (network.frames, network.resolution, network.frame_stride) == clip


def test_base_widths_are_rounded_before_their_multipliers():
    scaled = space_of(stage(width=Width(96, (0.75, 1.0)))).scaled(width=1.1625)
    # 1.1625 x 96 = 111.6 -> 112; 0.75 x 112 = 84 -> 88
    assert scaled.declaration.stages[0].width == Width(112, (0.75, 1.0))
    assert [s.width for s in (scaled.decode((i,)).stages[0] for i in (0, 1))] == [
        88,
        112,
    ]
    # 1.1625 x 16 = 18.6 -> 16; 1.1625 x 512 = 595.2 -> 595, whole where it stood bare
    assert scaled.declaration.stem.width == Width(16)


@pytest.mark.parametrize(
    ("given", "factor", "wanted"),
    [
        ((1, 2, 3, 4), 0.5, [1, 2]),  # 0.5 and 2
        ((1, 2, 3, 4), 2.0, [2, 3, 4, 5, 6, 7, 8]),  # a range has no gaps
        ((4, 3, 2, 1), 1.5, [6, 5, 4, 3, 2]),  # 1.5 goes up
        ((1, 2, 4), 2.0, [2, 4, 8]),  # a list keeps its gaps
        ((1, 2, 4), 0.25, 1),
        (3, 1.3, 4),  # 3.9
    ],
)
def test_depths_are_at_least_one(given, factor, wanted):
    assert depths(space_of(stage(depth=given)).scaled(depth=factor)) == wanted


def test_computed_places_are_scaled_once():
    m = choice("m", (1.0, 2.0))
    first = stage(width=24 * m, depth=call("ceil", 2 * m), name="first")
    second = stage(
        width=Name("first.width") * 2,
        expand=None,
        expand_width=call("floor", 2.25 * Name("width")),
    )
    space = space_of(first, second, head=Name("first.width") * 4)
    # 24 x 1.5 = 36 -> 40 and 48 x 1.5 = 72, multiples of 8
    for index, width, depth in ((0, 40, 3), (1, 72, 6)):
        network = space.scaled(width=1.5, depth=1.5).decode((index,))
        assert [s.width for s in network.stages] == [width, 2 * width]
        assert network.stages[0].layers[0].expand_width == 2 * width
        assert network.stages[1].layers[0].expand_width == math.floor(4.5 * width)
        assert network.head.project_width == 4 * width
        assert len(network.stages[0].layers) == depth


def test_what_is_left_out_stays_out():
    flat = choice("flat", (False, True))
    head = call("if", flat, 0, 512)
    space = space_of(head=head).scaled(width=1.5)
    assert [space.decode((i,)).head.project_width for i in (0, 1)] == [768, 0]
    assert space_of(head=0).scaled(width=2.0).declaration.head.width == Constant(0)
    listed = space_of(head=(0, 64)).scaled(width=2.0)
    assert [listed.decode((i,)).head.project_width for i in (0, 1)] == [0, 128]


def test_a_stride_between_frames_that_is_computed_follows_the_frames():
    frames = Name("clip.frames")
    space = space_of(frames=(10, 50), frame_stride=call("//", 250, frames))
    clips = [space.scaled(frames=2.0).decode((i,)).clip for i in (0, 1)]
    assert [(c.frames, c.frame_stride) for c in clips] == [(20, 12), (100, 2)]


def test_no_scaling_is_the_same_space(space):
    assert space.scaled() == space
    assert space.scaled().space_hash == space.space_hash


def test_scaling_every_axis_makes_every_space_larger(space):
    larger = space.scaled(width=1.5, depth=1.5, resolution=1.5, frames=2.0)
    assert larger.space_hash != space.space_hash
    rng = np.random.default_rng(0)
    assert median_flops(larger, rng, 64) > 2 * median_flops(space, rng, 64)


@pytest.mark.parametrize("factor", [0.0, -1.0, math.inf, math.nan])
def test_a_factor_must_be_above_zero(factor):
    with pytest.raises(SpaceError) as refused:
        space_of().scaled(depth=factor)
    assert str(refused.value) == f"`depth` must be a factor above 0, got {factor}."


@pytest.mark.slow
def test_random_search_meets_a_target_from_both_sides(quickstart):
    rng = np.random.default_rng(0)
    usual = median_flops(quickstart, rng, 1000, classes=8)
    for factor in (0.5, 4.0):
        target = factor * usual
        found = draw_coefficients(quickstart, target, rng, draws=16, classes=8)
        off = [abs(math.log(one.flops / target)) for one in found]
        assert off == sorted(off)
        assert off[0] < 0.2


def test_given_coefficients_are_not_drawn(quickstart):
    rng = np.random.default_rng(1)
    fixed = {"frames": 1.0, "width": 1.25}
    for one in draw_coefficients(quickstart, 1e8, rng, draws=4, fixed=fixed):
        assert one.coefficients.frames == 1.0
        assert one.coefficients.width == 1.25
    every = dict.fromkeys(("width", "depth", "resolution", "frames"), 1.0)
    with pytest.raises(SpaceError, match=r"^A coefficient must be left to draw, all"):
        draw_coefficients(quickstart, 1e8, rng, draws=4, fixed=every)
