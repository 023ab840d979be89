"""A LiteRT file computes what its network computes, with states that phones take."""

from dataclasses import replace

import numpy as np
import pytest

from vidnas.architecture import Kernel, Layer, Stage, Stem
from vidnas.deploy.exported.about import About, read_about
from vidnas.deploy.exported.agreement import answer_frames, compare
from vidnas.deploy.exported.litert import LiteRTClips, LiteRTStream, about_of_file
from vidnas.errors import InputError
from vidnas.nets.stream_states import state_shapes

pytestmark = pytest.mark.keras
CLASSES = 5
LABELS = ("a", "b", "c", "d", "e")


def written(network, path, quantize="none", batch=1, clips=()):
    from vidnas.deploy.exporting.ranges import observe
    from vidnas.deploy.exporting.writing import write_network

    ranges = observe(network, clips) if quantize == "int8" else None
    is_stream = hasattr(network, "initial_states")
    architecture = network.architecture
    about = About(architecture, CLASSES, is_stream, batch, quantize, LABELS)
    write_network(network, about, path, ranges)
    return path


def tensors_of(path):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(path))
    interpreter.allocate_tensors()
    return interpreter.get_tensor_details(), interpreter._get_ops_details()


def test_a_float_stream_is_its_network_over_100_frames_side_by_side(
    tmp_path, small, network_of, frames_of, keras_answers
):
    network = network_of(small()).stream()
    path = written(network, tmp_path / "x.tflite", batch=2)
    frames = frames_of(small(), batch=2, count=100)
    runner = LiteRTStream(path)
    expected = keras_answers(network, frames)
    found = compare(answer_frames(runner.frame_logits, frames), expected)
    assert found.fault("none") == ""
    assert found.difference < 2e-5 * found.spread
    # One stream begins again, the other goes on.
    runner.restart(0)
    again = runner.frame_logits(frames[0])
    assert np.abs(again[0] - expected[0, 0]).max() < 1e-5
    assert np.abs(again[1] - expected[0, 1]).max() > 1e-3

    shapes = state_shapes(small(), CLASSES, 17, 17)
    about = about_of_file(path)
    assert about == read_about(path)
    assert {s.name: s.shape for s in about.states} == {
        name: (2, *shape) for name, shape in shapes.items()
    }
    assert about.classes == LABELS
    tensors, _ = tensors_of(path)
    assert max(len(tensor["shape"]) for tensor in tensors) == 4


def test_integers_stay_right_for_300_frames_and_counters_stay_float(
    tmp_path, small, network_of, frames_of, keras_answers
):
    network = network_of(small()).stream()
    seen = frames_of(small(), batch=8, count=12, seed=2)
    path = tmp_path / "x.tflite"
    written(network, path, "int8", clips=[np.moveaxis(seen, 1, 0)])
    frames = frames_of(small(), batch=1, count=300)
    runner = LiteRTStream(path)
    found = answer_frames(runner.frame_logits, frames)
    expected = keras_answers(network, frames)
    agreement = compare(found, expected)
    assert agreement.decibel > 15
    # The last frames are as right as all of them.
    assert compare(found[200:], expected[200:]).decibel > agreement.decibel - 3
    kinds = {state.name: state.dtype for state in about_of_file(path).states}
    for name, kind in kinds.items():
        assert kind == ("int8" if name.endswith("buffer") else "float32")
    assert runner._states["frames"] == 300.0
    tensors, operators = tensors_of(path)
    types = {tensor["index"]: tensor["dtype"] for tensor in tensors}
    for operator in operators:
        if operator["op_name"] == "HARD_SWISH":  # slow in integers
            assert types[operator["inputs"][0]] == np.float32
        if operator["op_name"] in ("CONV_2D", "DEPTHWISE_CONV_2D"):
            assert types[operator["inputs"][0]] == np.int8


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.parametrize("quantize", ["float16", "dynamic"])
def test_rounded_weights_make_a_smaller_file_that_agrees(
    tmp_path, quantize, small, network_of, frames_of, keras_answers
):
    network = network_of(small(head=replace(small().head, hidden_width=512))).stream()
    path = written(network, tmp_path / "x.tflite", quantize)
    whole = written(network, tmp_path / "whole.tflite")
    frames = frames_of(small(), batch=1, count=20)
    runner = LiteRTStream(path)
    found = compare(
        answer_frames(runner.frame_logits, frames), keras_answers(network, frames)
    )
    assert found.decibel > 30
    assert path.stat().st_size < 0.8 * whole.stat().st_size


@pytest.mark.slow
@pytest.mark.real
def test_dense_kernels_over_time_become_convolutions_in_2d(
    tmp_path, small, network_of, frames_of, keras_answers
):
    layer = Layer(8, Kernel(3, 3), 2)
    architecture = small(
        block="resnet",
        convolution="3d",
        activation="relu",
        stem=Stem(8, Kernel(3, 3)),
        stages=(Stage(8, (layer, Layer(8, Kernel(3, 3)))),),
    )
    network = network_of(architecture).stream()
    path = written(network, tmp_path / "x.tflite")
    frames = frames_of(architecture, batch=1, count=12)
    runner = LiteRTStream(path)
    found = compare(
        answer_frames(runner.frame_logits, frames), keras_answers(network, frames)
    )
    assert found.fault("none") == ""
    tensors, operators = tensors_of(path)
    assert max(len(tensor["shape"]) for tensor in tensors) == 4
    assert "CONV_3D" not in {operator["op_name"] for operator in operators}


@pytest.mark.slow
@pytest.mark.real
def test_a_clip_network_answers_any_number_of_clips(
    tmp_path, small, network_of, frames_of
):
    architecture = small(causal=False, convolution="3d", activation="swish")
    network = network_of(architecture)
    path = written(network, tmp_path / "x.tflite", batch=2)
    clips = frames_of(architecture, batch=5, count=None)
    found = LiteRTClips(path).clip_logits(clips)
    assert np.abs(found - network(clips).numpy()).max() < 1e-5
    with pytest.raises(InputError, match=r"x\.tflite must be of a stream, it is of a"):
        LiteRTStream(path)


def test_what_is_no_file_of_ours_is_refused_in_a_line(tmp_path):
    path = tmp_path / "x.tflite"
    path.write_bytes(b"no model")
    with pytest.raises(InputError, match=r"x\.tflite must be a LiteRT file"):
        about_of_file(path)
    path.write_bytes(b"\x1c\0\0\0TFL3 but empty")
    with pytest.raises(InputError, match=r"x\.tflite must say what network it is of"):
        LiteRTStream(path)
