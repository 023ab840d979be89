import numpy as np
import pytest

from vidnas.clips.transforms import tables
from vidnas.clips.transforms.tables import apply_table

EVERY = np.arange(256, dtype=np.uint8)


@pytest.mark.parametrize("shape", [(2, 4, 4, 3), (1, 3, 3, 1), (1, 5, 3, 3)])
def test_a_table_is_looked_up_for_every_pixel(shape):
    rng = np.random.default_rng(0)
    clip = rng.integers(0, 256, shape, dtype=np.uint8)
    table = rng.integers(0, 256, 256).astype(np.uint8)
    expected = [table[value] for value in clip.ravel()]
    assert apply_table(clip, table).ravel().tolist() == expected
    mirrored = clip[:, :, ::-1]
    assert np.array_equal(apply_table(mirrored, table), table[mirrored])


def test_a_table_for_each_channel():
    clip = np.array([[[[1, 1, 1]]]], np.uint8)
    each = np.stack([EVERY, EVERY[::-1], np.full(256, 7, np.uint8)])
    assert apply_table(clip, each).ravel().tolist() == [1, 254, 7]


def test_tables_by_hand():
    assert tables.inverted()[[0, 1, 255]].tolist() == [255, 254, 0]
    # Two bits: 0b01111111 keeps 0b01000000, 0b11000001 keeps 0b11000000.
    assert tables.posterised(2)[[0x7F, 0xC1]].tolist() == [0x40, 0xC0]
    assert tables.posterised(0)[[100, 200]].tolist() == [0, 128]  # one bit stays
    assert tables.solarised(128)[[127, 128, 255]].tolist() == [127, 127, 0]
    assert tables.brightened_below(100)[[10, 127, 128]].tolist() == [110, 227, 128]
    assert tables.brightened_below(200)[[100]].tolist() == [255]


def test_what_does_nothing_is_the_table_of_every_value():
    for table in (
        tables.posterised(8),
        tables.solarised(256),
        tables.brightened_below(0),
    ):
        assert np.array_equal(table, EVERY)


def test_stretching_takes_the_extremes_of_the_whole_clip():
    clip = np.zeros((2, 1, 2, 3), np.uint8)
    clip[0, 0, :, 0] = [50, 60]
    clip[1, 0, :, 0] = [70, 100]  # red from 50 to 100, over both frames
    red, green, _ = tables.stretched(clip)
    # (60 - 50) x 255 / 50 = 51
    assert red[[50, 60, 100]].tolist() == [0, 51, 255]
    assert np.array_equal(green, EVERY)  # one value alone stays


def test_equalising_counts_the_pixels_below():
    # 510 pixels of 10, 510 of 20, 510 of 30: a step is (1530 - 510) / 255 = 4 pixels.
    # None lie below 10, 510 below 20, 1020 below 30: (510 + 2) // 4, (1020 + 2) // 4.
    values = np.repeat([10, 20, 30], 510).astype(np.uint8)
    clip = values.reshape(1, 1, -1, 1)
    (table,) = tables.equalised(clip)
    assert table[[10, 20, 30]].tolist() == [0, 128, 255]


def test_too_few_pixels_to_equalise_stay():
    clip = np.array([3, 200], np.uint8).reshape(1, 1, 2, 1)
    assert np.array_equal(tables.equalised(clip)[0], EVERY)
