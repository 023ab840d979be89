"""Whatever was done to a journal, it reads, or one line says which line is damaged."""

import copy
import json
import re
from pathlib import Path

import pytest

from vidnas.errors import InputError, JournalError
from vidnas.files.journal import read_journal
from vidnas.space.reading import read_space
from vidnas.study.experiment.recorded_trials import recorded_trials
from vidnas.study.history import load_history, replay
from vidnas.study.standings import standings

BEFORE = Path(__file__).parents[2] / "golden" / "before"
JOURNAL = Path("runs/a/journal.jsonl")
GONE = object()
WRONG = (GONE, None, -1, "x", 1e300, 10**400, float("nan"), True, [], [1], {"x": 1})


def shortest_journal():
    """A record of every kind, with what they need."""
    ladder = read_journal(BEFORE / "ladder" / "journal.jsonl")
    retried = next(r["trial"] for r in ladder if r["event"] == "retried")
    known = next(r for r in ladder if r["event"] == "known")
    baseline = next(r["trial"] for r in ladder if r.get("baseline"))
    numbers = {retried, baseline}
    kept = [
        r
        for r in ladder
        if r["event"] not in ("started", "done", "failed", "retried", "known")
        or r["trial"] in numbers
        or r is known
    ]
    resumed = {"event": "resumed", "time": kept[-1]["time"], "vidnas": "0.1.0"}
    resumed |= {"experiment": ladder[0]["experiment"]}
    start = next(r for r in ladder if r["event"] == "started" and r["trial"] >= 0)
    facts = {"time": 1.7e9, "trial": 99, "reason": "a clip is gone"}
    ends = [
        {"event": event, **facts} for event in ("interrupted", "failed", "reopened")
    ]
    return [*kept, resumed, start | {"trial": 99}, *ends]


RECORDS = shortest_journal()


def doctored():
    """The journal with one value changed at a time: of a record, or one below."""
    seen = set()
    for index, record in enumerate(RECORDS):
        for key, value in record.items():
            if (record["event"], key) not in seen:
                yield from changed(index, (key,), WRONG)
                if isinstance(value, dict):
                    for n, below in enumerate(value):
                        yield from changed(index, (key, below), WRONG[n % 3 :: 3])
        seen |= {(record["event"], key) for key in record}


def changed(index, keys, values):
    for wrong in values:
        records = list(RECORDS)
        records[index] = copy.deepcopy(RECORDS[index])
        *above, last = keys
        place = records[index]
        for key in above:
            place = place[key]
        if wrong is GONE:
            del place[last]
        else:
            place[last] = wrong
        yield index + 1, keys, wrong, records


def use(history):
    """What commands make of a study."""
    history.front()
    history.front(baselines=True)
    history.family()
    standings(history)
    assert history.candidates >= 0
    assert len(history.finished) >= 0


def test_the_journal_holds_a_record_of_every_kind():
    events = {record["event"] for record in RECORDS}
    assert events >= {"study", "started", "done", "failed", "retried", "known"}
    assert events >= {"taken over", "resumed", "reopened", "interrupted"}
    use(replay(JOURNAL.parent, RECORDS))


@pytest.fixture
def spaces_read_once(monkeypatch):
    """The same document is the same space: nearly all of the time goes there."""
    before = {}

    def read(node):
        text = repr(node.value)
        if text not in before:
            try:
                before[text] = read_space(node)
            except InputError as wrong:
                before[text] = wrong
        if isinstance(before[text], InputError):
            raise before[text]
        return before[text]

    monkeypatch.setattr("vidnas.study.experiment.recorded_trial.read_space", read)


