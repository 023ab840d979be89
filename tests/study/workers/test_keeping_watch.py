"""A watch that keeps states: it fails no trial, and waits for no slow disk."""

import errno
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidnas.study.workers import keeping_watch
from vidnas.study.workers.checkpoints import Checkpoint
from vidnas.study.workers.keeping_watch import KeepingWatch

STATE = {"trained": np.arange(4, dtype=np.float32)}


def names(assignment):
    folder = Path(assignment.checkpoint)
    return sorted(p.name for p in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("in_background", [False, True])
def test_each_state_but_the_last_is_kept(assignment, in_background):
    watch = KeepingWatch(assignment, in_background=in_background)
    for epoch in (1, 2, 3, 4):
        watch.keep(epoch, STATE)
        watch.settle()
    assert watch.kept().epoch == 3
    watch.trained(lambda: b"unwanted")
    watch.settle()
    assert names(assignment) == ["state.npz"]
    assert watch.notice == ""


def test_the_last_state_is_kept_where_another_trial_may_go_on(assignment):
    watch = KeepingWatch(replace(assignment, leaves="state"))
    watch.keep(4, STATE)
    assert watch.kept().epoch == 4


def test_weights_are_kept_where_the_study_shows_them(assignment):
    watch = KeepingWatch(replace(assignment, leaves="weights"), in_background=True)
    watch.trained(lambda: b"weights")
    watch.settle()
    assert names(assignment) == ["weights.npz"]


def test_where_nothing_is_kept_nothing_is_packed(assignment):
    nowhere = replace(assignment, checkpoint="", leaves="weights")
    watch = KeepingWatch(nowhere, in_background=True)
    watch.keep(1, STATE)
    watch.trained(lambda: pytest.fail("packed"))
    watch.settle()
    assert watch.kept() is None


@pytest.mark.parametrize("in_background", [False, True])
def test_a_full_disk_is_said_once_and_fails_nothing(
    assignment, tmp_path, monkeypatch, caplog, in_background
):
    def write(checkpoint, epoch, state):
        raise OSError(errno.ENOSPC, "No space left on device", "state.npz")

    monkeypatch.setattr(Checkpoint, "write", write)
    watch = KeepingWatch(assignment, in_background=in_background)
    for epoch in (1, 2, 3):
        watch.keep(epoch, STATE)
        watch.settle()
    assert watch.notice.endswith(f"{tmp_path}: No space left on device")
    assert len(caplog.records) == 1


def test_of_the_states_that_wait_for_slow_storage_the_last_is_written(
    assignment, monkeypatch
):
    written, may_go = [], threading.Event()

    def write(checkpoint, epoch, state):
        may_go.wait(10)
        written.append(epoch)

    monkeypatch.setattr(Checkpoint, "write", write)
    watch = KeepingWatch(assignment, in_background=True)
    watch.keep(1, STATE)
    while watch._writer._waiting is not None:  # until the thread has taken it
        pass
    watch.keep(2, STATE)
    watch.keep(3, STATE)  # none of them waited
    may_go.set()
    watch.settle()
    assert written == [1, 3]


def test_storage_that_stays_silent_holds_one_state_and_no_trial(
    assignment, monkeypatch
):
    may_go = threading.Event()
    monkeypatch.setattr(Checkpoint, "write", lambda *_: may_go.wait(10))
    monkeypatch.setattr(keeping_watch, "SETTLE_SECONDS", 0.01)
    watch = KeepingWatch(assignment, in_background=True)
    watch.keep(1, STATE)
    watch.settle()
    assert "storage was silent for 0.01 s" in watch.notice
    later = KeepingWatch(assignment, in_background=True)
    later.keep(1, STATE)
    later.settle()
    assert later.notice.endswith("storage is silent")
    may_go.set()
    for thread in list(keeping_watch._Writer._stuck):
        thread.join(10)
    again = KeepingWatch(assignment, in_background=True)
    again.keep(1, STATE)
    again.settle()
    assert again.notice == ""
