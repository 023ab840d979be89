"""Baselines as a user sees them: the front's table, CSV and JSON, and the search."""

import csv
import io
import json
from dataclasses import replace

import pytest

from vidnas.architecture.published import published
from vidnas.cli.progress import Progress
from vidnas.errors import EvaluationError
from vidnas.study import Dataset, Inline, Study, load_experiment
from vidnas.trials import Fidelity, Trial
from vidnas.trials.effort import Effort

LISTED = """
baselines:
- {network: mobilenetv3-small-tsm, frames: 4, resolution: 32, name: shifted}
- {network: mobilenetv3-small, frames: 4, resolution: 32}
- x3d-xs
"""


@pytest.fixture
def compared(folder):
    """A finished study: one baseline better than the front, one worse, one failed."""
    with (folder / "experiment.yaml").open("a") as file:
        file.write(LISTED)

    def accuracy(architecture, **rest):
        if architecture.block == "x3d":
            raise EvaluationError("out of memory at batch 8")
        if architecture.block == "mobilenet":
            return {"top1": 99.0 if architecture.temporal_shift else 10.0}
        return {"top1": 20.0 + architecture.depth, "val_clips": 100.0}

    experiment = load_experiment(folder / "experiment.yaml")
    dataset = Dataset(str(folder / "clips"), tuple("abcdefgh"), 16, 8)
    with Study(experiment, dataset, folder / "runs" / "small") as study:
        study.run(Inline(), accuracy, lambda trial: None)
    return folder / "runs" / "small"


def test_the_table_shows_them_among_the_front_by_flops(compared, vidnas):
    code, out, _ = vidnas("front", compared)
    assert code == 0
    table, _, last = out.rpartition("hypervolume ")
    header, *lines = table.splitlines()
    assert header.endswith("arch_id  notes")
    assert "(reference 2 M FLOPs, 0 %)" in last
    said = {line.split()[0]: line.partition(")  ")[2] or line for line in lines}
    members = len(lines) - 3
    assert said["mobilenetv3-small"].endswith(
        f"  dominated by {members} of {members} front members; exceeds flops"
    )
    assert said["shifted"].endswith("  on the front; exceeds flops")
    assert said["x3d-xs"].endswith("  failed: out of memory at batch 8; exceeds flops")
    assert [line.split()[0] for line in lines[members:]] == [
        "shifted",
        "mobilenetv3-small",
        "x3d-xs",
    ]


def test_json_keeps_them_apart_from_the_front(compared, vidnas):
    _, out, _ = vidnas("front", compared, "--json")
    told = json.loads(out)
    assert not any("baseline" in row for row in told["front"])
    assert all(row["trial"] >= 0 for row in told["front"])
    rows = {row["baseline"]: row for row in told["baselines"]}
    members = len(told["front"])
    assert rows["mobilenetv3-small"]["dominated_by"] == members
    assert rows["shifted"]["dominated_by"] == 0
    assert rows["shifted"]["exceeds"] == ["flops"]
    assert rows["x3d-xs"]["top1"] is None
    assert rows["x3d-xs"]["dominated_by"] is None
    assert rows["x3d-xs"]["reason"] == "out of memory at batch 8"


def test_csv_names_them_in_a_column(compared, vidnas):
    _, out, _ = vidnas("front", compared, "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    named = [row for row in rows if row["baseline"]]
    assert [row["baseline"] for row in named] == ["shifted", "mobilenetv3-small"]
    assert [row["exceeds"] for row in named] == ["flops", "flops"]
    assert {row["dominated_by"] for row in rows if not row["baseline"]} == {""}


def test_an_unknown_baseline_is_named_with_its_line_and_the_nearest(folder, vidnas):
    with (folder / "experiment.yaml").open("a") as file:
        file.write("baselines: [mobilenetv3-smal]\n")
    code, out, err = vidnas("search", "experiment.yaml")
    assert (code, out) == (2, "")
    assert err == (
        "error: experiment.yaml, line 14: `baselines[0]` must be a published network "
        "or an architecture file relative to the experiment's, got `mobilenetv3-smal`. "
        "Did you mean `mobilenetv3-small`?\n"
    )


def test_the_log_names_a_baseline_and_counts_it_nowhere(capsys):
    trial = Trial(
        number=-1,
        candidate=(),
        architecture=published("x3d-xs"),
        fidelity=Fidelity(epochs=1),
        seed=1,
        costs={"flops": 2.5e6},
        baseline="x3d-xs",
    )
    measured = {"top1": 61.25, "seconds": 4.2}
    with Progress((), Effort(trials=8), workers=2) as progress:
        progress.hear(trial)
        assert "\n  x3d-xs   2.50 M FLOPs  training for" in progress._view().plain
        progress.hear(replace(trial, state="done", measured=measured))
        progress.hear(replace(trial, state="failed", reason="no room"))
    assert capsys.readouterr().err.splitlines() == [
        "[  0/8] x3d-xs  done      2.50 M FLOPs  top1  61.2 %    4.2 s",
        "[  0/8] x3d-xs  failed    2.50 M FLOPs  no room",
    ]
