"""Studies with rungs, trained by a stand-in."""

import dataclasses
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from vidnas.costs import cost
from vidnas.errors import InputError
from vidnas.strategies import LadderSearch, StartingNetworks
from vidnas.study import Inline, Study, load_experiment, load_history
from vidnas.study.experiment.rungs import Rungs
from vidnas.study.fidelity_check import assess, parse_fidelity, proxy_experiment
from vidnas.trials import Fidelity
from vidnas.trials.effort import Effort

LOW, MIDDLE, FULL = Fidelity(1), Fidelity(2), Fidelity(4)


LADDER = LadderSearch(start=6, rounds=1, children=40)


@pytest.fixture
def climbing(experiment):
    """The small experiment with two rungs below four epochs."""
    return dataclasses.replace(
        experiment,
        fidelity=FULL,
        rungs=Rungs((LOW, MIDDLE), probe=0),
        effort=Effort(trials=12),
    )


@pytest.fixture(params=["evolution", "ladder"])
def judged(request, climbing):
    """The same with a strategy that leaves promotions to rungs, and one that judges."""
    strategy = {"evolution": climbing.strategy, "ladder": StartingNetworks(LADDER, ())}
    return dataclasses.replace(climbing, strategy=strategy[request.param])


def accuracy(architecture, *, fidelity, seed, **rest):
    """A stand-in for training: more epochs, more accuracy, and some luck."""
    flops = cost(architecture, classes=2).flops
    taste = int(architecture.arch_id, 16) % 10
    luck = 0.1 * np.random.default_rng(seed).normal()
    share = 1 - 2.0**-fidelity.epochs
    return {"top1": share * (80 * (1 - np.exp(-flops / 1e6)) + taste) + luck}


def run(experiment, dataset, folder, evaluate=accuracy, **options):
    with Study(experiment, dataset, folder, clock=lambda: 0.0, **options) as study:
        return study.run(Inline(), evaluate, lambda trial: None)


def told(history):
    return [
        (t.number, t.arch_id, t.fidelity, t.seed, t.state, dict(t.measured))
        for t in history.trials
    ]


def test_candidates_climb_and_only_full_training_is_compared(judged, dataset, tmp_path):
    history = run(judged, dataset, tmp_path / "run")
    counts = Counter(trial.fidelity for trial in history.trials)
    assert history.candidates == counts[LOW] == 12
    assert 4 <= counts[MIDDLE] < 12
    assert 4 <= counts[FULL] <= counts[MIDDLE]
    assert len({t.seed for t in history.trials}) == len(history.trials)
    assert {t.fidelity for t in history.front().trials} == {FULL}
    assert {r.trial.fidelity for r in history.family() if r.trial} == {FULL}
    assert len(history.compared) == counts[FULL]
    assert told(load_history(tmp_path / "run")) == told(history)


@pytest.mark.parametrize("broken_at", [0, 3, 4, 9, 13])
def test_a_broken_study_with_rungs_ends_like_an_unbroken_one(
    judged, dataset, tmp_path, broken_at
):
    whole = run(judged, dataset, tmp_path / "whole")
    trained = Counter()

    def breaks_once(architecture, *, fidelity, **rest):
        trained[architecture.arch_id, fidelity] += 1
        if trained.total() == broken_at + 1:
            raise KeyboardInterrupt
        return accuracy(architecture, fidelity=fidelity, **rest)

    with pytest.raises(KeyboardInterrupt):
        run(judged, dataset, tmp_path / "run", breaks_once)
    assert told(run(judged, dataset, tmp_path / "run", breaks_once)) == told(whole)
    assert sorted(trained.values()) == [1] * (len(whole.trials) - 1) + [2]


def test_a_study_with_rungs_can_be_extended(climbing, dataset, tmp_path):
    first = run(climbing, dataset, tmp_path / "run")
    longer = run(climbing, dataset, tmp_path / "run", trials=20)
    assert longer.candidates == 20
    assert told(longer)[: len(first.trials)] == told(first)


