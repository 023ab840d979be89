"""A damaged journal is mended from what it still holds; nothing else is touched."""

import json
import os
import random
import shutil
from pathlib import Path

import pytest

from vidnas.errors import ClipError, JournalError, StudyError
from vidnas.files.journal import Journal, record_text
from vidnas.study import Dataset, Inline, Study, load_history
from vidnas.study.experiment.recorded import ClipFacts
from vidnas.study.repair import repair_study

BEFORE = Path(__file__).parents[1] / "golden" / "before"


def no_clips(folder):
    raise ClipError("the clips are not here.")


@pytest.fixture
def folder(tmp_path):
    """A study of before: 12 candidates, 11 of them done, one failed."""
    shutil.copytree(BEFORE / "evolution", tmp_path / "run")
    return tmp_path / "run"


def lines_of(folder):
    return (folder / "journal.jsonl").read_bytes().splitlines(keepends=True)


def damage(folder, lines):
    (folder / "journal.jsonl").write_bytes(b"".join(lines))


def one(line):
    """A line with the number of its trial behind its event."""
    record = json.loads(line)
    return f'"{record["event"]}","trial":{record.get("trial")}'.encode()


def number_of(line):
    return json.loads(line).get("trial")


def told(history):
    return [(t.number, t.arch_id, t.state, dict(t.measured)) for t in history.trials]


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_sound_journal_is_not_touched(folder):
    before, were = lines_of(folder), names(folder)
    done = repair_study(folder, no_clips)
    assert (done.damaged, done.left_out, done.kept) == (None, (), 30)
    assert (lines_of(folder), names(folder)) == (before, were)


def doubled_block(lines):
    return [*lines[:10], *lines[4:10], *lines[10:]]


def out_of_order(lines):
    """The end of every trial before its start."""
    return [lines[0], *reversed(lines[1:])]


def glued(lines):
    return [lines[0], lines[1].rstrip() + lines[2], *lines[3:]]


def with_zeros(lines):
    return [*lines[:5], b"\x00" * 512 + lines[5], *lines[6:]]


def with_rubbish(lines):
    return [*lines[:5], b"\xff\xfe\x07 no record\n", *lines[5:]]


def as_windows_writes(lines):
    whole = b"".join(lines).decode()
    return [whole.encode("utf-16")]


def behind_the_head(lines):
    return [*lines[1:], lines[0]]


@pytest.mark.parametrize(
    ("change", "left_out"),
    [
        (doubled_block, 6),
        (glued, 0),
        (with_zeros, 1),
        (with_rubbish, 1),
        (as_windows_writes, 0),
        (behind_the_head, 0),
    ],
)
def test_all_trials_come_back_where_no_record_is_lost(folder, change, left_out):
    before = load_history(folder)
    raw = b"".join(change(lines_of(folder)))
    (folder / "journal.jsonl").write_bytes(raw)
    done = repair_study(folder, no_clips)
    assert told(load_history(folder)) == told(before)
    assert len(done.left_out) == left_out
    assert done.kept == 30
    assert done.damaged == folder / "journal.damaged-1.jsonl"
    assert done.damaged.read_bytes() == raw
    assert repair_study(folder, no_clips).damaged is None


def test_records_before_their_start_are_put_behind_it(folder):
    before = load_history(folder)
    damage(folder, out_of_order(lines_of(folder)))
    repair_study(folder, no_clips)
    now = {n: (arch_id, state) for n, arch_id, state, _ in told(load_history(folder))}
    assert now == {n: (arch_id, state) for n, arch_id, state, _ in told(before)}


def test_a_trial_whose_start_is_lost_is_left_out_and_named(folder):
    lines = lines_of(folder)
    lost = next(i for i, line in enumerate(lines) if number_of(line) == 3)
    damage(folder, [*lines[:lost], lines[lost][:200] + b"\n", *lines[lost + 1 :]])
    done = repair_study(folder, no_clips)
    assert [one.line for one in done.left_out] == [lost + 1, lost + 2]
    assert done.left_out[0].reason == "holds what is no record"
    assert done.left_out[1].reason == (
        "trial 3 must be running when it is done; no line before begins it"
    )
    numbers = [trial.number for trial in load_history(folder).trials]
    assert numbers == [0, 1, 2, *range(4, 12)]


