"""Trials that run out of memory, whose trainings are stand-ins."""

import dataclasses

import pytest

from vidnas.budgets.memory_margin import MARGIN, PRIOR
from vidnas.errors import OutOfMemoryError
from vidnas.files.journal import read_journal
from vidnas.study import Inline, Study, load_experiment, load_history
from vidnas.study.experiment.workers import Workers
from vidnas.study.memory_record import study_pairs
from vidnas.study.workers.assignment import Outcome
from vidnas.study.workers.executor import carry_out
from vidnas.study.workers.outbox import leave

MIB = 2**20


def fits(clips):
    """A training that has room for so many clips at once, of batches of 8."""

    def evaluate(architecture, *, seed, micro_batch=8, **rest):
        if micro_batch > clips:
            raise OutOfMemoryError(f"out of memory at micro-batch {micro_batch}")
        return {"top1": 50.0 + seed % 40, "peak_bytes": 1e6, "train_clips": 20.0}

    return evaluate


class Killer:
    """An executor whose worker dies in the first trial at some micro-batches."""

    def __init__(self, deaths):
        self.deaths = deaths
        self.tried = []

    def run(self, desk, evaluate):
        while (assignment := desk.next()) is not None:
            self.tried.append((assignment.number, assignment.micro_batch))
            if assignment.number == 0 and len(self.tried) <= self.deaths:
                reason = "the worker was killed"
                desk.report(Outcome(assignment.number, {}, reason, "killed"))
            else:
                desk.report(carry_out(assignment, evaluate))


def run(experiment, dataset, folder, evaluate, executor=None, trials=3):
    heard = []
    with Study(experiment, dataset, folder, trials=trials, clock=lambda: 0.0) as study:
        history = study.run(executor or Inline(), evaluate, heard.append)
    return history, heard


def records(folder, event):
    journal = read_journal(folder / "journal.jsonl")
    return [record for record in journal if record["event"] == event]


def test_a_trial_out_of_memory_is_tried_again_in_halves(experiment, dataset, tmp_path):
    history, heard = run(experiment, dataset, tmp_path, fits(2))
    assert [trial.state for trial in history.trials] == ["done"] * 3
    first = history.trials[0]
    assert first.measured["micro_batch"] == 2
    assert first.measured["retries"] == 2
    assert first.reason == ""
    said = [trial.reason for trial in heard if trial.number == 0]
    assert said == [
        "",
        "out of memory at micro-batch 8; tried again in micro-batches of 4",
        "out of memory at micro-batch 4; tried again in micro-batches of 2",
        "",
    ]
    sizes = [record["micro_batch"] for record in records(tmp_path, "retried")]
    assert sizes == [4, 2] * 3


def test_what_does_not_fit_clip_by_clip_is_recorded(experiment, dataset, tmp_path):
    def evaluate(architecture, *, seed, **rest):
        small = fits(8 if architecture.arch_id != heavy else 0)
        return small(architecture, seed=seed, **rest)

    heavy = None
    heavy = run(experiment, dataset, tmp_path / "a", fits(8))[0].trials[1].arch_id
    history, _ = run(experiment, dataset, tmp_path / "b", evaluate)
    assert [trial.state for trial in history.trials] == ["done", "failed", "done"]
    failed = history.trials[1]
    assert failed.reason == "out of memory at micro-batch 1"
    assert failed.measured == {"micro_batch": 1.0, "retries": 3.0}
    assert load_history(tmp_path / "b").trials == history.trials
    assert "retries" not in history.trials[2].measured


def test_one_dead_worker_changes_nothing_but_the_count(experiment, dataset, tmp_path):
    killer = Killer(deaths=1)
    history, _ = run(experiment, dataset, tmp_path, fits(8), killer)
    assert killer.tried == [(0, None), (0, None), (1, None), (2, None)]
    assert history.trials[0].measured["retries"] == 1
    assert history.trials[0].measured["micro_batch"] == 8


def test_a_trial_that_kills_its_workers_ends(experiment, dataset, tmp_path):
    killer = Killer(deaths=8)
    history, _ = run(experiment, dataset, tmp_path, fits(8), killer)
    sizes = [size for number, size in killer.tried if number == 0]
    assert sizes == [None, None, None]
    assert history.trials[0].reason == "the worker died 3 times: the worker was killed"
    assert [trial.state for trial in history.trials] == ["failed", "done", "done"]


def test_several_devices_of_a_worker_are_tried_down_to_a_clip_each(
    experiment, dataset, tmp_path
):
    (group,) = experiment.workers.groups
    workers = Workers((dataclasses.replace(group, gpus=2.0),))
    shared = dataclasses.replace(experiment, workers=workers)
    tried = []

    def evaluate(architecture, *, seed, micro_batch=8, **rest):
        tried.append(micro_batch)
        return fits(1)(architecture, seed=seed, micro_batch=micro_batch, **rest)

    history, _ = run(shared, dataset, tmp_path, evaluate, trials=1)
    assert tried == [8, 4, 2]
    (trial,) = history.trials
    assert trial.reason == "out of memory at micro-batch 2, one clip of each device"
    assert trial.measured == {"micro_batch": 2.0, "retries": 2.0}


class DiesWithItsDriver(KeyboardInterrupt):
    """What ends a study at once, as if the machine went down."""