def test_rungs_may_come_and_go_while_a_study_goes_on(experiment, dataset, tmp_path):
    plain = dataclasses.replace(experiment, fidelity=FULL, effort=Effort(trials=6))
    before = run(plain, dataset, tmp_path / "run")
    rungs = dataclasses.replace(
        plain, rungs=Rungs((LOW,), probe=6), effort=Effort(trials=12)
    )
    with_rungs = run(rungs, dataset, tmp_path / "run")
    assert told(with_rungs)[:6] == told(before)
    # The first six, known in full, are what the rung is judged by.
    judged = {t.arch_id for t in with_rungs.trials if t.fidelity == LOW}
    assert {t.arch_id for t in before.trials} <= judged
    assert rungs.schedule.taus(with_rungs.trials)[LOW] is not None
    after = run(plain, dataset, tmp_path / "run", trials=14)
    assert [t.fidelity for t in after.trials[-2:]] == [FULL, FULL]


def test_what_fails_at_a_low_rung_is_never_promoted(climbing, dataset, tmp_path):
    def fails_often(architecture, *, seed, fidelity, **rest):
        if int(architecture.arch_id, 16) % 3 == 0:
            raise ZeroDivisionError("division by zero")
        return accuracy(architecture, seed=seed, fidelity=fidelity)

    history = run(climbing, dataset, tmp_path / "run", fails_often)
    failed = {t.arch_id for t in history.trials if t.state == "failed"}
    assert failed
    for arch_id in failed:
        assert [t.fidelity for t in history.trials if t.arch_id == arch_id] == [LOW]


def test_a_baseline_is_trained_in_full_and_shared_at_that_rung_only(
    climbing, experiment_file, dataset, tmp_path
):
    searched = run(climbing, dataset, tmp_path / "first")
    best = searched.front().trials[-1]
    from vidnas.study.experiment.baselines import Baseline

    named = Baseline("champion", "champion", best.architecture)
    compared = dataclasses.replace(climbing, baselines=(named,))
    history = run(compared, dataset, tmp_path / "run")
    assert [t.fidelity for t in history.baselines] == [FULL]
    mine = [t for t in history.trials if t.arch_id == best.arch_id]
    assert [t.fidelity for t in mine] == [LOW, MIDDLE, FULL]
    assert history.baselines[0].measured == mine[-1].measured
    assert mine[0].measured != mine[-1].measured


def write_rungs(path: Path, text: str) -> Path:
    path.write_text(path.read_text() + f"rungs: {text}\n")
    return path


def test_rungs_are_read_and_written(experiment_file):
    text = "{epochs: [1, 1], frames: [4, 8]}"
    experiment = load_experiment(write_rungs(experiment_file, text))
    below = (Fidelity(1, frames=4), Fidelity(1, frames=8))
    assert experiment.rungs == Rungs(below, keep=3, probe=8)
    assert experiment.schedule.rungs == (*below, Fidelity(2))
    assert experiment.to_document()["rungs"] == {
        "epochs": [1, 1],
        "frames": [4, 8],
        "keep": 3,
        "probe": 8,
    }


def test_rungs_are_continued_where_the_schedule_allows_it(experiment_file):
    text = experiment_file.read_text().replace(
        "batch: 8", "batch: 8, schedule: constant"
    )
    experiment_file.write_text(text)
    plain = load_experiment(write_rungs(experiment_file, "{epochs: [1]}"))
    assert not plain.rungs.continues
    assert "continue" not in plain.to_document()["rungs"]
    experiment_file.write_text(text)
    path = write_rungs(experiment_file, "{epochs: [1], continue: true}")
    experiment = load_experiment(path)
    assert experiment.rungs.continues
    assert experiment.to_document()["rungs"]["continue"] is True
    assert experiment.identity() == {**plain.identity(), "rungs.continue": True}


