import dataclasses
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from vidnas.costs import cost
from vidnas.errors import EvaluationError, StudyError
from vidnas.files.journal import read_journal
from vidnas.space import Space
from vidnas.study import Dataset, Inline, Study, load_history
from vidnas.study.run.next_trial import HOPELESS
from vidnas.study.workers.assignment import Outcome
from vidnas.study.workers.outbox import leave
from vidnas.trials.effort import Effort
from vidnas.views.tables import trials_frame


def accuracy(architecture, *, dataset, recipe, fidelity, seed):
    """A stand-in for training: more FLOPs, more accuracy, and some luck."""
    flops = cost(architecture, classes=2).flops
    luck = np.random.default_rng(seed).normal()
    return {"top1": 90 * (1 - np.exp(-flops / 1e6)) + luck, "val_clips": 10.0}


def silent(trial):
    pass


def run(experiment, dataset, folder, evaluate=accuracy, **options):
    with Study(experiment, dataset, folder, clock=lambda: 0.0, **options) as study:
        return study.run(Inline(), evaluate, silent)


def told(history):
    """What a study found, without times."""
    return [
        (t.number, t.candidate, t.arch_id, t.seed, t.state, dict(t.measured))
        for t in history.trials
    ]


def test_a_study_spends_its_effort_on_different_architectures(
    experiment, dataset, tmp_path
):
    history = run(experiment, dataset, tmp_path / "run")
    assert [t.number for t in history.trials] == list(range(10))
    assert {t.state for t in history.trials} == {"done"}
    assert len({t.arch_id for t in history.trials}) == 10
    assert all(t.value("flops") <= 2e6 for t in history.trials)
    assert told(load_history(tmp_path / "run")) == told(history)


@pytest.mark.parametrize("broken_at", range(10))
def test_a_broken_study_ends_like_an_unbroken_one(
    experiment, dataset, tmp_path, broken_at
):
    whole = run(experiment, dataset, tmp_path / "whole")
    trained = Counter()

    def breaks_once(architecture, **rest):
        trained[architecture.arch_id] += 1
        if sum(trained.values()) == broken_at + 1:
            raise KeyboardInterrupt
        return accuracy(architecture, **rest)

    with pytest.raises(KeyboardInterrupt):
        run(experiment, dataset, tmp_path / "run", breaks_once)
    resumed = run(experiment, dataset, tmp_path / "run", breaks_once)
    assert told(resumed) == told(whole)
    # Only the interrupted trial was begun twice.
    assert sorted(trained.values()) == [1] * 9 + [2]


def test_a_finished_study_can_be_extended(experiment, dataset, tmp_path):
    run(experiment, dataset, tmp_path / "run")
    longer = run(experiment, dataset, tmp_path / "run", trials=14)
    assert told(longer) == told(run(experiment, dataset, tmp_path / "other", trials=14))


def test_a_finished_study_trains_nothing_when_asked_again(
    experiment, dataset, tmp_path
):
    before = run(experiment, dataset, tmp_path / "run")

    def never(architecture, **rest):
        raise AssertionError("trained again")

    assert told(run(experiment, dataset, tmp_path / "run", never)) == told(before)


def test_an_outcome_left_by_a_worker_is_adopted_not_trained_again(
    experiment, dataset, tmp_path
):
    folder = tmp_path / "run"

    def leaves_and_dies(architecture, **rest):
        leave(Outcome(0, {"top1": 12.0}), folder / "outbox")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(experiment, dataset, folder, leaves_and_dies)
    history = run(experiment, dataset, folder, trials=1)
    assert history.trials[0].measured == {"top1": 12.0}
    assert not list((folder / "outbox").glob("*.json"))


def test_a_worker_killed_after_its_last_step_has_finished(
    experiment, dataset, tmp_path
):
    class KillsBeforeTheReport:
        def run(self, desk, evaluate):
            assignment = desk.next()
            leave(Outcome(assignment.number, {"top1": 12.0}), Path(assignment.outbox))
            desk.report(Outcome(assignment.number, {}, "the worker was killed"))

    with Study(experiment, dataset, tmp_path / "run", trials=1) as study:
        history = study.run(KillsBeforeTheReport(), accuracy, silent)
    assert history.trials[0].state == "done"
    assert history.trials[0].measured == {"top1": 12.0}


def test_failures_are_recorded_with_their_reason_and_the_study_goes_on(
    experiment, dataset, tmp_path
):
    def fails_often(architecture, *, seed, **rest):
        if seed % 3 == 0:
            raise EvaluationError("out of memory at batch 8")
        if seed % 3 == 1:
            raise ZeroDivisionError("division by zero")
        return {"top1": 50.0}

    history = run(experiment, dataset, tmp_path / "run", fails_often)
    reasons = {t.seed % 3: t.reason for t in history.trials}
    assert len(history.finished) == 10
    assert reasons[0] == "out of memory at batch 8"
    assert reasons[1].startswith("ZeroDivisionError: division by zero (test_study.py")
    assert reasons[2] == ""


def test_a_number_that_is_not_finite_fails_its_trial(experiment, dataset, tmp_path):
    def diverges(architecture, *, seed, **rest):
        return {"top1": float("nan") if seed % 3 else 1.0}

    history = run(experiment, dataset, tmp_path / "run", diverges)
    failed = [t for t in history.trials if t.state == "failed"]
    assert {t.reason for t in failed} == {"measured `top1` must be finite, got nan."}
    assert {t.seed % 3 for t in failed} == {1, 2}


