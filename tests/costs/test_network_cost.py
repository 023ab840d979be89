import json
import os
from dataclasses import asdict, replace
from itertools import pairwise, permutations
from pathlib import Path

import numpy as np
import pytest

from vidnas.architecture import Layer, Stage
from vidnas.architecture.published import published
from vidnas.costs import cost, cost_many
from vidnas.costs.network_cost import by_block
from vidnas.costs.network_operations import operations
from vidnas.errors import ShapeError

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden" / "costs.json"
SHARED = Path(os.environ.get("VIDNAS_SHARED", ROOT.parent / "shared"))
REFERENCE = SHARED / "reference" / "published_networks.json"

# name, parameters and multiply-adds in millions and 1e9, base and stream; 600 classes.
# Reference calculation over the released configurations.
PRINTED = [
    ("movinet-t0", "1.727", "2.369", "0.871", "0.835"),
    ("movinet-a0", "3.112", "3.748", "2.631", "2.426"),
    ("movinet-a1", "4.690", "6.447", "5.866", "5.540"),
    ("movinet-a2", "5.250", "7.327", "11.558", "10.700"),
    ("movinet-a3", "7.398", "10.987", "55.593", "52.134"),
    ("movinet-a4", "11.349", "18.136", "103.339", "96.741"),
    ("movinet-a5", "18.651", "31.496", "276.334", "261.710"),
]
# Base parameters [millions] with classifiers for 400, 700 and 174 classes.
OTHER_CLASSES = [
    ("movinet-a0", "2.70", "3.32", "2.24"),
    ("movinet-a1", "4.28", "4.90", "3.82"),
    ("movinet-a2", "4.84", "5.45", "4.38"),
    ("movinet-a3", "6.99", "7.60", "6.52"),
    ("movinet-a4", "10.94", "11.55", "10.48"),
    ("movinet-a5", "18.24", "18.86", "17.78"),
]
# name, frames, resolution, 1e9 multiply-adds; 400 classes. X3D, arXiv 2004.04730.
X3D_FLOPS = [
    ("x3d-xs", 4, 160, "0.6053"),
    ("x3d-s", 13, 160, "1.9629"),
    ("x3d-s", 13, 182, "2.7219"),
    ("x3d-m", 16, 224, "4.7325"),
    ("x3d-m", 16, 256, "6.1806"),
    ("x3d-l", 16, 312, "18.3677"),
    ("x3d-l", 16, 356, "24.764"),
    ("x3d-xl", 16, 312, "35.8376"),
    ("x3d-xl", 16, 356, "48.4068"),
]


def printed(value, like):
    """`value` with as many decimals as `like`."""
    return f"{value:.{len(like.partition('.')[2])}f}"


def stored_golden():
    return json.loads(GOLDEN.read_text(encoding="utf-8"))["costs"]


@pytest.mark.parametrize(("name", "facts"), stored_golden().items())
def test_published_networks_cost_their_golden_numbers(name, facts):
    base = cost(published(name), classes=facts["classes"])
    if name.startswith("x3d"):
        assert base.parameters == facts["parameters"]
        assert base.flops == facts["macs"]
        return
    stream = cost(published(name, stream=True), classes=facts["classes"])
    assert base.parameters == facts["parameters_base"]
    assert stream.parameters == facts["parameters_stream"]
    assert base.flops == facts["macs_base"]
    assert stream.flops == facts["macs_stream"]
    assert stream.stream_state_values == facts["stream_state_values"]
    assert base.stream_state_values == 0


def test_the_stored_golden_numbers_are_those_of_the_reference():
    if not REFERENCE.exists():
        pytest.skip(f"no reference at {REFERENCE}; set VIDNAS_SHARED to its folder")
    reference = json.loads(REFERENCE.read_text(encoding="utf-8"))
    assert stored_golden() == reference["golden_costs"]


@pytest.mark.parametrize(("name", "base", "stream", "flops", "stream_flops"), PRINTED)
def test_movinets_cost_what_the_reference_prints(
    name, base, stream, flops, stream_flops
):
    clip, frames = cost(published(name)), cost(published(name, stream=True))
    assert printed(clip.parameters / 1e6, base) == base
    assert printed(frames.parameters / 1e6, stream) == stream
    assert printed(clip.flops / 1e9, flops) == flops
    assert printed(frames.flops / 1e9, stream_flops) == stream_flops


