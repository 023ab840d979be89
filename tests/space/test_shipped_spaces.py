"""What holds of every file in search_spaces/, and what each is there for."""

import re
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from vidnas.architecture import Kernel
from vidnas.architecture.published import published
from vidnas.documents.node import Node, Origin
from vidnas.files.loading import load_space
from vidnas.files.yaml_file import dump_document, load_document
from vidnas.space import (
    ClipSpace,
    HeadSpace,
    Name,
    Options,
    Space,
    StageSpace,
    StemSpace,
    Width,
    read_space,
    round8_of,
    same,
    where,
)
from vidnas.space.language.abbreviation import abbreviate
from vidnas.space.language.expression import call
from vidnas.space.language.scaling import AXES

HOLDS = {
    **{f"movinet_a{n}": [f"movinet-a{n}"] for n in range(6)},
    "x3d": ["x3d-xs", "x3d-s", "x3d-m", "x3d-l", "x3d-xl"],
    "frame_based": [
        "mobilenetv3-small",
        "mobilenetv3-large",
        "mobilenetv3-small-tsm",
        "mobilenetv3-large-tsm",
    ],
}


def load(root, name):
    return load_space(root / "search_spaces" / f"{name}.yaml")


def test_candidates_return_and_stay_canonical(shipped):
    _, space = shipped
    rng = np.random.default_rng(0)
    first, second = space.sample(rng), space.sample_coherent(rng)
    mutated, crossed = space.mutate(first, rng), space.cross(first, second, rng)
    for candidate in (first, second, mutated, crossed):
        assert space.encode(space.decode(candidate)) == candidate
        assert space.canonical(candidate) == candidate
        assert space.meets(candidate)
    assert space.decode(mutated).arch_id != space.decode(first).arch_id
    anything = [int(rng.integers(len(c.options))) for c in space.choices]
    once = space.canonical(anything)
    assert space.canonical(once) == once
    assert space.decode(anything) == space.decode(once)


def test_a_file_survives_reading_and_writing(shipped, write):
    _, space = shipped
    read = read_space(Node(space.to_document(), Origin("document")))
    assert read.space_hash == space.space_hash
    text = dump_document(space.to_document())
    loaded = load_space(write(text))
    assert loaded.space_hash == space.space_hash
    assert dump_document(loaded.to_document()) == text


def test_a_file_opens_with_what_it_is_and_its_exact_size(shipped):
    path, space = shipped
    text = path.read_text(encoding="utf-8")
    comment = " ".join(re.findall(r"^# (.*)", text.split("schema:")[0], re.MULTILINE))
    assert load_document(path).need("name").text() == path.stem
    (said,) = re.findall(r"Size: ([\d,.e+]+) candidates\. FLOPs: ", comment)
    count = str(space.count())
    rounded = f"{count[0]}.{count[1:3]}e+{len(count) - 1}"
    assert said == (rounded if len(count) > 9 else f"{int(count):,}")


@pytest.mark.parametrize(("name", "held"), HOLDS.items(), ids=HOLDS)
def test_released_networks_are_found(root, name, held):
    space = load(root, name)
    networks = [published(network) for network in held]
    if name.startswith("movinet"):
        networks += [published(network, stream=True) for network in held]
    for network in networks:
        assert space.decode(space.encode(network)) == network


@pytest.mark.parametrize("size", [0, 1, 3, 4, 5])
def test_a_scaled_space_is_that_of_a2_times_its_coefficients(root, size):
    path = root / "search_spaces" / f"movinet_a{size}.yaml"
    text = path.read_text(encoding="utf-8").replace("\n#", "")
    (said,) = re.findall(r"`scaled\(([^)]*)\)`", text)
    coefficients = {k: float(v) for k, v in re.findall(r"(\w+)=([\d.]+)", said)}
    assert tuple(coefficients) == AXES
    scaled, space = load(root, "movinet_a2").scaled(**coefficients), load_space(path)
    rng = np.random.default_rng(size)
    for _ in range(5):
        network = scaled.decode(scaled.sample(rng))
        # Streams of large networks know the time; scaling leaves that as it was.
        encoded = network.causal and size >= 3
        space.encode(replace(network, positional_encoding=encoded))


