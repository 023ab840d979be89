"""A study by another accuracy and cost looks as one of top-1 and FLOPs does."""

import json
import math

import pytest

from vidnas.study import Dataset, Inline, Study, load_experiment
from vidnas.trials import ACCURACIES
from vidnas.views.charts.explorer import explorer_chart, parallel_rows
from vidnas.views.charts.figures import front_chart, progress_chart
from vidnas.views.charts.point_rows import point_rows
from vidnas.views.notebook import open_study
from vidnas.views.pages.report import write_report
from vidnas.views.tables import family_frame, front_frame, trials_frame

EXPERIMENT = """
schema: vidnas.experiment/v1
name: several
space: quickstart
clips: {folder: clips}
training: {epochs: 1, batch: 8, class_weights: balanced}
budgets: {inference_bytes: 8 MiB}
objectives: [inference_bytes, map]
strategy: {name: random}
baselines: [{network: movinet-t0, frames: 8, resolution: 32}]
effort: {trials: 12}
seed: 1
"""
CLASSES = ("clap", "jump", "run")


def precision(architecture, **_):
    value = 35.0 + architecture.depth * 4.0
    around = {"map_low": value - 3.0, "map_high": value + 3.0}
    return {"map": value, **around, "val_clips": 20.0, "seconds": 1.0}


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    folder = tmp_path_factory.mktemp("several")
    file = folder / "several.yaml"
    file.write_text(EXPERIMENT)
    dataset = Dataset("clips", CLASSES, 40, 20, (12, 6, 0), multi_label=True)
    with Study(load_experiment(file), dataset, folder / "study") as study:
        return study.run(Inline(), precision, lambda trial: None)


def test_tables_have_columns_of_the_accuracy_before_those_of_top1(history):
    frame = trials_frame(history)
    names = list(frame)
    assert names[names.index("top1") - 3 :][:4] == [
        "map",
        "map_low",
        "map_high",
        "top1",
    ]
    row = frame.loc[frame["front"]].iloc[-1]
    assert (row["map_low"], row["map_high"]) == (row["map"] - 3.0, row["map"] + 3.0)
    assert math.isnan(row["top1"])
    # The mean prevalence of the two classes with a clip: (0.6 + 0.3) / 2
    assert bool(row["above_chance"]) == (row["map_low"] > 45.0)
    assert front_frame(history.front(), history.chance)["map"].is_monotonic_increasing
    sizes = family_frame(history.family(), history.chance)
    assert sizes["map"].dropna().is_monotonic_increasing


def test_a_notebook_shows_the_studys_own_front_and_family(history):
    study = open_study(history.folder)
    front = study.front()
    assert repr(front).startswith("<front over inference_bytes, map: ")
    assert front.family(["1 MiB", "8 MiB"]).sizes[1].budget == 8 * 2**20
    with pytest.raises(Exception, match="must come from a front over inference_bytes"):
        study.front("flops", "map").family()
    with pytest.raises(Exception, match=r"A budget of inference bytes .* got `2 M`"):
        front.family(["2 M"])
    page = front._repr_html_()
    assert "mAP [%], 95 % interval" in page
    assert "top-1" not in page


def test_charts_have_the_accuracy_upwards_with_its_bars_and_its_chance(history):
    chart = front_chart(history, history.family()).to_dict()
    text = json.dumps(chart)
    assert "mAP [%]" in text
    assert "inference memory [MiB]" in text
    assert "the mean prevalence (45 %)" in text
    assert "bars are 95 % intervals" in text
    assert "top-1" not in text
    assert "[inference bytes x %]" in json.dumps(progress_chart(history).to_dict())
    explorer_chart(history, history.family())
    rows = parallel_rows(point_rows(history, history.front(), ()))
    assert {row["quantity"] for row in rows} >= {"mAP [%]", "FLOPs"}


def test_the_report_says_by_what_networks_were_compared(history, tmp_path):
    write_report(history, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    words = page.partition("<script")[0]
    best = max(trial.value("map") for trial in history.front().trials)
    assert f"at {best:.1f} %" in words
    assert "% mAP to" in words
    assert "no worse in inference bytes and mAP" in words
    assert "Intervals are those of a bootstrap over clips" in words
    assert "class weights balanced" in words
    assert "top-1" not in words


def test_a_front_over_any_measured_accuracy_has_its_own_chance(history):
    assert history.chance_of(ACCURACIES["macro_f1"]).level < 50.0
    assert len(history.front(history.objectives.each)) == len(history.front())