def test_the_first_end_of_a_trial_is_kept(folder):
    lines = lines_of(folder)
    end = next(i for i, line in enumerate(lines) if b'"event":"done"' in line)
    later = json.loads(lines[end])
    later["measured"]["top1"] = 99.0
    damage(folder, [*lines, record_text(later).encode()])
    done = repair_study(folder, no_clips)
    (left_out,) = done.left_out
    assert (left_out.line, left_out.reason) == (
        31,
        "trial 0 is done on an earlier line",
    )
    assert load_history(folder).trials[0].measured["top1"] == 63.48


@pytest.mark.parametrize("size", [0, 1, 50])
def test_half_a_first_record_is_nothing_to_repair(folder, size):
    os.truncate(folder / "journal.jsonl", size)
    (folder / "experiment.yaml").unlink(missing_ok=True)
    done = repair_study(folder, no_clips)
    assert (done.kept, done.damaged) == (0, None)


def test_a_damaged_copy_is_never_overwritten(folder):
    first = folder / "journal.damaged-1.jsonl"
    first.write_text("of an earlier repair")
    damage(folder, with_rubbish(lines_of(folder)))
    done = repair_study(folder, no_clips)
    assert done.damaged == folder / "journal.damaged-2.jsonl"
    assert first.read_text() == "of an earlier repair"


def test_a_study_that_is_being_written_is_left_alone(folder):
    before = lines_of(folder)
    with (
        Journal(folder / "journal.jsonl"),
        pytest.raises(StudyError, match="must have one writer"),
    ):
        repair_study(folder, no_clips)
    assert lines_of(folder) == before


def test_what_is_no_study_says_so(tmp_path):
    with pytest.raises(StudyError, match=r"must hold journal\.jsonl"):
        repair_study(tmp_path, no_clips)
    (tmp_path / "journal.jsonl").write_text("a diary\n")
    with pytest.raises(JournalError, match="has lost its study record, and experiment"):
        repair_study(tmp_path, no_clips)
    assert (tmp_path / "journal.jsonl").read_text() == "a diary\n"
    (tmp_path / "journal.jsonl").write_bytes(b"\x00" * 100)
    assert repair_study(tmp_path, no_clips).damaged is None


def test_a_journal_of_a_later_version_is_not_repaired(folder):
    lines = lines_of(folder)
    damage(folder, [lines[0].replace(b"journal/v1", b"journal/v2"), *lines[1:], b"x\n"])
    with pytest.raises(JournalError, match="a later vidnas wrote it, and repairs it"):
        repair_study(folder, no_clips)


def accuracy(architecture, *, seed, **rest):
    return {"top1": 20.0 + seed % 60, "val_clips": 10.0}


def run(experiment, dataset, folder, trials, evaluate=accuracy):
    with Study(experiment, dataset, folder, trials=trials) as study:
        return study.run(Inline(), evaluate, lambda trial: None)


def facts_of(dataset: Dataset):
    return ClipFacts(dataset.classes, dataset.train_clips, dataset.val_clips)


@pytest.mark.parametrize("kept", ["nothing", "its clips", "half"])
def test_a_lost_study_record_is_that_of_the_experiment_in_the_folder(
    experiment, dataset, tmp_path, kept
):
    folder = tmp_path / "run"
    before = run(experiment, dataset, folder, 4)
    lines = lines_of(folder)
    head = json.loads(lines[0])
    del head["experiment"]["front"]
    first = {
        "nothing": b"",
        "its clips": record_text(head).encode(),
        "half": lines[0][:100] + b"\n",
    }[kept]
    damage(folder, [first, *lines[1:]])
    with pytest.raises(JournalError, match="vidnas repair"):
        load_history(folder)
    clips = no_clips if kept == "its clips" else lambda folder: facts_of(dataset)
    done = repair_study(folder, clips)
    assert "the study record was lost and is now that of" in done.head
    assert told(load_history(folder)) == told(before)
    assert load_history(folder).head.identity == before.head.identity
    assert len(run(experiment, dataset, folder, 5).trials) == 5


def test_a_lost_study_record_whose_clips_are_gone_says_what_is_missing(
    experiment, dataset, tmp_path
):
    folder = tmp_path / "run"
    run(experiment, dataset, folder, 2)
    raw = lines_of(folder)[1:]
    damage(folder, raw)
    with pytest.raises(JournalError, match=r"does not replace it: the clips are not"):
        repair_study(folder, no_clips)
    assert lines_of(folder) == raw
    assert names(folder) == ["experiment.yaml", "journal.jsonl", "outbox"]


