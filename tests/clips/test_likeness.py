"""What clips are like, taken together."""

from vidnas.clips.likeness import BARS, distributions
from vidnas.video.header import ClipHeader


def header(seconds=2.0, rate=25.0, width=64, height=48, codec="h264"):
    frames = max(1, round(seconds * rate))
    return ClipHeader(frames, min(width, height), rate, width, height, seconds, codec)


def test_nothing_is_counted_of_nothing():
    assert distributions([]) == {}


def test_rates_sizes_and_codecs_are_counted_the_most_common_first():
    found = distributions([header(), header(rate=29.97), header(width=48, height=64)])
    assert found["frames per second"] == (("25", 2), ("29.97", 1))
    assert found["width x height [pixels]"] == (("64 x 48", 2), ("48 x 64", 1))
    assert found["codec"] == (("h264", 3),)


def test_many_values_end_in_how_many_others_there_are():
    sizes = [header(width=10 + n) for n in range(20)]
    bars = distributions([*sizes, header(width=10)])["width x height [pixels]"]
    assert len(bars) == BARS
    assert bars[0] == ("10 x 48", 2)
    assert bars[-1] == ("13 others", 13)
    assert sum(count for _, count in bars) == 21


def test_lengths_fall_in_round_intervals_that_hold_all_of_them():
    # From 1 to 9 s in steps of at least 1 s
    bars = distributions([header(n) for n in (1.0, 1.5, 5.0, 9.0)])["length [s]"]
    assert bars[0] == ("1 - 2", 2)
    assert dict(bars)["5 - 6"] == 1
    assert sum(count for _, count in bars) == 4


def test_one_long_video_does_not_stretch_the_intervals():
    bars = distributions([*[header(2.0)] * 9, header(3600.0)])["length [s]"]
    assert len(bars) <= BARS + 1
    assert bars[-1][0].endswith("and more")
    assert bars[-1][1] == 1


def test_equal_lengths_are_one_bar():
    bars = distributions([header(2.0)] * 3)["length [s]"]
    assert [count for _, count in bars] == [3]
