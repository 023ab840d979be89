"""Baselines in a study: trained once and alike, seen by no strategy."""

import dataclasses
import re
from collections import Counter

import numpy as np
import pytest

from vidnas.architecture.published import published
from vidnas.costs import cost
from vidnas.errors import EvaluationError
from vidnas.files.journal import read_journal
from vidnas.strategies import Random
from vidnas.study import Inline, Study, load_history
from vidnas.study.experiment.baselines import Baseline
from vidnas.study.standings import standings
from vidnas.study.workers.assignment import Outcome
from vidnas.study.workers.outbox import leave

SMALL = published("mobilenetv3-small").at(4, 32)
SHIFTED = published("mobilenetv3-small-tsm").at(4, 32)
BASELINES = (
    Baseline("small", "mobilenetv3-small", SMALL),
    Baseline("shifted", "mobilenetv3-small-tsm", SHIFTED),
)


def accuracy(architecture, *, dataset, recipe, fidelity, seed):
    """A stand-in for training: more FLOPs, more accuracy, and some luck."""
    flops = cost(architecture, classes=2).flops
    luck = np.random.default_rng(seed).normal()
    return {"top1": 90 * (1 - np.exp(-flops / 1e6)) + luck, "val_clips": 10.0}


class Counting:
    """A stand-in that counts trainings per network and dies before one of them."""

    def __init__(self, dies_at: int = -1) -> None:
        self.trained = Counter()
        self._dies_at = dies_at

    def __call__(self, architecture, **rest):
        if self.trained.total() == self._dies_at:
            self._dies_at = -1
            raise KeyboardInterrupt
        self.trained[architecture.arch_id] += 1
        return accuracy(architecture, **rest)


class Together:
    """An executor whose workers all begin before the first of them ends."""

    def __init__(self, workers: int) -> None:
        self._workers = workers

    def run(self, desk, evaluate):
        running = []
        for _ in range(self._workers):
            assignment = desk.next()
            assert assignment is not None
            running.append(assignment)
        self.begun = [assignment.number for assignment in running]
        for a in running:
            measured = evaluate(
                a.architecture,
                dataset=a.dataset,
                recipe=a.recipe,
                fidelity=a.fidelity,
                seed=a.seed,
            )
            desk.report(Outcome(a.number, measured))


def run(experiment, dataset, folder, evaluate=accuracy, executor=None, **options):
    with Study(experiment, dataset, folder, clock=lambda: 0.0, **options) as study:
        return study.run(executor or Inline(), evaluate, lambda trial: None)


def told(trials):
    """What became of these trials, without times."""
    return [
        (t.number, t.baseline, t.arch_id, t.seed, t.state, dict(t.measured))
        for t in trials
    ]


@pytest.fixture
def compared(experiment):
    return dataclasses.replace(experiment, baselines=BASELINES)


def test_baselines_are_trained_first_and_beside_the_effort(compared, dataset, tmp_path):
    heard = []
    with Study(compared, dataset, tmp_path / "run") as study:
        history = study.run(Inline(), accuracy, lambda t: heard.append(t.label))
    assert heard[:6] == ["small", "small", "shifted", "shifted", "0", "0"]
    assert len(history.trials) == 10
    assert told(history.baselines) == told(load_history(tmp_path / "run").baselines)
    assert [t.number for t in history.baselines] == [-1, -2]
    assert {t.fidelity for t in history.baselines} == {compared.fidelity}


def test_strategies_are_blind_to_baselines(compared, experiment, dataset, tmp_path):
    alone = run(experiment, dataset, tmp_path / "alone")
    beside = run(compared, dataset, tmp_path / "beside")
    assert told(beside.trials) == told(alone.trials)
    assert beside.front() == alone.front()
    assert beside.family() == alone.family()