@pytest.mark.parametrize(("name", "at_400", "at_700", "at_174"), OTHER_CLASSES)
def test_the_classifier_grows_with_its_classes(name, at_400, at_700, at_174):
    for classes, millions in ((400, at_400), (700, at_700), (174, at_174)):
        parameters = cost(published(name), classes=classes).parameters
        assert printed(parameters / 1e6, millions) == millions


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("movinet-a0", "2.768"), ("movinet-a2", "4.145"), ("movinet-a5", "12.184")],
)
def test_without_squeeze_excite_movinets_shrink_to_the_printed_size(name, parameters):
    full = published(name)
    bare = replace(
        full,
        stages=tuple(
            Stage(s.width, tuple(replace(x, squeeze_excite=0) for x in s.layers))
            for s in full.stages
        ),
    )
    assert printed(cost(bare).parameters / 1e6, parameters) == parameters


@pytest.mark.parametrize(("name", "frames", "resolution", "flops"), X3D_FLOPS)
def test_x3ds_cost_what_their_paper_prints(name, frames, resolution, flops):
    network = published(name).at(frames=frames, resolution=resolution)
    assert printed(cost(network, classes=400).flops / 1e9, flops) == flops


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("x3d-xs", "3.7943"), ("x3d-l", "6.1534"), ("x3d-xl", "11.0959")],
)
def test_x3ds_have_the_parameters_their_paper_prints(name, parameters):
    counted = cost(published(name), classes=400).parameters
    assert printed(counted / 1e6, parameters) == parameters


def test_a_small_network_is_priced_operation_by_operation(small):
    # Input 2 x 8 x 8 x 3; after the stem 2 x 4 x 4 = 32 positions, after the strided
    # layer 2 x 2 x 2 = 8. Weights + batch norm (2 per channel) [+ residual scale].
    by_hand = {
        ("stem", "conv"): (3 * 9 * 8 + 16, 216 * 32),
        ("stage1.layer0", "expand"): (8 * 16 + 32, 128 * 32),
        ("stage1.layer0", "depthwise"): (27 * 16 + 32, 432 * 8),
        ("stage1.layer0", "squeeze_excite"): (16 * 8 + 8 + 8 * 16 + 16, 256),
        ("stage1.layer0", "project"): (16 * 8 + 16 + 1, 128 * 8),
        ("stage1.layer0", "shortcut"): (8 * 8 + 16, 64 * 8),
        ("stage1.layer1", "expand"): (8 * 16 + 32, 128 * 8),
        ("stage1.layer1", "depthwise"): (9 * 16 + 32, 144 * 8),
        ("stage1.layer1", "project"): (16 * 8 + 16 + 1, 128 * 8),
        ("head", "project"): (8 * 16 + 32, 128 * 8),
        ("head", "hidden"): (16 * 8 + 8, 128),
        ("head", "classes"): (8 * 4 + 4, 32),
    }
    listed = {
        (op.block, op.name): (op.parameters, op.flops) for op in operations(small, 4)
    }
    assert listed == by_hand


def test_a_small_network_has_its_cost_by_hand(small):
    priced = cost(small, classes=4)
    # 232 + 160 + 464 + 280 + 145 + 80 + 160 + 176 + 145 + 160 + 136 + 36
    assert priced.parameters == 2174
    # 6912 + 4096 + 3456 + 256 + 1024 + 512 + 1024 + 1152 + 1024 + 1024 + 128 + 32
    assert priced.flops == 20640
    assert priced.flops_per_frame == 20640 // 2
    # Mean and variance of 8 + (16 + 16 + 8 + 8) + (16 + 16 + 8) + 16 = 112 channels.
    assert priced.stored_parameters == 2174 + 2 * 112
    assert priced.weights_bytes == 2398 * 4
    # Most is alive in the strided depthwise convolution: it reads 16 x 32, its three
    # taps write 16 x 8 each and one is shifted, the 8 x 32 of the shortcut wait, and
    # its kernel of 432 is there with the norm folded in; beside the weights and the
    # clip of 2 x 8 x 8 x 3.
    assert priced.inference_bytes == (2398 + 384 + 512 + 4 * 128 + 256 + 432) * 4
    assert priced.memory == priced.inference_bytes


