"""A driver that ends at any write of its journal, in any way, loses nothing."""

import dataclasses
import errno
import os

import pytest

from vidnas.errors import EvaluationError, JournalError, OutOfMemoryError
from vidnas.files import journal as journal_module
from vidnas.files.journal import Journal
from vidnas.study import Inline, Study, load_history
from vidnas.study.experiment.baselines import Baseline
from vidnas.study.experiment.earlier import Earlier
from vidnas.study.experiment.rungs import Rungs
from vidnas.study.workers import executor
from vidnas.trials import Fidelity
from vidnas.trials.effort import Effort

pytestmark = pytest.mark.filterwarnings("error")


class Cut(BaseException):
    """The end of a driver: nothing in it may catch this and go on."""


def evaluate(architecture, *, fidelity, seed, micro_batch=None, watch=None, **rest):
    """A stand-in that depends on nothing else; some fail, some need a smaller part."""
    fate = int(architecture.arch_id, 16)
    if fate % 5 == 0 and micro_batch is None:
        raise OutOfMemoryError("too large")
    if fate % 7 == 0:
        raise EvaluationError("loss became NaN at step 3")
    for epoch in range(fidelity.epochs):
        watch.epoch(epoch + 1, {"loss": 1.0 / (epoch + 1)})
    return {"top1": fate % 1000 / 10 + seed % 10, "val_clips": 10.0}


@pytest.fixture
def given(experiment, dataset, tmp_path):
    """An experiment with a rung, a baseline and trials of an earlier study."""
    rungs = Rungs((Fidelity(1),), keep=2, probe=1)
    small = dataclasses.replace(experiment, rungs=rungs)
    earlier = dataclasses.replace(experiment, effort=Effort(trials=2))
    before = tmp_path / "before"
    run(earlier, dataset, before)
    network = load_history(before).trials[0].architecture
    small = dataclasses.replace(
        small,
        effort=Effort(trials=4),
        baselines=(Baseline("first", "first", network),),
        earlier_studies=(Earlier("before", before, "experiment.yaml, line 1"),),
    )
    return small, dataset


def run(experiment, dataset, folder):
    ticks = iter(range(1, 10**6))
    clock = lambda: float(next(ticks))  # noqa: E731
    with Study(experiment, dataset, folder, clock=clock) as study:
        return study.run(Inline(), evaluate, lambda trial: None)


def state(folder):
    """All that a study has come to."""
    history = load_history(folder)
    trials = (*history.baselines, *history.trials)
    return [
        (t.number, t.arch_id, t.fidelity, t.seed, t.state, t.reason, dict(t.measured))
        for t in trials
    ]


WAYS = ("before", "half", "after")  # the write, in its middle, before anything else


@pytest.mark.parametrize(
    "ways", [1, pytest.param(3, marks=pytest.mark.real)], ids=["one", "all"]
)
def test_a_driver_cut_at_any_record_goes_on_to_the_same_end(
    given, tmp_path, monkeypatch, ways
):
    run(*given, tmp_path / "whole")
    whole = state(tmp_path / "whole")
    count = len(journal_module.read_journal(tmp_path / "whole" / "journal.jsonl"))
    write, append = os.write, Journal._append
    for at, n in ((at, n) for at in range(count) for n in range(ways)):
        folder, way, seen = tmp_path / f"{at}-{n}", WAYS[(at + n) % 3], []

        def cutting(self, raw, at=at, way=way, seen=seen):
            seen.append(raw)
            if len(seen) <= at:
                append(self, raw)
                return
            if len(seen) == at + 1 and way == "half":  # it is not taken back
                write(self._file, raw[: len(raw) // 2])
            elif len(seen) == at + 1 and way == "after":
                append(self, raw)
            raise Cut  # what is dead writes nothing any more

        with monkeypatch.context() as cut:
            cut.setattr(Journal, "_append", cutting)
            with pytest.raises(Cut):
                run(*given, folder)
        run(*given, folder)
        assert state(folder) == whole, (at, way)


def test_a_driver_cut_behind_any_outcome_goes_on_to_the_same_end(
    given, tmp_path, monkeypatch
):
    run(*given, tmp_path / "whole")
    whole = state(tmp_path / "whole")
    leave = executor.leave
    for at in range(len(whole) + 5):
        folder, seen = tmp_path / str(at), []

        def cutting(outcome, *places, at=at, seen=seen, **named):
            leave(outcome, *places, **named)
            seen.append(outcome)
            if len(seen) == at + 1:
                raise Cut

        with monkeypatch.context() as cut:
            cut.setattr(executor, "leave", cutting)
            try:
                run(*given, folder)
            except Cut:
                run(*given, folder)
        assert state(folder) == whole, at
    assert len(seen) < at  # every outcome was one to be cut behind


@pytest.mark.parametrize(
    ("code", "step"),
    [
        (errno.ENOSPC, 4),
        (errno.EIO, 9),
        (errno.ESTALE, 9),
        pytest.param(errno.ENOSPC, 1, marks=pytest.mark.real),
    ],
)
def test_a_disk_that_fails_at_any_record_costs_none(
    given, tmp_path, monkeypatch, code, step
):
    run(*given, tmp_path / "whole")
    whole = state(tmp_path / "whole")
    count = len(journal_module.read_journal(tmp_path / "whole" / "journal.jsonl"))
    write = os.write
    for at in range(0, count, step):
        folder, seen = tmp_path / str(at), []

        def failing(file, raw, at=at, seen=seen):
            if not raw.startswith(b'{"event"'):
                return write(file, raw)
            seen.append(raw)
            if len(seen) > at:  # from here on it takes no record
                write(file, raw[:10])
                raise OSError(code, os.strerror(code))
            return write(file, raw)

        with monkeypatch.context() as broken:
            broken.setattr(os, "write", failing)
            with pytest.raises((OSError, JournalError)) as stopped:
                run(*given, folder)
        assert "journal.jsonl" in str(stopped.value)
        assert "\n" not in str(stopped.value)
        run(*given, folder)
        assert state(folder) == whole, at