@pytest.mark.parametrize("dies_at", range(4))
def test_a_broken_study_ends_like_an_unbroken_one(compared, dataset, tmp_path, dies_at):
    whole = run(compared, dataset, tmp_path / "whole")
    counting = Counting(dies_at)
    with pytest.raises(KeyboardInterrupt):
        run(compared, dataset, tmp_path / "run", counting)
    resumed = run(compared, dataset, tmp_path / "run", counting)
    assert told(resumed.trials) == told(whole.trials)
    assert told(resumed.baselines) == told(whole.baselines)
    assert set(counting.trained.values()) == {1}


def test_an_outcome_left_by_a_worker_of_a_dead_driver_is_adopted(
    compared, dataset, tmp_path
):
    folder = tmp_path / "run"

    def leaves_and_dies(architecture, **rest):
        leave(Outcome(-1, {"top1": 12.0}), folder / "outbox")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(compared, dataset, folder, leaves_and_dies)
    history = run(compared, dataset, folder, trials=1)
    assert history.baselines[0].measured == {"top1": 12.0}
    assert not list((folder / "outbox").iterdir())


def test_baselines_added_later_are_all_that_is_trained(
    experiment, compared, dataset, tmp_path
):
    folder = tmp_path / "run"
    before = run(experiment, dataset, folder)
    first = dataclasses.replace(experiment, baselines=BASELINES[:1])
    for now, new in ((first, SMALL), (compared, SHIFTED)):
        counting = Counting()
        history = run(now, dataset, folder, counting)
        assert counting.trained == {new.arch_id: 1}
        assert told(history.trials) == told(before.trials)
    at_once = run(compared, dataset, tmp_path / "other")
    assert told(history.baselines) == told(at_once.baselines)


def test_a_baseline_that_is_taken_out_is_shown_no_more_but_kept(
    experiment, compared, dataset, tmp_path
):
    folder = tmp_path / "run"
    before = run(compared, dataset, folder)
    renamed = dataclasses.replace(BASELINES[1], name="mobile")
    only = dataclasses.replace(experiment, baselines=(renamed,))
    counting = Counting()
    history = run(only, dataset, folder, counting)
    assert [(t.number, t.baseline) for t in history.baselines] == [(-2, "mobile")]
    assert run(experiment, dataset, folder, counting).baselines == ()
    # Back again, it is not trained again.
    assert run(compared, dataset, folder, counting).baselines == before.baselines
    assert not counting.trained


def test_failed_baselines_never_end_a_study_and_are_not_tried_again(
    experiment, dataset, tmp_path
):
    sizes = range(32, 32 + 16 * 8, 16)
    many = tuple(Baseline(f"{s} px", "x3d-xs", SMALL.at(4, s)) for s in sizes)
    compared = dataclasses.replace(experiment, baselines=many)

    def fails_on_frames(architecture, **rest):
        if architecture.block == "mobilenet":
            raise EvaluationError("out of memory at batch 8")
        return accuracy(architecture, **rest)

    history = run(compared, dataset, tmp_path / "run", fails_on_frames)
    assert {t.state for t in history.trials} == {"done"}
    reasons = {(t.state, t.reason) for t in history.baselines}
    assert reasons == {("failed", "out of memory at batch 8")}
    assert len(history.baselines) == 8
    again = run(compared, dataset, tmp_path / "run", Counting())
    assert told(again.baselines) == told(history.baselines)


def test_budgets_refuse_no_baseline_but_say_which_it_exceeds(
    compared, dataset, tmp_path
):
    history = run(compared, dataset, tmp_path / "run")
    assert all(t.value("flops") > 2e6 for t in history.baselines)
    assert [s.exceeds for s in standings(history)] == [("flops",)] * 2
    wider = dataclasses.replace(compared, budgets=())
    history = run(wider, dataset, tmp_path / "run")
    assert [s.exceeds for s in standings(history)] == [()] * 2


@pytest.fixture
def shared(experiment, dataset, tmp_path):
    """An experiment whose baseline is what its own search finds as trial 2."""
    experiment = dataclasses.replace(experiment, strategy=Random())
    found = run(experiment, dataset, tmp_path / "alone").trials[2]
    same = Baseline("same", "a2.yaml", found.architecture)
    return dataclasses.replace(experiment, baselines=(same,))