def test_the_mobile_space_is_quantisable(root):
    space = load(root, "movinet_mobile")
    rng = np.random.default_rng(0)
    for network in (space.decode(space.sample(rng)) for _ in range(20)):
        assert network.causal
        assert (network.activation, network.convolution) == ("relu6", "2plus1d")
        assert not any(layer.squeeze_excite for layer in network.layers)
        assert not any(layer.activation for layer in network.layers)


def test_frame_based_networks_stride_by_32_and_last_ten_seconds(root):
    space = load(root, "frame_based")
    rng = np.random.default_rng(0)
    networks = [space.decode(space.sample(rng)) for _ in range(50)]
    assert {len(network.stages) for network in networks} == {5, 6}
    for network in networks:
        strides = [layer.stride for layer in network.layers]
        assert np.prod([network.stem.stride, *strides]) == 32
        assert 240 <= network.clip.frames * network.clip.frame_stride <= 250


def test_the_factors_of_x3d_are_tied(root):
    space = load(root, "x3d")
    rng = np.random.default_rng(0)
    for network in (space.decode(space.sample(rng)) for _ in range(50)):
        widths = [stage.width for stage in network.stages]
        first = [stage.layers[0].expand_width for stage in network.stages]
        ratios = [inner / width for inner, width in zip(first, widths, strict=True)]
        assert max(ratios) - min(ratios) < 1 / 8  # of whole channels
        assert network.stem.width == widths[0]
        assert all(low < high for low, high in pairwise(widths))
        for stage in network.stages:
            hidden = [layer.squeeze_excite > 0 for layer in stage.layers]
            assert hidden == [n % 2 == 0 for n in range(len(hidden))]
            assert len({layer.kernel for layer in stage.layers}) == 1


def kernels(*texts):
    return tuple(map(Kernel.parse, texts))


def movinet_mobile():
    multipliers = (0.5, 0.75, 1.0)
    block2 = StageSpace(
        Width(24, multipliers),
        depth=tuple(range(1, 6)),
        kernel=kernels("1x3x3", "1x5x5", "3x3x3", "5x3x3"),
        expand=(1.5, 2.0, 2.5, 3.0, 4.0),
        stride=2,
        squeeze_excite=False,
        name="block2",
    )
    block4 = replace(
        block2,
        width=Width(96, multipliers),
        depth=tuple(range(1, 8)),
        name="block4",
    )
    return Space(
        name="mine",
        clip=ClipSpace(
            (16, 32, 50),
            (128, 144, 160, 172, 192, 224),
            call("//", 250, Name("clip.frames")),
        ),
        stem=StemSpace(Width(16, (0.5, 1.0))),
        stages=(
            block2,
            replace(block2, width=Width(48, multipliers), name="block3"),
            block4,
            replace(block4, stride=1, name="block5"),
            replace(block4, width=Width(192, multipliers), name="block6"),
        ),
        head=HeadSpace(Width(512, multipliers), (512, 1024, 2048)),
        activation="relu6",
        convolution="2plus1d",
        causal=True,
    )


