from dataclasses import replace

from vidnas.architecture import Clip
from vidnas.architecture.published import published
from vidnas.trials import ACCURACIES
from vidnas.views.text.summary import (
    accuracy_in_words,
    clip_in_words,
    depths,
    kernels,
    stages_in_words,
    widths,
)

TOP1 = ACCURACIES["top1"]


def test_widths_depths_and_kernels_are_those_of_the_network():
    network = published("movinet-a0")
    assert widths(network) == "8, 8, 32, 56, 56, 104"
    assert depths(network) == "1, 3, 3, 4, 4"
    counted = sum(int(part.split("(")[1][:-1]) for part in kernels(network).split(", "))
    assert counted == network.depth


def test_a_clip_is_said_with_what_is_unusual_in_it():
    network = published("movinet-a0")
    assert clip_in_words(network) == "50 frames of 172 x 172"
    for clip, words in (
        (Clip(8, 64, fps=12.5), "8 frames of 64 x 64, 12.5 a second"),
        (Clip(8, 64, 2, channels=1), "8 frames of 64 x 64, grayscale"),
        (Clip(8, 64, fps=4, channels=1), "8 frames of 64 x 64, 4 a second, grayscale"),
    ):
        assert clip_in_words(replace(network, clip=clip)) == words


def test_a_network_is_said_from_stem_to_head():
    parts = stages_in_words(published("movinet-a0")).split(" | ")
    assert parts[0] == "8"
    assert parts[1] == "8 x 1: 1x5x5 se"
    assert parts[-1] == "480"


def test_accuracy_is_said_with_its_interval(history):
    trial = replace(
        history.front().trials[0], measured={"top1": 50.0, "val_clips": 256.0}
    )
    # Wilson, 128 of 256: centre 50, half-width 1.96 sqrt(.25 / 256 + ...) = 6.08
    assert accuracy_in_words(trial, TOP1) == "50.0 (43.9 to 56.1)"
    assert accuracy_in_words(replace(trial, measured={"top1": 50.0}), TOP1) == "50.0"
    assert accuracy_in_words(replace(trial, measured={}), TOP1) == "-"
