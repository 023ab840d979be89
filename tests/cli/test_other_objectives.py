"""What commands say of a study that improves something else than FLOPs and top-1."""

import json

import pytest

from vidnas.cli.epoch_progress import EpochProgress
from vidnas.cli.main import main
from vidnas.cli.progress import Progress
from vidnas.cli.train_result import result_lines
from vidnas.clips.check import ClipReport
from vidnas.study import Dataset, Inline, Study, load_experiment
from vidnas.trials import ACCURACIES, Objectives
from vidnas.trials.effort import Effort


@pytest.fixture
def by_map(folder):
    """A finished study by parameters and mAP, and its experiment file."""
    text = (folder / "experiment.yaml").read_text()
    text = text.replace("top1: 0", "map: 0").replace(
        "flops: 2 M, map", "flops: 2 M, map"
    )
    text = text.replace("{flops: 2 M, map: 0}", "{parameters: 20 k, map: 0}")
    file = folder / "experiment.yaml"
    file.write_text(f"{text}objectives: [parameters, map]\n")
    dataset = Dataset("clips", ("a", "b"), 8, 4, (3, 2), multi_label=True)

    def evaluate(architecture, **_):
        value = 60.0 + architecture.depth
        return {"map": value, "map_low": value - 9, "map_high": value + 9}

    with Study(load_experiment(file), dataset, folder / "study") as study:
        study.run(Inline(), evaluate, lambda trial: None)
    return folder / "study"


def run(capsys, *words):
    code = main([str(word) for word in words])
    return code, *capsys.readouterr()


def test_the_front_of_a_study_is_over_its_own_objectives(by_map, capsys):
    code, out, _ = run(capsys, "front", by_map)
    assert code == 0
    header, first, *_ = out.splitlines()
    assert "mAP [%] (95 %)" in header
    assert "top-1" not in out
    assert "(5" in first
    assert "parameters x % (reference 20 k parameters, 0 %)" in out
    code, out, _ = run(capsys, "front", by_map, "--json")
    told = json.loads(out)
    assert told["reference"] == {"parameters": 20000.0, "map": 0.0}
    # Three and two of four clips: the mean prevalence
    assert told["chance"] == 62.5
    row = told["front"][-1]
    assert row["map_low"] == row["map"] - 9
    assert "top1" not in row
    code, out, _ = run(capsys, "front", by_map, "--csv")
    assert "map,map_low,map_high" in out.splitlines()[0]
    code, out, _ = run(capsys, "front", by_map, "--objectives", "flops,map")
    assert code == 0
    code, _, err = run(capsys, "front", by_map, "--objectives", "flops,top1")
    assert code == 2
    assert "must have `top1` to stand on a front over it" in err


def test_a_family_has_budgets_of_the_first_cost(by_map, capsys):
    code, out, _ = run(capsys, "family", by_map, "--ladder", "10k,20k", "--json")
    assert code == 0
    assert [size["budget_parameters"] for size in json.loads(out)] == [1e4, 2e4]
    code, _, err = run(capsys, "family", by_map, "--ladder", "ten")
    assert code == 2
    assert "A budget of parameters must be a positive quantity such as `20 M`" in err


@pytest.fixture
def several(folder):
    """An experiment on two lists of the clips, each with one class or two."""
    for split in ("train", "val"):
        videos = sorted((folder / "clips" / split).glob("*/*.mp4"))
        labels = ("0 1", "1", "0 2", "2")
        lines = [f"{video} {labels[n % 4]}" for n, video in enumerate(videos)]
        (folder / f"{split}.txt").write_text("\n".join(lines))
    text = (folder / "experiment.yaml").read_text()
    text = text.replace("{folder: clips}", "{list: train.txt, val: val.txt}")
    text = text.replace("front: {reference: {flops: 2 M, top1: 0}}\n", "")
    file = folder / "experiment.yaml"
    file.write_text(text)
    return file


def test_top1_of_clips_of_several_classes_is_refused_in_a_line(several, capsys):
    assert run(capsys, "search", several, "--plan")[0] == 0
    several.write_text(f"{several.read_text()}objectives: [flops, top1]\n")
    for more in (["--plan"], []):
        code, _, err = run(capsys, "search", several, *more)
        assert code == 2
        assert err.splitlines()[-1] == (
            "error: The accuracy among the objectives must be map where clips have "
            "several classes, got `top1`."
        )


def test_a_weighted_class_that_is_none_is_refused_in_a_line(several, capsys):
    text = several.read_text()
    several.write_text(text.replace("batch: 8}", "batch: 8, class_weights: {'7': 2}}"))
    code, _, err = run(capsys, "search", several, "--plan")
    assert code == 2
    assert "`class_weights` must name classes of the clips, got `7`." in err


