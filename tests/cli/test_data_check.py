"""`vidnas data check`: what it prints and writes, and how it ends."""

import json
import shutil

import pytest

from vidnas.datasets.source import ClipSource, read_index

WINDOW = ("--frames", "8", "--frame-stride", "4")


@pytest.fixture(scope="module")
def videos(odd_files, tmp_path_factory):
    """Forty videos of two classes; ten are broken, each in another way."""
    root = tmp_path_factory.mktemp("data") / "videos"
    odd_files.write_folder(root, per_class=20, every=4)
    (root / "left" / "notes.txt").write_text("x")
    return root


@pytest.fixture(scope="module")
def good(odd_files, tmp_path_factory):
    root = tmp_path_factory.mktemp("data") / "good"
    odd_files.write_folder(root, per_class=4, every=1000)
    return root


def test_counts_and_names_are_printed_by_kind_worst_first(videos, vidnas):
    code, out, err = vidnas("data", "check", videos, *WINDOW)
    assert (code, err) == (0, "")
    table, _, found = out.partition("\n\n")
    last = table.splitlines()[-1].split()
    assert last[0] == "all"
    assert int(last[1]) + int(last[2]) == 40 - 5 - 3  # five unread, three still
    lines = [line for line in found.splitlines() if not line.startswith(" ")]
    assert lines[:5] == [
        "3 unreadable: left out by --out",
        "1 still because its file is broken: left out by --out",
        "2 of one picture: left out by --out",
        "2 shorter than the window of 8 frames of stride 4",
        "2 damaged in part",
    ]
    assert sorted(lines[5:]) == [
        f"left out  1 x dangling link ({videos / 'right' / 'right_011.mp4'})",
        f"left out  1 x empty file ({videos / 'left' / 'left_019.mp4'})",
        f"left out  1 x no video: .txt ({videos / 'left' / 'notes.txt'})",
    ]
    assert "  left/left_011.mp4: one picture, shown all the time" in found


def test_a_sound_dataset_is_said_to_be_sound(good, vidnas):
    code, out, _ = vidnas("data", "check", good, *WINDOW)
    assert code == 0
    assert out.endswith(
        "every clip can be read, moves and fills 8 frames of stride 4\n"
    )


def test_many_of_a_kind_are_bounded_on_the_terminal_alone(odd_files, tmp_path, vidnas):
    root = tmp_path / "videos"
    odd_files.write_folder(root, per_class=10, every=1000)
    for path in sorted((root / "left").iterdir())[:7]:
        path.write_bytes(b"garbage")
    _, out, _ = vidnas("data", "check", root)
    assert "7 unreadable: left out by --out" in out
    assert out.count("invalid data found") == 5
    assert "  and 2 more, all with --json" in out
    facts = json.loads(vidnas("data", "check", root, "--json")[1])
    assert facts["counts"] == {"unreadable": 7}
    assert len(facts["findings"]) == 7


def test_json_has_a_form_that_stays(videos, vidnas):
    code, out, _ = vidnas("data", "check", videos, *WINDOW, "--json")
    facts = json.loads(out)
    assert code == 0
    assert list(facts) == [
        *("source", "classes", "multi_label", "window", "splits", "counts"),
        *("findings", "left_out", "unusable"),
    ]
    assert facts["window"] == {"frames": 8, "frame_stride": 4, "fps": None}
    assert facts["counts"] == {
        "unreadable": 3,
        "still_broken": 1,
        "one_picture": 2,
        "short": 2,
        "damaged": 2,
    }
    for found in facts["findings"]:
        assert list(found) == [
            *("kind", "clip", "path", "split", "classes", "words", "is_bad")
        ]
    splits = facts["splits"]
    assert sum(split["clips"] for split in splits.values()) == 38
    assert sum(split["good"] for split in splits.values()) == 32
    for split in splits.values():
        assert sum(split["of_class"].values()) == split["good"]
    assert sorted(one["reason"] for one in facts["left_out"]) == [
        *("dangling link", "empty file", "no video: .txt")
    ]
    assert facts["unusable"] == ""


