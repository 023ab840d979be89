"""`vidnas status`, as people and scripts read it."""

import dataclasses

import pytest

from vidnas.cli.main import main
from vidnas.study.status.status import GroupStatus, RunningTrial, Status, Writer
from vidnas.trials.effort import Effort, Spent
from vidnas.views.text.status_words import status_text

STATUS = Status(
    study="runs/small",
    name="small",
    state="running",
    reason="",
    writer=Writer("head", 77, 12.0),
    trials={"done": 3, "failed": 0, "running": 1},
    effort=Effort(trials=48, hours=2),
    spent=Spent(4, 0.5, 0.25, 9, 1.5),
    rate_last_hour=6.0,
    rate=6.0,
    hours_left=1.5,
    groups=(GroupStatus("large", 2, 1),),
    running=(RunningTrial(3, "", "large", "node7", 91, 61.0, 2, 5, "a.out on node7"),),
    front=2,
    hypervolume=12.5,
    grew_hours=0.1,
    failures=(),
)


def test_a_running_study_in_words():
    text = status_text(STATUS)
    for line in (
        "state     running by process 77 on head, who was there 12 s ago",
        "effort    48 trials or 2 h 0 min, whichever is first, 25 % spent",
        "spent     4 trials, 30 min 0 s, 0.25 GPU hours, 9 epochs, cost 1.50",
        "left      some 1 h 30 min",
        "workers   large: 1 busy, 1 idle",
        "  trial 3 on large node7 for 1 min 1 s, epoch 2 of 5 done",
        "log       of trial 3: a.out on node7",
    ):
        assert line in text


def test_no_name_controls_the_terminal():
    evil = "\x1b[2J\nstate"
    trial = dataclasses.replace(STATUS.running[0], node=evil, group=evil)
    writer = Writer(evil, 1, 0.0)
    text = status_text(
        dataclasses.replace(
            STATUS, name=evil, study=evil, writer=writer, running=(trial,)
        )
    )
    assert "\x1b" not in text
    assert len(text.splitlines()) == len(status_text(STATUS).splitlines())


@pytest.mark.parametrize(
    "options", [[], ["--json"], ["--follow"], ["--follow", "--json"]]
)
def test_what_is_no_study_is_wrong_input(tmp_path, capsys, options):
    assert main(["status", str(tmp_path), *options]) == 2
    assert "must hold journal.jsonl" in capsys.readouterr().err
