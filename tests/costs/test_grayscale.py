"""What does the first convolution cost of one channel, where three were usual?"""

from dataclasses import replace

import numpy as np
import pytest

from vidnas.architecture import Columns, Kernel, Stem
from vidnas.costs import COSTS, cost, cost_many
from vidnas.costs.latency.operators import operators_of_one
from vidnas.costs.network_operations import operations


def in_channels(network, channels):
    return replace(network, clip=replace(network.clip, channels=channels))


def test_a_grayscale_stem_by_hand(small):
    gray = in_channels(small, 1)
    rgb, price = cost(small, classes=4), cost(gray, classes=4)
    # 8 kernels of 1x3x3: 9 weights each where 27 were, at 2 frames x 4 x 4 positions
    assert rgb.parameters - price.parameters == 2 * 9 * 8
    assert rgb.flops - price.flops == 2 * 9 * 8 * 2 * 4 * 4
    assert rgb.stored_parameters - price.stored_parameters == 2 * 9 * 8
    # 2 x 8 x 8 pixels are read once by the stem; weights move once
    assert rgb.moved_bytes - price.moved_bytes == (2 * 2 * 64 + 2 * 9 * 8) * 4
    first = next(operations(gray, 4))
    assert (first.reads, first.backward_values) == (2 * 64, 2 * 64 + 256 * 2)


def test_memory_falls_by_two_thirds_of_the_clip_and_of_the_first_kernel(small):
    rgb, gray = (cost(in_channels(small, c), classes=4) for c in (3, 1))
    # The worst moment is in a layer: the stem's kernel is held there, not copied.
    clip, kernel = 2 * 2 * 64, 2 * 9 * 8
    assert rgb.inference_bytes - gray.inference_bytes == (clip + kernel) * 4
    streams = [cost(in_channels(small, c).streaming(), classes=4) for c in (3, 1)]
    frame = 2 * 64
    assert streams[0].inference_bytes - streams[1].inference_bytes == (
        (frame + kernel) * 4
    )


def test_a_stream_holds_past_frames_of_one_channel(small):
    stem = Stem(8, Kernel(3, 3))
    rgb, gray = (
        cost(replace(in_channels(small, c), stem=stem).streaming(), classes=4)
        for c in (3, 1)
    )
    # two past frames of 8 x 8 before the stem
    assert rgb.stream_state_values - gray.stream_state_values == 2 * 2 * 64


def test_the_first_operator_of_a_device_takes_one_channel(small):
    of_rgb, of_gray = ([*operators_of_one(in_channels(small, c), 4)] for c in (3, 1))
    assert (of_rgb[0].width_in, of_gray[0].width_in) == (3, 1)
    assert [o.shape for o in of_gray[1:]] == [o.shape for o in of_rgb[1:]]


@pytest.mark.parametrize("causal", [False, True])
def test_columns_of_both_cost_what_each_costs(draw, causal):
    seeds = range(0, 40, 4)  # of one block
    networks = [draw(n, causal, channels=c) for n in seeds for c in (1, 3)]
    many = cost_many(Columns.of(networks), 7)
    assert [many.row(n) for n in range(len(many))] == [cost(n, 7) for n in networks]


def test_a_rate_costs_nothing(small):
    timed = replace(small, clip=replace(small.clip, fps=12.5))
    assert cost(timed) == cost(small)
    columns = Columns.of([small, timed])
    np.testing.assert_array_equal(columns.fps, [0.0, 12.5])
    for name in COSTS:
        one, other = cost_many(columns)[name]
        assert one == other