@pytest.mark.parametrize("name", ["good.csv", "good.parquet"])
def test_the_index_of_the_good_clips_is_read_by_the_next_command(
    videos, tmp_path, vidnas, name
):
    out = tmp_path / name
    code, _, err = vidnas("data", "check", videos, *WINDOW, "--out", out)
    assert code == 0
    assert f"index  {out}: 32 clips" in err
    facts = json.loads(vidnas("data", "check", out, *WINDOW, "--json")[1])
    assert facts["counts"] == {"short": 2, "damaged": 2}
    before, after = read_index(ClipSource.of(videos)), facts["splits"]
    assert facts["classes"] == list(before.classes)
    assert sum(split["clips"] for split in after.values()) == 32
    # No clip changes its side.
    sides = {e.path: e.split for es in before.splits.values() for e in es}
    kind = {"table": str(out)} if name.endswith("csv") else {"index": str(out)}
    for split, entries in read_index(ClipSource.of(kind)).splits.items():
        assert {sides[entry.path] for entry in entries} == {split}


def test_classes_that_no_table_can_hold_are_refused(good, tmp_path, vidnas):
    root = tmp_path / "videos"
    shutil.copytree(good, root)
    (root / "left").rename(root / "left; slowly")
    code, _, err = vidnas("data", "check", root, "--out", tmp_path / "good.csv")
    assert code == 2
    assert "names without `;` and `|`, got `left; slowly`. Write a .parquet" in err
    code, _, err = vidnas("data", "check", root, "--out", tmp_path / "good.txt")
    assert code == 2
    assert "An index must end in .parquet or .csv" in err


def test_what_no_training_could_begin_on_ends_with_2_after_all_is_said(
    good, tmp_path, vidnas
):
    root = tmp_path / "videos"
    shutil.copytree(good, root)
    for path in (root / "left").iterdir():
        path.write_bytes(b"garbage")
    page = tmp_path / "clips.html"
    code, out, err = vidnas("data", "check", root, "--html", page)
    assert code == 2
    assert "4 unreadable: left out by --out" in out
    assert "error: A class must have a good `train` clip, got none for `left`." in err
    assert "must have a good `train` clip" in page.read_text("utf-8")


def test_an_experiment_says_which_window_its_trainings_read(folder, vidnas):
    said = json.loads(
        vidnas("data", "check", "clips", "--for", "experiment.yaml", "--json")[1]
    )
    assert said["window"] == {"frames": 4, "frame_stride": 1, "fps": None}
    by_time = json.loads(
        vidnas("data", "check", "clips", "--frames", "4", "--fps", "2", "--json")[1]
    )
    assert by_time["window"] == {"frames": 4, "frame_stride": None, "fps": 2.0}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--fps", "8", "--frame-stride", "2"), "by `--fps` or by `--frame-stride`"),
        (("--fps", "0"), "`--fps` must be more than 0"),
        (("--for", "experiment.yaml", "--frames", "8"), "got both"),
    ],
)
def test_flags_that_contradict_one_another_are_refused(folder, vidnas, words, says):
    code, _, err = vidnas("data", "check", "clips", *words)
    assert code == 2
    assert says in err


def test_a_page_shows_every_class_and_finding_and_replaces_its_own_alone(
    videos, tmp_path, vidnas
):
    page = tmp_path / "clips.html"
    for _ in range(2):  # the second replaces the first
        code, _, err = vidnas("data", "check", videos, *WINDOW, "--html", page)
        assert code == 0
        assert f"page   {page}" in err
    text = page.read_text("utf-8")
    assert text.count("<article") == 2
    assert text.count("data:image/jpeg;base64,") == 12
    assert (
        "at its middle: 5 of 8 frames can be decoded" in text
        or "can be decoded" in text
    )
    assert "dangling link" in text
    assert len(text) < 200_000
    page.write_text("my notes")
    code, _, err = vidnas("data", "check", videos, "--html", page)
    assert code == 2
    assert "must be a new file or an earlier page of clips" in err
    assert page.read_text() == "my notes"


def test_names_that_would_move_a_terminal_are_spelled(good, tmp_path, vidnas):
    root = tmp_path / "videos"
    shutil.copytree(good, root)
    evil = root / "left" / "a\x1b[2J\nerror: all is lost.mp4"
    evil.write_bytes(b"garbage")
    for words in (("check", root), ("show", root, evil)):
        _, out, err = vidnas("data", *words)
        assert "\x1b" not in out + err
        assert "\nerror: all" not in out
        assert "left/a\\x1b[2J\\x0aerror: all is lost.mp4" in out
