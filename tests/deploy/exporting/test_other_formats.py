"""SavedModels, ONNX files, Keras files and code compute what the network computes."""

import numpy as np
import pytest

from vidnas.architecture import Head, Stem
from vidnas.deploy.exported.about import About
from vidnas.deploy.exported.agreement import answer_frames, compare
from vidnas.deploy.exported.opening import open_exported_clips, open_exported_stream

pytestmark = pytest.mark.keras
CLASSES = 5
REAL = [pytest.mark.slow, pytest.mark.real]
SLOW_ONNX = pytest.param("x.onnx", marks=REAL)


def write(network, path):
    from vidnas.deploy.exporting.writing import write_network

    is_stream = hasattr(network, "initial_states")
    return write_network(network, About(network.architecture, CLASSES, is_stream), path)


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.parametrize("name", ["saved", "x.onnx"])
def test_servers_run_any_number_of_streams(
    tmp_path, name, small, network_of, frames_of, keras_answers
):
    network = network_of(small()).stream()
    path, _ = write(network, tmp_path / name)
    frames = frames_of(small(), batch=3, count=8)
    runner = open_exported_stream(path, streams=3)
    expected = keras_answers(network, frames)
    for _ in range(2):
        found = compare(answer_frames(runner.frame_logits, frames), expected)
        assert found.fault("none") == ""
        runner.restart()


@pytest.mark.parametrize("name", ["saved", SLOW_ONNX])
def test_servers_run_any_number_of_clips(tmp_path, name, small, network_of, frames_of):
    architecture = small(causal=False, convolution="3d", activation="swish")
    network = network_of(architecture)
    path, _ = write(network, tmp_path / name)
    clips = frames_of(architecture, batch=3, count=None)
    found = open_exported_clips(path).clip_logits(clips)
    assert np.abs(found - network(clips).numpy()).max() < 1e-5


@pytest.mark.slow
@pytest.mark.real
def test_a_savedmodel_takes_the_place_of_an_older_one_and_of_nothing_else(
    tmp_path, small, network_of
):
    from vidnas.errors import InputError

    network = network_of(small()).stream()
    path, about = write(network, tmp_path / "saved")
    about.unlink()
    write(network, path)
    assert about.is_file()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("ten years")
    with pytest.raises(InputError, match="mine must be new or a SavedModel"):
        write(network, tmp_path / "mine")
    assert [f.name for f in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


CODES = {
    "stream": {},
    "positions": {"positional_encoding": True},
    "clip": {"causal": False, "convolution": "3d", "activation": "swish"},
    "x3d": {"block": "x3d", "causal": False, "stem": Stem(8, temporal=5)},
    "shift": {"block": "mobilenet", "causal": False, "temporal_shift": True},
    "resnet": {"block": "resnet", "causal": False, "activation": "relu"},
    "frames": {"head": Head(16, 0, per_frame=True), "convolution": "3d"},
}
FAST = ("stream", "resnet")
KINDS = [
    pytest.param(
        kind, marks=() if kind in FAST else [pytest.mark.slow, pytest.mark.real]
    )
    for kind in CODES
]


@pytest.mark.parametrize("kind", KINDS)
def test_code_in_plain_keras_gives_the_same_numbers(
    tmp_path, kind, small, network_of, frames_of
):
    from vidnas.deploy.exporting.loading import keras_answers as loaded_answers

    architecture = small(**CODES[kind])
    network = network_of(architecture)
    form = network.stream() if architecture.causal else network
    written = write(form, tmp_path / "network.py")
    clips = frames_of(architecture, batch=2, count=None)
    about = About(architecture, CLASSES, stream=False)
    found = loaded_answers(written, "Keras code", about)(clips)
    expected = network(clips).numpy()
    assert np.abs(found - expected).max() < 1e-5 * max(1.0, expected.std())
    text = written[0].read_text()
    assert "vidnas" not in text.replace("Written by vidnas", "")
    if architecture.causal:
        about = About(architecture, CLASSES, stream=True)
        frames = np.moveaxis(clips, 1, 0)
        steps = answer_frames(loaded_answers(written, "Keras code", about), frames)
        assert np.abs(steps[-1] - expected).max() < 1e-5 * max(1.0, expected.std())


@pytest.mark.slow
@pytest.mark.real
def test_a_keras_file_goes_on_as_the_stream_it_was(
    tmp_path, small, network_of, frames_of, keras_answers
):
    from vidnas.deploy.exporting.loading import keras_answers as loaded_answers

    network = network_of(small()).stream()
    written = write(network, tmp_path / "x.keras")
    frames = frames_of(small(), batch=2, count=4)
    answers = loaded_answers(written, "Keras", About(small(), CLASSES, stream=True))
    expected = keras_answers(network, frames)
    assert compare(answer_frames(answers, frames), expected).difference < 1e-5
