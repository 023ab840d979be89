"""Weights of ours, to a file and back: clip networks, their streams, refusals."""

import io
from dataclasses import replace

import numpy as np
import pytest

from vidnas.architecture import read_architecture
from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError, ShapeError

pytestmark = pytest.mark.keras
DOCUMENT = {
    "schema": "vidnas.architecture/v1",
    "clip": {"frames": 3, "resolution": 16},
    "stem": {"width": 8, "kernel": "1x3x3", "stride": 2},
    "stages": [
        {
            "width": 8,
            "layers": [{"expand": 16, "kernel": "3x3x3", "squeeze_excite": 8}],
        }
    ],
    "head": {"project": 16, "hidden": 16},
}
NAMES = ("left", "right", "still")


def small(**changes):
    architecture = read_architecture(Node(DOCUMENT, Origin("small")))
    return replace(architecture, **changes)


def built(architecture, classes=3, *, stream=False, seed=0):
    from vidnas.nets import build

    return build(architecture, classes, stream=stream, seed=seed)


@pytest.fixture
def kept(tmp_path):
    """A weights file of a network, random throughout, and the network."""
    from vidnas.nets.weights.weights_file import pack_weights

    def keep(architecture, names=NAMES):
        network = built(architecture)
        rng = np.random.default_rng(0)
        for weight in network.weights:
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
        path = tmp_path / "weights.npz"
        path.write_bytes(pack_weights(network, names))
        return network, path

    return keep


def assert_same(one, other, *, but=()):
    for ours, theirs in zip(one.weights, other.weights, strict=True):
        if not ours.path.startswith(tuple(but)) or not but:
            np.testing.assert_array_equal(ours.value, theirs.value, err_msg=ours.path)


def test_a_network_comes_back_whole_by_its_file_or_its_folder(kept):
    from vidnas.nets import load_pretrained, load_weights

    network, path = kept(small())
    for place in (path, str(path), path.parent):
        fresh = built(small(), seed=1)
        assert load_weights(fresh, place)
        assert_same(network, fresh)
        assert_same(network, load_pretrained(place, small()))
    # Another clip shape is the same network.
    assert load_weights(built(small().at(5, 24)), path)


def test_the_stream_twin_takes_the_file_of_its_clip_network(kept):
    from vidnas.nets import load_weights

    network, path = kept(small().streaming())
    stream = built(small(), stream=True)
    assert load_weights(stream, path)
    clip = np.random.default_rng(1).random((1, 3, 16, 16, 3), dtype=np.float32)
    states = stream.initial_states(batch=1)
    for frame in range(3):
        logits, states = stream(clip[:, frame : frame + 1], states)
    np.testing.assert_allclose(network(clip), logits, rtol=1e-5)


@pytest.mark.parametrize(
    ("classes", "names"), [(4, ()), (4, ("a", "b", "c", "d")), (3, ("a", "b", "c"))]
)
def test_other_classes_keep_their_fresh_last_layer(kept, classes, names):
    from vidnas.nets import load_weights

    network, path = kept(small())
    other, fresh = built(small(), classes, seed=1), built(small(), classes, seed=1)
    assert not load_weights(other, path, classes=names)
    assert_same(other, network, but=["head/classes/"])
    for ours, theirs in zip(other.weights[-2:], fresh.weights[-2:], strict=True):
        np.testing.assert_array_equal(ours.value, theirs.value)


def test_weights_of_another_architecture_are_refused(kept):
    from vidnas.nets import load_weights

    _, path = kept(small())
    with pytest.raises(ShapeError) as refused:
        load_weights(built(small(convolution="2plus1d", causal=True)), path)
    assert str(refused.value) == (
        f"{path} must hold weights of the architecture asked for, got another's: they "
        "differ in causal, convolution."
    )


def test_the_form_of_convolution_is_told_by_the_weights(kept):
    from vidnas.nets.weights.pretrained import convolution_of

    assert convolution_of(kept(small())[1]) == "3d"
    assert convolution_of(kept(small(convolution="2plus1d"))[1]) == "2plus1d"


def npz(**arrays):
    content = io.BytesIO()
    np.savez(content, **arrays)
    return content.getvalue()


@pytest.mark.parametrize(
    "content", [b"", b"PK no zip", npz(x=np.ones(2)), npz(about=np.array("{}"))]
)
def test_what_is_no_weights_file_is_refused(tmp_path, content):
    from vidnas.nets import load_pretrained

    path = tmp_path / "weights.npz"
    path.write_bytes(content)
    with pytest.raises(InputError) as refused:
        load_pretrained(path, small())
    assert str(refused.value) == (
        f"{path} must be a weights file of `vidnas train`, and cannot be read as one."
    )
