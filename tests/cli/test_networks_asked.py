"""`predict`, `evaluate` and `stream`, with networks that learnt nothing."""

import io
import json
import sys

import numpy as np
import pytest

from vidnas.architecture import Architecture, Clip, Head, Kernel, Layer, Stage, Stem
from vidnas.clips.opening import open_clips
from vidnas.datasets.source import ClipSource
from vidnas.deploy.asking.named_network import find_network
from vidnas.deploy.asking.stream import Stream

pytestmark = pytest.mark.keras
CLASSES = sorted(
    (
        "anticlockwise",
        "clockwise",
        "down",
        "growing",
        "left",
        "right",
        "shrinking",
        "up",
    )
)


def tiny(*, causal=False):
    """4 frames of 16 x 16, every other of the source, one layer."""
    return Architecture(
        clip=Clip(4, 16, 2),
        stem=Stem(4),
        stages=(Stage(4, (Layer(8, Kernel(3, 3)),)),),
        head=Head(8, 8),
        causal=causal,
        convolution="2plus1d" if causal else "3d",
    )


@pytest.fixture(scope="module")
def nets(tmp_path_factory):
    """Weights files by name: `clip` and `stream` of eight classes, `other` of two."""
    from vidnas.nets import build
    from vidnas.nets.weights.weights_file import pack_weights

    folder = tmp_path_factory.mktemp("nets")
    of = {
        "clip": (tiny(), CLASSES[::-1], 0),
        "stream": (tiny(causal=True), CLASSES, 0),
        "other": (tiny(), ("jump", "left"), 0),
    }
    found = {}
    for name, (architecture, classes, seed) in of.items():
        network = build(architecture, len(classes), seed=seed)
        found[name] = folder / f"{name}.npz"
        found[name].write_bytes(pack_weights(network, classes))
    return found


@pytest.fixture(scope="module")
def video(clips):
    return sorted((clips / "val" / "left").glob("*.mp4"))[0]


def test_predict_names_classes_and_says_what_it_could_not_read(
    vidnas, nets, video, tmp_path
):
    code, out, err = vidnas("predict", nets["clip"], video, "--top", 3)
    assert (code, len(out.splitlines())) == (0, 4)
    shares = [float(line.split()[-1]) for line in out.splitlines()[1:]]
    assert shares == sorted(shares, reverse=True)
    broken = tmp_path / "broken.mp4"
    broken.write_text("no video")
    code, out, err = vidnas("predict", nets["clip"], broken, video, "--json")
    first, second = json.loads(out)["videos"]
    assert (code, err.count("\n")) == (2, 1)
    assert first["error"] in err
    assert len(second["top"]) == 5
    assert {one["class"] for one in second["top"]} < set(CLASSES)


@pytest.mark.slow
@pytest.mark.real
def test_predict_averages_views_and_follows_what_is_causal(vidnas, nets, video):
    views = ["--eval-clips", 3, "--eval-crops", 2, "--json"]
    _, out, _ = vidnas("predict", nets["clip"], video, *views)
    assert json.loads(out)["videos"][0]["views"] == 6
    _, out, _ = vidnas("predict", nets["stream"], video, "--json", "--over-time")
    (answer,) = json.loads(out)["videos"]
    # 16 frames, every other of them
    assert [one["frame"] for one in answer["over_time"]] == list(range(1, 9))
    assert answer["top"] == answer["over_time"][-1]["top"]
    _, out, _ = vidnas("predict", nets["stream"], video, "--as-clips", "--json")
    assert "frames" not in json.loads(out)["videos"][0]


def test_evaluate_counts_right_clips_by_the_names_of_classes(vidnas, nets, clips):
    code, out, _ = vidnas("evaluate", nets["clip"], "--clips", clips, "--json")
    facts = json.loads(out)
    assert code == 0
    confusion = np.array(facts["confusion"])
    assert confusion.sum(axis=1).tolist() == [1] * 8  # a clip of each class
    assert facts["top1"] == 100.0 * np.trace(confusion) / 8
    assert facts["top1_interval"][0] <= facts["top1"] <= facts["top1_interval"][1]
    assert [row["class"] for row in facts["classes"]] == CLASSES[::-1]
    low, high = facts["bootstrap"]["top1"]
    assert low <= facts["top1"] <= high
    named = _directly(nets["clip"], clips)
    assert facts["top1"] == pytest.approx(named)


def _directly(net, clips):
    """Top-1 [%] by the network alone, on what trainings are measured on."""
    from vidnas.nets import load_pretrained

    network = find_network(str(net))
    model = load_pretrained(net, network.architecture)
    split = open_clips(
        ClipSource.of(clips), "val", frames=4, frame_stride=2, resolution=16
    )
    pixels = np.stack([split.clips_in_memory]).reshape(-1, 4, 16, 16, 3)
    logits = np.asarray(model(pixels.astype(np.float32) / 255.0))
    names = [network.classes[n] for n in logits.argmax(axis=1)]
    truth = [split.classes[file.labels[0]] for file in split.files]
    return 100.0 * np.mean([a == b for a, b in zip(names, truth, strict=True)])