# Kept for the backward pass: the input, and two copies of what a swish follows (input
# of the norm and of the swish), one of what it does not.
STEM = 384 + 2 * 256
# Expand, depthwise, squeeze-excite, project, shortcut.
FIRST = (256 + 2 * 512) + (512 + 2 * 128) + (128 + 16 + 48) + (128 + 64) + (64 + 64)
SECOND = (64 + 2 * 128) + (128 + 2 * 128) + (128 + 64)
HEAD = (64 + 2 * 128) + (16 + 8) + (8 + 4)
# Parameters and statistics twice (the model's and as a vector), two optimizer slots and
# the mask of the decay; and what of the parameters is unpacked, or is gradient.
ONCE = 2 * 2398 + 3 * 2174
UNPACKED = 2398


def in_pieces(asked):
    """A sixteenth more, as the allocator hands out."""
    return asked + asked // 16


def test_a_training_step_of_a_small_network_by_hand(small):
    # All is kept while the head goes backwards: 64 + 128 for gradients there.
    # (Layer 0: STEM + FIRST + 256 + 512; layer 1: STEM + FIRST + SECOND + 128 + 128.)
    backward = STEM + FIRST + SECOND + HEAD + 64 + 128
    assert backward > max(STEM + FIRST + 768, STEM + FIRST + SECOND + 256)
    priced = cost(small, classes=4)
    assert priced.training_bytes == in_pieces((ONCE + UNPACKED + backward) * 4)


def test_in_sixteen_bits_activations_halve_and_weights_are_cast(small):
    backward = STEM + FIRST + SECOND + HEAD + 64 + 128
    asked = (ONCE + UNPACKED) * 4 + backward * 2 + 2174 * 2
    for precision in ("mixed_bfloat16", "mixed_float16"):
        priced = cost(small, classes=4, precision=precision)
        assert priced.training_bytes == in_pieces(asked)


def test_rematerialised_layers_keep_their_input_only(small):
    # The most is alive in layer 0, behind the stem. Layer 1 would have STEM, the input
    # of layer 0 (256), SECOND and 256 of gradients; the head as much less.
    backward = STEM + FIRST + 256 + 512
    assert backward > STEM + 256 + SECOND + 256
    assert backward > STEM + 256 + 64 + HEAD + 192
    priced = cost(small, classes=4, rematerialise=True)
    assert priced.training_bytes == in_pieces((ONCE + UNPACKED + backward) * 4)


def test_with_many_weights_and_few_clips_the_gradient_is_the_peak(small):
    # 2000 classes on 8 features: in the end the gradient is there in parts and whole.
    wide = cost(small, classes=2000)
    lasting = 2 * wide.stored_parameters + 3 * wide.parameters
    assert wide.training_bytes > in_pieces((lasting + wide.parameters) * 4)
    huge = cost(small.at(1, 1), classes=2000)
    assert huge.training_bytes == in_pieces((lasting + 2 * huge.parameters) * 4)


def test_a_relu_behind_a_norm_marks_what_it_let_through(small):
    x3d = replace(small, block="x3d", activation="relu")
    marks = {f"{op.block} {op.name}": op.marks for op in operations(x3d, 4)}
    # A byte a value: 8 x 32 behind the stem, 16 x 32 behind the first expand.
    assert marks["stem conv"] == 256
    assert marks["stage1.layer0 expand"] == 512
    assert marks["stage1.layer0 project"] == 0
    # With channels that are no multiple of 8 it takes four.
    (stage,) = x3d.stages
    odd = Stage(8, (replace(stage.layers[0], expand_width=12), *stage.layers[1:]))
    narrow = replace(x3d, stages=(odd,))
    marks = {f"{op.block} {op.name}": op.marks for op in operations(narrow, 4)}
    assert marks["stage1.layer0 expand"] == 12 * 32 * 4


def test_what_is_moved_is_read_and_written_by_every_operation(small):
    priced = cost(small, classes=4)
    # Values in and out: stem 3 x 8 x 8 x 2 + 8 x 32, then as each reads and writes.
    touched = sum(op.reads + op.writes for op in operations(small, 4))
    first = next(operations(small, 4))
    assert (first.reads, first.writes) == (384, 256)
    assert priced.moved_bytes == (touched + 2398) * 4
    assert priced.arithmetic_intensity == 20640 / priced.moved_bytes


