"""What the first layout of the house wrote still opens, and is found again alike."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

import vidnas
from vidnas.costs import cost
from vidnas.documents.node import Node, Origin
from vidnas.errors import StudyError
from vidnas.files.journal import read_journal
from vidnas.files.loading import load_architecture, load_latency, load_space
from vidnas.study import load_experiment, load_history
from vidnas.study.experiment.baselines import read_baselines
from vidnas.training import TrainingFolder
from vidnas.trials import Recipe
from vidnas.views.pages.report import write_report

HERE = Path(__file__).parent
BEFORE = HERE / "before"
STUDIES = ("earlier", "ladder", "evolution")
sys.path.insert(0, str(HERE))
from before import search, without_paths, write_inputs  # noqa: E402

sys.path.remove(str(HERE))


@pytest.fixture(scope="module")
def again(tmp_path_factory):
    """The same studies, searched by the code as it is."""
    folder = tmp_path_factory.mktemp("studies")
    write_inputs(folder)
    for name in STUDIES:
        search(folder, name)
    return folder


# What joined later, beside all that was written before; the clock ticks for it too.
NEW_EVENTS = {"placed", "epoch"}
NEW_FACTS = {"crc", "spent", "time", "versions"}
# Ladder search proposes better since: its records are the same up to its first own
# candidate, and of the same form after it.
SAME = {"earlier": None, "ladder": 13, "evolution": None}


def as_before(records):
    """The records, without what joined later."""
    return [
        {name: fact for name, fact in record.items() if name not in NEW_FACTS}
        for record in records
        if record["event"] not in NEW_EVENTS
    ]


@pytest.mark.parametrize("name", STUDIES)
def test_a_search_writes_the_records_that_it_wrote_before(again, name):
    before = [json.loads(line) for line in lines_of(BEFORE / name)]
    now = [json.loads(without_paths(again, line)) for line in lines_of(again / name)]
    before, now = as_before(before), as_before(now)
    same = SAME[name]
    for record, was in zip(now[:same], before[:same], strict=True):
        assert record == was
    assert forms(now) == forms(before)


def forms(records):
    """Which facts records of each event hold."""
    return {(record["event"], frozenset(record)) for record in records}


def lines_of(folder):
    return (folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_of_before_has_its_trials_and_its_front(name):
    history = load_history(BEFORE / name)
    records = read_journal(BEFORE / name / "journal.jsonl")
    done = [r for r in records if r["event"] in ("done", "known") and r["trial"] >= 0]
    assert {
        t.number: dict(t.measured) for t in history.trials if t.state == "done"
    } == {record["trial"]: record["measured"] for record in done}
    view = vidnas.open_study(BEFORE / name)
    assert len(view.trials()) == len(history.trials) + len(history.baselines)
    assert len(view.front("flops", "top1")) == len(history.front())
    assert len(history.front()) >= 1


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_of_before_goes_on(name, tmp_path):
    write_inputs(tmp_path)
    for study in STUDIES:
        shutil.copytree(BEFORE / study, tmp_path / study)
        journal = tmp_path / study / "journal.jsonl"
        text = journal.read_text(encoding="utf-8")
        journal.write_text(text.replace("/studies", str(tmp_path)), encoding="utf-8")
    before = lines_of(tmp_path / name)
    search(tmp_path, name)
    assert lines_of(tmp_path / name) == before  # it was finished, and still is


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_of_before_has_a_page(name, tmp_path):
    write_report(load_history(BEFORE / name), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    for trial in load_history(BEFORE / name).front().trials:
        assert trial.arch_id in page


@pytest.mark.parametrize(
    "path",
    sorted(BEFORE.rglob("a?.yaml")),
    ids=lambda path: f"{path.parents[1].name} {path.stem}",
)
def test_a_family_file_of_before_is_the_network_it_names(path):
    network = load_architecture(path)
    text = path.read_text(encoding="utf-8")
    assert f"arch_id: {network.arch_id}" in text
    assert f"  flops: {cost(network, 2).flops}\n" in text


def test_experiments_of_before_are_read_as_they_were_resolved():
    for name in STUDIES:
        experiment = load_experiment(BEFORE / f"{name}.yaml")
        records = read_journal(BEFORE / name / "journal.jsonl")
        assert experiment.identity() | {"clips": None} == (
            records[0]["identity"] | {"clips": None}
        )
    space = load_space(BEFORE / "space.yaml")
    assert space.space_hash == records[0]["identity"]["space"]


def test_a_latency_table_of_before_predicts():
    network = load_architecture(BEFORE / "start.yaml")
    predicted = load_latency(BEFORE / "latency.json").one(network, 2)
    assert 0.1 < predicted.ms < 100.0


def identity_of(network):
    return {
        "architecture": network.arch_id,
        "clips": {"classes": ["left", "right"], "train": 8, "val": 2},
        "recipe": Recipe().to_document(),
        "weights": None,
        "seed": 0,
        "epochs": 2,
    }


def test_a_training_of_before_goes_on(tmp_path):
    network = load_architecture(BEFORE / "start.yaml")
    shutil.copytree(BEFORE / "training", tmp_path / "training")
    broken = tmp_path / "training" / "broken"
    with TrainingFolder(broken, identity_of(network), clock=lambda: 0.0) as kept:
        assert [record["epoch"] for record in kept.epochs] == [1]
        np.testing.assert_array_equal(kept.state["trained"], [1, 1, 1])
    finished = tmp_path / "training" / "finished"
    with TrainingFolder(finished, identity_of(network), clock=lambda: 0.0) as kept:
        assert kept.measured == {"top1": 80.0, "val_clips": 2.0}
    other = identity_of(network) | {"seed": 1}
    with pytest.raises(StudyError, match=r"its `seed` was 0, here it is 1"):
        TrainingFolder(finished, other, clock=lambda: 0.0)


@pytest.mark.keras
def test_weights_of_before_give_the_logits_of_before():
    from vidnas.nets import build, load_weights

    network = load_architecture(BEFORE / "start.yaml")
    built = build(network, 2)
    load_weights(built, BEFORE / "training" / "finished" / "weights.npz")
    clip = network.clip
    values = np.linspace(0, 1, clip.frames * clip.resolution**2 * 3, dtype=np.float32)
    frames = values.reshape(1, clip.frames, clip.resolution, clip.resolution, 3)
    told = json.loads((BEFORE / "training" / "logits.json").read_text())
    np.testing.assert_allclose(np.asarray(built(frames))[0], told, atol=1e-5)


def test_the_studies_of_before_hold_every_kind_of_record():
    events = [
        json.loads(line)["event"]
        for name in STUDIES
        for line in lines_of(BEFORE / name)
    ]
    assert {"done", "failed", "retried", "known", "taken over"} <= set(events)


def test_a_family_file_of_before_names_its_size_as_a_baseline():
    """`found.rung` was what is `found.size` now."""
    file = BEFORE / "ladder" / "family" / "a3.yaml"
    assert "rung: a3" in file.read_text(encoding="utf-8")
    node = Node([str(file)], Origin("experiment"))
    (baseline,) = read_baselines(node, BEFORE)
    assert baseline.name == "ladder-a3"