def test_a_searched_baseline_is_trained_once(shared, dataset, tmp_path):
    counting = Counting()
    history = run(shared, dataset, tmp_path / "run", counting)
    assert set(counting.trained.values()) == {1}
    assert len(history.trials) == 10
    [baseline] = history.baselines
    assert dataclasses.replace(baseline, baseline="") == history.trials[2]
    assert baseline.state == "done"


def test_a_network_that_failed_as_baseline_fails_as_trial(shared, dataset, tmp_path):
    def fails_at_once(architecture, **rest):
        if architecture == shared.baselines[0].architecture:
            raise EvaluationError("out of memory at batch 8")
        return accuracy(architecture, **rest)

    history = run(shared, dataset, tmp_path / "run", fails_at_once)
    reasons = {t.number: t.reason for t in history.trials if t.state == "failed"}
    assert reasons == {2: "out of memory at batch 8"}


def test_a_trial_named_as_baseline_later_is_not_trained_again(
    shared, dataset, tmp_path
):
    counting = Counting()
    history = run(shared, dataset, tmp_path / "alone", counting)
    assert not counting.trained
    assert [(t.number, t.baseline) for t in history.baselines] == [(2, "same")]


def test_a_trial_waits_for_its_network_where_that_is_training(
    shared, dataset, tmp_path
):
    counting, together = Counting(), Together(workers=4)
    history = run(shared, dataset, tmp_path / "run", counting, together)
    # Trial 2 takes no worker; it ends as its baseline does.
    assert together.begun == [-1, 0, 1, 3]
    assert [t.state for t in history.trials] == ["done"] * 4
    assert set(counting.trained.values()) == {1}
    assert history.trials[2].measured == history.baselines[0].measured


def test_a_trial_whose_interrupted_baseline_was_taken_out_is_trained(
    shared, dataset, tmp_path
):
    folder = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        run(shared, dataset, folder, Counting(dies_at=0))
    alone = dataclasses.replace(shared, baselines=())
    counting = Counting()
    history = run(alone, dataset, folder, counting)
    assert {t.state for t in history.trials} == {"done"}
    # Back again, it is the trial that the search has done.
    history = run(shared, dataset, folder, counting)
    assert [(t.number, t.state) for t in history.baselines] == [(2, "done")]
    assert counting.trained.total() == 10


def test_a_baseline_is_dominated_by_members_no_worse_and_somewhere_better(
    compared, dataset, tmp_path
):
    def fixed(architecture, **rest):
        if architecture.block == "mobilenet":
            return {"top1": 95.0 if architecture.temporal_shift else 20.0}
        return accuracy(architecture, **rest)

    history = run(compared, dataset, tmp_path / "run", fixed)
    front = history.front()
    # Both cost more than any candidate: 2 M FLOPs is a budget.
    better = sum(t.value("top1") >= 20.0 for t in front.trials)
    small, shifted = standings(history)
    assert small.dominated_by == better > 0
    assert small.words == (
        f"dominated by {better} of {len(front)} front members; exceeds flops"
    )
    assert shifted.words == "on the front; exceeds flops"
    together = history.front(baselines=True)
    assert [t.label for t in together.trials][-1] == "shifted"
    assert "small" not in [t.label for t in together.trials]


def test_an_old_journal_has_no_baselines(experiment, dataset, tmp_path):
    run(experiment, dataset, tmp_path / "run")
    path = tmp_path / "run" / "journal.jsonl"
    text = re.sub(r',"crc":"[0-9a-f]{8}"', "", path.read_text())
    path.write_text(text.replace('"baselines":[],', ""))
    assert "baselines" not in read_journal(path)[0]["experiment"]
    history = load_history(tmp_path / "run")
    assert history.baselines == ()
    assert len(history.trials) == 10
