"""Networks as strips: every block is there, to scale, and differences are marked."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

import vidnas
from vidnas.architecture.kernel import Kernel
from vidnas.architecture.published.catalogue import published, published_names
from vidnas.errors import InputError, ShapeError
from vidnas.views.drawings.blocks import blocks_of
from vidnas.views.drawings.colours import colour
from vidnas.views.drawings.drawing import MARK, Drawing, draw
from vidnas.views.drawings.scale import Scale

SVG = "{http://www.w3.org/2000/svg}"


def with_first_layer(network, **changes):
    stage = network.stages[0]
    layers = (replace(stage.layers[0], **changes), *stage.layers[1:])
    return replace(network, stages=(replace(stage, layers=layers), *network.stages[1:]))


def titles(svg):
    """What the blocks say when pointed at, bars left out."""
    found = [one.text for one in ET.fromstring(svg).iter(f"{SVG}title")][1:]
    return [title for title in found if " out" in title]


@pytest.mark.parametrize("name", published_names())
def test_every_block_of_a_published_network_is_drawn_and_said(name):
    network = published(name)
    svg = draw(network, names=[name]).svg
    assert "NaN" not in svg
    assert [t.split(":")[0] for t in titles(svg) if t.startswith("stage")] == [
        placed.name for placed in network.placed_layers()
    ]
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert root.find(f"{SVG}title").text == f"{name}, drawn a block a layer"
    assert name in root.find(f"{SVG}desc").text
    # Nothing stands outside the paper; blocks begin right of the names of the rows.
    wide = float(root.get("width"))
    for one in root.iter(f"{SVG}rect"):
        assert 0 <= float(one.get("x")) + float(one.get("width")) <= wide


def test_a_block_is_as_high_as_the_root_of_its_channels_and_as_long_as_its_frames():
    blocks = blocks_of(published("r2plus1d-18"))
    scale = Scale.of([blocks], height=100)
    # the widest layer has 512 channels; a quarter of them is half as high
    assert scale.tall(512) == 100
    assert scale.tall(128) == 50
    # 16 frames at first, 8 after the first stride in time
    assert scale.long(8) == scale.long(16) / 2
    assert scale.ticks() == [256, 64, 16]


def test_a_kernel_has_one_colour_everywhere_and_no_other_kernel_has_it():
    kernels = [Kernel(t, s) for t in (1, 3, 5, 7) for s in (1, 3, 5, 7)]
    assert len({colour(kernel) for kernel in kernels}) == len(kernels)
    first, second = (draw(published(name)).svg for name in ("movinet-a0", "x3d-s"))
    assert colour(Kernel(3, 3)) in first
    assert colour(Kernel(3, 3)) in second


def test_squeeze_excite_and_strides_are_marked_where_they_are():
    network = published("movinet-a0")
    strip = draw(network).svg.partition("squeeze-excite</text>")[0]
    excited = sum(layer.squeeze_excite > 0 for layer in network.layers)
    assert strip.count("<circle") == excited + 1  # and one in the legend
    strided = sum(layer.stride > 1 for layer in network.layers)
    assert draw(network).svg.count(">/2</text>") == strided + 2  # the stem, the legend
    assert "t/2" not in draw(network).svg
    assert "t/2" in draw(published("r3d-18")).svg


def test_of_two_networks_only_what_differs_is_framed_and_listed():
    network = published("movinet-a0")
    other = with_first_layer(network, kernel=Kernel(5, 3))
    both = draw(network, other, names=["one", "other"])
    assert both.differences == {"stage1.layer0": "kernel 1x5x5 -> 5x3x3"}
    assert both.svg.count('class="vn-line" fill="none"') == 3  # twice, and the legend
    assert "stage1.layer0: kernel 1x5x5 -&gt; 5x3x3" in both.svg
    assert "stroke-dasharray" not in both.svg
    same = draw(network, network)
    assert same.differences == {}
    assert "Both are the same network." in same.svg


def test_layers_that_the_other_network_lacks_have_dashed_frames():
    both = draw(published("movinet-a0"), published("movinet-a1"))
    assert both.svg.count("stroke-dasharray") == 24 - 15 + 1  # layers, and the legend
    assert "and at 8 further places" in both.svg


def test_any_name_is_only_text():
    svg = draw(published("movinet-a0"), names=["<script>&\x1b"]).svg
    assert "<script>" not in svg
    assert ET.fromstring(svg).find(f"{SVG}title").text.startswith("<script>&\\x1b")


def test_a_drawing_loads_nothing_and_is_light_on_paper():
    svg = draw(published("movinet-a5")).svg
    assert "href" not in svg
    assert "url(" not in svg
    assert "@media screen and (prefers-color-scheme:dark)" in svg
    assert svg.count("http") == 1  # the name space
    assert len(svg) < 60_000


def test_a_drawing_needs_architectures_and_a_name_for_each():
    network = published("movinet-a0")
    with pytest.raises(InputError, match="at least one network, got none"):
        Drawing({})
    with pytest.raises(InputError, match="`names` must be 1 different ones, got a, b"):
        draw(network, names=["a", "b"])
    with pytest.raises(ShapeError, match="must be an Architecture, got `movinet-a0`"):
        vidnas.draw("movinet-a0")


def test_a_drawing_is_saved_as_a_file_that_says_whose_it_is(tmp_path):
    path = tmp_path / "a0.svg"
    vidnas.draw(published("movinet-a0")).save(path)
    assert MARK in path.read_text(encoding="utf-8")[:200]