@pytest.mark.usefixtures("spaces_read_once")
def test_a_changed_value_is_read_or_its_line_is_named():
    named = 0
    for line, keys, wrong, records in doctored():
        if keys == ("event",) and not isinstance(records[line - 1].get("event"), str):
            continue  # no record at all: see the tests of the journal
        try:
            use(replay(JOURNAL.parent, records))
        except JournalError as damage:
            named += 1
            said = str(damage)
            assert "\n" not in said
            if keys == ("event",):  # then it is a later line that has lost its start
                assert "must" in said
            else:
                assert f"{JOURNAL}, line {line}: " in said, (keys, wrong, said)
            assert said.endswith(
                "`vidnas repair runs/a` brings back what it still holds."
            )
    assert named > 400


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ("vidnas.journal/v2", "got vidnas.journal/v2: a later vidnas wrote it"),
        ("vidnas.journal/v10", "a later vidnas wrote it"),
        ("vidnas.training/v1", "line 1: `schema` must be vidnas.journal/v1"),
        (3, "line 1: `schema` must be vidnas.journal/v1"),
    ],
)
def test_another_schema_is_refused_in_one_line(schema, says):
    records = [RECORDS[0] | {"schema": schema}, *RECORDS[1:]]
    with pytest.raises(JournalError, match=says):
        replay(JOURNAL.parent, records)


def test_an_event_that_is_not_known_yet_is_passed_over():
    more = {"event": "colour", "time": 1.0, "of": {"any": "kind"}}
    with_more = [RECORDS[0], more, *RECORDS[1:], more]
    before, now = replay(JOURNAL.parent, RECORDS), replay(JOURNAL.parent, with_more)
    assert now.trials == before.trials


def started(number, like=0):
    record = [r for r in RECORDS if r["event"] == "started" and r["trial"] >= 0][like]
    return record | {"trial": number}


def done(number, top1=50.0, **more):
    measured = {"top1": top1, "val_clips": 10.0}
    return {"event": "done", "time": 2.0, "trial": number, "measured": measured} | more


def failed(number):
    return {"event": "failed", "time": 2.0, "trial": number, "reason": "memory"}


@pytest.mark.parametrize(
    ("records", "state", "top1"),
    [
        ([started(0), started(0), done(0), done(0, 70.0)], "done", 50.0),
        ([started(0), done(0), started(0), done(0, 70.0)], "done", 50.0),
        ([started(0), done(0), started(0, like=1), done(0, 70.0)], "done", 50.0),
        ([started(0), failed(0), done(0, 70.0)], "done", 70.0),
        ([started(0), done(0), failed(0)], "done", 50.0),
        ([started(0), failed(0), failed(0)], "failed", None),
        ([started(0), started(0, like=1), done(0), done(0, 70.0)], "failed", None),
    ],
    ids=["twice", "later", "other later", "mended", "kept", "fails", "disputed"],
)
def test_what_two_drivers_wrote_is_read(records, state, top1):
    trial = recorded_trials(JOURNAL, [RECORDS[0], *records]).trials[0]
    assert (trial.state, trial.measured.get("top1")) == (state, top1)
    assert trial.arch_id == started(0)["arch_id"]


def test_nobody_knows_which_of_two_networks_was_measured():
    records = [RECORDS[0], started(0), started(0, like=1), done(0)]
    trial = recorded_trials(JOURNAL, records).trials[0]
    assert trial.reason == "two searches began it with different networks at once"


@pytest.mark.parametrize(
    ("record", "says"),
    [
        (done(9), "line 2: trial 9 must be running when it is done; no line before"),
        (started(0) | {"candidate": [99] * 10}, "must be indices of options"),
        (started(0) | {"candidate": [0]}, "must be indices of options"),
        (started(0) | {"arch_id": "0123456789abcdef"}, "`arch_id` must be"),
        (done(9, time="noon"), "`time` must be a number"),
        (done(9, opened="noon"), "`opened` must be a number"),
    ],
)
def test_a_record_that_no_driver_writes_is_named(record, says):
    with pytest.raises(JournalError, match=re.escape(says)):
        recorded_trials(JOURNAL, [RECORDS[0], record])


def test_an_empty_journal_tells_nothing(tmp_path):
    (tmp_path / "journal.jsonl").write_text("")
    with pytest.raises(JournalError, match="begin with a study record, it is empty"):
        load_history(tmp_path)


def test_a_top1_beyond_its_clips_is_damage_and_one_without_clips_is_not():
    beyond = [RECORDS[0], started(0), done(0, 150.0)]
    with pytest.raises(JournalError, match=r"line 3: `measured\.top1` must be a"):
        recorded_trials(JOURNAL, beyond)
    alone = json.loads(json.dumps(beyond))
    del alone[2]["measured"]["val_clips"]
    assert recorded_trials(JOURNAL, alone).trials[0].measured == {"top1": 150.0}