@pytest.mark.slow
@pytest.mark.keras
def test_clips_of_several_classes_are_searched_and_trained(several, capsys):
    text = several.read_text()
    several.write_text(f"{text}front: {{reference: {{map: 0}}}}\n")
    code, out, err = run(capsys, "search", several, "--trials", "2", "--json")
    assert code == 0
    assert "objectives  flops, map" in err
    told = json.loads(out)
    assert set(told["reference"]) == {"flops", "map"}
    assert told["trials"]["done"] == 2
    assert all(row["map_low"] <= row["map_high"] for row in told["front"])
    words = ["--experiment", several, "--epochs", "1", "--class-weights", "balanced"]
    words += ["--cpus", "1", "--out", several.parent / "full", "--json"]
    network = sorted((several.parent / "runs" / "small" / "family").glob("a?.yaml"))[0]
    code, out, _ = run(capsys, "train", network, *words)
    assert code == 0
    told = json.loads(out)
    assert "top1" not in told
    assert told["map_interval"][0] <= told["map_interval"][1]
    rows = json.loads((several.parent / "full" / "classes.json").read_text())
    assert [row["class"] for row in rows] == ["0", "1", "2"]


def test_progress_names_the_accuracy_and_the_cost(capsys, make_trial):
    objectives = Objectives(("parameters",), ACCURACIES["balanced_accuracy"])
    costs = {"flops": 1e6, "parameters": 2e3}
    measured = {"balanced_accuracy": 61.25, "seconds": 4.2}
    trial = make_trial(0, costs=costs, measured=measured)
    with Progress((), Effort(trials=8), 2, objectives=objectives) as progress:
        progress.hear(trial)
    told = capsys.readouterr().err
    assert "2 k parameters  balanced_accuracy  61.2 %    4.2 s  front" in told


def test_an_epoch_of_several_classes_tells_its_map(capsys):
    report = {"loss": 1.0, "val_loss": 1.5, "map": 40.0, "seconds": 2.0}
    report |= {"map_low": 33.0, "map_high": 46.0}
    with EpochProgress(1, 0, 10, ACCURACIES["map"]) as progress:
        progress.epoch(1, report)
    assert capsys.readouterr().err == (
        "[1/1] loss 1.000  val map  40.0 % (33-46)  2.0 s\n"
    )


def test_a_result_names_every_accuracy_and_the_lowest_classes():
    measured = {
        "top1": 50.0,
        "top1_interval": [40.0, 60.0],
        "top5": 90.0,
        "balanced_accuracy": 45.0,
        "balanced_accuracy_interval": [38.0, 52.0],
        "val_clips": 100,
        "epochs": 3,
        "seconds": 5.0,
        "chance": 55.0,
        "above_chance": False,
    }
    classes = [
        {"class": "run", "clips": 50.0, "recall": 70.0},
        {"class": "jump", "clips": 50.0, "recall": 20.0},
        {"class": "fly", "clips": 0.0, "recall": None},
    ]
    assert result_lines(measured, classes) == [
        "50.0 % top-1 (40-60), 90.0 % top-5 on 100 val clips after 3 epochs, 5 s",
        "45.0 % balanced accuracy (38-52)",
        "not above what guessing reaches (55 %)",
        "lowest   recall of jump 20.0 %, run 70.0 %",
    ]


def test_a_result_of_several_classes_is_its_map():
    measured = {"map": 40.0, "map_interval": [33.0, 46.0], "val_clips": 10}
    measured |= {"epochs": 1, "seconds": 5.0}
    assert result_lines(measured, []) == [
        "40.0 % mAP (33-46) on 10 val clips after 1 epochs, 5 s"
    ]


def test_clips_are_counted_once_whatever_classes_they_have():
    counts = {"train": (3, 2), "val": (1, 1)}
    assert ClipReport(("a", "b"), counts, ()).count("train") == 5
    several = ClipReport(("a", "b"), counts, (), True, {"train": 4, "val": 1})
    assert several.count("train") == 4


def test_a_front_by_another_accuracy_is_judged_by_the_chance_of_that(folder, capsys):
    dataset = Dataset("clips", ("a", "b", "c"), 90, 90, (30, 30, 30))
    right = {"top1": 90.0, "top5": 100.0, "val_clips": 90.0}
    experiment = load_experiment(folder / "experiment.yaml")
    with Study(experiment, dataset, folder / "study") as study:
        study.run(Inline(), lambda architecture, **_: right, lambda trial: None)
    names = ("--objectives", "flops,top5")
    # One of three classes is among any five of them.
    _, out, _ = run(capsys, "front", folder / "study", *names, "--json")
    assert {row["above_chance"] for row in json.loads(out)["front"]} == {False}
    _, out, _ = run(capsys, "front", folder / "study", "--json")
    assert {row["above_chance"] for row in json.loads(out)["front"]} == {True}
    _, out, _ = run(capsys, "front", folder / "study", *names)
    assert "not above chance (100 %)" in out
