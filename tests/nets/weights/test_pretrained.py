"""Official weights: the same logits as the official networks, or a clear refusal."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidnas.architecture import Architecture, Clip, Head, Kernel, Layer, Stage, Stem
from vidnas.architecture.published import published
from vidnas.errors import InputError, ShapeError

pytestmark = pytest.mark.keras
ROOT = Path(__file__).parents[3]
ORACLES = Path(os.environ.get("VIDNAS_SHARED", ROOT.parent / "shared")) / "oracle"
INSIDE = "model/layer_with_weights-0"  # where a model keeps its backbone
CLOSE = 1e-5  # of the largest logit; found 5e-7

# How the Model Garden calls our layers, below the object that owns them.
OFFICIAL = {
    "stem/conv": "_stem/_conv",
    "stem/norm": "_stem/_batch_norm",
    "expand": "_expansion/_conv",
    "expand_norm": "_expansion/_batch_norm",
    "depthwise": "_feature/_conv",
    "depthwise_norm": "_feature/_batch_norm",
    "temporal": "_feature/_conv_temporal",
    "temporal_norm": "_feature/_batch_norm_temporal",
    "squeeze_excite": "_attention/_pos_encoding/_rezero",
    "squeeze_excite/reduce": "_attention/_se_reduce/_conv",
    "squeeze_excite/expand": "_attention/_se_expand/_conv",
    "project": "_projection/_conv",
    "project_norm": "_projection/_batch_norm",
    "shortcut": "_skip/_projection/_conv",
    "shortcut_norm": "_skip/_projection/_batch_norm",
    "head/project": "_project/_conv",
    "head/norm": "_project/_batch_norm",
    "head/hidden": "_head/_conv",
    "head/classes": "_classifier/_conv",
}
# The same, as the oracles call them.
CANONICAL = {
    "stem/conv": "stem/conv",
    "stem/norm": "stem/conv",
    "expand": "expansion",
    "expand_norm": "expansion",
    "depthwise": "feature",
    "depthwise_norm": "feature",
    "temporal": "feature/temporal_",
    "temporal_norm": "feature/temporal_",
    "squeeze_excite/reduce": "se_reduce",
    "squeeze_excite/expand": "se_expand",
    "project": "projection",
    "project_norm": "projection",
    "shortcut": "skip",
    "shortcut_norm": "skip",
    "head/project": "head/project",
    "head/norm": "head/project",
    "head/hidden": "classifier_head/hidden",
    "head/classes": "classifier_head/logits",
}


def small(convolution="3d", **changes):
    """Twelve bottlenecks, so that the tenth must not come before the second."""
    first = (Layer(16, Kernel(3, 3), 2, 8), Layer(24, Kernel(1, 5), 1, 8))
    architecture = Architecture(
        clip=Clip(3, 16),
        stem=Stem(8),
        stages=(
            Stage(8, first),
            Stage(16, tuple(Layer(8 + n, Kernel(5, 3), 1, 8) for n in range(10))),
        ),
        head=Head(16, 32),
        convolution=convolution,
    )
    return replace(architecture, **changes)


def randomized(network, seed=0):
    rng = np.random.default_rng(seed)
    for weight in network.weights:
        weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    return network


def clips_for(architecture, seed=0):
    clip = architecture.clip
    shape = (2, clip.frames, clip.resolution, clip.resolution, 3)
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def official_path(path, owners, flat):
    """Where an official checkpoint keeps one of our weights."""
    owner, _, rest = path.partition("/")
    layer, _, leaf = rest.rpartition("/")
    if leaf == "residual_scale":
        return f"{owners[owner]}/_mobile_bottleneck/_rezero/scale"
    if leaf == "position_scale":
        leaf = "scale"
    part = OFFICIAL[f"{owner}/{layer}" if owner in ("stem", "head") else layer]
    if flat and leaf in ("kernel", "bias"):
        part += "/_conv"
        if layer in ("depthwise", "temporal"):
            leaf = "depthwise_kernel"
    if owner == "head" and layer in ("hidden", "classes"):
        owner = "classifier"
    return f"{owners[owner]}/{part}/{leaf}"


def official_array(path, array, flat):
    """One of our weights in the official layout."""
    array = np.asarray(array)
    if not path.endswith("/kernel"):
        return array
    if "depthwise" in path or "temporal" in path:
        if not flat:
            return np.swapaxes(array, 3, 4)
        return array[:, 0] if array.shape[0] > 1 else array[0]
    while array.ndim < (4 if flat else 5):
        array = array[None]
    return array


def official(network, form="3d", backbone=INSIDE):
    """A network's weights as the Model Garden would save them."""
    flat = form == "2plus1d"
    names = [place.name for place in network.architecture.placed_layers()]
    owners = {
        name: f"{backbone}/layer_with_weights-{n}"
        for n, name in enumerate(["stem", *names, "head"])
    }
    owners["classifier"] = "model/layer_with_weights-1"
    return {
        official_path(weight.path, owners, flat): official_array(
            weight.path, weight.value.numpy(), flat
        )
        for weight in network.weights
    }


