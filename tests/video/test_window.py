"""Which frames a clip shows, and at which rate, by hand."""

import numpy as np
import pytest

from vidnas.errors import ClipError
from vidnas.video.timeline import Timeline, believable_rate, without_jumps
from vidnas.video.window import WindowShape, fault_of, shown_frames


def timeline(seconds, rate=10.0, missing=0):
    seconds = np.asarray(seconds, np.float64)
    ticks = np.round(seconds * 1000).astype(np.int64)
    return Timeline(seconds, ticks, ticks[:1], 0.001, rate, 0, missing)


TEN = timeline(np.arange(10) / 10)  # ten frames a second, for one second


def shown(shape, film=TEN):
    return shown_frames(film, shape).positions.tolist()


@pytest.mark.parametrize(
    ("start", "expected"),
    # 3 frames of stride 2 take 5; the slack of 10 is 5, of which half rounds to 2.
    [(0.0, [0, 2, 4]), (0.5, [2, 4, 6]), (1.0, [5, 7, 9])],
)
def test_a_window_begins_within_its_slack(start, expected):
    assert shown(WindowShape(3, 2, start=start)) == expected


@pytest.mark.parametrize(
    ("fps", "expected"),
    [
        (5.0, [0, 2, 4]),  # every 0.2 s
        (10.0, [0, 1, 2]),
        (4.0, [0, 2, 5]),  # at 0, 0.25 and 0.5 s; frame 2 is shown from 0.2 s on
        (30.0, [0, 0, 0]),  # at 0, 0.033 and 0.067 s, all within frame 0
    ],
)
def test_frames_per_second_count_in_time(fps, expected):
    assert shown(WindowShape(3, fps=fps, start=0.0)) == expected


def test_a_stride_counts_frames_of_the_rate_that_is_asked_for():
    assert shown(WindowShape(3, 2, fps=5.0, start=0.0)) == [0, 4, 8]


def test_a_window_by_time_ends_with_the_film():
    # 3 frames at 4 a second take 0.5 s = 5 steps, so 6 frames; the slack is 4.
    assert shown(WindowShape(3, fps=4.0, start=1.0)) == [4, 6, 9]


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        (0.3, None, [3, 4, 5, 6]),
        (0.35, None, [3, 4, 5, 6]),  # frame 3 is still shown
        (None, 0.5, [0, 1, 2, 3]),
        (0.3, 0.5, [3, 4, 4, 4]),  # frames 3 and 4; 5 begins at the end
        (-1.0, 0.2, [0, 1, 1, 1]),
        (0.95, 9.0, [9, 9, 9, 9]),
    ],
)
def test_a_part_holds_the_frames_shown_in_it(begin, end, expected):
    assert shown(WindowShape(4, start=0.0, begin=begin, end=end)) == expected


def test_the_place_of_a_window_is_one_within_the_part():
    # Frames 2 to 7 are six; a window of two leaves a slack of four.
    part = {"begin": 0.2, "end": 0.8}
    assert shown(WindowShape(2, start=1.0, **part)) == [6, 7]
    assert shown(WindowShape(2, start=0.5, **part)) == [4, 5]


def test_a_part_behind_the_film_is_refused():
    with pytest.raises(ClipError, match=r"begin within its video, got 1 s of 1\.0 s"):
        shown_frames(TEN, WindowShape(2, begin=1.0))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"frames": 0},
            "at least 1 frame and a frame stride of at least 1, got 0 and 1",
        ),
        ({"frames": 1, "frame_stride": 0}, "got 1 and 0"),
        ({"frames": 1, "fps": 0.0}, "`fps` must be a rate above 0, got 0"),
        ({"frames": 1, "fps": float("nan")}, "rate above 0, got nan"),
        ({"frames": 1, "begin": 2.0, "end": 2.0}, "got 2 s to 2 s"),
        ({"frames": 1, "end": -1.0}, "got 0 s to -1 s"),
        ({"frames": 1, "begin": float("nan")}, "got nan s to the end"),
    ],
)
def test_a_window_that_cannot_be_is_refused(settings, message):
    with pytest.raises(ClipError, match=message):
        WindowShape(**settings)


def test_uneven_frames_are_chosen_by_time():
    # At 10 a second from the first: 0, 0.1, 0.2, 0.3, 0.4, 0.5 s.
    film = timeline([0.0, 0.15, 0.2, 0.45, 0.5])
    assert shown(WindowShape(6, start=0.0), film) == [0, 0, 2, 2, 2, 4]


@pytest.mark.parametrize(
    ("steps", "claims", "rate"),
    [
        ([0.04] * 20, [25.0], 25.0),
        ([0.04] * 20, [1000.0], 25.0),  # a claim that no step has
        ([0.033, 0.033, 0.034] * 9, [30.0], 30.0),  # rounded to milliseconds
        ([0.04] * 20, [1000.0, 25.0], 25.0),  # the second claim agrees
        ([0.0333, 0.05] * 10, [24.0], 24.0),  # 3:2 pulldown
        ([0.04] * 20 + [9.0], [2.0], 25.0),  # a pause makes the mean slow
        ([0.03, 0.04, 0.03] * 9, [28.57], 28.57),  # hundredths of a second
        ([0.02, 0.5, 0.02, 0.5, 0.02], [], 50.0),
    ],
)
def test_a_claim_counts_where_the_moments_agree(steps, claims, rate):
    seconds = np.cumsum([0.0, *steps])
    assert believable_rate(seconds, claims, 0.001) == pytest.approx(rate, rel=1e-3)


@pytest.mark.parametrize(
    ("claims", "rate"), [([], 25.0), ([12.0], 12.0), ([90000.0, 0.0], 25.0)]
)
def test_one_moment_leaves_the_claim(claims, rate):
    assert believable_rate(np.zeros(1), claims, 0.001) == rate


def test_a_clock_that_jumps_goes_on_by_one_step():
    jumping = np.array([0.0, 1.0, 2.0, 9000.0, 9001.0])
    assert without_jumps(jumping, 3600.0).tolist() == [0.0, 1.0, 2.0, 3.0, 4.0]
    assert without_jumps(jumping, 9000.0) is jumping


def fault(film, shape, decoded, repeated):
    shown = shown_frames(film, shape)
    return fault_of(film, shown, decoded=decoded, repeated=repeated)


@pytest.mark.parametrize(
    ("film", "frames", "decoded", "repeated", "expected"),
    [
        (TEN, 4, 4, 1, ""),
        (timeline([0.0]), 4, 1, 4, "still: one picture"),
        (timeline([0.0]), 1, 1, 1, ""),
        (TEN, 4, 3, 2, "still: 3 of 4 frames can be decoded"),
        (TEN, 8, 5, 2, "damaged: 5 of 8 frames can be decoded"),
        (
            timeline(np.arange(10) / 10, missing=10),
            4,
            4,
            1,
            "cut: 10 of 20 frames are there",
        ),
        (TEN, 12, 10, 3, "short: 2 of 12 frames lie behind the end"),
        (timeline([0.0, 2.0]), 4, 1, 4, "still: one frame is shown for 2.0 s"),
        (TEN, 1, 0, 1, "damaged: 0 of 1 frames can be decoded"),
    ],
)
def test_a_fault_says_its_kind_and_numbers(film, frames, decoded, repeated, expected):
    assert fault(film, WindowShape(frames, start=0.0), decoded, repeated) == expected