def die(experiment, dataset, folder, monkeypatch):
    """One run that a kill ends in the middle of its first open trial."""
    sizes = []

    def evaluate(architecture, *, micro_batch=None, **rest):
        sizes.append(micro_batch)
        raise DiesWithItsDriver

    monkeypatch.setattr("vidnas.study.ledger.Ledger.leave", lambda ledger: None)
    with pytest.raises(DiesWithItsDriver):
        run(experiment, dataset, folder, evaluate)
    monkeypatch.undo()
    return sizes[0]


def test_kills_of_the_driver_count_for_nothing(
    experiment, dataset, tmp_path, monkeypatch
):
    sizes = [die(experiment, dataset, tmp_path, monkeypatch) for _ in range(8)]
    assert sizes == [None] * 8
    history, _ = run(experiment, dataset, tmp_path, fits(8))
    assert [trial.state for trial in history.trials] == ["done"] * 3
    assert all("retries" not in trial.measured for trial in history.trials)
    assert not records(tmp_path, "retried")


def test_an_interrupted_study_is_no_dead_worker(experiment, dataset, tmp_path):
    def interrupted(architecture, **rest):
        raise KeyboardInterrupt

    for _ in range(4):
        with pytest.raises(KeyboardInterrupt):
            run(experiment, dataset, tmp_path, interrupted)
    history, _ = run(experiment, dataset, tmp_path, fits(8))
    assert not records(tmp_path, "retried")
    assert "retries" not in history.trials[0].measured


def test_a_retry_survives_the_driver(experiment, dataset, tmp_path):
    def breaks(architecture, *, micro_batch=8, **rest):
        if micro_batch == 4:
            raise KeyboardInterrupt
        return fits(4)(architecture, micro_batch=micro_batch, **rest)

    with pytest.raises(KeyboardInterrupt):
        run(experiment, dataset, tmp_path, breaks)
    history, _ = run(experiment, dataset, tmp_path, fits(4))
    assert history.trials[0].measured["micro_batch"] == 4
    assert history.trials[0].measured["retries"] == 1


def test_an_outcome_out_of_memory_that_was_left_is_tried_again(
    experiment, dataset, tmp_path
):
    def leaves_and_dies(architecture, **rest):
        gone = Outcome(0, {}, "out of memory at batch 8", "memory")
        leave(gone, tmp_path / "outbox")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(experiment, dataset, tmp_path, leaves_and_dies)
    history, _ = run(experiment, dataset, tmp_path, fits(4))
    assert history.trials[0].state == "done"
    assert history.trials[0].measured["retries"] == 1


def test_a_baseline_out_of_memory_is_tried_again_too(
    experiment_file, dataset, tmp_path
):
    experiment_file.write_text(experiment_file.read_text() + "baselines: [x3d-xs]\n")
    experiment = load_experiment(experiment_file)
    history, _ = run(experiment, dataset, tmp_path / "run", fits(4))
    assert history.baselines[0].measured["micro_batch"] == 4


def held_to(experiment, memory):
    (group,) = experiment.workers.groups
    workers = Workers((dataclasses.replace(group, memory=memory),))
    return dataclasses.replace(experiment, budgets=(), workers=workers)


def test_candidates_beyond_a_workers_memory_are_refused_before_training(
    experiment, dataset, tmp_path
):
    memory = 16 * MIB
    history, _ = run(held_to(experiment, memory), dataset, tmp_path, fits(8), trials=10)
    assert history.refused["workers.memory"] > 0
    assert len(history.trials) == 10
    for trial in history.trials:
        promised = MARGIN * PRIOR * trial.costs["training_bytes"]
        assert promised <= memory


def told(history):
    return [
        (t.number, t.candidate, t.seed, t.state, dict(t.measured))
        for t in history.trials
    ]


def test_a_study_learns_what_its_trainings_take(experiment, dataset, tmp_path):
    """Every training takes 4 times what is predicted; the journal alone tells it."""
    prices = experiment.limits(2).price

    def hungry(architecture, *, micro_batch=8, **rest):
        peak = 4.0 * prices.cost(architecture).training_bytes
        return {"top1": 50.0, "peak_bytes": peak, "train_clips": 20.0}

    held = held_to(experiment, 32 * MIB)
    whole, _ = run(held, dataset, tmp_path / "whole", hungry, trials=8)
    assert all(pair.ratio == pytest.approx(4.0) for pair in study_pairs(whole))
    allowed = 32 * MIB / (MARGIN * 4.0)
    sizes = [trial.costs["training_bytes"] for trial in whole.trials]
    assert sizes[0] <= 32 * MIB / (MARGIN * PRIOR)
    assert max(sizes[1:]) <= allowed

    # In two runs it ends the same.
    run(held, dataset, tmp_path / "parts", hungry, trials=3)
    parts, _ = run(held, dataset, tmp_path / "parts", hungry, trials=8)
    assert told(parts) == told(whole)


def test_a_trial_in_parts_is_predicted_in_parts(experiment, dataset, tmp_path):
    history, _ = run(experiment, dataset, tmp_path, fits(2))
    classes = len(history.classes)
    assert [pair.predicted for pair in study_pairs(history)] == [
        dataclasses.replace(experiment.limits(classes).price, batch=2)
        .cost(trial.architecture)
        .training_bytes
        for trial in history.trials
    ]


def test_a_study_of_before_workers_memory_goes_on(experiment, dataset, tmp_path):
    identity = experiment.identity()
    assert held_to(experiment, MIB).identity() == identity
