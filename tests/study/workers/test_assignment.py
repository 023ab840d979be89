from asyncio import CancelledError
from pathlib import Path

import pytest

from vidnas.architecture.published import published
from vidnas.errors import EvaluationError
from vidnas.study.workers.assignment import Assignment, Outcome
from vidnas.study.workers.executor import carry_out
from vidnas.study.workers.outbox import LeftOutcome, collect
from vidnas.trials import Fidelity, Recipe


@pytest.fixture
def assignment(tmp_path) -> Assignment:
    return Assignment(
        number=7,
        architecture=published("movinet-a0", stream=True),
        fidelity=Fidelity(epochs=2, frames=8),
        recipe=Recipe(batch=4),
        dataset="clips",
        seed=5,
        outbox=str(tmp_path / "outbox"),
    )


def test_an_assignment_survives_its_journey(assignment):
    assert Assignment.from_document(assignment.to_document()) == assignment


def test_an_outcome_is_left_on_the_disk(assignment):
    outcome = carry_out(assignment, lambda architecture, **rest: {"top1": 50.0})
    assert outcome == Outcome(7, {"top1": 50.0})
    left = LeftOutcome(outcome, assignment.architecture.arch_id, assignment.seed)
    assert collect(Path(assignment.outbox)) == [left]


def test_a_failure_is_left_with_its_reason(assignment):
    def fails(architecture, **rest):
        raise EvaluationError("out of memory at batch 4")

    outcome = carry_out(assignment, fails)
    assert outcome == Outcome(7, {}, "out of memory at batch 4")
    left = LeftOutcome(outcome, assignment.architecture.arch_id, assignment.seed)
    assert collect(Path(assignment.outbox)) == [left]


def test_a_node_that_does_not_see_the_study_folder_still_reports(assignment, tmp_path):
    (tmp_path / "outbox").write_text("a file where the folder should be")
    outcome = carry_out(assignment, lambda architecture, **rest: {"top1": 50.0})
    assert outcome.measured == {"top1": 50.0}


def test_training_receives_the_whole_assignment(assignment):
    heard = {}

    def listens(architecture, **rest):
        heard.update(rest, architecture=architecture)
        return {"top1": 1.0}

    carry_out(assignment, listens)
    assert heard == {
        "architecture": assignment.architecture,
        "dataset": "clips",
        "recipe": Recipe(batch=4),
        "fidelity": Fidelity(epochs=2, frames=8),
        "seed": 5,
    }


class Strange(BaseException):
    """What a library may raise that no `except Exception` should catch."""


@pytest.mark.parametrize(
    "error", [SystemExit(3), CancelledError(3), GeneratorExit(3), Strange(3)], ids=repr
)
def test_an_evaluation_that_exits_fails_its_trial_only(assignment, error):
    def exits(architecture, **rest):
        raise error

    outcome = carry_out(assignment, exits)
    name = type(error).__name__
    assert outcome.reason.startswith(f"{name}: 3 (test_assignment.py, line ")
    assert outcome.cause == ""


def test_ctrl_c_goes_through(assignment):
    def interrupted(architecture, **rest):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out(assignment, interrupted)


def test_what_an_evaluation_returned_wrongly_is_its_failure(assignment):
    outcome = carry_out(assignment, lambda architecture, **rest: None)
    assert outcome.reason.startswith("`evaluate` must return a mapping of names")
    assert [left.outcome for left in collect(Path(assignment.outbox))] == [outcome]


def test_a_failure_without_words_is_a_failure(assignment):
    def fails(architecture, **rest):
        raise EvaluationError("")

    outcome = carry_out(assignment, fails)
    assert outcome.reason.startswith("EvaluationError:  (test_assignment.py")


def test_what_the_surroundings_broke_is_no_outcome_of_the_trial(assignment):
    def broken(architecture, **rest):
        raise FileNotFoundError(2, "No such file or directory", "clips")

    outcome = carry_out(assignment, broken)
    assert (outcome.cause, bool(outcome.host)) == ("surroundings", True)
    assert collect(Path(assignment.outbox)) == []
