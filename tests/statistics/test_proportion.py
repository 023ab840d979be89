import numpy as np
import pytest

from vidnas.statistics.proportion import wilson


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [
        # Newcombe 1998, Statistics in Medicine 17, 857-872, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_intervals_are_those_published(hits, count, low, high):
    bounds = wilson(100.0 * hits / count, count)
    assert [round(b / 100, 4) for b in bounds] == [low, high]


@pytest.mark.parametrize("percent", [0.0, 12.5, 50.0, 100.0])
@pytest.mark.parametrize("count", [1, 8, 1000])
def test_the_interval_holds_the_share_and_mirrors(percent, count):
    low, high = wilson(percent, count)
    assert 0.0 <= low <= percent <= high <= 100.0
    mirrored = wilson(100.0 - percent, count)
    np.testing.assert_allclose(mirrored, (100.0 - high, 100.0 - low), atol=1e-9)


def test_more_clips_narrow_the_interval():
    widths = [np.diff(wilson(80.0, count))[0] for count in (10, 100, 1000)]
    assert widths[0] > widths[1] > widths[2]