def test_an_experiment_without_rungs_says_nothing_of_them(experiment):
    assert "rungs" not in experiment.to_document()
    assert experiment.schedule.rungs == (experiment.fidelity,)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{epochs: [2]}", r"cheaper than full training, got \(2 epochs\) before \(2 e"),
        ("{epochs: [1, 1]}", r"must be cheaper than the next, got \(1 epoch\) before"),
        ("{epochs: [1], frames: [2, 4]}", r"`rungs.frames` must be as long as .*2 and"),
        ("{keep: 3}", "`rungs` must list at least one of epochs, frames, resolution"),
        ("{epochs: [1], keep: 1}", r"`rungs.keep` must be a whole number of at least"),
        ("{epochs: [1], probe: 3}", r"`rungs.probe` must be 0, or at least 6 .* got 3"),
        ("{epochs: [0]}", r"`rungs.epochs\[0\]` must be a whole number"),
        ("{frames: [16]}", r"must be at most the 8 frames of the smallest clips .* 16"),
        ("{epoch: [1]}", r"unknown key `epoch` in `rungs`"),
        ("{epochs: [1], continue: 1}", "`rungs.continue` must be true or false"),
        (
            "{epochs: [1], continue: true}",
            "`rungs.continue` needs another `training.schedule`, got cosine: .* Those "
            "that allow it are cosine_of_full, constant, stable_decay",
        ),
    ],
)
def test_wrong_rungs_are_refused_with_their_line(experiment_file, text, message):
    with pytest.raises(InputError, match=message) as refused:
        load_experiment(write_rungs(experiment_file, text))
    assert "experiment.yaml, line 14" in str(refused.value)


@pytest.mark.parametrize("axis", ["frames: [4]", "resolution: [16]"])
def test_rungs_of_other_clips_are_not_continued(experiment_file, axis):
    text = experiment_file.read_text().replace(
        "batch: 8", "batch: 8, schedule: constant"
    )
    experiment_file.write_text(text)
    path = write_rungs(experiment_file, f"{{epochs: [1], {axis}, continue: true}}")
    with pytest.raises(InputError) as refused:
        load_experiment(path)
    name = axis.partition(":")[0]
    assert str(refused.value) == (
        f"{path}, line 14: `rungs.continue` needs rungs that differ in epochs alone, "
        f"got `rungs.{name}`."
    )


def test_a_proxy_is_checked_by_a_sample_trained_at_every_fidelity(
    climbing, dataset, tmp_path
):
    checked = proxy_experiment(climbing, [MIDDLE], 8)
    history = run(checked, dataset, tmp_path / "run")
    counts = Counter(trial.fidelity for trial in history.trials)
    assert counts == {MIDDLE: 8, FULL: 8}
    found = assess(history, MIDDLE)
    assert (found.ranking.sample, found.epochs, found.work) == (8, 0.5, 0.5)
    assert found.ranking.overall.tau > 0.8
    # One more fidelity trains the sample at that one, and nothing again.
    more = run(proxy_experiment(climbing, [LOW, MIDDLE], 8), dataset, tmp_path / "run")
    assert told(more)[:16] == told(history)
    assert [t.fidelity for t in more.trials[16:]] == [LOW] * 8


def test_a_fidelity_is_parsed_or_refused(climbing):
    assert parse_fidelity("epochs=2", climbing) == MIDDLE
    assert parse_fidelity("frames=4", climbing) == Fidelity(4, frames=4)
    for text in ("epochs", "epochs=two", "epochs=0", "epochs=1,epochs=2", "side=4"):
        with pytest.raises(InputError, match="must be such as epochs=2,frames=4"):
            parse_fidelity(text, climbing)
    with pytest.raises(InputError, match=r"cheaper than full training \(4 epochs\)"):
        parse_fidelity("epochs=4", climbing)
