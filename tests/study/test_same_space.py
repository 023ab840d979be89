"""A study goes on where its space was written anew, and says what differs elsewhere."""

import json

import numpy as np
import pytest

from vidnas.architecture.architecture import ARCHITECTURE_SCHEMA
from vidnas.errors import StudyError
from vidnas.files.journal import read_journal
from vidnas.files.yaml_file import dump_document
from vidnas.study import Inline, Study, load_experiment, load_history

# The same networks: another order of choices, names, numbers, and a rule more.
ANEW = """
schema: vidnas.space/v1
name: renamed
choices:
  deep: {from: 1, to: 3}
  excite: [true, false]
  side: [32, 16]
clip: {frames: 8, resolution: side}
stem: {width: [8, 16]}
stages:
  - name: only
    width: {base: 16, multiplier: [0.5, 1, 1.5]}
    depth: deep
    stride: 2
    kernel: [1x3x3, 3x3x3]
    expand: [1, 2]
    squeeze_excite: excite
head: {width: 32, hidden: 32}
rules: {always: deep < 4}
"""


def accuracy(architecture, *, seed, **facts):
    """A stand-in for training."""
    return {"top1": 40.0 + int(architecture.arch_id, 16) % 50, "val_clips": 10.0}


def run(experiment, dataset, folder, trials):
    options = {"clock": lambda: 0.0, "trials": trials}
    with Study(experiment, dataset, folder, **options) as study:
        return study.run(Inline(), accuracy, lambda trial: None)


def told(history):
    return [(t.number, t.candidate, t.arch_id, t.seed) for t in history.trials]


def rewrite(experiment_file, text, **more):
    (experiment_file.parent / "space.yaml").write_text(text)
    lines = [f"{key}: {value}\n" for key, value in more.items()]
    experiment_file.write_text(experiment_file.read_text() + "".join(lines))
    return load_experiment(experiment_file)


def test_a_study_goes_on_in_a_space_that_was_written_anew(
    experiment, experiment_file, dataset, tmp_path
):
    whole = run(experiment, dataset, tmp_path / "whole", trials=16)
    run(experiment, dataset, tmp_path / "run", trials=7)
    anew = rewrite(experiment_file, ANEW)
    assert [c.name for c in anew.space.choices] != (
        [c.name for c in experiment.space.choices]
    )
    went_on = run(anew, dataset, tmp_path / "run", trials=16)
    # It proposes what it would have proposed, and every candidate is its network.
    assert told(went_on) == told(whole)
    space = load_history(tmp_path / "run").experiment.read_space()
    for trial in went_on.trials:
        assert space.decode(trial.candidate) == trial.architecture


def test_starting_networks_are_found_in_the_space_of_the_study(
    experiment, experiment_file, dataset, tmp_path
):
    network = run(experiment, dataset, tmp_path / "run", trials=2).trials[-1]
    other = experiment.space.mutate(network.candidate, np.random.default_rng(5))
    path = experiment_file.parent / "start.yaml"
    wanted = experiment.space.decode(other)
    document = {"schema": ARCHITECTURE_SCHEMA, **wanted.to_document()}
    path.write_text(dump_document(document))
    anew = rewrite(experiment_file, ANEW, seeds="[start.yaml]")
    went_on = run(anew, dataset, tmp_path / "run", trials=4)
    assert wanted.arch_id in [trial.arch_id for trial in went_on.trials]
    for trial in went_on.trials:
        assert experiment.space.decode(trial.candidate) == trial.architecture


def test_a_study_of_an_earlier_hash_goes_on(experiment, dataset, tmp_path):
    run(experiment, dataset, tmp_path / "run", trials=3)
    journal = tmp_path / "run" / "journal.jsonl"
    lines = journal.read_text().splitlines()
    head = json.loads(lines[0])
    del head["crc"]
    head["identity"]["space"] = "0123456789abcdef"
    journal.write_text("\n".join([json.dumps(head), *lines[1:]]) + "\n")
    assert len(run(experiment, dataset, tmp_path / "run", trials=5).trials) == 5


def test_a_study_of_whole_numbers_with_a_point_goes_on(experiment, dataset, tmp_path):
    folder = tmp_path / "run"
    run(experiment, dataset, folder, trials=3)
    journal = folder / "journal.jsonl"
    lines = journal.read_text().splitlines()
    head = json.loads(lines[0])
    del head["crc"]
    head["experiment"]["space"]["stages"][0]["depth"] = [1.0, 2.0, 3.0]
    journal.write_text("\n".join([json.dumps(head), *lines[1:]]) + "\n")
    assert len(run(experiment, dataset, folder, trials=5).trials) == 5


def test_a_space_that_differs_is_told_with_the_ways_on(
    experiment, experiment_file, dataset, tmp_path
):
    folder = tmp_path / "run"
    run(experiment, dataset, folder, trials=3)
    before = (folder / "journal.jsonl").read_bytes()
    text = (experiment_file.parent / "space.yaml").read_text()
    text = text.replace("depth: [1, 2, 3]", "depth: [1, 2, 3, 4]")
    other = rewrite(experiment_file, text.replace("hidden: 32", "hidden: 64"))
    with pytest.raises(StudyError) as refused:
        run(other, dataset, folder, trials=3)
    said = str(refused.value)
    assert "its space differs (stages[0].depth: 4 added; head.hidden: 32 -> 64)" in said
    assert f"`vidnas space diff {folder} SPACE`" in said
    assert f"`known: [{folder}]`" in said
    assert len(said.splitlines()) == 1
    assert (folder / "journal.jsonl").read_bytes() == before
    # The way that it names: what the study holds is taken over.
    known = rewrite(experiment_file, text, known=f"[{folder}]")
    run(known, dataset, tmp_path / "other", trials=4)
    events = [r["event"] for r in read_journal(tmp_path / "other" / "journal.jsonl")]
    assert events.count("known") == 3