def test_the_stream_of_a_small_network_carries_its_past_frames(small):
    priced = cost(small.streaming(), classes=4)
    # Two past frames of 2 x 2 x 16 behind the stride, the running sum of the
    # squeeze-excite (16) and of the head (16).
    assert priced.stream_state_values == 2 * 2 * 2 * 16 + 16 + 16
    # The 3x3x3 depthwise (432 + 32) becomes 1x3x3 (144 + 32) and 3x1x1 (48 + 32);
    # squeeze-excite takes 2 x 16 channels: 32 x 8 + 8 + 8 x 16 + 16 instead of 280.
    assert priced.parameters == 2174 - 464 + 176 + 80 - 280 + 408
    # The same per position, and squeeze-excite once a frame instead of once a clip.
    assert priced.flops == 20640 - 432 * 8 + (144 + 48) * 8 - 256 + 2 * (256 + 128)


def test_a_stream_needs_the_activations_of_one_frame_only():
    stream = published("movinet-a2", stream=True)
    longer = stream.at(frames=stream.clip.frames * 4)
    assert cost(longer).inference_bytes == cost(stream).inference_bytes
    clip = published("movinet-a2")
    assert (
        cost(clip.at(frames=200)).inference_bytes
        > cost(clip.at(frames=50)).inference_bytes
    )


def test_training_memory_grows_by_the_same_bytes_with_every_clip(small):
    bytes_at = [cost(small, classes=4, batch=b).training_bytes for b in (1, 2, 3, 32)]
    per_clip = bytes_at[1] - bytes_at[0]
    # kept and gradients by the small network above, 4 bytes each; exact in sixteenths
    assert per_clip == in_pieces((STEM + FIRST + SECOND + HEAD + 192) * 4)
    assert bytes_at[2] - bytes_at[1] == per_clip
    assert bytes_at[3] == bytes_at[0] + 31 * per_clip


def test_blocks_sum_to_the_whole(space):
    architecture = space.decode(space.sample(np.random.default_rng(0)))
    blocks = by_block(architecture, classes=8)
    layers = [placed.name for placed in architecture.placed_layers()]
    assert list(blocks) == ["stem", *layers, "head"]
    whole = cost(architecture, classes=8)
    assert sum(b["parameters"] for b in blocks.values()) == whole.parameters
    assert sum(b["flops"] for b in blocks.values()) == whole.flops


@pytest.mark.parametrize(
    ("grown", "options"),
    [
        ("stem", (0.5, 1.0, 1.5)),
        ("width", (0.5, 1.0, 1.5)),
        ("head", (0.5, 1.0, 1.5)),
        ("depth", (1, 2, 4)),
        ("kernel", ("3x1x1", "1x3x3", "3x3x3", "5x3x3")),
        ("expand", (1.0, 1.5, 2.0)),
        ("squeeze_excite", (False, True)),
        ("frames", (2, 4, 8)),
        ("resolution", (8, 16, 32)),
    ],
)
def test_cost_grows_with_each_choice(make_space, grown, options):
    space = make_space(**{grown: options})
    (choice,) = space.choices
    costs = [
        cost(space.decode((index,))).to_document()
        for index in range(len(choice.options))
    ]
    clip_only = grown in ("frames", "resolution")
    for low, high in pairwise(costs):
        assert low["flops"] < high["flops"]
        assert (low["parameters"] < high["parameters"]) != clip_only
        assert low["inference_bytes"] < high["inference_bytes"]
        assert low["training_bytes"] < high["training_bytes"]


@pytest.mark.parametrize("seed", range(2))
def test_no_cost_falls_where_a_layer_of_any_candidate_grows(space, seed):
    rng = np.random.default_rng(seed)
    candidate = space.sample(rng)
    growing = [
        choice
        for choice in space.active(candidate)
        if choice.group == "clip" or choice.gate or choice.name.endswith("excite")
    ]
    for choice in growing:
        if space.declaration.block == "mobilenet" and choice.name.endswith(
            "expand_width"
        ):
            continue  # a layer that expands to its own width has a convolution less
        rows = np.tile(candidate, (len(choice.options), 1))
        rows[:, space.positions[choice.name]] = range(len(rows))
        costs = cost_many(space.columns(rows))
        for low, high in permutations(range(len(rows)), 2):
            # In frames and side, of kernels.
            if np.all(np.less_equal(choice.options[low], choice.options[high])):
                for name in ("flops", "parameters", "training_bytes"):
                    assert costs[name][low] <= costs[name][high], (name, choice.name)


def test_clip_size_changes_no_parameters(small):
    sizes = {cost(small.at(f, r)).parameters for f in (1, 4) for r in (8, 32)}
    assert sizes == {cost(small).parameters}