def test_a_study_with_gaps_goes_on_under_new_numbers(experiment, dataset, tmp_path):
    folder = tmp_path / "run"
    run(experiment, dataset, folder, 4)
    damage(folder, [line for line in lines_of(folder) if number_of(line) != 1])
    repair_study(folder, no_clips)
    history = run(experiment, dataset, folder, 6)
    assert [trial.number for trial in history.trials] == [0, 2, 3, 4, 5, 6]
    assert len({trial.arch_id for trial in history.trials}) == 6


@pytest.mark.parametrize("seed", range(8))
def test_whatever_was_done_to_a_journal_it_reads_after_its_repair(folder, seed):
    """Bytes behind the study record are overwritten, cut, moved and doubled."""
    rng, lines = random.Random(seed), lines_of(folder)
    raw = bytearray(b"".join(lines[1:]))
    for _ in range(6):
        at, length = rng.randrange(len(raw)), rng.choice((1, 3, 40, 700))
        piece = bytes(raw[at : at + length])
        kind = rng.randrange(4)
        if kind == 0:
            raw[at : at + length] = b"\x00" * len(piece)
        elif kind == 1:
            raw[at : at + length] = rng.randbytes(len(piece))
        elif kind == 2:
            del raw[at : at + length]
        else:
            raw[at:at] = piece
    damage(folder, [lines[0], bytes(raw)])
    done = repair_study(folder, no_clips)
    history = load_history(folder)
    history.front()
    assert done.left_out
    assert {trial.number for trial in history.trials} <= set(range(12))
    assert len(history.trials) >= 3
    assert repair_study(folder, no_clips).damaged is None


def test_damaged_values_are_left_out_with_their_reason(folder):
    lines = lines_of(folder)
    end = next(i for i, line in enumerate(lines) if b'"event":"done"' in line)
    lines[end] = lines[end].replace(b'"top1":63.48', b'"top1":"63"')
    run_again = record_text({"event": "resumed", "time": 1.0, "experiment": {}})
    damage(folder, [*lines, run_again.encode()])
    done = repair_study(folder, no_clips)
    assert [one.line for one in done.left_out] == [end + 1, 31]
    assert "`measured.top1` must be a number" in done.left_out[0].reason
    assert "must have the key `front`" in done.left_out[1].reason
    assert load_history(folder).trials[0].state == "running"


def test_what_a_stopped_search_rescued_is_taken_back(folder):
    before = load_history(folder)
    (folder / "journal.jsonl").replace(folder / "journal.rescued.jsonl")
    done = repair_study(folder, no_clips)
    assert done.damaged is None
    assert "30 records of" in done.notices[0]
    assert told(load_history(folder)) == told(before)


def test_a_trial_that_two_searches_began_is_not_given_to_one_by_a_repair(folder):
    lines = lines_of(folder)
    start = json.loads(lines[3]) | {"trial": 0}
    damage(folder, [*lines[:2], record_text(start).encode(), *lines[2:], b"x\n"])
    before = load_reason(folder)
    repair_study(folder, no_clips)
    assert load_history(folder).trials[0].reason == before


def load_reason(folder):
    lines = lines_of(folder)
    damage(folder, lines[:-1])
    reason = load_history(folder).trials[0].reason
    damage(folder, lines)
    assert reason == "two searches began it with different networks at once"
    return reason


def test_events_that_are_not_known_yet_are_kept(folder):
    later = {"event": "colour", "time": 3.0, "trial": [1]}
    lines = [*lines_of(folder), json.dumps(later).encode() + b"\n"]
    damage(folder, [*lines, b"x\n"])
    repair_study(folder, no_clips)
    assert lines_of(folder) == [record_text(json.loads(n)).encode() for n in lines]


def test_a_record_with_the_checksum_of_another_is_left_out(folder):
    lines = [record_text(json.loads(line)).encode() for line in lines_of(folder)]
    (last,) = [n for n, line in enumerate(lines) if one(line) == b'"done","trial":3']
    wrong = lines[last].replace(b'"top1":', b'"top1":1')
    damage(folder, [*lines[:last], wrong, *lines[last + 1 :]])
    with pytest.raises(JournalError, match=f"line {last + 1} must be as it was"):
        load_history(folder)
    (left_out,) = repair_study(folder, no_clips).left_out
    assert left_out.line == last + 1
    assert left_out.reason == "has the checksum of another line"
    assert [t.state for t in load_history(folder).trials if t.number == 3] == [
        "running"
    ]