@pytest.mark.slow
@pytest.mark.real
def test_a_stream_is_as_accurate_as_its_clips_and_as_itself(vidnas, nets, clips):
    by_frames = ["--stream", "--against", nets["stream"]]
    _, out, _ = vidnas("evaluate", nets["stream"], "--clips", clips, *by_frames)
    assert "difference +0.0 points (+0.0 to +0.0), on the same clips" in out
    _, out, _ = vidnas("evaluate", nets["stream"], "--clips", clips, "--json")
    as_clips = json.loads(out)
    _, out, _ = vidnas(
        "evaluate", nets["stream"], "--clips", clips, "--stream", "--json"
    )
    assert json.loads(out)["confusion"] == as_clips["confusion"]
    assert json.loads(out)["loss"] == pytest.approx(as_clips["loss"], abs=1e-5)


@pytest.mark.slow
@pytest.mark.real
def test_networks_and_clips_that_do_not_fit_are_refused(vidnas, nets, clips, tmp_path):
    code, _, err = vidnas("evaluate", nets["other"], "--clips", clips)
    assert code == 2
    assert "must know the classes of the clips, it does not know `anticlockwise`" in err
    labels = tmp_path / "labels.txt"
    labels.write_text("a\nb\nc\n")
    code, _, err = vidnas(
        "evaluate", nets["other"], "--clips", clips, "--labels", labels
    )
    assert (code, "must name 2 classes" in err) == (2, True)
    code, _, err = vidnas("evaluate", nets["clip"], "--clips", clips, "--stream")
    assert (code, "must take frames one by one" in err) == (2, True)


def test_stream_tells_lines_json_and_a_film(vidnas, nets, video, tmp_path, monkeypatch):
    code, out, err = vidnas("stream", nets["stream"], video, "--top", 1)
    # 16 frames at 8 a second, every other: a line a second, and the last frame
    assert [line.split(" s")[0].strip() for line in out.splitlines()] == [
        "0.00",
        "1.00",
        "1.75",
    ]
    assert (code, err.startswith("8 frames, ")) == (0, True)
    piped = io.TextIOWrapper(io.BytesIO(video.read_bytes()))
    monkeypatch.setattr(sys, "stdin", piped)
    _, out, _ = vidnas("stream", nets["stream"], "-", "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["frame"] for line in lines] == list(range(1, 9))
    film = tmp_path / "seen.mp4"
    film_words = ["--out", film, "--smooth", 0.5, "--restart", 1]
    code, _, err = vidnas("stream", nets["clip"], video, *film_words)
    assert (code, f"wrote {film}" in err, film.stat().st_size > 500) == (0, True, True)


@pytest.mark.slow
@pytest.mark.real
def test_a_program_pushes_frames_of_its_own(nets):
    stream = Stream(nets["stream"], smooth_seconds=1.0)
    image = np.random.default_rng(0).integers(0, 256, (40, 50, 3), dtype=np.uint8)
    first = stream.push(image)
    second = stream.push(image)
    assert (first.frame, second.seconds) == (1, 2 / 25)
    assert second.probabilities.sum() == pytest.approx(1.0)
    stream.restart()
    again = stream.push(image)
    assert again.probabilities == pytest.approx(first.probabilities)


@pytest.mark.slow
@pytest.mark.real
@pytest.mark.parametrize("name", ["clip", "stream"])
def test_a_file_of_keras_says_what_its_weights_say(vidnas, nets, video, tmp_path, name):
    from vidnas.nets import load_pretrained

    network = find_network(str(nets[name]))
    model = load_pretrained(nets[name], network.architecture)
    saved = tmp_path / "saved.keras"
    (model.stream() if name == "stream" else model).save(saved)
    labels = tmp_path / "labels.txt"
    labels.write_text("\n".join(network.classes))
    _, expected, _ = vidnas("predict", nets[name], video, "--json")
    code, out, _ = vidnas("predict", saved, video, "--json", "--labels", labels)
    assert code == 0
    (found,), (wanted,) = (json.loads(text)["videos"] for text in (out, expected))
    shares = [one["probability"] for one in found["top"]]
    assert shares == pytest.approx([one["probability"] for one in wanted["top"]])
    assert found["top"][0]["class"] == wanted["top"][0]["class"]
    saved.write_text("no model")
    code, _, err = vidnas("predict", saved, video)
    assert (code, err.count("\n")) == (2, 1)
    assert "cannot be loaded by Keras" in err