def test_a_study_whose_first_trials_all_fail_is_stopped(experiment, dataset, tmp_path):
    def broken(architecture, **rest):
        raise EvaluationError("no such device")

    with pytest.raises(
        EvaluationError, match=r"6 trials failed and none .* no such device"
    ):
        run(experiment, dataset, tmp_path / "run", broken)
    assert len(load_history(tmp_path / "run").trials) == HOPELESS

    # Once the cause is mended, the same command goes on.
    mended = run(experiment, dataset, tmp_path / "run")
    assert [t.state for t in mended.trials] == ["failed"] * 6 + ["done"] * 4


def test_a_folder_of_another_experiment_is_refused(experiment, dataset, tmp_path):
    run(experiment, dataset, tmp_path / "run")
    before = (tmp_path / "run" / "journal.jsonl").read_bytes()
    fidelity = dataclasses.replace(experiment.fidelity, epochs=9)
    other = dataclasses.replace(experiment, fidelity=fidelity)
    with pytest.raises(
        StudyError, match=r"another experiment: its `fidelity\.epochs` was 2, .* is 9"
    ):
        run(other, dataset, tmp_path / "run")
    moved = Dataset("clips", ("left", "up"), train_clips=20, val_clips=10)
    with pytest.raises(StudyError, match=r"`clips\.classes`"):
        run(experiment, moved, tmp_path / "run")
    assert (tmp_path / "run" / "journal.jsonl").read_bytes() == before


def test_budgets_strategy_and_effort_may_change_while_a_study_goes_on(
    experiment, dataset, tmp_path
):
    run(experiment, dataset, tmp_path / "run")
    wider = dataclasses.replace(experiment, budgets=(), effort=Effort(trials=12))
    history = run(wider, dataset, tmp_path / "run")
    assert len(history.trials) == 12
    assert history.experiment.document["budgets"] == {}


def test_refusals_are_counted_by_budget_and_survive_a_restart(
    experiment, dataset, tmp_path
):
    history = run(experiment, dataset, tmp_path / "run")
    records = read_journal(tmp_path / "run" / "journal.jsonl")
    counted = sum(r["refused"].get("flops", 0) for r in records if "refused" in r)
    assert history.refused == Counter(flops=counted)
    assert counted > 0
    assert load_history(tmp_path / "run").refused == history.refused


def test_a_space_that_is_used_up_ends_the_study_early(experiment, dataset, tmp_path):
    declared = experiment.space.declaration
    clip = dataclasses.replace(declared.clip, resolution=(16,))
    stage = dataclasses.replace(
        declared.stages[0],
        depth=(1,),
        squeeze_excite=(True,),
        expand=(1.0,),
    )
    tiny = Space(dataclasses.replace(declared, clip=clip, stages=(stage,)))
    assert tiny.count() == 12
    narrow = dataclasses.replace(experiment, space=tiny, effort=Effort(trials=40))
    history = run(narrow, dataset, tmp_path / "run")
    assert len(history.trials) == 12


def test_a_listener_hears_every_trial_start_and_end(experiment, dataset, tmp_path):
    heard = []
    with Study(experiment, dataset, tmp_path / "run", trials=3) as study:
        study.run(Inline(), accuracy, lambda t: heard.append((t.number, t.state)))
    assert heard == [
        (number, state) for number in range(3) for state in ("running", "done")
    ]


def test_inherited_accuracies_stand_apart_from_trained_ones(
    experiment, dataset, tmp_path
):
    folder = tmp_path / "study"
    run(experiment, dataset, folder, trials=4, source="inherited")
    history = run(experiment, dataset, folder, trials=6)
    sources = [trial.source for trial in load_history(folder).trials]
    assert sources == ["inherited"] * 4 + ["trained"] * 6
    assert all(t.number >= 4 for t in history.front().trials)
    assert all(t.number < 4 for t in history.front(source="inherited").trials)
    assert trials_frame(history)["source"].tolist() == sources
    # To a strategy they are different searches: the second begins as if alone.
    alone = run(experiment, dataset, tmp_path / "alone", trials=6)
    assert len({t.arch_id for t in history.trials[4:]}) == len(alone.trials)


@pytest.mark.parametrize(
    "returned", [None, {}, {"top1": "50"}, {"loss": 1.0}, {"top1": float("inf")}]
)
def test_a_journal_never_holds_a_done_trial_without_its_objective(
    experiment, dataset, tmp_path, returned
):
    """An executor of another's make, and an outbox that another wrote."""

    class Trusts:
        def run(self, desk, evaluate):
            while (assignment := desk.next()) is not None:
                if assignment.number == 1:
                    desk.report(Outcome(assignment.number, returned))
                else:
                    desk.report(Outcome(assignment.number, {"top1": np.float32(50)}))

    with Study(experiment, dataset, tmp_path, trials=3) as study:
        study.run(Trusts(), accuracy, silent)
    trials = load_history(tmp_path).trials
    assert [t.state for t in trials] == ["done", "failed", "done"]
    assert trials[0].measured == {"top1": 50.0}
    assert "must" in trials[1].reason
