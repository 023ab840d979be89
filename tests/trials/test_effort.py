"""Which limit of an effort is reached first, and how people read them."""

import pytest

from vidnas.trials.effort import Effort, Spent, limit_text


def test_the_first_limit_reached_is_named():
    effort = Effort(trials=48, hours=2, gpu_hours=10)
    assert effort.reached(Spent(47, 1.9, 9.9)) == ""
    assert effort.reached(Spent(47, 2.0, 9.9)) == "hours"
    assert effort.reached(Spent(47, 1.9, 10.5)) == "gpu_hours"


def test_a_study_that_tried_all_its_trials_says_so_whatever_else_it_reached():
    assert Effort(trials=4, hours=2).reached(Spent(4, 3.0)) == "trials"


def test_trials_limit_new_networks_and_not_the_trials_that_run_on():
    effort = Effort(trials=4, epochs=20)
    assert effort.runs_out(Spent(trials=4, epochs=19)) == ""
    assert effort.runs_out(Spent(trials=3, epochs=20)) == "epochs"


def test_what_is_not_stated_has_no_limit():
    assert Effort(hours=1).reached(Spent(trials=10**6, epochs=10**9)) == ""


@pytest.mark.parametrize(
    ("effort", "words"),
    [
        (Effort(trials=48), "48 trials"),
        (Effort(trials=1), "1 trial"),
        (Effort(trials=48, hours=2), "48 trials or 2 h 0 min, whichever is first"),
        (
            Effort(gpu_hours=0.5, grace_minutes=5),
            "0.5 GPU hours; running trials get 5 min 0 s then",
        ),
    ],
)
def test_an_effort_in_words(effort, words):
    assert str(effort) == words


def test_the_part_that_is_spent_is_that_of_the_limit_closest_to_its_end():
    effort = Effort(trials=40, hours=2)
    assert effort.part(Spent(trials=10, hours=1.0)) == 0.5
    assert effort.part(Spent(trials=30, hours=1.0)) == 0.75
    assert effort.part(Spent(trials=50, hours=1.0)) == 1.0


def test_a_document_leaves_out_what_is_not_stated():
    assert Effort(trials=48).to_document() == {"trials": 48}
    raised = Effort(trials=48).raised({"hours": 3.0})
    assert raised.to_document() == {"trials": 48, "hours": 3.0}


def test_an_amount_of_one_is_no_plural():
    assert limit_text("gpu_hours", 1.0) == "1 GPU hour"
    assert limit_text("epochs", 500) == "500 epochs"
