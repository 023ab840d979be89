"""`vidnas front` asked what if: budgets, the knee, volumes over any objectives."""

import csv
import io
import json

import pytest

from vidnas.study import Dataset, Inline, Study, load_experiment, load_history
from vidnas.study.experiment.stated_objectives import LOWERED, SPARSE
from vidnas.trials import Front


def done(study):
    return [t for t in load_history(study).compared if t.state == "done"]


def test_a_budget_leaves_the_front_of_what_keeps_to_it(study, vidnas):
    most = sorted(trial.value("flops") for trial in done(study))[8]
    words = ("front", study, "--budget", f"flops={most}")
    code, out, _ = vidnas(*words)
    assert code == 0
    header, *rows, last = out.splitlines()
    assert header.split()[:3] == ["trial", "flops", "top1"]
    assert last.startswith("hypervolume ")
    assert last.endswith(" FLOPs x % (reference 2 M FLOPs, 0 %)")
    _, as_json, _ = vidnas(*words, "--json")
    told = json.loads(as_json)
    assert told["within"] == {"flops": most}
    objectives = load_history(study).objectives.each
    fitting = [t for t in done(study) if t.value("flops") <= most]
    front = Front.of(fitting, objectives)
    assert [row["trial"] for row in told["front"]] == [t.number for t in front]
    assert told["knee"] == front.knee().number
    assert told["reference"] == {"flops": 2e6, "top1": 0.0}
    assert told["hypervolume"] == front.hypervolume(told["reference"])
    _, as_csv, _ = vidnas(*words, "--csv")
    rows = list(csv.DictReader(io.StringIO(as_csv)))
    assert [int(row["trial"]) for row in rows] == [t.number for t in front]


def test_the_knee_alone_is_one_trial(study, vidnas):
    _, whole, _ = vidnas("front", study, "--objectives", "parameters,top1")
    code, out, _ = vidnas("front", study, "--objectives", "parameters,top1", "--knee")
    assert code == 0
    (noted,) = [line for line in whole.splitlines() if "knee" in line]
    assert noted in out.splitlines()
    assert len(out.splitlines()) == 3  # header, knee, volume of the whole front
    assert out.splitlines()[-1] == whole.splitlines()[-1]
    _, as_json, _ = vidnas("front", study, "--knee", "--json")
    told = json.loads(as_json)
    assert [row["trial"] for row in told["front"]] == [told["knee"]]


def test_a_budget_that_nothing_keeps_to_says_what_comes_closest(study, vidnas):
    code, out, err = vidnas("front", study, "--budget", "parameters=9")
    assert (code, out) == (0, "")
    assert "No trial done at 1 epoch has parameters <= 9 in " in err
    assert "; the least parameters is " in err
    _, as_json, _ = vidnas("front", study, "--budget", "top1=100", "--json")
    told = json.loads(as_json)
    assert (told["front"], told["knee"], told["hypervolume"]) == ([], None, None)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--budget", "flops"], "must be a name and a limit, flops=50M, got `flops`"),
        (["--budget", "=5"], "must be a name and a limit, flops=50M, got `=5`"),
        (["--budget", "flop=5"], "got `flop`. Did you mean `flops`?"),
        (["--budget", "flops=few"], "must be such as `20 M` or 2e7, got 'few'"),
        (["--budget", "flops=1", "--budget", "flops=2"], "once, got flops, flops."),
    ],
)
def test_wrong_budgets_are_told_in_a_line(study, vidnas, words, said):
    code, out, err = vidnas("front", study, *words)
    assert (code, out) == (2, "")
    assert said in err.splitlines()[-1]


@pytest.mark.parametrize("name", [name for name in LOWERED if name != "latency_ms"])
def test_every_cost_that_can_be_budgeted_can_be_an_objective(folder, vidnas, name):
    file = folder / "experiment.yaml"
    text = file.read_text().replace("front: {reference: {flops: 2 M, top1: 0}}\n", "")
    names = ["flops", name] if name == SPARSE else [name, "flops"]
    names = list(dict.fromkeys(names))
    file.write_text(f"{text}objectives: [{', '.join(names)}, top1]\n")
    dataset = Dataset(str(folder / "clips"), ("a", "b"), 8, 4)

    def evaluate(architecture, **_):
        return {"top1": 50.0 + architecture.depth, "val_clips": 100.0}

    run = folder / "study"
    with Study(load_experiment(file), dataset, run) as study:
        history = study.run(Inline(), evaluate, lambda trial: None)
    front = history.front()
    assert [objective.name for objective in front.objectives] == [*names, "top1"]
    assert set(history.reference) == {*names, "top1"}
    assert all(history.reference[n] > 0 for n in names if n != SPARSE)
    code, out, _ = vidnas("front", run)
    assert code == 0
    assert name in out or name in ("flops", "parameters", "inference_bytes")
    code, out, _ = vidnas("front", run, "--budget", f"{name}=1e15", "--json")
    assert [row["trial"] for row in json.loads(out)["front"]] == [
        trial.number for trial in front
    ]
    code, out, _ = vidnas("family", run, "--json")
    assert code == 0
    assert any(size["trial"] is not None for size in json.loads(out))


@pytest.fixture
def beside(folder):
    """A study with a baseline of 700 k FLOPs and one of 1.5 M."""
    file = folder / "experiment.yaml"
    small = "network: x3d-s, frames: 4, resolution: 8, within"
    file.write_text(
        f"{file.read_text()}baselines:\n- {{name: less, {small}: {{flops: 700k}}}}\n"
        f"- {{name: more, {small}: {{flops: 1.5M}}}}\n"
    )
    experiment = load_experiment(file)
    clips = Dataset(str(folder / "clips"), tuple("abcdefgh"), 16, 8)

    def bigger_is_better(architecture, *, seed, **rest):
        top1 = {"x3d": 30.0}.get(architecture.block, 50.0 + architecture.depth)
        return {"top1": top1, "val_clips": 100.0}

    run = folder / "runs" / "beside"
    with Study(experiment, clips, run, trials=10) as study:
        study.run(Inline(), bigger_is_better, lambda trial: None)
    return run


def test_another_front_shows_the_baselines_within_its_budgets(beside, vidnas):
    _, out, _ = vidnas("front", beside, "--knee")
    rows = {line.split()[0]: line for line in out.splitlines()}
    assert "dominated by " in rows["less"]
    assert "dominated by " in rows["more"]
    _, out, _ = vidnas("front", beside, "--budget", "flops=1M", "--json")
    told = json.loads(out)
    assert [row["baseline"] for row in told["baselines"]] == ["less"]
    members = [trial for trial in told["front"] if trial["flops"] <= 7e5]
    assert told["baselines"][0]["dominated_by"] == len(members)
    _, out, _ = vidnas("front", beside, "--objectives", "parameters,top1", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [row["baseline"] for row in rows if row["baseline"]] == ["less", "more"]
    _, out, _ = vidnas("family", beside, "--ladder", "1M,2M")
    assert "best baseline" in out.splitlines()[0]
    assert "less 30.0, +2" in out or "more 30.0, +2" in out
