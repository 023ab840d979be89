"""Small networks to export, of odd frames, and what Keras says of them."""

from dataclasses import replace

import numpy as np
import pytest

from vidnas.architecture import Architecture, Clip, Head, Kernel, Layer, Stage, Stem

CLASSES = 5


def small_network(**changes):
    """Two stages of a causal network on 6 frames of 17 x 17, with squeeze-excite."""
    first = Layer(16, Kernel(3, 3), 2, 8)
    architecture = Architecture(
        clip=Clip(6, 17),
        stem=Stem(8),
        stages=(Stage(8, (first, Layer(24, Kernel(5, 1)))), Stage(16, (first,))),
        head=Head(16, 32),
        causal=True,
        convolution="2plus1d",
        activation="hard_swish",
    )
    return replace(architecture, **changes)


def trained(architecture, seed=0):
    """Its network, with norms, biases and scales that no zero hides."""
    from vidnas.nets.network import build

    network = build(architecture, CLASSES)
    rng = np.random.default_rng(seed)
    for weight in network.weights:
        if weight.name in ("gamma", "moving_variance", "residual_scale"):
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
        elif weight.name in ("beta", "moving_mean", "bias", "position_scale"):
            weight.assign(rng.uniform(-0.5, 0.5, weight.shape))
    return network


def noise(architecture, batch, count, seed=1):
    """Frames of streams, or clips where `count` is None, in [0, 1]."""
    clip, rng = architecture.clip, np.random.default_rng(seed)
    frame = (clip.resolution, clip.resolution, clip.channels)
    lengths = (count, batch) if count else (batch, clip.frames)
    return rng.random((*lengths, *frame), np.float32)


def answers_of_keras(network, frames):
    """Logits `[T, B, K]` of a stream, frame by frame."""
    from vidnas.deploy.exported.agreement import answer_frames
    from vidnas.deploy.running.keras_runner import KerasStream

    return answer_frames(KerasStream(network, frames.shape[1]).frame_logits, frames)


@pytest.fixture(scope="session")
def small():
    return small_network


@pytest.fixture(scope="session")
def network_of():
    return trained


@pytest.fixture(scope="session")
def frames_of():
    return noise


@pytest.fixture(scope="session")
def keras_answers():
    return answers_of_keras
