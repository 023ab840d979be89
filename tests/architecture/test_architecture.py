import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidnas.architecture import (
    ARCHITECTURE_SCHEMA,
    Head,
    Kernel,
    Layer,
    Stage,
    Stem,
    read_architecture,
)
from vidnas.architecture.kernel import nearest8, round8, strided
from vidnas.architecture.published import published, published_names
from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError, ShapeError
from vidnas.files.yaml_file import dump_document, load_document

GOLDEN = Path(__file__).parents[1] / "golden" / "arch_ids.json"
NETWORKS = [(name, False) for name in published_names()] + [
    (name, True) for name in published_names() if name.startswith("movinet")
]


def document_of(architecture):
    return {"schema": ARCHITECTURE_SCHEMA, **architecture.to_document()}


def read(document):
    return read_architecture(Node(document, Origin("architecture")))


@pytest.mark.parametrize(
    ("value", "nearest", "guarded"),
    [
        (1, 8, 8),  # never below 8
        (11.9, 8, 16),  # 8 is below 0.9 x 11.9 = 10.71
        (8.8, 8, 8),  # 8 is above 0.9 x 8.8 = 7.92
        (12, 16, 16),  # halves go up
        (18, 16, 24),  # 16 is below 0.9 x 18 = 16.2
        (17.7, 16, 16),  # 16 is above 0.9 x 17.7 = 15.93
        (20, 24, 24),
        (100, 104, 104),
        (83, 80, 80),  # 80 is above 74.7
    ],
)
def test_widths_are_rounded_to_multiples_of_8(value, nearest, guarded):
    assert nearest8(value) == nearest
    assert round8(value) == guarded


@pytest.mark.parametrize("value", np.random.default_rng(0).uniform(1, 999, 20))
def test_a_rounded_width_loses_at_most_a_tenth(value):
    assert round8(value) % 8 == 0
    assert round8(value) >= 0.9 * value
    assert round8(value) - value < 8 + 4


def test_a_stride_rounds_the_side_up():
    assert [strided(side, 2) for side in (8, 7, 1)] == [4, 4, 1]
    assert strided(7, 1) == 7


def test_a_kernel_is_read_as_it_is_written():
    kernel = Kernel.parse("5x3x3")
    assert kernel == Kernel(frames=5, side=3)
    assert kernel.taps == 45
    assert str(kernel) == "5x3x3"


@pytest.mark.parametrize(
    "text", ["", "3", "3x3", "4x3x3", "1x3x5", "3x2x2", "0x3x3", "-1x3x3", "3X3X3"]
)
def test_other_kernels_are_refused_with_an_example(text):
    with pytest.raises(ShapeError) as refused:
        Kernel.parse(text)
    assert str(refused.value) == (
        "A kernel must be odd FRAMESxSIDExSIDE with equal sides, such as `5x3x3`, "
        f"got `{text}`."
    )


CHANGES = {
    "frames": lambda a: a.at(frames=4),
    "resolution": lambda a: a.at(resolution=16),
    "frame stride": lambda a: replace(a, clip=replace(a.clip, frame_stride=2)),
    "stem width": lambda a: replace(a, stem=Stem(16)),
    "stem kernel": lambda a: replace(a, stem=replace(a.stem, kernel=Kernel(3, 3))),
    "stem stride": lambda a: replace(a, stem=replace(a.stem, stride=1)),
    "stem temporal": lambda a: replace(a, stem=replace(a.stem, temporal=5)),
    "stage width": lambda a: replace(a, stages=(Stage(16, a.stages[0].layers),)),
    "depth": lambda a: replace(a, stages=(Stage(8, a.stages[0].layers[:1]),)),
    "order": lambda a: replace(a, stages=(Stage(8, a.stages[0].layers[::-1]),)),
    "kernel": lambda a: with_first_layer(a, kernel=Kernel(1, 3)),
    "expansion": lambda a: with_first_layer(a, expand_width=24),
    "stride": lambda a: with_first_layer(a, stride=1),
    "squeeze-excite": lambda a: with_first_layer(a, squeeze_excite=0),
    "head": lambda a: replace(a, head=Head(24, 8)),
    "hidden": lambda a: replace(a, head=Head(16, 16)),
    "hidden bias": lambda a: replace(a, head=Head(16, 8, hidden_bias=False)),
    "block": lambda a: replace(a, block="x3d"),
    "activation": lambda a: replace(a, activation="relu6"),
    "convolution": lambda a: replace(a, convolution="2plus1d"),
    "causal": lambda a: replace(a, causal=True),
    "positions": lambda a: replace(a, positional_encoding=True),
}


def with_first_layer(architecture, **changes):
    (stage,) = architecture.stages
    layers = (replace(stage.layers[0], **changes), *stage.layers[1:])
    return replace(architecture, stages=(Stage(stage.width, layers),))


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_the_computation_changes_the_identity(small, change):
    assert CHANGES[change](small).arch_id != small.arch_id


