"""Studies whose surroundings break: folders that move away, disks that are full."""

import json
from collections import Counter

import pytest

from vidnas.errors import ClipError, EvaluationError, SurroundingsError
from vidnas.files.journal import read_journal
from vidnas.study import Inline, Study, load_experiment, load_history
from vidnas.study.run.broken_surroundings import BrokenSurroundings
from vidnas.study.workers.assignment import Outcome
from vidnas.study.workers.executor import carry_out
from vidnas.views.pages.report import write_report

GONE = "The clip folder must exist, found nothing there: clips."


def works(architecture, *, seed, **rest):
    return {"top1": 50.0 + seed % 40, "val_clips": 10.0}


class Breaks:
    """A training whose surroundings break at some of its calls."""

    def __init__(self, calls, error=None):
        self.calls, self.error = calls, error or ClipError(GONE)
        self.called = 0
        self.trained = []

    def __call__(self, architecture, **rest):
        self.called += 1
        self.trained.append(architecture.arch_id)
        if self.called - 1 in self.calls:
            raise self.error
        return works(architecture, **rest)


def run(experiment, dataset, folder, evaluate=works, executor=None, **options):
    heard = []
    with Study(experiment, dataset, folder, clock=lambda: 0.0, **options) as study:
        study.run(executor or Inline(), evaluate, heard.append)
    return load_history(folder)


def events(folder):
    return Counter(r["event"] for r in read_journal(folder / "journal.jsonl"))


def told(history):
    return [(t.number, t.candidate, t.seed, t.state, t.reason) for t in history.trials]


@pytest.mark.parametrize(
    "error",
    [ClipError(GONE), ModuleNotFoundError("No module named 'av'"), OSError(28, "full")],
    ids=repr,
)
def test_surroundings_that_break_stop_the_study_and_fail_no_trial(
    experiment, dataset, tmp_path, error
):
    gone = Breaks(range(3, 99), error)
    with pytest.raises(SurroundingsError) as stopped:
        run(experiment, dataset, tmp_path / "run", gone)
    said = str(stopped.value)
    assert "3 times in a row" in said
    assert type(error).__name__ in said
    assert "3 done trials are safe; the same command goes on" in said
    assert stopped.value.host in said
    assert "\n" not in said
    assert gone.called == 6
    states = Counter(t.state for t in load_history(tmp_path / "run").trials)
    assert states == {"done": 3, "running": 2}
    assert events(tmp_path / "run")["failed"] == 0

    history = run(experiment, dataset, tmp_path / "run")
    assert [t.state for t in history.trials] == ["done"] * 10
    assert all(t.reason == "" for t in history.trials)


def test_a_hiccup_is_tried_again_and_changes_nothing(experiment, dataset, tmp_path):
    whole = run(experiment, dataset, tmp_path / "whole")
    hiccups = run(experiment, dataset, tmp_path / "run", Breaks([2, 5, 7]))
    assert told(hiccups) == told(whole)
    assert events(tmp_path / "run")["interrupted"] == 3


