"""The journal of a study is taken from under it, and files lie in its outbox."""

import errno
import json
import os
import shutil

import pytest

from vidnas.errors import JournalError, StudyError
from vidnas.files.journal import read_journal
from vidnas.study import Inline, Study, load_history
from vidnas.study.workers.assignment import Outcome
from vidnas.study.workers.executor import carry_out
from vidnas.study.workers.outbox import leave


def accuracy(architecture, *, seed, **rest):
    return {"top1": 20.0 + seed % 60, "val_clips": 10.0}


def silent(trial):
    pass


def run(experiment, dataset, folder, evaluate=accuracy, trials=6):
    with Study(experiment, dataset, folder, trials=trials) as study:
        history = study.run(Inline(), evaluate, silent)
        return history, study.notices


def told(history):
    return [(t.number, t.arch_id, t.state, dict(t.measured)) for t in history.trials]


def replace_with_a_copy(folder):
    other = folder / "sed1234"
    shutil.copy(folder / "journal.jsonl", other)
    other.replace(folder / "journal.jsonl")


def bring_back_the_first_lines(folder):
    lines = (folder / "journal.jsonl").read_text().splitlines(keepends=True)
    (folder / "old").write_text("".join(lines[:3]))
    (folder / "old").replace(folder / "journal.jsonl")


def empty(folder):
    os.truncate(folder / "journal.jsonl", 0)


@pytest.mark.parametrize(
    "change", [replace_with_a_copy, bring_back_the_first_lines, empty, shutil.rmtree]
)
def test_a_search_stops_and_the_same_command_loses_no_trial(
    experiment, dataset, tmp_path, change
):
    folder, trained = tmp_path / "run", []
    whole, _ = run(experiment, dataset, tmp_path / "whole")

    def once_changed(architecture, **rest):
        trained.append(architecture.arch_id)
        if len(trained) == 3:
            change(folder)
        return accuracy(architecture, **rest)

    with pytest.raises(JournalError) as stopped:
        run(experiment, dataset, folder, once_changed)
    said = str(stopped.value)
    assert "so nothing more goes there; its 9 records are in" in said
    assert f"The outcome of trial 2 is in {folder.resolve() / 'outbox'}" in said
    assert "\n" not in said
    history, notices = run(experiment, dataset, folder, once_changed)
    assert told(history) == told(whole)
    assert len(trained) == len(set(trained)) == 6
    assert not list((folder / "outbox").iterdir())
    assert (change in (bring_back_the_first_lines, empty, shutil.rmtree)) == any(
        "were taken back" in notice for notice in notices
    )


def test_trials_that_run_on_leave_their_outcomes(experiment, dataset, tmp_path):
    folder = tmp_path / "run"

    class TwoAtOnce:
        def run(self, desk, evaluate):
            first, second = desk.next(), desk.next()
            shutil.rmtree(folder)
            for assignment in (first, second):
                with pytest.raises(JournalError):
                    desk.report(carry_out(assignment, evaluate))

    with Study(experiment, dataset, folder, trials=2) as study:
        study.run(TwoAtOnce(), accuracy, silent)
    names = sorted(path.name for path in (folder / "outbox").iterdir())
    assert names == ["0.json", "1.json"]
    history, _ = run(experiment, dataset, folder, trials=2)
    assert [trial.state for trial in history.trials] == ["done", "done"]


def test_a_full_disk_at_an_outcome_leaves_it_in_the_outbox(
    experiment, dataset, tmp_path, monkeypatch
):
    folder = tmp_path / "run"
    real = os.write

    def full(file, data):
        if b'"event":"done"' in data:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(file, data)

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space left"):
            run(experiment, dataset, folder)
    assert (folder / "outbox" / "0.json").exists()

    def never(architecture, **rest):
        raise AssertionError("trained again")

    history, _ = run(experiment, dataset, folder, never, trials=1)
    assert history.trials[0].state == "done"
    assert read_journal(folder / "journal.jsonl")[-1]["event"] == "done"


