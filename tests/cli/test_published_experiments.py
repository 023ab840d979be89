"""Experiments on published datasets: what their headers say, and small copies of them.

A copy has every key of its file and a dataset laid out as the real one; smaller are
clips, epochs, batch and network.
"""

import importlib.util
import json
import re
from pathlib import Path

import pytest

from vidnas.architecture.published.catalogue import published
from vidnas.cli import search_results, study_run
from vidnas.costs import cost
from vidnas.files.yaml_file import dump_document, load_document
from vidnas.study import Inline, load_experiment, load_history

ROOT = Path(__file__).parents[2]
OURS = ("quickstart", "frame_blind")  # on generated clips
FILES = sorted(
    path for path in (ROOT / "experiments").glob("*.yaml") if path.stem not in OURS
)
GUESS = 100e9  # multiply-adds a second of a GPU, as the headers say
ESTIMATE = re.compile(
    r"Cost: ([\d,]+) GPU hours, an estimate and not measured: (\d+) (?:trials|of each) "
    r"x (\d+) epochs x ([\d,]+) clips x 3 \(forward and backward\) x ([\d.]+) G"
)


def every_dataset():
    """The module beside this file; test folders are no packages."""
    path = Path(__file__).parent / "test_search_every_dataset.py"
    spec = importlib.util.spec_from_file_location("every_dataset", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


DATASETS = every_dataset()
videos = DATASETS.videos  # ten clips of two classes
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def header(path):
    """The comment that a file opens with, on one line."""
    lines = path.read_text().split("schema:")[0].splitlines()
    return " ".join(" ".join(line.lstrip("# ") for line in lines).split())


def test_every_size_and_every_published_dataset_has_its_experiment():
    names = {path.stem for path in FILES}
    assert names >= {f"kinetics600_a{n}" for n in range(6)}
    kinds = {kind for path in FILES for kind in load_document(path).value["clips"]}
    assert kinds >= {"kinetics", "charades", "moments", "something"}


@each_file
def test_a_header_says_command_cost_expectation_and_published_figures(path):
    said = header(path)
    assert f"Run: vidnas search {path.stem} " in said
    places = [said.index(word) for word in ("?", "Run:", "Cost:", "Expect:", "Known:")]
    assert places == sorted(places)
    assert re.search(r"Known: .*\((arXiv|Model Garden|paperswithcode)", said)


@each_file
def test_the_hours_of_a_header_are_those_of_its_formula(path):
    experiment = load_experiment(path)
    said = ESTIMATE.search(header(path)).groups()
    hours, trials, epochs, clips, gigas = (
        float(number.replace(",", "")) for number in said
    )
    assert epochs == experiment.fidelity.epochs
    fidelity = experiment.fidelity
    if experiment.starting_networks:  # they are all there is to train
        trained = [
            *(one.network.architecture for one in experiment.starting_networks),
            *(one.architecture for one in experiment.baselines),
        ]
        assert trials == 1
    else:
        trained = [published(experiment.budgets[0].thing)]
        assert trials == experiment.effort.trials
    flops = sum(
        cost(one.at(fidelity.frames, fidelity.resolution), 600).flops for one in trained
    )
    assert gigas == pytest.approx(flops / 1e9, abs=0.005 * len(trained))
    found = trials * epochs * clips * 3 * gigas * 1e9 / GUESS / 3600
    assert hours == pytest.approx(found, rel=0.05)  # two digits


def copy_of(path, root):
    """A file's experiment with less of everything; its paths are those of `root`."""
    said = load_document(path).value
    space = load_experiment(path).space
    network = space.decode((0,) * len(space.choices))  # one layer a stage, narrow
    (root / "network.yaml").write_text(
        dump_document({"schema": "vidnas.architecture/v1", **network.to_document()})
    )
    kind = next(iter(said["clips"]))
    training = {**said["training"], "epochs": 1, "batch": 4, "precision": "float32"}
    evaluation = training.get("evaluation", {})
    small = {"clips": 2, "crops": 2, "frames": 5}
    training["evaluation"] = {key: small[key] for key in evaluation}
    return {
        **said,
        "clips": DATASETS.LAYOUTS[kind](root),
        "training": training | {"frames": 4, "resolution": 16},
        "seeds": ["network.yaml"],
        "baselines": [],
        "effort": {"trials": 1},
        "workers": {"count": 1, "cpus": 1},
    }


@pytest.mark.real
@pytest.mark.keras
@each_file
def test_a_small_copy_is_searched(path, videos, vidnas, monkeypatch):
    monkeypatch.setattr(study_run, "_executor", lambda *_: Inline())
    monkeypatch.setattr(
        search_results, "write_page", lambda history, path: path.touch()
    )
    copy = copy_of(path, videos)
    (videos / "copy.yaml").write_text(json.dumps(copy))
    code, _, told = vidnas("search", videos / "copy.yaml")
    assert code == 0, told
    history = load_history(videos / "runs" / path.stem)
    (trial,) = history.trials
    assert trial.state == "done", trial.reason
    accuracy = "map" if path.stem.startswith("charades") else "top1"
    assert 0 <= trial.measured[accuracy] <= 100
