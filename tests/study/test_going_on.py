"""Studies that are cut at any write of a state end like those that are not.

Training is a stand-in whose every epoch depends on the last bit of the one before.
"""

import dataclasses
import errno
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from vidnas.study import Inline, Study, load_history
from vidnas.study.experiment.rungs import Rungs
from vidnas.study.ledger import Ledger
from vidnas.study.workers import checkpoints
from vidnas.trials import Fidelity, Recipe
from vidnas.trials.effort import Effort
from vidnas.whole_file import write_whole

LOW, MIDDLE, FULL = Fidelity(1), Fidelity(2), Fidelity(4)
HOW = ("resumed_epochs", "continued_epochs")


class Training:
    """A stand-in for training that goes on; counts the epochs that it trains."""

    def __init__(self):
        self.epochs = 0

    def __call__(self, architecture, *, fidelity, seed, watch, **rest):
        kept = watch.kept()
        x = float(kept.state["x"]) if kept else (seed % 9973 + 1) / 9975
        done = kept.epoch if kept else 0
        for epoch in range(done, fidelity.epochs):
            watch.step()
            x = 3.9 * x * (1 - x)  # chaos: what is lost shows
            self.epochs += 1
            watch.epoch(epoch + 1, {"loss": x})
            watch.keep(epoch + 1, {"x": np.array(x)})
        watch.trained(lambda: repr(x).encode())
        how = HOW[kept.is_of_lower_rung] if kept else ""
        return {
            "top1": 100 * x,
            "epochs": fidelity.epochs,
            **({how: done} if how else {}),
        }


@pytest.fixture
def plain(experiment):
    return dataclasses.replace(experiment, fidelity=FULL, effort=Effort(trials=4))


@pytest.fixture
def continued(experiment):
    """Candidates climb two rungs and go on at each."""
    return dataclasses.replace(
        experiment,
        fidelity=FULL,
        rungs=Rungs((LOW, MIDDLE), keep=2, probe=0, continues=True),
        recipe=Recipe(schedule="constant"),
        effort=Effort(trials=6),
    )


@pytest.fixture(params=["plain", "continued"])
def either(request):
    return request.getfixturevalue(request.param)


def run(experiment, dataset, folder, training=None):
    with Study(experiment, dataset, folder, clock=lambda: 0.0) as study:
        return study.run(Inline(), training or Training(), lambda trial: None)


def final(history):
    """All that a study says in the end, but for how it came to that."""
    told = [
        (t.number, t.arch_id, t.fidelity, t.seed, t.state, t.continues, numbers(t))
        for t in history.trials
    ]
    return told, history.curves, kept_files(history.folder)


def numbers(trial):
    return {name: v for name, v in trial.measured.items() if name not in HOW}


def kept_files(folder):
    root = folder / "checkpoints"
    found = {p.relative_to(root).as_posix(): p for p in root.rglob("*")}
    return {
        name: path.read_bytes() if path.name == "weights.npz" else b""
        for name, path in found.items()
        if path.is_file()
    }


class Cut(KeyboardInterrupt):
    """The end of a process, which no code here survives."""


