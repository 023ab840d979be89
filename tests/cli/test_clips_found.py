"""What a search says of clips that are not as they should be."""

import json
import shutil

import pytest

from vidnas.cli import study_run


@pytest.fixture
def broken(folder, clips, odd_files):
    """The experiment's clips, of which some are broken or copies."""
    (folder / "clips").unlink()
    shutil.copytree(clips, folder / "clips")
    left, right = (folder / "clips" / "train" / name for name in ("left", "right"))
    (left / "clip_00001.mp4").write_bytes(b"garbage")
    (left / "empty.mp4").touch()
    odd_files.DAMAGES[2].write(left / "one.mp4", (0, 2), 0)
    measures = folder / "clips" / "val" / "right" / "clip_00000.mp4"
    shutil.copy(measures, right / "again.mp4")
    return folder


def test_a_line_for_each_kind_follows_the_clips(broken, inline, vidnas):
    code, _, err = vidnas("search", "experiment.yaml")
    assert code == 0
    lines = err.splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("clips"))
    assert lines[first].startswith("clips       17 train, 8 val, 8 classes in ")
    said = [line for line in lines if line.startswith(("clips   ", "left"))]
    assert said[1:] == [
        "clips       1 unreadable (train/left/clip_00001.mp4)",
        "clips       1 of one picture (train/left/one.mp4)",
        "clips       1 training clip that validation holds too (train/right/again.mp4)",
        f"left out    1 x empty file ({broken}/clips/train/left/empty.mp4)",
    ]


def test_the_journal_and_the_report_keep_it(broken, inline, vidnas):
    vidnas("search", "experiment.yaml")
    journal = broken / "runs" / "small" / "journal.jsonl"
    head = json.loads(journal.read_text().splitlines()[0])
    assert [(one["kind"], one["clips"]) for one in head["found"]] == [
        *(("unreadable", 1), ("one_picture", 1), ("leak", 1), ("left_out", 1))
    ]
    page = broken / "page.html"
    assert vidnas("report", "runs/small", "--to", page)[0] == 0
    text = page.read_text("utf-8")
    assert "1 training clip that validation holds too" in text
    assert "1 left out (empty file)" in text


def test_what_trials_met_is_said_in_the_end(folder, inline, vidnas, monkeypatch):
    plain = study_run.train_in_group

    def met(architecture, **rest):
        return {**plain(architecture, **rest), "still_clips": 2.0, "short_clips": 0.0}

    monkeypatch.setattr(study_run, "train_in_group", met)
    code, out, err = vidnas("search", "experiment.yaml")
    assert code == 0
    assert "clips met by one trial: 2 still at most" in out
    assert not [line for line in err.splitlines() if line.startswith("left out")]