def save(tensors, directory, *, trained=False):
    """Writes tensors as an object checkpoint, by their paths through objects."""
    import tensorflow as tf

    root = tf.Module()
    for path, array in tensors.items():
        *parents, leaf = path.split("/")
        at = root
        for name in parents:
            if not hasattr(at, name):
                setattr(at, name, tf.Module())
            at = getattr(at, name)
        setattr(at, leaf, tf.Variable(array))
    objects = {name: getattr(root, name) for name in {p.split("/")[0] for p in tensors}}
    if trained:
        optimizer = tf.compat.v1.train.AdamOptimizer()  # the kind that has slots
        weights = root.trainable_variables
        optimizer.apply_gradients([(tf.zeros_like(w), w) for w in weights])
        objects |= {"optimizer": optimizer, "global_step": tf.Variable(7)}
    tf.train.Checkpoint(**objects).save(str(directory / "ckpt"))
    return directory


def oracle(name):
    path = ORACLES / f"{name}.npz"
    if not path.is_file():
        pytest.skip(f"{path} is not there; set VIDNAS_SHARED to the folder above it")
    return np.load(path)


def assert_logits(network, stored):
    logits = network(stored["input"]).numpy()
    scale = np.abs(stored["logits"]).max()
    np.testing.assert_allclose(logits, stored["logits"], rtol=0, atol=CLOSE * scale)


@pytest.fixture(scope="module")
def made():
    """A network with random weights, and what an official checkpoint of it holds."""
    from vidnas.nets import build

    network = randomized(build(small(), 6))
    return network, official(network)


@pytest.mark.parametrize(
    ("name", "stream"), [("a0_base_3d", False), ("a0_stream_2plus1d", True)]
)
def test_an_official_checkpoint_gives_the_official_logits(name, stream):
    from vidnas.nets import load_pretrained

    stored = oracle(name)
    architecture = published("movinet-a0", stream=stream)
    network = load_pretrained(ORACLES / f"{name}_checkpoint", architecture)
    assert_logits(network, stored)


@pytest.mark.parametrize("name", ["a0_base_3d", "a0_base_2plus1d", "a0_stream_2plus1d"])
def test_official_arrays_by_name_give_the_official_logits(name):
    from vidnas.nets import build
    from vidnas.nets.weights.pretrained import assign

    stored = oracle(name)
    meta = json.loads(str(stored["meta"]))
    architecture = published("movinet-a0", stream=meta["kind"] == "stream")
    architecture = replace(architecture, convolution=meta["conv"])
    network = build(architecture, meta["classes"])
    numbers = {name: n for n, name in enumerate(stored["canon"])}
    arrays = {
        weight.path: stored[f"w{numbers[canonical(weight.path)]:04d}"]
        for weight in network.weights
    }
    assert len(arrays) == len(numbers)
    assign(network, arrays)
    assert_logits(network, stored)


def canonical(path):
    owner, _, rest = path.partition("/")
    layer, _, leaf = rest.rpartition("/")
    if owner in ("stem", "head"):
        return f"{CANONICAL[f'{owner}/{layer}']}/{leaf}"
    stage, _, number = owner.removeprefix("stage").partition(".layer")
    block = f"block{int(stage) - 1}_layer{number}"
    if leaf == "residual_scale":
        return f"{block}/rezero"
    part = CANONICAL[layer]
    return f"{block}/{part}{leaf}" if part.endswith("_") else f"{block}/{part}/{leaf}"


