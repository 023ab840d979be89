from dataclasses import replace

import pytest

from vidnas.architecture.published import published
from vidnas.cli.progress import Progress
from vidnas.trials import Fidelity, Trial
from vidnas.trials.effort import Effort


@pytest.fixture
def trial() -> Trial:
    return Trial(
        number=3,
        candidate=(0,),
        architecture=published("movinet-t0"),
        fidelity=Fidelity(epochs=1),
        seed=1,
        costs={"flops": 2.5e6},
    )


def done(trial: Trial, number: int, top1: float) -> Trial:
    measured = {"top1": top1, "seconds": 4.2}
    return replace(trial, number=number, state="done", measured=measured)


def test_a_log_gets_one_line_a_trial(trial, capsys):
    with Progress((), Effort(trials=8), workers=2) as progress:
        progress.hear(trial)
        progress.hear(done(trial, 3, 61.25))
    assert capsys.readouterr().err.splitlines() == [
        "[  1/8] trial   3  done      2.50 M FLOPs  top1  61.2 %    4.2 s  front"
    ]


def test_a_failed_trial_says_its_reason_to_the_letter(trial, capsys):
    with Progress((), Effort(trials=8), workers=2) as progress:
        progress.hear(replace(trial, state="failed", reason="shape [8, 4] is [bold]"))
    assert capsys.readouterr().err == (
        "[  1/8] trial   3  failed    2.50 M FLOPs  shape [8, 4] is [bold]\n"
    )


def test_time_left_is_told_after_five_done_trials(trial, capsys):
    with Progress((), Effort(trials=30), workers=2) as progress:
        for number in range(6):
            progress.hear(replace(trial, number=number))
            progress.hear(done(trial, number, 50.0))
    lines = capsys.readouterr().err.splitlines()
    assert [" left" in line for line in lines] == [False] * 4 + [True] * 2


def test_trials_of_an_earlier_run_count(trial, capsys):
    earlier = (done(trial, 0, 70.0), done(trial, 1, 80.0))
    with Progress(earlier, Effort(trials=8), workers=2) as progress:
        progress.hear(done(trial, 2, 60.0))
    line = capsys.readouterr().err
    assert line.startswith("[  3/8] trial   2  done")
    assert "front" not in line  # same FLOPs, less accurate than trial 1
