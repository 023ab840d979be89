import pytest

from vidnas.study.sessions import Sessions, is_exhausted, study_id


def record(event, time, trial=0, **facts):
    return {
        "event": event,
        "time": time,
        "trial": trial,
        "arch_id": str(trial),
        **facts,
    }


def worked_seconds(records):
    sessions = Sessions()
    for record in records:
        sessions.take(record)
    return sessions.seconds()


HEAD = record("study", 100.0)
FIRST = [HEAD, record("started", 101.0), record("done", 110.0)]


def test_one_session_lasts_from_its_head_to_its_last_record():
    assert worked_seconds([HEAD]) == 0.0
    assert worked_seconds(FIRST) == 10.0


def test_a_break_between_sessions_is_left_out():
    later = [record("started", 5003.0, 1, opened=5000.0), record("done", 5020.0, 1)]
    assert worked_seconds([*FIRST, *later]) == 10.0 + 20.0


@pytest.mark.parametrize(
    "later",
    [
        [
            record("resumed", 5000.0),
            record("started", 5001.0, 1),
            record("done", 5007.0),
        ],
        [record("started", 5000.0, 1), record("done", 5007.0, 1)],
    ],
)
def test_journals_of_before_tell_sessions_by_what_they_hold(later):
    left = record("left", 111.0)
    assert worked_seconds([*FIRST, left, *later]) == 11.0 + 7.0


def test_looking_again_at_an_exhausted_study_takes_no_time():
    ended = [record("ended", 112.0), record("ended", 900.0), record("ended", 9000.0)]
    assert worked_seconds([*FIRST, *ended]) == 12.0


def test_a_clock_that_went_back_takes_nothing_away():
    later = [record("started", 51.0, 1, opened=50.0), record("done", 40.0, 1)]
    assert worked_seconds([*FIRST, *later]) == 10.0 + 1.0


def test_a_study_is_exhausted_until_a_new_candidate_begins():
    ended = record("ended", 111.0)
    assert not is_exhausted(FIRST)
    assert is_exhausted([*FIRST, ended])
    promoted = record("started", 112.0)
    assert is_exhausted([*FIRST, ended, promoted])
    assert not is_exhausted([*FIRST, ended, record("started", 113.0, 1)])


def test_studies_of_one_name_are_told_apart_by_their_heads():
    assert study_id(HEAD) == study_id(dict(reversed(HEAD.items())))
    assert study_id(HEAD) != study_id({**HEAD, "time": 100.5})
    assert len(study_id(HEAD)) == 16