def test_different_changes_have_different_identities(small):
    identities = {change(small).arch_id for change in CHANGES.values()}
    assert len(identities) == len(CHANGES)


def test_stage_boundaries_do_not_change_the_identity(small):
    (stage,) = small.stages
    split = replace(small, stages=tuple(Stage(8, (layer,)) for layer in stage.layers))
    assert split != small
    assert split.arch_id == small.arch_id


def test_identities_stay_what_journals_already_hold():
    # Regenerate with the command that the file names, and only on purpose.
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))["arch_ids"]
    assert golden == {
        f"{name} stream" if stream else name: published(name, stream=stream).arch_id
        for name, stream in NETWORKS
    }


@pytest.mark.parametrize(("name", "stream"), NETWORKS)
def test_reading_a_written_network_returns_it(name, stream):
    network = published(name, stream=stream)
    assert read(document_of(network)) == network


def test_a_network_survives_its_file(write):
    network = published("movinet-a3", stream=True)
    document = {"arch_id": network.arch_id, **document_of(network)}
    path = write(dump_document(document))
    assert read_architecture(load_document(path)) == network


def test_an_edited_network_is_refused_on_the_line_of_its_identity(small, write):
    document = {**document_of(small), "arch_id": small.arch_id}
    text = dump_document(document).replace("expand: 16", "expand: 24", 1)
    path = write(text)
    line = 1 + [x.startswith("arch_id") for x in text.splitlines()].index(True)
    edited = with_first_layer(small, expand_width=24)
    with pytest.raises(InputError) as refused:
        read_architecture(load_document(path))
    assert str(refused.value) == (
        f"{path}, line {line}: `arch_id` must be {edited.arch_id}, the network "
        f"described here, got `{small.arch_id}`. Was the file edited? Then remove the "
        "line."
    )


def test_what_a_family_file_adds_is_not_part_of_the_network(small):
    found = {"cost": {"flops": 1}, "measured": {"top1": 9.0}, "found": {"trial": 3}}
    assert read({**document_of(small), **found}) == small


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"block": "vgg"},
            "`block` must be one of movinet, x3d, mobilenet, resnet, got `vgg`.",
        ),
        (
            {"activation": "gelu"},
            "`activation` must be one of swish, hard_swish, relu, relu6, got `gelu`.",
        ),
        (
            {"convolution": "2d"},
            "`convolution` must be one of 3d, 2plus1d, got `2d`.",
        ),
        ({"stages": ()}, "`number of stages` must be at least 1, got 0."),
        ({"stages": (Stage(8, ()),)}, "`stage 1 depth` must be at least 1, got 0."),
        ({"stem": Stem(0)}, "`stem.width` must be at least 1, got 0."),
        ({"stem": Stem(8, stride=0)}, "`stem.stride` must be at least 1, got 0."),
        ({"head": Head(8, -1)}, "`head.hidden_width` must be at least 0, got -1."),
    ],
)
def test_an_impossible_network_says_what_must_hold(small, change, message):
    with pytest.raises(ShapeError) as refused:
        replace(small, **change)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("layer", "what"),
    [
        (Layer(0, Kernel(1, 3)), "expand_width"),
        (Layer(8, Kernel(1, 3), stride=0), "stride"),
    ],
)
def test_every_layer_is_checked_not_the_last_alone(small, layer, what):
    good = small.stages[0].layers[1]
    with pytest.raises(ShapeError) as refused:
        replace(small, stages=(Stage(8, (layer, good)),))
    assert str(refused.value) == (
        f"`stage 1 layer 0 {what}` must be at least 1, got 0."
    )


def test_placed_layers_know_their_sizes(small):
    first, second = small.placed_layers()
    # 8 x 8 clips, halved by the stem and by the first layer.
    assert (first.name, first.in_width, first.out_width) == ("stage1.layer0", 8, 8)
    assert (first.in_side, first.out_side) == (4, 2)
    assert (second.in_side, second.out_side) == (2, 2)
    assert not first.keeps_shape
    assert second.keeps_shape
    assert small.depth == 2


def test_another_clip_shape_leaves_the_rest(small):
    moved = small.at(frames=5, resolution=12)
    assert (moved.clip.frames, moved.clip.resolution) == (5, 12)
    assert moved.at(2, 8) == small
    assert small.at() == small
    assert small.at(frames=5).clip.resolution == small.clip.resolution


def test_the_streaming_twin_is_causal_and_keeps_every_width(small):
    twin = small.streaming()
    assert twin.causal
    assert (twin.activation, twin.convolution) == ("hard_swish", "2plus1d")
    first, second = twin.stages[0].layers
    # round8(16 / 2) = 8 where there was squeeze-excite, none where there was none
    assert (first.squeeze_excite, second.squeeze_excite) == (8, 0)
    assert [p.out_width for p in twin.placed_layers()] == [8, 8]
    assert twin.clip == small.clip
    assert twin.streaming() == twin