@pytest.mark.parametrize(
    ("form", "time", "backbone"),
    [
        ("3d", "whole", INSIDE),
        ("3d", "causal", INSIDE),
        ("2plus1d", "whole", INSIDE),
        ("2plus1d", "causal", INSIDE),
        ("2plus1d", "encoded", INSIDE),
        ("3d_2plus1d", "whole", INSIDE),
        ("3d_2plus1d", "encoded", INSIDE),
        # Converted checkpoints name the backbone beside the model that holds it.
        ("2plus1d", "encoded", "backbone"),
    ],
)
def test_every_form_loads_to_the_network_it_was_saved_from(
    tmp_path, form, time, backbone
):
    from vidnas.nets import build, load_pretrained

    architecture = small(
        "3d" if form == "3d" else "2plus1d",
        causal=time != "whole",
        positional_encoding=time == "encoded",
    )
    network = randomized(build(architecture, 6))
    save(official(network, form, backbone), tmp_path)
    loaded = load_pretrained(tmp_path, architecture)
    for ours, theirs in zip(network.weights, loaded.weights, strict=True):
        np.testing.assert_array_equal(ours.value, theirs.value, err_msg=ours.path)
    clips = clips_for(architecture)
    np.testing.assert_array_equal(network(clips), loaded(clips))


def test_the_kernels_of_a_3d_2plus1d_checkpoint_are_those_of_its_convolutions():
    # Model Garden, ConvBlock of conv_type 3d_2plus1d, 5x3x3 depthwise of 8 channels:
    # Conv3D of kernel (1, 3, 3), then of (5, 1, 1), each with 8 groups.
    from vidnas.nets import build

    saved = official(build(small("2plus1d"), 6), "3d_2plus1d")
    third = "model/layer_with_weights-0/layer_with_weights-3/_feature"
    assert saved[f"{third}/_conv/kernel"].shape == (1, 3, 3, 1, 8)
    assert saved[f"{third}/_conv_temporal/kernel"].shape == (5, 1, 1, 1, 8)
    assert saved[f"{third}/_batch_norm_temporal/gamma"].shape == (8,)


def test_a_checkpoint_is_found_by_its_directory_or_by_its_name(tmp_path, made):
    from vidnas.nets import load_pretrained

    network, tensors = made
    save(tensors, tmp_path)
    clips = clips_for(small())
    for path in (tmp_path, str(tmp_path), tmp_path / "ckpt-1"):
        loaded = load_pretrained(path, small())
        np.testing.assert_array_equal(network(clips), loaded(clips))
    (tmp_path / "checkpoint").unlink()  # one checkpoint is still found
    load_pretrained(tmp_path, small())


def test_a_checkpoint_is_found_by_its_files_and_in_its_archive(tmp_path, made):
    from vidnas.nets.weights.model_garden import read_checkpoint

    _, tensors = made
    folder = tmp_path / "zoo" / "a0"
    folder.mkdir(parents=True)
    save(tensors, folder)
    shutil.make_archive(str(tmp_path / "a0"), "gztar", folder)
    expected = read_checkpoint(folder).tensors
    for path in ("zoo", "zoo/a0/ckpt-1.index", "zoo/a0/checkpoint", "a0.tar.gz"):
        read = read_checkpoint(tmp_path / path)
        assert read.tensors.keys() == expected.keys()
        assert all(np.array_equal(read.tensors[k], expected[k]) for k in expected)
    assert read.where == str(tmp_path / "a0.tar.gz")


def test_what_training_saves_besides_is_ignored(tmp_path, made):
    import tensorflow as tf

    from vidnas.nets import load_pretrained

    network, tensors = made
    save(tensors, tmp_path, trained=True)
    keys = [key for key, _ in tf.train.list_variables(str(tmp_path))]
    for part in ("save_counter", "global_step", "optimizer/", "/.OPTIMIZER_SLOT/"):
        assert any(part in key for key in keys), part
    clips = clips_for(small())
    np.testing.assert_array_equal(
        network(clips), load_pretrained(tmp_path, small())(clips)
    )


def test_other_classes_give_a_fresh_last_layer_and_nothing_else_fresh(tmp_path, made):
    from vidnas.nets import build, load_pretrained

    network, tensors = made
    save(tensors, tmp_path)
    loaded = load_pretrained(tmp_path, small(), classes=4, seed=3)
    fresh = build(small(), 4, seed=3)
    for new, ours, theirs in zip(
        fresh.weights, loaded.weights, network.weights, strict=True
    ):
        expected = new if ours.path.startswith("head/classes/") else theirs
        np.testing.assert_array_equal(ours.value, expected.value, err_msg=ours.path)
    assert loaded(clips_for(small())).shape == (2, 4)