def x3d():
    gamma_w, gamma_b, gamma_d = map(Name, ("gamma_w", "gamma_b", "gamma_d"))

    def stage(base, repeats):
        return StageSpace(
            width=round8_of(base * gamma_w),
            depth=call("ceil", repeats * gamma_d),
            kernel=Options(kernels("1x3x3", "3x3x3", "5x3x3", "3x5x5"), per="stage"),
            stride=2,
            squeeze_excite=same(Name("layer") % 2, 0),
            expand_width=call("floor", gamma_b * Name("width")),
            squeeze_ratio=0.0625,
        )

    return Space(
        name="mine",
        block="x3d",
        clip=ClipSpace(
            (4, 8, 13, 16, 32), (112, 160, 192, 224, 256, 312), (2, 5, 6, 12)
        ),
        stem=StemSpace(round8_of(12 * gamma_w), temporal=5),
        stages=(stage(12, 1), stage(24, 2), stage(48, 5), stage(96, 3)),
        head=HeadSpace(
            call("floor", gamma_b * Name("stage4.width")), 2048, hidden_bias=False
        ),
        named={
            "gamma_w": (1.0, 1.5, 2.0, 2.5, 2.9),
            "gamma_b": (1.0, 1.5, 2.25, 3.0),
            "gamma_d": (1.0, 1.5, 2.2, 3.0, 4.0, 5.0),
        },
    )


def frame_blind():
    def stage(base, multipliers, depth, stride):
        return StageSpace(
            Width(base, multipliers),
            depth,
            kernels("1x3x3", "1x5x5"),
            (1.0, 1.5, 2.0),
            stride,
            squeeze_excite=(False, True),
        )

    return Space(
        "mine",
        ClipSpace((4, 8), (16, 24, 32), 2),
        StemSpace(Width(16, (0.5, 1.0))),
        (
            stage(16, (0.5, 1.0, 1.5), (1, 2), 1),
            stage(24, (0.67, 1.0, 1.33), (1, 2, 3), 2),
            stage(32, (0.75, 1.0, 1.5), (1, 2, 3), 2),
        ),
        HeadSpace(Width(64, (0.5, 1.0, 1.5)), 64),
    )


def movinet_a2():
    stream = Name("stream")
    block2 = StageSpace(
        Width(24, (0.75, 1.0, 1.25)),
        tuple(range(1, 11)),
        kernels("1x3x3", "1x5x5", "1x7x7", "5x1x1", "7x1x1", "3x3x3", "5x3x3"),
        (1.5, 1.67, 2.0, 2.5, 3.0, 3.5, 4.0),
        stride=2,
        name="block2",
    )
    others = [("block3", 48, 2), ("block4", 96, 2), ("block5", 96, 1)]
    return Space(
        "mine",
        ClipSpace(50, 224, 5),
        StemSpace(Width(16, (0.75, 1.0, 1.25))),
        (
            block2,
            *(
                replace(
                    block2,
                    name=name,
                    width=Width(base, (0.75, 1.0, 1.25)),
                    stride=stride,
                )
                for name, base, stride in [*others, ("block6", 192, 2)]
            ),
        ),
        HeadSpace(Width(512, (0.75, 1.0, 1.25)), 2048),
        activation=where(stream, "hard_swish", "swish"),
        convolution=where(stream, "2plus1d", "3d"),
        causal=stream,
        named={"stream": (False, True)},
    )


@pytest.mark.parametrize("write_out", [movinet_mobile, x3d, frame_blind, movinet_a2])
def test_python_and_yaml_make_the_same_space(root, write_out):
    made = write_out()
    loaded = load(root, write_out.__name__)
    assert made.space_hash == loaded.space_hash
    assert Space(replace(made.declaration, name=loaded.name)) == loaded
    candidate = loaded.sample(np.random.default_rng(0))
    assert made.decode(candidate) == loaded.decode(candidate)


def test_an_abbreviated_document_is_the_same_space(shipped):
    _, space = shipped
    document = space.to_document()
    short = abbreviate(document)
    assert short.keys() == document.keys()
    assert read_space(Node(short, Origin("document"))).space_hash == space.space_hash


def test_ranges_and_likeness_abbreviate(root):
    short = abbreviate(load(root, "movinet_a2").to_document())["stages"]
    assert short[0]["depth"] == {"from": 1, "to": 10}
    assert short[3] == {"name": "block5", "like": "block4", "stride": 1}
    # Too few depths for a range; stages unlike in all but stride and squeeze-excite.
    plain = load(root, "frame_blind").to_document()["stages"]
    assert abbreviate({"stages": plain})["stages"][0] == plain[0]
