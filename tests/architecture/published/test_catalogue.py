import pytest

from vidnas.architecture.published import published, published_names
from vidnas.errors import InputError


def test_the_families_are_listed_by_size():
    assert published_names() == (
        "movinet-t0",
        *(f"movinet-a{size}" for size in range(6)),
        *(f"x3d-{size}" for size in ("xs", "s", "m", "l", "xl")),
        "mobilenetv3-small",
        "mobilenetv3-small-tsm",
        "mobilenetv3-large",
        "mobilenetv3-large-tsm",
        "r3d-18",
        "r2plus1d-18",
    )


@pytest.mark.parametrize(
    ("name", "frames", "frame_stride", "resolution", "depth"),
    [
        # Layers: 1 + 3 + 3 + 4 + 4, input of the released configuration.
        ("movinet-a0", 50, 5, 172, 15),
        ("movinet-a2", 50, 5, 224, 3 + 5 + 5 + 6 + 7),
        ("movinet-a5", 120, 2, 320, 6 + 11 + 13 + 11 + 18),
        ("x3d-m", 16, 5, 224, 3 + 5 + 11 + 7),
    ],
)
def test_a_published_network_has_its_clip_and_depth(
    name, frames, frame_stride, resolution, depth
):
    network = published(name)
    clip = network.clip
    assert (clip.frames, clip.frame_stride) == (frames, frame_stride)
    assert clip.resolution == resolution
    assert network.depth == depth


def test_movinet_a0_begins_as_its_configuration_says():
    network = published("movinet-a0")
    first = network.stages[0]
    assert network.stem.width == 8
    assert first.width == 8
    assert [str(layer.kernel) for layer in first.layers] == ["1x5x5"]
    assert [layer.expand_width for layer in first.layers] == [24]
    # round8(0.25 x 24) = 8
    assert first.layers[0].squeeze_excite == 8
    assert network.head.project_width == 480


def test_x3d_excites_every_other_layer():
    first = published("x3d-s").stages[0]
    # inner int(2.25 x 24) = 54, hidden round8(0.0625 x 54) = 8
    assert [layer.expand_width for layer in first.layers] == [54, 54, 54]
    assert [layer.squeeze_excite for layer in first.layers] == [8, 0, 8]
    assert [layer.stride for layer in first.layers] == [2, 1, 1]


@pytest.mark.parametrize(
    ("name", "encoded"),
    [("movinet-a0", False), ("movinet-a2", False), ("movinet-a3", True)],
)
def test_larger_streams_encode_positions(name, encoded):
    assert published(name, stream=True).positional_encoding is encoded
    assert not published(name).positional_encoding


@pytest.mark.parametrize(
    ("name", "frames"),
    [
        # Reference calculation over the released configurations.
        *zip(
            (f"movinet-{size}" for size in ("t0", "a0", "a1", "a2", "a3", "a4", "a5")),
            (23, 29, 41, 45, 53, 77, 95),
            strict=True,
        ),
        ("x3d-m", 5 + 26 * 2),
        ("mobilenetv3-small", 1),
        # Layers 2, 4, 5, 7, 9 and 10, counted from 0, shift one frame each way.
        ("mobilenetv3-small-tsm", 1 + 6 * 2),
        # Stem 3; 4 convolutions; then 2 and 3 more at steps 1 -> 2 -> 4 -> 8.
        ("r3d-18", 3 + 8 + (2 + 3 * 4) + (4 + 3 * 8) + (8 + 3 * 16)),
    ],
)
def test_features_see_as_many_frames_as_their_kernels_reach(name, frames):
    assert published(name).temporal_reach == frames


def test_an_unknown_name_suggests_the_nearest():
    with pytest.raises(InputError) as refused:
        published("movinet_a2")
    message = str(refused.value)
    assert message.startswith("A published network must be one of movinet-t0, ")
    assert message.endswith("got `movinet_a2`. Did you mean `movinet-a2`?")


def test_x3d_has_no_stream():
    with pytest.raises(InputError) as refused:
        published("x3d-m", stream=True)
    assert str(refused.value) == (
        "A stream needs a causal network, and `x3d-m` has no causal form. "
        "MoViNets and MobileNets have one."
    )
