"""A stream computes what its causal clip network computes, however it is chopped."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidnas.architecture import Architecture, Clip, Head, Kernel, Layer, Stage, Stem
from vidnas.architecture.published import published
from vidnas.costs import cost
from vidnas.errors import InputError, ShapeError

pytestmark = pytest.mark.keras
MOVINETS = ("t0", "a0", "a1", "a2", "a3", "a4", "a5")
CLASSES = 5


def small(**changes):
    """Two stages, three layers, 6 frames of 16 x 16, causal, 3D convolutions."""
    first, second = Layer(16, Kernel(3, 3), 2, 8), Layer(24, Kernel(5, 1))
    architecture = Architecture(
        clip=Clip(6, 16),
        stem=Stem(8),
        stages=(Stage(8, (first, second)), Stage(16, (first,))),
        head=Head(16, 32),
        causal=True,
    )
    return replace(architecture, **changes)


def randomized(model, seed=0):
    """Norms, biases and scales random, so that no scale of zero hides a layer."""
    rng = np.random.default_rng(seed)
    for weight in model.weights:
        if weight.name in ("gamma", "moving_variance", "residual_scale"):
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
        elif weight.name in ("beta", "moving_mean", "bias", "position_scale"):
            weight.assign(rng.uniform(-0.5, 0.5, weight.shape))
    return model


def clips_for(architecture, batch=2, seed=0):
    clip = architecture.clip
    shape = (batch, clip.frames, clip.resolution, clip.resolution, 3)
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def streamed(stream, clips, cuts, **options):
    """Logits after each chunk, and the last states."""
    states = stream.initial_states(len(clips), clips.shape[2:4])
    found = []
    for chunk in np.split(clips, cuts, axis=1):
        logits, states = stream(chunk, states, **options)
        found.append(logits.numpy())
    return found, states


def off(found, expected):
    """Largest difference, relative to the spread of what is expected."""
    return np.abs(found - expected).max() / np.std(expected)


@pytest.mark.parametrize("seed", range(24))
def test_a_stream_equals_its_clip_network_however_the_clip_is_chopped(seed, draw):
    from vidnas.nets import build

    architecture = draw(seed, causal=True)
    model = randomized(build(architecture, CLASSES, seed=seed), seed)
    stream, clips = model.stream(), clips_for(architecture, seed=seed)
    expected = model(clips).numpy()
    T = architecture.clip.frames
    rng = np.random.default_rng([seed, 1])
    one_by_one, whole = range(1, T), ()
    some = sorted(rng.choice(range(1, T), int(rng.integers(1, T)), replace=False))
    for cuts in (one_by_one, whole, some):
        logits, _ = streamed(stream, clips, cuts)
        assert off(logits[-1], expected) < 1e-4, cuts


def test_logits_of_every_frame_are_those_of_the_clip_so_far():
    from vidnas.nets import build

    architecture = small(positional_encoding=True)
    model = randomized(build(architecture, CLASSES))
    clips = clips_for(architecture)
    expected = [model(clips[:, : t + 1]).numpy() for t in range(6)]
    for cuts in ((), (4,), range(1, 6)):
        parts, _ = streamed(model.stream(), clips, cuts, every_frame=True)
        assert off(np.concatenate(parts, 1), np.stack(expected, 1)) < 1e-4


def test_every_frame_of_the_past_is_remembered():
    from vidnas.nets import build

    stream = randomized(build(small(), CLASSES, stream=True))
    clips = clips_for(small())
    changed = clips.copy()
    changed[:, 0] = 1.0 - changed[:, 0]
    (*_, before), _ = streamed(stream, clips, range(1, 6))
    (*_, after), _ = streamed(stream, changed, range(1, 6))
    assert off(after, before) > 1e-3


def test_streams_of_a_batch_may_start_at_different_times():
    from vidnas.nets import build

    architecture = small(positional_encoding=True)
    stream = randomized(build(architecture, CLASSES, stream=True))
    clips = clips_for(architecture)
    _, states = streamed(stream, clips, ())
    # The second stream starts afresh: its rows are zero.
    states = {
        name: np.stack([state[0], np.zeros_like(state[1])])
        for name, state in states.items()
    }
    logits, _ = stream(clips, states)
    (twice,), _ = streamed(stream, np.concatenate([clips, clips], 1)[:1], ())
    (once,), _ = streamed(stream, clips[1:], ())
    assert off(logits.numpy(), np.concatenate([twice, once])) < 1e-4


def test_positional_encoding_follows_its_formula():
    from vidnas.nets.layers.causal import sinusoids

    # Frames 7 and 8 in 6 columns: three sines, then three cosines.
    rates = np.array([1.0, 10_000 ** (-2 / 6), 10_000 ** (-4 / 6)])
    angles = np.array([[7.0], [8.0]]) * rates
    expected = np.concatenate([np.sin(angles), np.cos(angles)], -1)
    found = sinusoids(np.full([1, 1], 7.0, np.float32), 2, 6)
    np.testing.assert_allclose(found, expected[None], atol=1e-6)


def test_positional_encoding_adds_one_weight_per_squeeze_excite_that_does_nothing_yet():
    from vidnas.nets import build

    plain, placed = small(), small(positional_encoding=True)
    model, twin = (build(a, CLASSES) for a in (plain, placed))
    assert twin.count_params() == model.count_params() + 2  # of three layers, two
    clips = clips_for(plain)
    np.testing.assert_array_equal(model(clips), twin(clips))
    assert twin.blocks[0].squeeze_excite.position_scale.numpy() == 0.0


@pytest.mark.parametrize("name", ["movinet-a3", "movinet-a4", "movinet-a5"])
def test_published_streams_with_positional_encoding_build_and_run(name):
    from vidnas.nets import build

    architecture = published(name, stream=True).at(frames=2, resolution=32)
    stream = build(architecture, 600, stream=True)
    without = cost(replace(architecture, positional_encoding=False), 600)
    # One learnt scale per layer; every layer of a MoViNet has squeeze-excite.
    assert stream.count_params() == without.stored_parameters + architecture.depth
    frames = np.zeros((1, 1, 32, 32, 3), np.float32)
    logits, _ = stream(frames, stream.initial_states(1))
    assert logits.shape == (1, 600)


@pytest.mark.parametrize(
    ("name", "values"),
    [  # Values of the published networks at their own sizes, counters not counted.
        ("movinet-t0", 326_448),
        ("movinet-a0", 674_192),
        ("movinet-a2", 2_707_088),
    ],
)
def test_published_streams_carry_the_published_number_of_values(name, values):
    from vidnas.nets.stream_states import state_shapes

    architecture = published(name, stream=True)
    side = architecture.clip.resolution
    assert state_values(state_shapes(architecture, CLASSES, side, side)) == values


@pytest.mark.parametrize("name", [f"movinet-{size}" for size in MOVINETS])
def test_published_streams_carry_what_they_are_priced_at(name):
    from vidnas.nets.stream_states import state_shapes

    architecture = published(name, stream=True)
    side = architecture.clip.resolution
    shapes = state_shapes(architecture, CLASSES, side, side)
    assert state_values(shapes) == cost(architecture, CLASSES).stream_state_values
    assert all(len(shape) <= 3 for shape in shapes.values())  # 4 axes with the batch


def state_values(shapes):
    return sum(np.prod(shape) for name, shape in shapes.items() if name != "frames")


@pytest.mark.parametrize("seed", range(16))
def test_states_have_the_size_they_were_priced_at_and_at_most_four_axes(seed, draw):
    from vidnas.nets import build

    architecture = draw(seed, causal=True)
    stream = build(architecture, CLASSES, stream=True)
    states = stream.initial_states(1)
    shapes = {name: state.shape[1:] for name, state in states.items()}
    assert state_values(shapes) == cost(architecture, CLASSES).stream_state_values
    assert all(len(state.shape) <= 4 for state in states.values())
    assert not any(state.numpy().any() for state in states.values())
    _, after = stream(clips_for(architecture, 1), states)
    assert [*after] == [*states]
    for name, state in after.items():
        assert state.shape == states[name].shape, name
        assert state.dtype == states[name].dtype, name
    assert after["frames"].numpy() == architecture.clip.frames


def test_what_is_not_causal_becomes_its_causal_twin():
    from vidnas.nets import build

    architecture = small(causal=False)
    stream = build(architecture, CLASSES, stream=True, seed=3)
    assert stream.architecture == architecture.streaming()
    clip = build(architecture.streaming(), CLASSES, seed=3)
    (logits,), _ = streamed(stream, clips_for(architecture), ())
    assert off(logits, clip(clips_for(architecture)).numpy()) < 1e-4


def test_a_stream_shares_the_weights_of_its_clip_network():
    from vidnas.nets import build

    model = build(small(), CLASSES)
    stream = model.stream()
    pairs = zip(model.weights, stream.weights, strict=True)
    assert all(one is other for one, other in pairs)


# Keras 3.15 converts its variables in a way that numpy 2 warns of.
def test_weights_saved_by_a_clip_network_load_into_a_stream(tmp_path):
    from vidnas.nets import build

    model = randomized(build(small(), CLASSES))
    model.save_weights(tmp_path / "clip.weights.h5")
    stream = build(small(), CLASSES, stream=True, seed=9)
    stream.load_weights(tmp_path / "clip.weights.h5")
    (logits,), _ = streamed(stream, clips_for(small()), ())
    assert off(logits, model(clips_for(small())).numpy()) < 1e-4


def test_frames_of_other_sizes_stream_too():
    from vidnas.nets import build

    for convolution in ("3d", "2plus1d"):
        model = randomized(build(small(convolution=convolution), CLASSES))
        clips = np.random.default_rng(0).random((1, 4, 21, 13, 3), dtype=np.float32)
        (*_, logits), _ = streamed(model.stream(), clips, (1, 3))
        assert off(logits, model(clips).numpy()) < 1e-4


@pytest.mark.parametrize("compiled", [False, True])
def test_repeated_frames_are_traced_once_and_equal_eager_ones(compiled):
    import tensorflow as tf

    from vidnas.nets import build

    architecture = small(positional_encoding=True)
    stream = randomized(build(architecture, CLASSES, stream=True))
    function = tf.function(stream, jit_compile=compiled)
    clips = clips_for(architecture)
    eager, _ = streamed(stream, clips, range(1, 6))
    states = stream.initial_states(2)
    for t, expected in enumerate(eager):
        logits, states = function(tf.constant(clips[:, t : t + 1]), states)
        assert off(logits.numpy(), expected) < 1e-4
    assert function.experimental_get_tracing_count() == 1


@pytest.mark.parametrize("policy", ["float32", "mixed_bfloat16"])
def test_a_frozen_stream_equals_the_stream_as_it_was(policy):
    import keras
    import tensorflow as tf

    from vidnas.nets import build

    architecture = small(positional_encoding=True)
    keras.config.set_dtype_policy(policy)
    try:
        stream = randomized(build(architecture, CLASSES, stream=True))
    finally:
        keras.config.set_dtype_policy("float32")
    clips = clips_for(architecture, 3)[:, :, :12]  # 12 x 16
    expected, last = streamed(stream, clips, range(2, 6, 2))
    step = stream.frozen(3, (12, 16), frames=2)
    for weight in stream.weights:
        weight.assign(tf.zeros_like(weight))
    states = stream.initial_states(3, (12, 16))
    close = 1e-5 if policy == "float32" else 0.1
    for t, logits in enumerate(expected):
        found, states = step(tf.constant(clips[:, 2 * t : 2 * t + 2]), states)
        assert off(found.numpy(), logits) < close
    assert {n: s.dtype for n, s in states.items()} == {
        n: s.dtype for n, s in last.items()
    }
    for frames in (clips[:, :1], clips[:2, :2], clips.astype("float64")[:, :2]):
        with pytest.raises(InputError, match="Frames of this stream must be"):
            step(tf.constant(frames), states)
    with pytest.raises(InputError, match=r"Frames must be floats .* got uint8\."):
        step(clips[:, :2].astype(np.uint8), states)
    with pytest.raises(ShapeError, match=r"of 3 streams, as the frames are, got .* 2"):
        step(clips[:, :2], stream.initial_states(2, (12, 16)))


def test_a_stream_of_nothing_is_refused():
    from vidnas.nets import build

    stream = build(small(), CLASSES, stream=True)
    for wrong in (
        {"batch": 0},
        {"batch": 1, "frames": 0},
        {"batch": 1, "size": (0, 8)},
    ):
        with pytest.raises(ShapeError, match="must be at least 1, got 0"):
            stream.frozen(**wrong)
    with pytest.raises(ShapeError, match=r"`batch` must be a whole number, got 1.5"):
        stream.initial_states(1.5)


def test_a_stream_compiles_for_any_batch():
    import tensorflow as tf

    from vidnas.nets import build

    stream = build(small(), CLASSES, stream=True)
    spec = {
        name: tf.TensorSpec((None, *state.shape[1:]), state.dtype)
        for name, state in stream.initial_states(1).items()
    }
    function = tf.function(
        stream.call, input_signature=[tf.TensorSpec((None, 1, 16, 16, 3)), spec]
    )
    for batch in (1, 3):
        frames = tf.zeros((batch, 1, 16, 16, 3))
        logits, _ = function(frames, stream.initial_states(batch))
        assert logits.shape == (batch, CLASSES)


def test_memory_stays_flat_while_hundreds_of_frames_stream():
    import tensorflow as tf

    from vidnas.nets import build

    status = Path("/proc/self/statm")
    if not status.exists():
        pytest.skip("resident memory is read from /proc, which only Linux has")
    # 64 x 64 frames: what one frame leaves behind would be 100 kB.
    architecture = small(clip=Clip(6, 64))
    stream = build(architecture, CLASSES, stream=True)
    function = tf.function(stream)
    frame = tf.constant(clips_for(architecture, 1)[:, :1])
    states = stream.initial_states(1)
    resident = []
    for t in range(500):
        _, states = function(frame, states)
        if t % 250 == 249:
            resident.append(int(status.read_text().split()[1]) * 4096)
    assert states["frames"].numpy() == 500
    assert resident[1] - resident[0] < 8 * 2**20


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_streams_in_mixed_precision_count_and_average_in_float32(policy):
    import keras

    from vidnas.nets import build

    architecture = small(positional_encoding=True)
    exact = randomized(build(architecture, CLASSES))(clips_for(architecture)).numpy()
    keras.config.set_dtype_policy(policy)
    try:
        stream = randomized(build(architecture, CLASSES, stream=True))
    finally:
        keras.config.set_dtype_policy("float32")
    before = stream.initial_states(2)
    (*_, logits), states = streamed(stream, clips_for(architecture), (1, 3))
    assert {n: s.dtype for n, s in states.items()} == {
        n: s.dtype for n, s in before.items()
    }
    assert states["frames"].dtype == states["head_mean"].dtype == "float32"
    assert states["stage1_layer0_buffer"].dtype == policy.removeprefix("mixed_")
    np.testing.assert_allclose(logits, exact, atol=0.1 * exact.std())


def test_what_cannot_stream_is_said_in_one_line():
    from vidnas.nets import build

    with pytest.raises(ShapeError, match="A stream needs a causal network, got one"):
        build(small(causal=False), CLASSES).stream()
    stream = build(small(), CLASSES, stream=True)
    frames, states = clips_for(small()), stream.initial_states(2)
    with pytest.raises(ShapeError, match=r"Frames must be .*, got \[6, 16, 16, 3\]"):
        stream(frames[0], states)
    with pytest.raises(ShapeError, match=r"Frames must be .*, got \[2, 0, 16, 16, 3\]"):
        stream(frames[:, :0], states)
    with pytest.raises(
        ShapeError, match=r"the 7 of this network, got 0: .* 6 more mis"
    ):
        stream(frames, {})
    with pytest.raises(ShapeError, match="got 8: `stem_buffer` left over"):
        stream(frames, {**states, "stem_buffer": np.zeros(2, np.float32)})
    with pytest.raises(
        ShapeError,
        match=r"`stage1_layer0_buffer` must be \[B, 2, 64, 16\] for .* \[2, 2, 256, 1",
    ):
        stream(frames, stream.initial_states(2, (32, 32)))
    with pytest.raises(ShapeError, match=r"of 2 streams, as the frames are, got .* 3"):
        stream(frames, stream.initial_states(3))
    with pytest.raises(InputError, match=r"States must be those that .* a NoneType"):
        stream(frames, None)
    with pytest.raises(InputError, match=r"Frames must be a tensor .* got a dict"):
        stream(states, frames)


ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("VIDNAS_SHARED", ROOT.parent / "shared"))
ORACLE = SHARED / "oracle" / "a0_stream_2plus1d.npz"
CLOSE = 2e-5  # found 2e-6; gates with an exact sixth would be off by 6e-5
PLACES = {  # official part: our layer and, behind a slash, the layer of its norm
    "conv": "conv/norm",
    "expansion": "expand/expand_norm",
    "feature": "depthwise/depthwise_norm",
    "temporal": "temporal/temporal_norm",
    "se_reduce": "squeeze_excite.reduce/",
    "se_expand": "squeeze_excite.expand/",
    "projection": "project/project_norm",
    "skip": "shortcut/shortcut_norm",
    "project": "project/norm",
    "hidden": "hidden/",
    "logits": "classes/",
}


def given(model, oracle):
    """The model with the weights of an official one, each assigned once."""
    assigned = set()
    for n, name in enumerate(oracle["canon"]):
        block, part, *what = str(name).split("/")
        if part == "rezero":
            part, what = "projection", ["residual_scale"]
        (what,) = what
        if what.startswith("temporal_"):
            part, what = "temporal", what.removeprefix("temporal_")
        layer, norm = PLACES[part].split("/")
        place = layer if what in ("kernel", "bias") else norm
        weight = block_of(model, block)
        for step in [*place.split("."), what]:
            weight = getattr(weight, step)
        weight.assign(oracle[f"w{n:04d}"].reshape(weight.shape))
        assigned.add(id(weight))
    assert assigned == {id(weight) for weight in model.weights}
    return model


def block_of(model, block):
    if block == "stem":
        return model.stem
    if block.endswith("head"):
        return model.head
    stage, layer = block.removeprefix("block").split("_layer")
    name = f"stage{int(stage) + 1}.layer{layer}"
    return next(b for b in model.blocks if b.name == name)


@pytest.fixture(scope="module")
def official():
    """The oracle of the official A0 stream, and our stream with its weights."""
    if not ORACLE.exists():
        pytest.skip(f"no oracle at {ORACLE}; set VIDNAS_SHARED to its folder")
    from vidnas.nets import build

    oracle = np.load(ORACLE)
    stream = build(published("movinet-a0", stream=True), 600, stream=True)
    return oracle, given(stream, oracle)


@pytest.mark.parametrize(("frames", "key"), [(1, "stream_"), (2, "stream2_")])
def test_the_official_stream_gives_the_same_logits_and_states(official, frames, key):
    oracle, stream = official
    cuts = range(frames, 8, frames)
    logits, states = streamed(stream, oracle["input"], cuts)
    assert off(np.stack(logits), oracle[f"{key}logits"]) < CLOSE
    names = [name for name in oracle.files if name.startswith("sT_state_")]
    for name in (name for name in names if not name.endswith("frame_count")):
        ours = name.removeprefix("sT_state_")
        if ours.startswith("block"):
            stage, rest = ours.removeprefix("block").split("_", 1)
            ours = f"stage{int(stage) + 1}_{rest}"
        ours = ours.replace("stream_buffer", "buffer").replace("pool_buffer", "mean")
        found = states[ours].numpy()
        if ours.endswith("mean"):
            found = found * states["frames"].numpy()  # theirs is a sum over frames
        assert off(found, oracle[name].reshape(found.shape)) < 1e-4, ours
    assert len(names) == 2 * (len(states) - 1) - 11  # 11 buffers have no counter


def test_the_official_stream_equals_our_clip_network(official):
    from vidnas.nets import build

    oracle, _ = official
    model = given(build(published("movinet-a0", stream=True), 600), oracle)
    assert off(model(oracle["input"]).numpy(), oracle["logits"]) < CLOSE
