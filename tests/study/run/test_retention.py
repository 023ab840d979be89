"""What a study keeps on the disk: bounded, and none of anybody else's."""

import dataclasses

import pytest

from vidnas.errors import EvaluationError
from vidnas.study import Inline, Study
from vidnas.study.experiment.rungs import Rungs
from vidnas.study.run import retention
from vidnas.trials import Fidelity, Recipe
from vidnas.trials.effort import Effort

LOW, FULL = Fidelity(1), Fidelity(3)


def train(architecture, *, fidelity, seed, watch, **rest):
    """A stand-in that keeps every epoch; one network in seven fails."""
    fate = int(architecture.arch_id, 16) % 7
    for epoch in range(fidelity.epochs):
        watch.keep(epoch + 1, {})
    if not fate:
        raise EvaluationError("no luck")
    watch.trained(lambda: b"weights")
    return {"top1": 10.0 * fate, "continued_epochs": 1.0}


def run(experiment, dataset, folder, evaluate=train, listener=lambda trial: None):
    with Study(experiment, dataset, folder) as study:
        return study.run(Inline(), evaluate, listener)


def kept(folder):
    root = folder / "checkpoints"
    return {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}


@pytest.fixture
def plain(experiment):
    return dataclasses.replace(experiment, fidelity=FULL, effort=Effort(trials=20))


@pytest.fixture
def continued(plain):
    rungs = Rungs((LOW,), keep=3, probe=0, continues=True)
    recipe = Recipe(schedule="constant")
    return dataclasses.replace(plain, rungs=rungs, recipe=recipe)


def test_the_weights_of_the_front_are_kept_and_nothing_else(plain, dataset, tmp_path):
    history = run(plain, dataset, tmp_path)
    front = {f"{trial.number:05d}/weights.npz" for trial in history.front().trials}
    assert kept(tmp_path) == front
    assert {t.state for t in history.trials} == {"done", "failed"}
    empty = [p for p in (tmp_path / "checkpoints").iterdir() if not list(p.iterdir())]
    assert empty == []


def test_a_trial_that_leaves_the_front_loses_its_weights_then(plain, dataset, tmp_path):
    sizes = []

    def hear(trial):
        if trial.state != "running":
            sizes.append(len(kept(tmp_path)))

    history = run(plain, dataset, tmp_path, listener=hear)
    assert max(sizes) <= len(history.trials) // 2
    assert sizes[-1] == len(history.front())


def test_baselines_keep_their_weights(plain, dataset, experiment_file, tmp_path):
    from vidnas.study import load_experiment

    experiment_file.write_text(experiment_file.read_text() + "baselines: [x3d-xs]\n")
    named = dataclasses.replace(
        load_experiment(experiment_file), effort=Effort(trials=2)
    )
    run(named, dataset, tmp_path / "run")
    assert "-0001/weights.npz" in kept(tmp_path / "run")
    run(named, dataset, tmp_path / "run")
    assert "-0001/weights.npz" in kept(tmp_path / "run")


def test_states_wait_for_a_promotion_and_no_more_than_the_bound(
    continued, dataset, tmp_path, monkeypatch
):
    most = 0

    def hear(trial):
        nonlocal most
        states = [name for name in kept(tmp_path) if name.endswith("state.npz")]
        most = max(most, len(states))

    monkeypatch.setattr(retention, "WAITING", 4)
    history = run(continued, dataset, tmp_path, listener=hear)
    low = [t for t in history.trials if t.fidelity == LOW and t.state == "done"]
    states = {name for name in kept(tmp_path) if name.endswith("state.npz")}
    assert len(low) > 8
    assert len(states) == 4
    assert most <= 4 + 1  # and that of the one trial that runs
    promoted = {t.continues for t in history.trials if t.fidelity == FULL}
    assert promoted
    assert states.isdisjoint({f"{number:05d}/state.npz" for number in promoted})


def test_what_waits_is_the_best_beside_others_of_its_size(
    continued, dataset, tmp_path, monkeypatch
):
    monkeypatch.setattr(retention, "WAITING", 1)
    history = run(continued, dataset, tmp_path)
    (state,) = [name for name in kept(tmp_path) if name.endswith("state.npz")]
    low = [t for t in history.trials if t.fidelity == LOW and t.state == "done"]
    (waits,) = [t for t in low if state.startswith(f"{t.number:05d}")]
    promoted = {t.continues for t in history.trials}
    like = [t for t in low if t.costs == waits.costs and t.number not in promoted]
    assert waits.value("top1") == max(t.value("top1") for t in like)


def test_what_killed_drivers_left_is_removed_and_what_others_put_there_stays(
    plain, dataset, tmp_path
):
    run(dataclasses.replace(plain, effort=Effort(trials=4)), dataset, tmp_path)
    before = kept(tmp_path)
    root = tmp_path / "checkpoints"
    for name in ("00001", "00007", "00031"):
        (root / name).mkdir(exist_ok=True)
        (root / name / "state.npz").write_bytes(b"left")
        (root / name / ".vidnas-0123456789abcdef.partial").write_bytes(b"half")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "state.npz").write_bytes(b"mine")
    (root / "00050").symlink_to(elsewhere)
    (root / "00007" / "notes.txt").write_text("mine")
    (root / "README").write_text("mine")
    run(dataclasses.replace(plain, effort=Effort(trials=4)), dataset, tmp_path)
    assert kept(tmp_path) == before | {"00007/notes.txt", "README"}
    assert (elsewhere / "state.npz").exists()


def test_a_folder_that_leads_elsewhere_is_not_written_to(plain, dataset, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "checkpoints").symlink_to(elsewhere)
    with Study(plain, dataset, tmp_path / "run") as study:
        study.run(Inline(), train, lambda trial: None)
        assert "it is a symbolic link" in study.notices[-1]
    assert list(elsewhere.iterdir()) == []


def test_an_evaluation_without_a_watch_leaves_no_folder(plain, dataset, tmp_path):
    run(plain, dataset, tmp_path, lambda architecture, **rest: {"top1": 1.0})
    assert not (tmp_path / "checkpoints").exists()