def test_what_lies_in_the_outbox_and_is_not_ours_blocks_nothing(
    experiment, dataset, tmp_path
):
    folder = tmp_path / "run"
    before, _ = run(experiment, dataset, folder, trials=3)
    outbox = folder / "outbox"
    (outbox / "notes.txt").write_text("a person's")
    (outbox / "x.json").write_text("{}")
    (outbox / "1.json").write_text("half {")
    leave(Outcome(0, {"top1": 99.0}), outbox, arch_id="another", seed=1)
    leave(Outcome(4, {"top1": 99.0}), outbox, arch_id="another", seed=1)
    leave(Outcome(77, {"top1": 99.0}), outbox)
    history, notices = run(experiment, dataset, folder)
    assert told(history)[:3] == told(before)
    assert all(trial.measured["top1"] < 99.0 for trial in history.trials)
    (notice,) = notices
    assert notice.startswith(f"6 files in {folder.resolve() / 'outbox'} belong to no")
    left = sorted(path.name for path in outbox.iterdir())
    ended = ["0.json", "1.json", "4.json.foreign", "77.json", "notes.txt", "x.json"]
    assert left == ended


def be_a_file(outbox):
    outbox.write_text("a file where the outbox belongs")


def hold_folders(outbox):
    (outbox / "2.json").mkdir(parents=True)
    (outbox / "4.json.foreign").mkdir()
    leave(Outcome(4, {"top1": 99.0}), outbox, arch_id="another", seed=1)


@pytest.mark.parametrize("stand", [be_a_file, hold_folders])
def test_what_cannot_be_moved_out_of_the_way_blocks_nothing(
    experiment, dataset, tmp_path, stand
):
    whole, _ = run(experiment, dataset, tmp_path / "whole")
    (tmp_path / "run").mkdir()
    stand(tmp_path / "run/outbox")
    history, notices = run(experiment, dataset, tmp_path / "run")
    assert told(history) == told(whole)
    assert "belong" in notices[0]
    assert str(tmp_path / "run/outbox") in notices[0]


def test_an_outcome_that_the_journal_holds_already_is_removed(
    experiment, dataset, tmp_path
):
    folder = tmp_path / "run"
    history, _ = run(experiment, dataset, folder, trials=2)
    trial = history.trials[1]
    leave(
        Outcome(1, dict(trial.measured)),
        folder / "outbox",
        arch_id=trial.arch_id,
        seed=trial.seed,
    )
    _, notices = run(experiment, dataset, folder, trials=2)
    assert notices == ()
    assert not list((folder / "outbox").iterdir())


def test_an_outcome_of_another_study_is_not_taken_for_a_running_trials(
    experiment, dataset, tmp_path
):
    folder = tmp_path / "run"

    def leaves_another(architecture, **rest):
        outcome = Outcome(0, {"top1": 99.0})
        leave(outcome, folder / "outbox", arch_id="another", seed=1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(experiment, dataset, folder, leaves_another)
    history, notices = run(experiment, dataset, folder, trials=1)
    assert history.trials[0].measured["top1"] < 99.0
    assert "0.json" in notices[0]


def test_an_outbox_that_is_a_link_is_refused(experiment, dataset, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "outbox").symlink_to(tmp_path)
    with pytest.raises(StudyError, match="it is a symbolic link"):
        run(experiment, dataset, tmp_path / "run")


@pytest.mark.parametrize("raw", [b"", b'{"event":"stu', b"\x00" * 60])
def test_half_a_first_record_begins_the_study_as_if_new(
    experiment, dataset, tmp_path, raw
):
    folder = tmp_path / "run"
    whole, _ = run(experiment, dataset, tmp_path / "whole", trials=2)
    folder.mkdir()
    (folder / "journal.jsonl").write_bytes(raw)
    history, _ = run(experiment, dataset, folder, trials=2)
    assert told(history) == told(whole)
    assert told(load_history(folder)) == told(whole)


def test_a_copied_outcome_says_whose_it_is(experiment, dataset, tmp_path):
    class LeavesOnly:
        def run(self, desk, evaluate):
            carry_out(desk.next(), evaluate)

    with Study(experiment, dataset, tmp_path / "run", trials=1) as study:
        study.run(LeavesOnly(), accuracy, silent)
        (trial,) = study.trials
    document = json.loads((tmp_path / "run" / "outbox" / "0.json").read_text())
    assert (document["arch_id"], document["seed"]) == (trial.arch_id, trial.seed)
