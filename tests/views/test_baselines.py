"""Baselines beside the front: points, frames, tables and the page."""

from dataclasses import replace

import pytest

from vidnas.study.standings import standings
from vidnas.views.charts.explorer import explorer_chart
from vidnas.views.charts.figures import front_chart
from vidnas.views.charts.growth import progress_rows
from vidnas.views.charts.point_rows import point_rows
from vidnas.views.notebook import open_study
from vidnas.views.pages.markup import baselines_table, trials_table
from vidnas.views.pages.report import write_report
from vidnas.views.tables import baselines_frame, front_frame, trials_frame


def rows_of(document):
    return [row for rows in document["datasets"].values() for row in rows]


@pytest.fixture(scope="module")
def study(compared):
    return open_study(compared.folder)


def test_baselines_are_drawn_last_with_a_mark_and_a_kind_of_their_own(compared):
    rows = point_rows(compared, compared.front(), compared.family())
    assert [row["baseline"] for row in rows[-2:]] == ["t0", "small <b>tsm</b>"]
    assert {row["kind"] for row in rows[-2:]} == {"baseline"}
    assert not any(row["baseline"] for row in rows[:-2])
    beaten, above = (row["standing"] for row in rows[-2:])
    assert beaten.startswith("dominated by ")
    assert above == "on the front; exceeds flops, parameters"


def test_the_picture_names_them_and_tells_them_from_trials(compared):
    document = front_chart(compared, compared.family()).to_dict()
    named = [
        layer
        for layer in document["layer"]
        if layer["encoding"].get("text", {}).get("field") == "baseline"
    ]
    texts = {
        row["baseline"]
        for layer in named
        for row in document["datasets"][layer["data"]["name"]]
    }
    assert texts == {"t0", "small <b>tsm</b>"}
    [points] = [la for la in document["layer"] if la["mark"]["type"] == "point"]
    scale = points["encoding"]["shape"]["scale"]
    shapes = dict(zip(scale["domain"], scale["range"], strict=True))
    assert list(shapes.values()).count(shapes["baseline"]) == 1
    asked = [tip["field"] for tip in points["encoding"]["tooltip"]]
    assert {"baseline", "standing"} <= set(asked)
    done = sum(trial.state == "done" for trial in compared.trials)
    subtitle = document["title"]["subtitle"]
    assert subtitle.startswith(f"{len(compared.front())} of {done} done trials, ")


def test_a_picture_without_baselines_does_not_mention_them(history):
    document = front_chart(history).to_dict()
    assert "baseline" not in str(document["layer"])


def test_the_explorer_has_a_line_for_each(compared):
    rows = rows_of(explorer_chart(compared).to_dict())
    lines = {row.get("baseline") for row in rows if row.get("quantity") == "FLOPs"}
    assert {"t0", "small <b>tsm</b>"} <= lines


def test_progress_and_hypervolume_are_of_searched_trials(compared):
    rows = progress_rows(compared)
    assert len(rows) == len(compared.finished) + 1
    assert rows[-1]["hypervolume"] == pytest.approx(
        compared.front().hypervolume(compared.reference)
    )


def test_the_trials_frame_says_which_are_baselines(compared):
    frame = trials_frame(compared)
    beside = frame[frame["baseline"] != ""]
    assert list(beside["baseline"]) == ["small <b>tsm</b>", "t0", "xs"]
    assert list(beside["trial"]) == [-1, -2, -3]
    assert list(beside["state"]) == ["done", "done", "failed"]
    assert not beside["front"].any()
    assert len(frame) == len(compared.trials) + 3


def test_the_baselines_frame_says_how_each_stands(study, compared):
    frame = study.baselines().set_index("baseline")
    front = len(compared.front())
    assert (frame["front_members"] == front).all()
    assert frame.loc["small <b>tsm</b>", "dominated_by"] == 0
    assert 0 < frame.loc["t0", "dominated_by"] <= front
    assert frame["dominated_by"].isna().to_dict()["xs"]
    assert frame.loc["xs", "reason"] == "out of memory at batch 32"
    assert "parameters" in frame.loc["t0", "exceeds"]


def test_a_study_without_baselines_has_an_empty_frame(history):
    frame = baselines_frame(history)
    assert len(frame) == 0
    assert "dominated_by" in frame.columns


def test_baselines_are_put_into_one_front_where_asked_for(study, compared):
    alone = study.front("flops", "top1")
    together = study.front("flops", "top1", baselines=True)
    assert set(alone.table()["baseline"]) == {""}
    assert list(together.table()["baseline"])[-1] == "small <b>tsm</b>"
    assert "t0" not in set(together.table()["baseline"])
    assert alone.front == compared.front()
    reference = {"flops": 1e9, "top1": 0.0}
    assert together.hypervolume(reference=reference) > alone.hypervolume(
        reference=reference
    )
    assert together.family().sizes == alone.family().sizes
    done = sum(trial.state == "done" for trial in compared.trials)
    subtitle = together.plot().to_dict()["title"]["subtitle"]
    assert f" of {done} done trials and 2 baselines, beaten by" in subtitle


def test_a_searched_baseline_stands_in_one_row_of_the_frame(compared):
    trial = compared.front().trials[0]
    history = replace(compared, baselines=(replace(trial, baseline="found"),))
    frame = trials_frame(history)
    assert len(frame) == len(history.trials)
    row = frame.set_index("trial").loc[trial.number]
    assert row["baseline"] == "found"
    assert row["front"]
    assert standings(history)[0].words == "on the front"
    frame = front_frame(history.front(baselines=True), history.chance)
    assert len(frame) == len(history.front())


def test_tables_in_a_notebook_show_them_with_user_text_escaped(study, history):
    for shown in (study._repr_html_(), study.front()._repr_html_()):
        assert "small &lt;b&gt;tsm&lt;/b&gt;" in shown
        assert "on the front; exceeds flops, parameters" in shown
        assert "failed: out of memory at batch 32" in shown
    assert "tsm" not in trials_table(study.history)
    assert baselines_table(history) == ""


def test_the_page_has_a_section_on_them(compared, tmp_path):
    write_report(compared, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "<h2>Baselines</h2>" in page
    assert "small &lt;b&gt;tsm&lt;/b&gt;, t0, xs" in page
    assert "<b>tsm" not in page
