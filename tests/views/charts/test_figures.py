from dataclasses import replace

import pytest

from vidnas.errors import InputError
from vidnas.trials import FLOPS, TOP1, Objective
from vidnas.views.charts.explorer import PARALLEL, explorer_chart, parallel_rows
from vidnas.views.charts.figures import front_chart, progress_chart
from vidnas.views.charts.growth import progress_rows
from vidnas.views.charts.point_rows import point_rows
from vidnas.views.charts.ticks import log_ticks

MEMORY = Objective("inference_bytes", maximise=False)
PARAMETERS = Objective("parameters", maximise=False)


def rows_of(document):
    """The rows of every data set that the chart draws."""
    return [row for rows in document["datasets"].values() for row in rows]


def layer_of(document, mark):
    """The encoding and the rows of the first layer with that mark."""
    layer = document["layer"][marks_of(document).index(mark)]
    return layer["encoding"], document["datasets"][layer["data"]["name"]]


def marks_of(document):
    return [layer["mark"]["type"] for layer in document["layer"]]


def test_every_done_trial_is_a_point_and_no_other_is(history):
    front = history.front()
    rows = point_rows(history, front, ())
    done = [trial for trial in history.trials if trial.state == "done"]
    assert sorted(row["trial"] for row in rows) == [trial.number for trial in done]
    kinds = [row["kind"] for row in rows]
    assert kinds.count("on the front") == len(front)
    # What is drawn last is on top.
    assert kinds == sorted(kinds, key=["done trial", "on the front"].index)


def test_the_family_is_named_on_the_picture(history):
    family = history.family()
    drawn = rows_of(front_chart(history, family).to_dict())
    named = {(r["size"], r["trial"]) for r in drawn if r.get("size")}
    filled = [size for size in family if size.trial is not None]
    assert named == {(size.name.upper(), size.trial.number) for size in filled}


def test_an_empty_rung_is_not_drawn(history):
    family = [replace(size, trial=None) for size in history.family()]
    drawn = rows_of(front_chart(history, family).to_dict())
    assert not any(row.get("size") for row in drawn)


def test_axes_carry_their_units_and_flops_are_logarithmic(history):
    document = front_chart(history).to_dict()
    points, _ = layer_of(document, "point")
    assert points["x"]["title"] == "FLOPs (multiply-adds) per clip, log scale"
    assert points["x"]["scale"]["type"] == "log"
    assert points["y"]["title"] == "top-1 [%]"


def test_front_members_have_bars_of_their_intervals(history):
    document = front_chart(history).to_dict()
    # Chance is a rule too, without an upper end.
    document["layer"] = [la for la in document["layer"] if "y2" in la["encoding"]]
    _, values = layer_of(document, "rule")
    assert len(values) == len(history.front())
    assert all(row["low"] < row["y"] < row["high"] for row in values)


def test_the_step_goes_through_the_front_to_the_dearest_trial(history):
    document = front_chart(history).to_dict()
    _, corners = layer_of(document, "line")
    assert len(corners) == len(history.front()) + 1
    dearest = max(t.value("flops") for t in history.trials if t.state == "done")
    assert corners[-1] == {"x": dearest, "y": corners[-2]["y"]}


def test_a_front_of_three_objectives_has_no_line(history):
    front = history.front((FLOPS, PARAMETERS, TOP1))
    document = front_chart(history, front=front).to_dict()
    assert "line" not in marks_of(document)


def test_memory_is_drawn_in_mebibytes_and_without_accuracy_bars(history):
    front = history.front((FLOPS, MEMORY))
    document = front_chart(history, front=front).to_dict()
    encoding, points = layer_of(document, "point")
    assert encoding["y"]["title"] == "inference memory [MiB], log scale"
    least = min(t.value("inference_bytes") for t in history.trials if t.state == "done")
    assert min(row["y"] for row in points) == least / 2**20
    assert "rule" not in marks_of(document)


def test_one_objective_makes_no_picture(history):
    with pytest.raises(InputError, match="two objectives, got `top1` alone"):
        front_chart(history, front=history.front((TOP1,)))


def test_progress_ends_at_the_hypervolume_of_the_front(history):
    rows = progress_rows(history)
    volumes = [row["hypervolume"] for row in rows]
    assert volumes == sorted(volumes)
    assert volumes[0] == 0.0
    assert volumes[-1] == pytest.approx(
        history.front().hypervolume(history.reference), rel=1e-12
    )
    assert rows[-1]["front"] == len(history.front())
    assert len(rows) == len(history.finished) + 1
    assert rows_of(progress_chart(history).to_dict()) == rows


def test_charts_of_a_study_without_a_done_trial_are_valid(unfinished):
    document = front_chart(unfinished).to_dict()
    assert rows_of(document) == []
    assert document["title"]["subtitle"] == "No trial is done yet"
    last = progress_rows(unfinished)[-1]
    assert (last["finished"], last["hypervolume"], last["front"]) == (3, 0.0, 0)


def test_the_brush_chooses_what_the_lines_below_show(history):
    document = explorer_chart(history, history.family()).to_dict()
    assert [p["name"] for p in document["params"]] == ["brush"]
    assert document["params"][0]["select"]["type"] == "interval"
    below = document["vconcat"][1]["layer"]
    filters = [t for layer in below for t in layer.get("transform", [])]
    assert {"filter": {"param": "brush"}} in filters


def test_parallel_axes_run_from_the_lowest_to_the_highest(history):
    rows = parallel_rows(point_rows(history, history.front(), ()))
    for quantity in PARALLEL:
        shares = [
            r["share"] for r in rows if r["quantity"] == quantity and not r["words"]
        ]
        assert (min(shares), max(shares)) == (0.0, 1.0)
        assert sum(r["quantity"] == quantity and bool(r["words"]) for r in rows) == 2


def test_ticks_stand_at_one_two_and_five():
    assert log_ticks(1.5e6, 2.4e7) == [2e6, 5e6, 1e7, 2e7]
    assert log_ticks(0.04, 0.3) == [0.05, 0.1, 0.2]


def test_a_short_axis_gets_closer_ticks():
    assert log_ticks(1.2e7, 2.6e7) == [1.5e7, 2e7, 2.5e7]


def test_a_study_with_one_done_trial_is_drawn(history):
    single = replace(history, trials=history.front().trials[:1])
    document = front_chart(single, single.family()).to_dict()
    assert document["title"]["subtitle"].startswith("1 of 1 done trials, beaten by")
    rows = rows_of(explorer_chart(single).to_dict())
    assert {row["share"] for row in rows if row.get("quantity")} == {0.0, 1.0}


def test_trials_that_may_be_on_the_front_have_rings(history):
    document = front_chart(history, history.family()).to_dict()
    (rings,) = [
        layer
        for layer in document["layer"]
        if layer["mark"]["type"] == "circle" and not layer["mark"]["filled"]
    ]
    ringed = {row["trial"] for row in document["datasets"][rings["data"]["name"]]}
    members = {trial.number for trial in history.front().trials}
    probable = {n for n, share in history.on_front.items() if share >= 0.1}
    assert ringed == probable - members
    assert ringed
    assert "rings may be on the front" in document["title"]["subtitle"]