def test_the_same_number_of_classes_keeps_the_last_layer(tmp_path, made):
    from vidnas.nets import load_pretrained

    network, tensors = made
    loaded = load_pretrained(save(tensors, tmp_path), small(), classes=6)
    clips = clips_for(small())
    np.testing.assert_array_equal(network(clips), loaded(clips))


def test_a_network_at_hand_is_loaded_in_place(tmp_path, made):
    from vidnas.nets import build, load_weights

    network, tensors = made
    at_hand = build(small(), 6, dropout=0.5)
    load_weights(at_hand, save(tensors, tmp_path))
    clips = clips_for(small())
    np.testing.assert_array_equal(network(clips), at_hand(clips))


@pytest.mark.parametrize("stream", [False, True])
def test_rgb_weights_give_a_grayscale_network_what_they_see_of_grey_clips(
    tmp_path, stream
):
    from vidnas.nets import build, load_pretrained

    rgb = small(causal=stream, convolution="2plus1d" if stream else "3d")
    network = randomized(build(rgb, 6))
    path = save(official(network, "2plus1d" if stream else "3d"), tmp_path)
    in_grey = replace(rgb, clip=replace(rgb.clip, channels=1))
    loaded = load_pretrained(path, in_grey)
    clips = clips_for(rgb)[..., :1]
    as_rgb = np.repeat(clips, 3, axis=-1)
    np.testing.assert_allclose(loaded(clips), network(as_rgb), rtol=1e-4, atol=1e-5)


def test_our_rgb_weights_load_into_grayscale_and_no_other_way(tmp_path):
    from vidnas.nets import build, load_weights
    from vidnas.nets.weights.weights_file import pack_weights

    rgb, in_grey = small(), small(clip=Clip(3, 16, channels=1))
    for architecture, name in ((rgb, "rgb.npz"), (in_grey, "grey.npz")):
        network = randomized(build(architecture, 6), seed=1)
        (tmp_path / name).write_bytes(pack_weights(network))
    loaded, seen = build(in_grey, 6), build(rgb, 6)
    load_weights(loaded, tmp_path / "rgb.npz")
    load_weights(seen, tmp_path / "rgb.npz")
    clips = clips_for(rgb)[..., :1]
    as_rgb = np.repeat(clips, 3, axis=-1)
    np.testing.assert_allclose(loaded(clips), seen(as_rgb), rtol=1e-4, atol=1e-5)
    told = r"must have shape .* 3, 8\] for `stem/conv/kernel`, got \[3, 3, 1, 8\]"
    with pytest.raises(ShapeError, match=told):
        load_weights(seen, tmp_path / "grey.npz")


LAYER = "model/layer_with_weights-0/layer_with_weights-3"
EXTRA = np.zeros((2, 3), np.float32)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {f"{LAYER}/_expansion/_conv/kernel": None},
            "{at} must hold a tensor of shape [1, 1, 1, 8, 8] or [1, 1, 8, 8] for "
            "`stage2.layer0/expand/kernel`, and has none.",
        ),
        (
            {
                f"{LAYER}/_mobile_bottleneck/_rezero/scale": None,
                f"{LAYER}/_feature/_batch_norm/beta": None,
            },
            "{at} must hold a tensor of shape [8] for "
            "`stage2.layer0/depthwise_norm/beta`, and has none (nor for 1 more).",
        ),
        (
            {f"{LAYER}/_feature/_conv/extra": EXTRA, "model/thing": EXTRA},
            # stem 5, bottlenecks 12 x 20, two shortcuts of 5, head 9
            "{at} must hold nothing but the network's 264 weights, got "
            "`model/layer_with_weights-0/layer_with_weights-3/_feature/_conv/extra` "
            "and 1 more besides.",
        ),
        (
            {"teacher/layer-0/_stem/_conv/kernel": EXTRA},
            "{at} must hold nothing but the network's 264 weights, got "
            "`teacher/layer-0/_stem/_conv/kernel` besides.",
        ),
        (
            {f"{LAYER}/_feature/_conv/kernel": np.zeros((3, 3, 3, 1, 8), np.float32)},
            "`model/layer_with_weights-0/layer_with_weights-3/_feature/_conv/kernel` "
            "of {at} must have shape [5, 3, 3, 1, 8] for "
            "`stage2.layer0/depthwise/kernel`, got [3, 3, 3, 1, 8].",
        ),
        (
            {"model/layer_with_weights-1/_classifier/_conv/kernel": EXTRA},
            "`model/layer_with_weights-1/_classifier/_conv/kernel` of {at} must have "
            "shape [1, 1, 1, 32, 6] or [1, 1, 32, 6] for `head/classes/kernel`, got "
            "[2, 3].",
        ),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused_and_changes_nothing(
    tmp_path, made, changes, message
):
    from vidnas.nets import build, load_weights

    _, tensors = made
    changed = {
        path: array
        for path, array in {**tensors, **changes}.items()
        if array is not None
    }
    save(changed, tmp_path)
    network = build(small(), 6)
    before = [weight.value.numpy().copy() for weight in network.weights]
    with pytest.raises(InputError) as caught:
        load_weights(network, tmp_path)
    assert str(caught.value) == message.replace("{at}", str(tmp_path / "ckpt-1"))
    for old, weight in zip(before, network.weights, strict=True):
        np.testing.assert_array_equal(old, weight.value)