def test_a_shortcut_is_projected_where_width_or_stride_changes(small):
    (stage,) = small.stages
    same = replace(
        small, stages=(Stage(8, (replace(stage.layers[0], stride=1), stage.layers[1])),)
    )
    wider = replace(same, stages=(Stage(16, same.stages[0].layers),))
    shortcuts = [
        [op.name for op in operations(network, 4)].count("shortcut")
        for network in (small, same, wider)
    ]
    assert shortcuts == [1, 0, 1]


def test_an_x3d_layer_has_no_residual_scale(small):
    # One learnt scale per MoViNet layer, none in X3D.
    x3d = replace(small, block="x3d")
    assert cost(small).parameters - cost(x3d).parameters == small.depth


def test_an_odd_side_is_rounded_up_by_a_stride(small):
    # 7 -> 4 -> 2, as 8 -> 4 -> 2: only the stem's input differs.
    odd, even = (cost(small.at(resolution=side), classes=4) for side in (7, 8))
    assert odd.flops == even.flops
    # 2 frames x (64 - 49) pixels x 3 channels, kept for the backward pass, 4 bytes
    kept = 2 * 15 * 3 * 4
    assert even.training_bytes - odd.training_bytes == pytest.approx(
        kept * 17 / 16, abs=1.0
    )


def test_one_more_layer_costs_what_its_operations_do(small):
    (stage,) = small.stages
    layer = Layer(16, stage.layers[1].kernel)
    deeper = replace(small, stages=(Stage(8, (*stage.layers, layer)),))
    # expand 160, depthwise 176, project 145; 1024 + 1152 + 1024 multiply-adds
    assert cost(deeper).parameters - cost(small).parameters == 481
    assert cost(deeper).flops - cost(small).flops == 3200
    assert [low.name for low, _ in pairwise(deeper.placed_layers())] == [
        "stage1.layer0",
        "stage1.layer1",
    ]


@pytest.mark.parametrize(
    ("known", "asked", "priced"), [(8, None, 8), (8, 5, 5), (None, None, 600)]
)
def test_a_price_is_for_the_classes_that_the_network_knows(small, known, asked, priced):
    network = replace(small, classes=known)
    assert cost(network, asked) == cost(small, priced)
    blocks = by_block(network, asked)
    assert sum(b["parameters"] for b in blocks.values()) == (
        cost(small, priced).parameters
    )


def test_classes_are_no_part_of_an_identity_and_stay_with_another_clip(small):
    network = replace(small, classes=8)
    assert network == small
    assert hash(network) == hash(small)
    assert network.arch_id == small.arch_id
    assert network.to_document() == small.to_document()
    assert network.at(4, 16).streaming().classes == 8
    with pytest.raises(ShapeError, match=r"`classes` must be at least 1, got 0\."):
        replace(small, classes=0)


def test_published_networks_know_the_classes_of_their_figures():
    # 3.79 M parameters for Kinetics-400, arXiv 2004.04730
    assert cost(published("x3d-xs")) == cost(published("x3d-xs"), 400)
    assert published("movinet-a0", stream=True).classes == 600


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            "movinet-a0",
            r"must be an Architecture, got `movinet-a0`\. `vidnas.load_architecture`",
        ),
        (Path("a5.yaml"), r"must be an Architecture, got `a5.yaml`\."),
        ({"clip": 1}, r"must be an Architecture, got a `dict`\.$"),
    ],
)
def test_what_is_no_architecture_has_no_cost(wrong, said):
    for price in (cost, by_block):
        with pytest.raises(ShapeError, match=said):
            price(wrong)


@pytest.mark.parametrize("wrong", [0, -1, 2.5, "8", True])
def test_classes_and_batch_are_whole_numbers(small, wrong):
    for name in ("classes", "batch"):
        with pytest.raises(ShapeError, match=rf"`{name}` must be a whole .* got"):
            cost(small, **{name: wrong})


def test_a_cost_holds_numbers_of_python_whatever_counts_it_is_given(small):
    priced = cost(small, np.int64(5), np.int32(64))
    assert priced == cost(small, 5, 64)
    assert {type(value) for value in asdict(priced).values()} <= {int, float}


@pytest.mark.parametrize("precision", ["float16", "mixed", None])
def test_a_cost_is_of_a_precision_that_recipes_have(small, precision):
    with pytest.raises(ShapeError, match="`precision` must be one of float32, mixed_b"):
        cost(small, 5, precision=precision)
