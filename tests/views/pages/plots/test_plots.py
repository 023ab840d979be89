"""Pictures of a page: places of numbers, of names, and of who worked when."""

import itertools

import numpy as np
import pytest

from vidnas.study.accounts import Try
from vidnas.views.charts.growth import hours_rows, progress_rows
from vidnas.views.charts.objectives import OBJECTIVES_BY_NAME
from vidnas.views.charts.ticks import even_ticks
from vidnas.views.pages.plots.at_work import _seconds_up_to, lines_of
from vidnas.views.pages.plots.frame import Axis, Frame, tick_words
from vidnas.views.pages.plots.labels import Box, Name, placed_names
from vidnas.views.pages.plots.progress import time_unit
from vidnas.views.pages.plots.strokes import dots, polyline, stairs

WITHIN = Box(0.0, 0.0, 300.0, 200.0)


def test_ticks_are_round_and_within_their_limits():
    assert even_ticks(0.0, 1.0, 4) == [0.0, 0.5, 1.0]
    assert even_ticks(12.4, 97.0, 5) == [20.0, 40.0, 60.0, 80.0]
    assert even_ticks(-3.0, 3.0, 6) == [-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0]
    told = [tick_words(tick) for tick in (0.5, 80.0, 1500.0, 2e6, 3e9)]
    assert told == ["0.5", "80", "1.5 k", "2 M", "3 G"]


def test_an_axis_of_ratios_is_halfway_at_the_mean_ratio():
    axis = Axis("FLOPs", 1e6, 1e8, log=True)
    assert axis.share(1e7) == pytest.approx(0.5)
    assert axis.share(0.0) < 0.0  # what has no logarithm stands before it
    # 100 pixels for two powers of ten: 1, 2 and 5 M stand too near for 40 apart
    assert [words for _, words in axis.ticks(100.0, 40.0)] == ["1 M", "10 M", "100 M"]


def test_one_value_still_has_an_axis():
    flops, top1 = OBJECTIVES_BY_NAME["flops"], OBJECTIVES_BY_NAME["top1"]
    frame = Frame.of(Axis.of(flops, [2e6]), Axis.of(top1, [50.0]), 360.0, 230.0)
    assert frame.left < frame.x(2e6) < frame.right
    assert frame.top < frame.y(50.0) < frame.bottom
    assert "nan" not in frame.axes()


@pytest.mark.parametrize("seed", range(20))
def test_names_of_near_points_stand_apart_inside_the_picture(seed):
    rng = np.random.default_rng(seed)
    middle = rng.uniform((30, 30), (270, 170))
    points = middle + rng.normal(0.0, 12.0, size=(6, 2))
    points = np.clip(points, (4, 4), (296, 196))
    names = [Name(x, y, 20.0, 15.0) for x, y in points.tolist()]
    boxes = placed_names(names, WITHIN, [Box.around(x, y, 7.0) for x, y in points])
    for box, other in itertools.combinations(boxes, 2):
        assert box.shared(other) == 0.0
    for box in boxes:
        assert box.shared(WITHIN) == pytest.approx(box.area)


def test_paths_are_short_and_say_where_they_go():
    points = [(0.0, 10.04), (5.26, 4.0)]
    assert dots(points) == "M0 10h0M5.3 4h0"
    assert polyline(points) == "M0 10L5.3 4"
    assert stairs(points) == "M0 10H5.3V4"
    assert stairs(points, rises_first=True) == "M0 10V4H5.3"
    assert polyline([]) == stairs([]) == ""


def test_tries_share_a_line_only_one_after_another_on_one_machine():
    def one(trial, node, began, ended):
        return Try(trial, node, trial, began, ended, "done")

    tries = [
        one(0, "a", 0.0, 10.0),
        one(1, "a", 1.0, 4.0),
        one(2, "a", 4.1, 8.0),
        one(3, "b", 10.0, 12.0),
        one(4, "a", 10.0, 12.0),
    ]
    lines = [[t.trial for t in line] for line in lines_of(tries)]
    assert lines == [[0, 4], [1, 2], [3]]


def test_seconds_of_work_are_counted_up_to_each_edge():
    # 0 before the first moment, then 1 s a second, from the second on 2 s a second
    moments, edges = np.array([2.0, 5.0]), np.array([0.0, 2.0, 4.0, 6.0])
    assert _seconds_up_to(moments, edges).tolist() == [0.0, 0.0, 2.0, 5.0]


def test_time_is_told_in_what_people_count():
    assert [time_unit(hours) for hours in (5.0, 1.0, 0.01)] == [
        ("hours", 1.0),
        ("minutes", 60.0),
        ("seconds", 3600.0),
    ]


def test_hours_end_where_trials_do_with_the_same_hypervolume(history):
    rows = hours_rows(history)
    assert rows[0]["hours"] == 0.0
    assert rows[-1]["hypervolume"] == progress_rows(history)[-1]["hypervolume"]
    hours = [row["hours"] for row in rows]
    assert hours == sorted(hours)
    assert hours[-1] <= history.seconds / 3600.0 + 1e-9