def test_a_checkpoint_of_another_network_is_refused(tmp_path, made):
    from vidnas.nets import load_pretrained

    _, tensors = made
    save(tensors, tmp_path)
    shorter = small(stages=small().stages[:1])
    for architecture, message in (
        (shorter, "ckpt-1 must hold 2 bottlenecks, as the architecture has, got 12."),
        (small("2plus1d"), "must have `convolution` 3d, as its tensors have, got 2plu"),
        (small(block="x3d"), "must have `block` movinet, got x3d."),
    ):
        with pytest.raises(ShapeError) as caught:
            load_pretrained(tmp_path, architecture)
        assert message in str(caught.value)


def test_a_2plus1d_checkpoint_asks_for_a_2plus1d_architecture(tmp_path):
    from vidnas.nets import build, load_pretrained

    save(official(build(small("2plus1d"), 6), "2plus1d"), tmp_path)
    with pytest.raises(ShapeError) as caught:
        load_pretrained(tmp_path, small())
    assert str(caught.value) == (
        f"The architecture for {tmp_path / 'ckpt-1'} must have `convolution` 2plus1d, "
        "as its tensors have, got 3d. Replace it, or pass `--convolution 2plus1d`."
    )


@pytest.mark.parametrize("stream", [False, True])
def test_base_and_stream_are_told_apart(tmp_path, stream):
    from vidnas.nets import build, load_pretrained

    base, causal = small("2plus1d"), small().streaming()
    saved, asked = (causal, base) if stream else (base, causal)
    save(official(build(saved, 6), "2plus1d"), tmp_path)
    with pytest.raises(ShapeError) as caught:
        load_pretrained(tmp_path, asked)
    is_stream, is_base = "causal (a stream)", "not causal (a base network)"
    must, got = (is_stream, is_base) if stream else (is_base, is_stream)
    assert str(caught.value) == (
        f"The architecture for {tmp_path / 'ckpt-1'} must be {must}, as its "
        f"squeeze-excite is, got one that is {got}."
        f"{' Pass `--stream`.' if stream else ''}"
    )
    load_pretrained(tmp_path, saved)


def test_a_backbone_without_classifier_is_refused(tmp_path, made):
    from vidnas.nets import load_pretrained

    _, tensors = made
    backbone = {
        path: array
        for path, array in tensors.items()
        if not path.startswith("model/layer_with_weights-1/")
    }
    save(backbone, tmp_path)
    with pytest.raises(InputError, match="for `head/classes/bias`, and has none"):
        load_pretrained(tmp_path, small())


def test_what_is_no_checkpoint_is_refused(tmp_path):
    from vidnas.nets import load_pretrained

    with pytest.raises(InputError) as caught:
        load_pretrained(tmp_path, small())
    assert str(caught.value) == (
        f"{tmp_path} must hold one TensorFlow checkpoint (`NAME.index` and its data), "
        "got none."
    )
    for name in ("one", "two"):
        (tmp_path / f"{name}.index").write_text("no index")
        (tmp_path / f"{name}.data-00000-of-00001").write_text("no data")
    with pytest.raises(InputError, match=r"and its data\), got one, two\."):
        load_pretrained(tmp_path, small())
    with pytest.raises(InputError, match="and cannot be read: "):
        load_pretrained(tmp_path / "one", small())


def test_a_cut_checkpoint_is_refused(tmp_path, made):
    from vidnas.nets import load_pretrained

    save(made[1], tmp_path)
    (data,) = tmp_path.glob("*.data-*")
    data.write_bytes(data.read_bytes()[:1000])
    with pytest.raises(InputError, match="ckpt-1 must be a TensorFlow checkpoint, and"):
        load_pretrained(tmp_path, small())