def test_the_journal_says_what_broke_and_where(experiment, dataset, tmp_path):
    with pytest.raises(SurroundingsError):
        run(experiment, dataset, tmp_path, Breaks(range(99)))
    broken = [
        record
        for record in read_journal(tmp_path / "journal.jsonl")
        if record["event"] == "interrupted"
    ]
    assert [record["cause"] for record in broken] == ["surroundings"] * 3
    assert broken[0]["reason"].startswith(f"ClipError: {GONE} (test_broken")
    assert broken[0]["reason"].endswith("; tried again")
    history = load_history(tmp_path)
    waiting = history.trials[0]
    assert (waiting.state, waiting.reason) == ("running", broken[0]["reason"])
    assert history.broken == {0, 1}
    write_report(history, tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert (
        "2 interrupted (2 by their surroundings: ClipError: The clip folder must exist"
        in page
    )
    assert run(experiment, dataset, tmp_path).broken == frozenset()


def test_one_trial_that_breaks_where_others_are_done_fails_by_itself(
    experiment, dataset, tmp_path
):
    def lacks_a_file(architecture, **rest):
        if architecture.arch_id == victim:
            raise FileNotFoundError(2, "No such file or directory", "weights")
        return works(architecture, **rest)

    victim = None
    victim = run(experiment, dataset, tmp_path / "a").trials[1].arch_id
    history = run(experiment, dataset, tmp_path / "b", lacks_a_file)
    states = {t.arch_id: t.state for t in history.trials}
    assert states.pop(victim) == "failed"
    assert set(states.values()) == {"done"}
    assert len(history.trials) == 10


def test_memory_divergence_and_dead_workers_never_stop_a_study(
    experiment, dataset, tmp_path
):
    def diverges(architecture, *, seed, **rest):
        if architecture.arch_id != first:
            raise EvaluationError("loss became NaN at step 3")
        return works(architecture, seed=seed)

    class Kills:
        def run(self, desk, evaluate):
            while (assignment := desk.next()) is not None:
                if assignment.number:
                    gone = Outcome(assignment.number, {}, "was killed", "killed")
                    desk.report(gone)
                else:
                    desk.report(carry_out(assignment, evaluate))

    first = None
    first = run(experiment, dataset, tmp_path / "a", trials=1).trials[0].arch_id
    diverged = run(experiment, dataset, tmp_path / "b", diverges)
    dead = run(experiment, dataset, tmp_path / "c", executor=Kills())
    for history in (diverged, dead):
        states = [t.state for t in history.trials]
        assert states == ["done"] + ["failed"] * 9


def test_a_broken_baseline_is_tried_again(experiment_file, dataset, tmp_path):
    experiment_file.write_text(experiment_file.read_text() + "baselines: [x3d-xs]\n")
    experiment = load_experiment(experiment_file)
    with pytest.raises(SurroundingsError):
        run(experiment, dataset, tmp_path / "run", Breaks(range(99)))
    history = run(experiment, dataset, tmp_path / "run", Breaks([0]))
    assert [t.state for t in history.baselines] == ["done"]
    assert [t.state for t in history.trials] == ["done"] * 10


def burnt(folder, reasons):
    """Turns done trials of a journal into failed ones, as versions before had them."""
    journal = folder / "journal.jsonl"
    records = [json.loads(line) for line in journal.read_text().splitlines()]
    for record in records:
        if record["event"] == "done" and record["trial"] in reasons:
            record.update(event="failed", reason=reasons[record["trial"]])
            del record["measured"]
    for record in records:
        del record["crc"]  # older versions wrote none
    journal.write_text("".join(json.dumps(record) + "\n" for record in records))


def test_what_burnt_before_is_tried_again_when_asked_for(experiment, dataset, tmp_path):
    run(experiment, dataset, tmp_path)
    reasons = {
        2: f"ClipError: {GONE} (folders.py, line 61)",
        3: "the study was killed at micro-batch 1",
        4: "loss became NaN at step 3 with learning rate 0.1",
        5: "PermissionError: [Errno 13] Permission denied: 'a' (decode.py, line 3)",
    }
    burnt(tmp_path, reasons)
    unasked = run(experiment, dataset, tmp_path)
    assert {t.number for t in unasked.trials if t.state == "failed"} == {2, 3, 4, 5}

    with Study(experiment, dataset, tmp_path, retry_failed=True) as study:
        assert [trial.number for trial in study.reopened] == [2, 3, 5]
        study.run(Inline(), works, lambda trial: None)
    again = load_history(tmp_path)
    assert {t.number for t in again.trials if t.state == "failed"} == {4}
    assert all(t.reason == "" for t in again.trials if t.number in (2, 3, 5))
    with Study(experiment, dataset, tmp_path, retry_failed=True) as study:
        assert study.reopened == []


class Twice:
    """An executor of two nodes, of which one has no clips."""

    def __init__(self):
        self.north = 0

    def run(self, desk, evaluate):
        while (assignment := desk.next()) is not None:
            if self.north < 4:
                self.north += 1
                gone = Outcome(
                    assignment.number, {}, GONE, "surroundings", "north", True
                )
                desk.report(gone)
            else:
                desk.report(carry_out(assignment, evaluate))


def test_what_another_node_may_do_does_not_stop_the_study(
    experiment, dataset, tmp_path
):
    history = run(experiment, dataset, tmp_path, executor=Twice())
    assert [t.state for t in history.trials] == ["done"] * 10


def test_pre_emptions_count_for_nothing(experiment, dataset, tmp_path):
    class Preempts:
        def run(self, desk, evaluate):
            for _ in range(9):
                number = desk.next().number
                desk.report(Outcome(number, {}, "its node was pre-empted", "preempted"))
            Inline().run(desk, evaluate)

    history = run(experiment, dataset, tmp_path, executor=Preempts(), trials=2)
    assert [t.state for t in history.trials] == ["done", "done"]
    assert all("retries" not in t.measured for t in history.trials)


def test_a_trial_done_between_them_forgives_breaks():
    broken = BrokenSurroundings()
    gone = Outcome(0, {}, GONE, "surroundings", "north")
    for outcome in (gone, gone, Outcome(1, {"top1": 1.0}), gone, gone):
        broken.judge(outcome)
    assert not broken.stop_the_study
    broken.require_sound(1)
    # A candidate's own failure says nothing of the surroundings.
    broken.judge(Outcome(2, {}, "ValueError: odd"))
    broken.judge(gone)
    assert broken.stop_the_study
    with pytest.raises(SurroundingsError, match="on north: The clip folder"):
        broken.require_sound(1)
