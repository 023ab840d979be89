"""What is seen of a running study at one glance, and what it may not break."""

from dataclasses import replace

import pytest

from vidnas.study.status.status import Failure, RunningTrial
from vidnas.trials.effort import Effort, Spent
from vidnas.trials.front import Front
from vidnas.views.live.card import card, found_words, notebook_card, spent_words
from vidnas.views.live.kept_current import ASKING_POLICY, Refresh, kept_current
from vidnas.views.live.live_study import Lookout
from vidnas.views.pages.policy import POLICY

HOSTILE = "</script><b>'\"&"


@pytest.fixture(scope="module")
def ended(study_folder):
    """A study as a look finds it."""
    return Lookout(study_folder).look()[0]


@pytest.fixture(scope="module")
def running(ended):
    """The same while two of its trials run, and with a name full of markup."""
    trials = tuple(
        RunningTrial(n, "", "gpu", HOSTILE, 1, 65.0, epoch=3, epochs=5)
        for n in range(10)
    )
    status = replace(
        ended.status,
        name=HOSTILE,
        state="running",
        reason="",
        trials={"done": 11, "failed": 1, "running": 10},
        effort=Effort(trials=48, hours=2.0),
        spent=Spent(trials=12, hours=0.5, epochs=60),
        hours_left=1.5,
        running=trials,
        failures=tuple(Failure(n, HOSTILE) for n in range(5)),
    )
    return replace(ended, status=status)


def test_each_limit_says_what_is_spent_of_it(running, ended):
    assert spent_words(running.status) == (
        "12 of 48 trials, 30 min 0 s of 2 h 0 min, some 1 h 30 min left"
    )
    early = replace(ended.status, spent=Spent(trials=3, hours=0.01), reason="no more")
    assert spent_words(early).endswith(", 36 s of work, no more")
    # Where all of a limit is spent, the numbers say why it ended.
    assert "spent" not in spent_words(ended.status)


def test_what_there_is_none_of_is_left_out(running):
    words = found_words(running)
    assert words.startswith("11 done, 1 failed, 10 running; best ")
    bare = replace(running, front=Front((), running.front.objectives))
    status = replace(running.status, trials={"done": 0, "failed": 0, "running": 0})
    assert found_words(replace(bare, status=status)) == (
        "no trial has begun; no front yet"
    )


def test_a_card_names_some_of_what_runs_and_failed_and_counts_the_rest(running):
    shown = card(running, title=True)
    assert shown.count(" for 1 min 5 s, epoch 3 of 5 done</li>") == 8
    assert "<li>and 2 more</li>" in shown
    assert shown.count(" failed: ") == 3
    assert 'aria-valuenow="25"' in shown  # of 48 trials 12, and of 2 hours a half
    assert '<span style="width:25.0%">' in shown
    assert "<b>" not in shown


def test_a_cell_begins_with_what_the_search_says_and_folds_it_later(running):
    before = notebook_card(None, [f"space {HOSTILE}"])
    assert "<details open>" in before
    assert "<b>" not in before.partition("</style>")[2]
    later = notebook_card(running, ["a", "b"], end="It ended.")
    assert "<details><summary>what the search said</summary><pre>a\nb</pre>" in later
    assert '<p class="vl-end">It ended.</p>' in later


def test_a_page_that_is_kept_current_stays_a_page(running):
    page = (
        f'<html><head><meta content="{POLICY}"></head><body><p>{POLICY}</p></body>'
        "</html>"
    )
    file = kept_current(page, running, Refresh(30.0, "10:00"))
    assert file.count("</head>") == file.count("<body>") == file.count("</body>") == 1
    assert POLICY in file.partition("</head>")[0]
    assert ASKING_POLICY not in file
    assert '<noscript><meta http-equiv="refresh" content="30">' in file
    asking = Refresh(2.0, "10:00", ask=f"/state?{HOSTILE}", version="1", back="/")
    board = kept_current(page, running, asking)
    assert board.count(ASKING_POLICY) == 1
    assert "http-equiv" not in board
    assert '<a href="/">all studies</a>' in board
    facts = board.partition('id="vl-facts">')[2].partition("</script>")[0]
    assert facts.endswith('"back": "/"}')  # a name cannot end the script


def test_another_state_of_the_trials_is_another_version(running, ended):
    more = replace(running.status, trials={"done": 12, "failed": 1, "running": 9})
    assert replace(running, status=more).version != running.version
    waits = replace(running.status, spent=Spent(hours=9.0), hours_left=None)
    assert replace(running, status=waits).version == running.version
    assert ended.version != running.version
