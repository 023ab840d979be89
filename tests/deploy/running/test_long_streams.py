"""A stream of thousands of frames is its clip network, and takes no more memory."""

from pathlib import Path

import numpy as np
import pytest

from vidnas.architecture import Architecture, Clip, Head, Kernel, Layer, Stage, Stem
from vidnas.architecture.published import published

pytestmark = [pytest.mark.keras, pytest.mark.slow, pytest.mark.real]


def runners(architecture, classes, seed=0):
    """The clip network and its stream, with norms, scales and biases that do a lot."""
    from vidnas.deploy.running.keras_runner import KerasClips, KerasStream
    from vidnas.nets import build

    network = build(architecture, classes)
    rng = np.random.default_rng(seed)
    for weight in network.weights:
        if weight.name in ("gamma", "moving_variance", "residual_scale"):
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
        elif weight.name in ("beta", "moving_mean", "bias"):
            weight.assign(rng.uniform(-0.5, 0.5, weight.shape))
    return KerasClips(network), KerasStream(network.stream())


def worst(clips, found, frames, lengths):
    """Largest difference of logits at those lengths, over their spread."""
    expected = [clips.clip_logits(frames[None, :length])[0] for length in lengths]
    pairs = zip(expected, (found[length - 1] for length in lengths), strict=True)
    largest = max(float(np.abs(a - b).max()) for a, b in pairs)
    return largest / np.std(expected[-1])


def test_the_first_64_frames_of_a_stream_of_a0_are_those_of_its_clips():
    architecture = published("movinet-a0", stream=True)
    clips, stream = runners(architecture, 600)
    rng = np.random.default_rng(1)
    frames = rng.random((64, 172, 172, 3), dtype=np.float32)
    found = [stream.frame_logits(frame[None])[0] for frame in frames]
    assert worst(clips, found, frames, (1, 16, 64)) < 1e-4


def test_ten_thousand_frames_of_a_stream_are_one_clip():
    architecture = Architecture(
        clip=Clip(8, 8),
        stem=Stem(4),
        stages=(Stage(4, (Layer(8, Kernel(3, 3), 1, 8), Layer(8, Kernel(5, 1)))),),
        head=Head(8, 8),
        causal=True,
        convolution="2plus1d",
        activation="hard_swish",
    )
    clips, stream = runners(architecture, 5)
    frames = np.random.default_rng(2).random((10_000, 8, 8, 3), dtype=np.float32)
    found = [stream.frame_logits(frame[None])[0] for frame in frames[:2000]]
    before = resident()
    found += [stream.frame_logits(frame[None])[0] for frame in frames[2000:]]
    assert resident() - before < 4 * 2**20
    assert worst(clips, found, frames, (1, 100, 10_000)) < 1e-4


def resident():
    """Resident memory of this process [bytes]."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