class Disk:
    """What writes states, and cuts the process at one of its writes."""

    def __init__(self, at=0, when=""):
        self.writes, self._at, self._when = 0, at, when

    def write(self, path, content):
        self.writes += 1
        if self.writes == self._at and self._when == "before":
            raise Cut
        if self.writes == self._at and self._when == "in the middle":
            half = path.with_name(".vidnas-0123456789abcdef.partial")
            half.write_bytes(content[: len(content) // 2])
            raise Cut
        write_whole(path, content)
        if self.writes == self._at:
            raise Cut


@pytest.fixture
def disk(monkeypatch):
    """Puts a disk under the states, and takes a killed driver's last word."""
    monkeypatch.setattr(Ledger, "leave", lambda ledger: None)

    def put(disk):
        monkeypatch.setattr(checkpoints, "write_whole", disk.write)
        return disk

    return put


@pytest.mark.parametrize("when", ["before", "in the middle", "after"])
def test_a_study_cut_at_every_write_of_a_state_ends_as_if_it_were_not(
    either, dataset, tmp_path, disk, when
):
    counting, training = disk(Disk()), Training()
    unbroken = final(run(either, dataset, tmp_path / "unbroken", training))
    assert counting.writes > 10
    for at in range(1, counting.writes + 1):
        disk(Disk(at, when))
        folder, broken = tmp_path / f"cut{at}", Training()
        with pytest.raises(Cut):
            run(either, dataset, folder, broken)
        disk(Disk())
        history = run(either, dataset, folder, broken)
        assert final(history) == unbroken
        # At most the epoch whose state was being written is trained twice, or those
        # of a trial that ended with the write of its weights: the last.
        assert broken.epochs <= training.epochs + 1


def test_a_process_killed_at_a_write_goes_on_from_the_epoch_before(
    plain, experiment_file, dataset, tmp_path
):
    unbroken = final(run(plain, dataset, tmp_path / "unbroken"))
    script = tmp_path / "killed.py"
    script.write_text(textwrap.dedent(KILLED))
    done = subprocess.run(
        [sys.executable, script, Path(__file__), experiment_file, tmp_path / "killed"],
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    left = list((tmp_path / "killed").rglob(".vidnas-*.partial"))
    assert len(left) == 1  # the half that was written
    training = Training()
    assert final(run(plain, dataset, tmp_path / "killed", training)) == unbroken
    # Of four trials of four epochs the first was done, and an epoch of the second kept.
    assert training.epochs == 16 - 4 - 1


KILLED = """
import dataclasses, importlib.util, os, signal, sys
from pathlib import Path
from vidnas.study import Dataset, Inline, Study, load_experiment
from vidnas.trials.effort import Effort
import vidnas.whole_file

spec = importlib.util.spec_from_file_location("tests", sys.argv[1])
tests = importlib.util.module_from_spec(spec)
spec.loader.exec_module(tests)
count = 0
flush = os.fsync

def fsync(file):
    # The sixth write is the state after the second trial's second epoch: of the first
    # trial three states were kept and its weights, then the second trial's first.
    global count
    if "partial" in os.readlink(f"/proc/self/fd/{file}"):
        count += sys._getframe(1).f_locals["path"].parent.parent.name == "checkpoints"
    if count == 6:
        os.kill(os.getpid(), signal.SIGKILL)
    flush(file)

os.fsync = fsync
experiment = dataclasses.replace(
    load_experiment(sys.argv[2]), fidelity=tests.FULL, effort=Effort(trials=4)
)
dataset = Dataset("clips", ("left", "right"), train_clips=20, val_clips=10)
with Study(experiment, dataset, Path(sys.argv[3]), clock=lambda: 0.0) as study:
    study.run(Inline(), tests.Training(), lambda trial: None)
"""


def cut_in(experiment, dataset, folder, disk, at):
    disk(Disk(at, "after"))
    with pytest.raises(Cut):
        run(experiment, dataset, folder)
    disk(Disk())
    (state,) = folder.glob("checkpoints/*/state.npz")
    return state


def test_a_state_that_was_removed_damaged_or_anothers_is_begun_anew(
    plain, dataset, tmp_path, disk
):
    unbroken = final(run(plain, dataset, tmp_path / "unbroken"))
    other = cut_in(plain, dataset, tmp_path / "other", disk, 7).read_bytes()
    for name, harm in {
        "removed": Path.unlink,
        "emptied": lambda path: path.write_bytes(b""),
        "halved": lambda path: path.write_bytes(path.read_bytes()[:200]),
        "another's": lambda path: path.write_bytes(other),
    }.items():
        state = cut_in(plain, dataset, tmp_path / name, disk, 2)
        harm(state)
        training = Training()
        history = run(plain, dataset, tmp_path / name, training)
        assert final(history) == unbroken
        assert training.epochs == 16
        assert not any("resumed_epochs" in t.measured for t in history.trials)


def test_a_folder_that_cannot_be_written_fails_no_trial(plain, dataset, tmp_path):
    told, curves, _ = final(run(plain, dataset, tmp_path / "unbroken"))
    folder = tmp_path / "taken"
    folder.mkdir()
    (folder / "checkpoints").write_text("no folder")
    with Study(plain, dataset, folder, clock=lambda: 0.0) as study:
        history = study.run(Inline(), Training(), lambda trial: None)
        assert len(study.notices) == 1
        assert study.notices[0].startswith("no states of trainings are kept: ")
    assert (final(history)[0], history.curves) == (told, curves)


def test_a_full_disk_fails_no_trial_and_is_said_once(
    plain, dataset, tmp_path, monkeypatch
):
    told, curves, _ = final(run(plain, dataset, tmp_path / "unbroken"))

    full_disk = os.strerror(errno.ENOSPC)

    def full(path, content):
        raise OSError(errno.ENOSPC, full_disk, str(path))

    monkeypatch.setattr(checkpoints, "write_whole", full)
    with Study(plain, dataset, tmp_path / "full", clock=lambda: 0.0) as study:
        history = study.run(Inline(), Training(), lambda trial: None)
        notices = study.notices
    assert final(history) == (told, curves, {})
    (notice,) = notices
    assert notice.endswith(f"{tmp_path / 'full' / 'checkpoints'}: {full_disk}")


def test_checkpoints_removed_while_a_study_runs_fail_nothing(plain, dataset, tmp_path):
    told, curves, _ = final(run(plain, dataset, tmp_path / "unbroken"))

    class Removing(Training):
        def __call__(self, *asked, watch, **rest):
            folder = tmp_path / "removed" / "checkpoints"
            if folder.exists():
                for path in sorted(folder.rglob("*"), reverse=True):
                    path.rmdir() if path.is_dir() else path.unlink()
                folder.rmdir()
            return super().__call__(*asked, watch=watch, **rest)

    history = run(plain, dataset, tmp_path / "removed", Removing())
    assert final(history) == (told, curves, {})


def test_a_continued_study_equals_one_whose_trials_were_trained_in_one_go(
    continued, dataset, tmp_path
):
    history = run(continued, dataset, tmp_path / "run")
    full = [t for t in history.trials if t.fidelity == FULL]
    assert full
    by_number = {trial.number: trial for trial in history.trials}
    for trial in full:
        lower = by_number[trial.continued_from]
        assert (lower.arch_id, lower.seed) == (trial.arch_id, trial.seed)
        assert lower.fidelity == MIDDLE
        assert trial.measured["continued_epochs"] == 2
        x = (trial.seed % 9973 + 1) / 9975
        for _ in range(4):
            x = 3.9 * x * (1 - x)
        assert trial.measured["top1"] == 100 * x
        assert list(history.curves[trial.number]) == [3, 4]  # what it trained itself


def test_a_promotion_whose_state_is_gone_trains_anew_with_its_seed_and_says_so(
    continued, dataset, tmp_path, monkeypatch
):
    whole = run(continued, dataset, tmp_path / "whole")
    monkeypatch.setattr(checkpoints, "unpack_state", lambda content: 1 / 0)
    monkeypatch.setattr(checkpoints, "write_whole", lambda path, content: None)
    gone = run(continued, dataset, tmp_path / "gone")
    assert final(gone)[0] == final(whole)[0]
    assert {t.continued_from for t in gone.trials} == {None}
    assert any(t.continues is not None for t in gone.trials)
    full = next(t for t in gone.trials if t.fidelity == FULL)
    assert list(gone.curves[full.number]) == [1, 2, 3, 4]


def test_whether_rungs_are_continued_belongs_to_the_study(continued, dataset, tmp_path):
    from vidnas.errors import StudyError

    assert "rungs.continue" in continued.identity()
    off = dataclasses.replace(
        continued, rungs=dataclasses.replace(continued.rungs, continues=False)
    )
    assert "rungs.continue" not in off.identity()
    for begun, later, was in ((continued, off, True), (off, continued, False)):
        folder = tmp_path / f"was{was}"
        run(begun, dataset, folder)
        with pytest.raises(
            StudyError, match=f"its `rungs.continue` was {was}, here it is {not was}"
        ):
            run(later, dataset, folder)


def test_a_study_says_again_what_it_continued(continued, dataset, tmp_path):
    history = run(continued, dataset, tmp_path / "run")
    again = load_history(tmp_path / "run")
    assert [t.continued_from for t in again.trials] == [
        t.continued_from for t in history.trials
    ]
    assert again.head.identity.continues
