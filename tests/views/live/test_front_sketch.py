"""A picture of fronts without a library; places are counted by hand."""

import re
from itertools import pairwise

import pytest

from vidnas.trials.front import Front
from vidnas.trials.objectives import STANDARD, Objectives
from vidnas.views.live.front_sketch import OTHER, colour_of, front_sketch


@pytest.fixture
def front(make_trial):
    """`front((flops, top1), ...)`."""

    def make(*points):
        trials = [
            make_trial(n, flops=flops, top1=top1)
            for n, (flops, top1) in enumerate(points)
        ]
        return Front.of(trials, STANDARD.each)

    return make


def places(svg):
    """Where its points stand."""
    found = re.findall(r"translate\(([\d.]+) ([\d.]+)\)", svg)
    return [(float(x), float(y)) for x, y in found]


def test_a_front_climbs_from_left_to_right(front):
    svg = front_sketch({"one": front((1e6, 20.0), (1e7, 60.0), (1e8, 100.0))}, STANDARD)
    (x0, y0), (x1, y1), (x2, y2) = places(svg)
    # Even ratios are even steps, and so are even differences upwards.
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.2)
    assert y0 - y1 == pytest.approx(y1 - y2, abs=0.2)
    assert 0 < x0 < x2 < 640
    assert 0 < y2 < y0 < 250
    # What holds for a budget holds for every larger one, up to the next point.
    assert f'd="M{x0},{y0}H{x1}V{y1}H{x2}V{y2}H628.0"' in svg
    assert "one, trial 1: 60.0 % top-1 at 10 M FLOPs</title>" in svg


def test_studies_share_axes_and_differ_in_colour_and_marker(front):
    fronts = {"a<b": front((1e6, 50.0)), "c": front((2e6, 40.0), (4e6, 60.0))}
    svg = front_sketch(fronts, STANDARD)
    assert len(places(svg)) == 3
    assert len(set(re.findall(r'<path d="(M[^"]*z?)" fill="#', svg))) == 2
    assert colour_of(0) != colour_of(1)
    assert "a&lt;b, trial 0" in svg
    assert "a<b" not in svg
    assert colour_of(99) == OTHER


@pytest.mark.parametrize("width", [360, 640, 1080])
def test_one_point_alone_has_axes_whose_numbers_do_not_touch(front, width):
    svg = front_sketch({"one": front((855e3, 12.5))}, STANDARD, width=width)
    ((x, _),) = places(svg)
    assert 44 < x < width
    ticks = re.findall(r'<text x="([\d.]+)" y="233"[^>]*>([^<]+)', svg)
    ends = [(float(at), 3.4 * len(words)) for at, words in ticks]
    assert len(ends) >= 2
    for (left, half), (right, other) in pairwise(ends):
        assert left + half < right - other


def test_over_several_costs_no_line_is_drawn(make_trial):
    objectives = Objectives(("flops", "parameters"))
    trials = [
        make_trial(n, top1=50.0, costs={"flops": f, "parameters": p})
        for n, (f, p) in enumerate([(1e6, 3.0), (2e6, 1.0)])
    ]
    svg = front_sketch({"one": Front.of(trials, objectives.each)}, objectives)
    assert len(places(svg)) == 2
    assert 'fill="none"' not in svg


def test_without_a_trial_there_is_no_picture():
    assert front_sketch({"one": Front((), STANDARD.each)}, STANDARD) == ""
