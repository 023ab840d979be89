"""What the folder of a study tells while it runs, is left, and has ended."""

import dataclasses
import json
import os
import time

import pytest

from vidnas.errors import EvaluationError, JournalError, StudyError
from vidnas.files.lease import Holder
from vidnas.study import Inline, Study
from vidnas.study.status.reader import StatusReader, read_status
from vidnas.study.status.status import log_words
from vidnas.trials.effort import Effort
from vidnas.trials.news import Placed


class Looks:
    """An evaluation that looks at the study from outside, and then fails each third."""

    def __init__(self, folder):
        self.reader = None
        self.folder = folder
        self.seen = []
        self.changed = []

    def __call__(self, architecture, *, watch, **rest):
        self.reader = self.reader or StatusReader(self.folder)
        watch.epoch(1, {"loss": 1.0})
        self.changed += self.reader.read()
        self.seen.append(self.reader.status())
        if len(self.seen) % 3 == 0:
            raise EvaluationError("no luck")
        return {"top1": 40.0 + len(self.seen), "val_clips": 10.0}


def search(experiment, dataset, folder, effort):
    looks = Looks(folder)
    asked = dataclasses.replace(experiment, effort=effort)
    with Study(asked, dataset, folder) as study:
        history = study.run(Inline(), looks, lambda trial: None)
    return history, looks


def test_a_running_study_is_seen_from_outside(experiment, dataset, tmp_path):
    folder = tmp_path / "run"
    _, looks = search(experiment, dataset, folder, Effort(trials=4))
    last = looks.seen[-1]
    assert (last.state, last.writer.process > 0) == ("running", True)
    assert dict(last.trials) == {"done": 2, "failed": 1, "running": 1}
    assert [(t.trial, t.epoch, t.epochs) for t in last.running] == [(3, 1, 2)]
    assert [(g.busy, g.idle) for g in last.groups] == [(1, 1)]
    assert [(f.trial, f.reason) for f in last.failures] == [(2, "no luck")]
    assert last.front >= 1
    assert last.hypervolume > 0


def test_each_look_tells_what_changed_since_the_last(experiment, dataset, tmp_path):
    _, looks = search(experiment, dataset, tmp_path / "run", Effort(trials=3))
    states = [(trial.number, trial.state) for trial in looks.changed]
    assert states == [
        (0, "running"),
        (0, "done"),
        (1, "running"),
        (1, "done"),
        (2, "running"),
    ]


def test_an_ended_study_says_what_ended_it(experiment, dataset, tmp_path):
    history, _ = search(experiment, dataset, tmp_path / "run", Effort(trials=4))
    status = read_status(tmp_path / "run")
    assert (status.state, status.reason) == ("finished", "effort of trials is spent")
    assert status.writer is None
    assert status.running == ()
    assert status.front == len(history.front())
    reference = history.reference
    assert status.hypervolume == history.front().hypervolume(reference=reference)
    assert status.spent == history.spent
    assert json.loads(json.dumps(status.to_document()))["trials"]["done"] == 3


def test_a_study_that_was_left_has_interrupted_trials(experiment, dataset, tmp_path):
    def leaves(architecture, **rest):
        raise KeyboardInterrupt

    study = Study(experiment, dataset, tmp_path / "run")
    with study, pytest.raises(KeyboardInterrupt):
        study.run(Inline(), leaves, lambda trial: None)
    status = read_status(tmp_path / "run")
    assert (status.state, status.trials["interrupted"]) == ("stopped", 1)


def test_only_what_was_appended_is_read(experiment, dataset, tmp_path):
    folder = tmp_path / "run"
    search(experiment, dataset, folder, Effort(trials=2))
    reader = StatusReader(folder)
    assert len(reader.read()) == 2
    assert reader.read() == []
    with (folder / "journal.jsonl").open("a") as file:
        file.write('{"event":"notice","time":5.0')  # a record that is not whole yet
    assert reader.read() == []


def test_a_journal_that_was_replaced_is_read_anew(experiment, dataset, tmp_path):
    folder, journal = tmp_path / "run", tmp_path / "run" / "journal.jsonl"
    search(experiment, dataset, folder, Effort(trials=2))
    reader = StatusReader(folder)
    reader.read()
    before = reader.status()
    copy = journal.read_bytes()
    journal.unlink()
    journal.write_bytes(copy)
    reader.read()
    assert reader.status() == before


def test_a_damaged_line_is_named(experiment, dataset, tmp_path):
    folder = tmp_path / "run"
    search(experiment, dataset, folder, Effort(trials=1))
    with (folder / "journal.jsonl").open("a") as file:
        file.write("no json\n")
    with pytest.raises(JournalError, match=r"line \d+ is not JSON.*vidnas repair"):
        read_status(folder)


def test_a_folder_without_a_study_is_refused(tmp_path):
    with pytest.raises(StudyError, match=r"must hold journal\.jsonl"):
        read_status(tmp_path)


@pytest.mark.parametrize("skew", [-7200.0, 7200.0])
def test_the_clock_of_who_looks_adds_no_hours_to_a_study(
    experiment, dataset, tmp_path, monkeypatch, skew
):
    folder = tmp_path / "run"
    reader = []

    def looks(architecture, **rest):
        with monkeypatch.context() as other_host:  # its clock is two hours off
            other_host.setattr(Holder, "is_here", lambda self: False)
            reader.append(StatusReader(folder, clock=lambda: time.time() + skew))
            reader[-1].read()
            seen = reader[-1].status()
        assert (seen.state, seen.writer.renewed_seconds < 60) == ("running", True)
        assert seen.spent.hours < 0.02
        assert all(trial.seconds < 60 for trial in seen.running)
        return {"top1": 40.0, "val_clips": 10.0}

    asked = dataclasses.replace(experiment, effort=Effort(trials=2, hours=1))
    with Study(asked, dataset, folder) as study:
        study.run(Inline(), looks, lambda trial: None)
    assert len(reader) == 2


def test_a_trial_says_where_its_output_lies(experiment, dataset, tmp_path):
    _, looks = search(experiment, dataset, tmp_path / "run", Effort(trials=4))
    here = f"the output of the search itself, process {os.getpid()} on"
    last = looks.seen[-1]
    assert last.running[0].log.startswith(here)
    assert last.failures[0].log.startswith(here)
    worker = Placed(3, "", "10.0.0.7", 91, "/tmp/ray/session_1/logs/worker-5-91.out")
    assert log_words(worker) == (
        "/tmp/ray/session_1/logs/worker-5-91.out and .err on 10.0.0.7"
    )
    before = Placed(3, "", "10.0.0.7", 91)  # as older versions recorded it
    assert log_words(before).startswith("worker-*-91.out and .err in session_latest")
    assert log_words(None) == log_words(Placed(3)) == ""
