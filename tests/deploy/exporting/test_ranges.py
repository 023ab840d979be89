"""Ranges of integers hold what frames fill, in every channel and column."""

import numpy as np
import pytest

pytestmark = pytest.mark.keras


@pytest.mark.parametrize("shape", [(64, 12, 12, 16), (8, 86, 86, 24), (16, 57, 3, 7)])
def test_every_channel_row_and_column_of_a_large_map_is_looked_at(shape):
    import tensorflow as tf

    from vidnas.deploy.exporting.ranges import LOOKED_AT, _some_pixels

    _, H, W, C = shape
    places = np.stack(np.meshgrid(range(H), range(W), indexing="ij"), -1)
    x = np.broadcast_to(places[None, ..., :1] * W + places[None, ..., 1:], shape)
    seen = _some_pixels(tf.constant(np.array(x, np.float32))).numpy()
    assert seen.shape[1] == C
    assert seen.size <= 2 * LOOKED_AT
    rows, columns = np.divmod(seen[:, 0].astype(int), W)
    assert set(columns) == set(range(W))
    assert set(rows) == set(range(H))


@pytest.mark.slow
@pytest.mark.real
def test_ranges_hold_zero_and_grow_with_what_is_seen(small, network_of, frames_of):
    from vidnas.deploy.exporting.ranges import observe

    network = network_of(small()).stream()
    clips = np.moveaxis(frames_of(small(), batch=2, count=4), 1, 0)
    dark, both = observe(network, [0.2 * clips]), observe(network, [0.2 * clips, clips])
    assert (both.lows <= 0).all()
    assert (both.highs >= dark.highs).all()
    assert (both.lows <= dark.lows).all()
    assert both.highs[0] > 0.9 > 0.2 >= dark.highs[0]  # of the images themselves
