"""A dataset is checked: every kind of finding, on files built for it."""

import dataclasses
import shutil

import pytest

from vidnas.clips import clip_check
from vidnas.clips.check import (
    check_clips,
    check_windows,
    good_index,
    require_usable,
)
from vidnas.clips.findings import faults
from vidnas.clips.window import Window
from vidnas.datasets.index import ClipEntry, ClipIndex
from vidnas.datasets.source import ClipSource
from vidnas.errors import ClipError

WINDOW = Window(8, 2)


@pytest.fixture(scope="module")
def good(odd_files, tmp_path_factory):
    """Four sound videos of different content, 40 frames each."""
    root = tmp_path_factory.mktemp("good")
    return [odd_files.write_good(root / f"{n}.mp4", seed=n) for n in range(4)]


@pytest.fixture
def found(good, tmp_path):
    """The findings of a clip among the sound ones: `{kind: words}`."""

    def found(path, window=WINDOW, *, split="train", **part):
        others = [entry_of(one, "val") for one in good]
        odd = entry_of(path, split, **part)
        checked = check_windows(index_of([*others, odd]), window)
        by_id = {clip.entry.id: clip.findings for clip in checked}
        clean = [by_id[one.id] for one in others if one.path != odd.path]
        assert not any(clean)
        return {finding.kind: finding.words for finding in by_id[odd.id]}

    return found


def entry_of(path, split="train", label=0, **part):
    name = f"{split}/{path.name}"
    return ClipEntry(str(path), (label,), split=split, id=name, **part)


def index_of(entries, classes=("a",), **more):
    splits = {
        split: tuple(entry for entry in entries if entry.split == split)
        for split in ("train", "val")
    }
    return ClipIndex("somewhere", classes, splits, **more)


def damaged(odd_files, tmp_path, name):
    (damage,) = [one for one in odd_files.DAMAGES if one.name == name]
    path = tmp_path / f"odd{damage.suffix}"
    damage.write(path, (0, 2), 9)
    return path


def test_a_sound_clip_has_nothing_wrong(odd_files, tmp_path, found):
    assert found(odd_files.write_good(tmp_path / "odd.mp4", seed=9)) == {}


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("an mp4, index first, cut at 30 %", {"damaged", "short"}),
        ("an mp4 with a hole in its middle", {"still_broken"}),
        ("a video of one frame", {"one_picture"}),
        ("a JPEG named mp4", {"one_picture"}),
        ("an empty file", {"empty"}),
        ("garbage", {"unreadable"}),
        ("sound alone", {"unreadable"}),
        ("a link to nowhere", {"missing"}),
        ("an mp4 whose index was never written", {"unreadable"}),
        ("an mkv cut in half", {"damaged"}),
    ],
)
def test_each_damage_is_found_for_what_it_is(odd_files, tmp_path, found, name, kinds):
    assert set(found(damaged(odd_files, tmp_path, name))) == kinds


def test_a_cut_file_says_how_much_of_it_is_there(odd_files, tmp_path, found):
    path = damaged(odd_files, tmp_path, "an mp4, index first, cut at 30 %")
    said = found(path)
    assert said["damaged"] == "12 of 40 frames are in the file"
    # 12 frames of 1/25 s; a window of 8 frames of stride 2 lasts 15 of them
    assert said["short"] == "0.48 s of 0.60 s, then its last frame is held"


def test_what_cannot_be_read_says_why_without_the_path(odd_files, tmp_path, found):
    said = found(damaged(odd_files, tmp_path, "garbage"))
    assert said == {"unreadable": "invalid data found when processing input"}
    said = found(damaged(odd_files, tmp_path, "a link to nowhere"))
    assert said["missing"].startswith("a link to /")
    assert said["missing"].endswith("odd.mp4, which is not there")
    (tmp_path / "odd.mp4").unlink()
    assert found(damaged(odd_files, tmp_path, "an empty file")) == {
        "empty": "a file of 0 bytes"
    }
    (tmp_path / "frames").mkdir()
    assert found(tmp_path / "frames") == {"empty": "a folder without any frame"}


def test_what_may_not_be_looked_at_is_unreadable_and_what_went_is_missing(
    good, tmp_path, found, monkeypatch
):
    assert found(tmp_path / "gone.mp4") == {"missing": "no such file"}
    assert found(good[0] / "a.mp4") == {"missing": "no such file"}
    folder = tmp_path / "locked"
    folder.mkdir()
    whole = type(folder).iterdir

    def iterdir(path):
        if path.name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return whole(path)

    monkeypatch.setattr(type(folder), "iterdir", iterdir)
    assert found(folder) == {"unreadable": "permission denied"}


def test_a_file_that_breaks_where_a_window_lies_is_still_there(
    odd_files, tmp_path, found
):
    path = odd_files.write_good(tmp_path / "odd.mp4", seed=9, movflags="faststart")
    data = bytearray(path.read_bytes())
    first = data.index(b"mdat") + (len(data) - data.index(b"mdat")) // 2
    path.write_bytes(data[:first] + bytes(len(data) - first))
    said = found(path)
    assert set(said) == {"still_broken"}
    assert "at its end" in said["still_broken"]


def test_a_short_clip_is_short_and_one_that_just_fits_is_not(
    odd_files, tmp_path, found
):
    # A window of 8 frames of stride 2 takes 15.
    for frames, kinds in ((14, {"short"}), (15, set())):
        shown = odd_files.draw_moving(frames=frames, seed=9)
        path = odd_files.write_frames(tmp_path / f"{frames}.mp4", shown)
        assert set(found(path)) == kinds


def test_a_window_by_time_is_what_a_clip_must_fill(odd_files, tmp_path, found):
    shown = odd_files.draw_moving(frames=35, seed=9)  # 1.4 s
    path = odd_files.write_frames(tmp_path / "odd.mp4", shown)
    assert found(path, Window(8, fps=6.0)) == {}  # 7/6 s and a frame
    # 1.4 s and a frame
    assert set(found(path, Window(8, fps=5.0))) == {"short"}


def test_a_rate_below_the_one_asked_for_is_told(odd_files, tmp_path):
    shown = odd_files.draw_moving(frames=35, seed=9)
    entry = entry_of(odd_files.write_frames(tmp_path / "odd.mp4", shown))
    for look in (clip_check.check_clip, clip_check.check_beginning):
        said = {
            one.kind: one.words for one in look(entry, Window(8, fps=30.0)).findings
        }
        assert said == {"slow": "25 frames a second of 30, some repeat"}
        assert look(entry, Window(8, fps=25.4)).findings == ()  # within 2 %


def test_the_part_that_is_labelled_counts(odd_files, tmp_path, found):
    path = odd_files.write_good(tmp_path / "odd.mp4", seed=9)
    assert found(path, start=0.4, end=1.2) == {}
    said = found(path, start=0.4, end=0.8)
    assert said["short"].startswith("0.40 s of 0.60 s")
    assert set(found(path, start=5.0, end=6.0)) == {"unreadable"}


def test_a_pause_is_told_by_the_moments_alone(odd_files, tmp_path, found):
    # As a recording that stopped has it, or a Matroska file with a hole in it.
    shown = odd_files.draw_moving(frames=40, seed=9)
    times = [n if n < 20 else n + 50 for n in range(40)]
    path = odd_files.write_frames(tmp_path / "odd.mkv", shown, times=times)
    expected = {"frozen": "one frame is shown for 2.0 s"}
    assert found(path) == expected
    looked_at = clip_check.check_beginning(entry_of(path), WINDOW)
    assert {one.kind: one.words for one in faults(looked_at.findings)} == expected


def test_a_sound_file_without_change_is_told_and_kept(odd_files, tmp_path, found):
    shown = odd_files.draw_moving(frames=1, seed=9).repeat(40, axis=0)
    path = odd_files.write_frames(tmp_path / "odd.mp4", shown)
    assert found(path) == {"unchanging": "every picture is the same"}


def test_copies_are_told_and_a_leak_is_one_of_training(good, tmp_path, found):
    path = shutil.copy(good[0], tmp_path / "copy.mp4")
    assert found(path) == {"leak": "same content as val/0.mp4 in `val`"}
    assert set(found(path, split="val")) == {"duplicate"}


def test_odd_sizes_are_told_against_what_most_have(odd_files, tmp_path, found):
    for size, kinds in (((16, 16), {"small"}), ((48, 208), {"odd_shape"})):
        shown = odd_files.draw_moving(size=size, seed=9)
        path = odd_files.write_frames(tmp_path / f"{size[1]}.mp4", shown)
        assert set(found(path)) == kinds


def test_what_a_container_does_to_pictures_is_told(good, found, monkeypatch):
    whole = clip_check.entry_header

    def turned(entry):
        header = whole(entry)
        if entry.split == "train":
            header = dataclasses.replace(header, turned=90, mirrored=True)
        return header

    monkeypatch.setattr(clip_check, "entry_header", turned)
    said = found(good[0])
    assert set(said) == {"leak", "mirrored", "rotated"}
    assert said["rotated"] == "shown upright, by a turn of 90 degrees"


@pytest.mark.parametrize("threads", [1, 4])
def test_clips_are_told_in_their_order_however_many_are_read_at_once(
    good, odd_files, tmp_path, threads
):
    broken = damaged(odd_files, tmp_path, "garbage")
    entries = [
        dataclasses.replace(
            entry_of(broken if n % 3 == 0 else good[n % 4]), id=f"clip {n}"
        )
        for n in range(60)
    ]
    heard = []
    checked = check_windows(
        index_of(entries), Window(2), threads=threads, on_clip=heard.append
    )
    assert [clip.entry for clip in checked] == entries
    assert [clip.entry for clip in heard] == entries
    unreadable = [clip.header is None for clip in checked]
    assert unreadable == [n % 3 == 0 for n in range(60)]


def test_an_index_keeps_what_teaches_something(good, odd_files, tmp_path):
    kept = [entry_of(good[0]), entry_of(good[1], "val")]
    lost = [entry_of(damaged(odd_files, tmp_path, "garbage"))]
    index = index_of([*lost, *kept], left_out=("what a reader said",))
    better = good_index(index, check_windows(index, WINDOW))
    assert better == index_of(kept, left_out=("what a reader said",))


def test_a_class_without_a_good_clip_is_named(good, odd_files, tmp_path):
    one = entry_of(damaged(odd_files, tmp_path, "a video of one frame"), label=1)
    entries = [entry_of(good[0]), entry_of(good[1], "val"), one]
    entries.append(entry_of(good[2], "val", 1))
    index = index_of(entries, ("run", "jump"))
    with pytest.raises(ClipError) as refused:
        require_usable(index, check_windows(index, WINDOW))
    assert str(refused.value) == (
        "A class must have a good `train` clip, got none for `jump`. First of 1 that "
        "are not: one picture, shown all the time."
    )
    several = dataclasses.replace(index, multi_label=True)
    require_usable(several, check_windows(several, WINDOW))
    nothing = dataclasses.replace(index, splits={"train": (one,), "val": ()})
    with pytest.raises(ClipError, match="`train` must have a good clip, got none"):
        require_usable(nothing, check_windows(nothing, WINDOW))


def test_before_a_search_first_frames_and_packets_tell_most_of_it(odd_files, tmp_path):
    root = tmp_path / "videos"
    broken = odd_files.write_folder(root, per_class=20, every=4)
    shutil.copy(root / "left" / "left_000.mp4", root / "left" / "left_100.mp4")
    report = check_clips(ClipSource.of(root), window=WINDOW)
    told = {(one.id, one.kind) for one in report.findings}
    by_name = {
        damage.name: str(path.relative_to(root)) for path, damage in broken.items()
    }
    for name, kind in (
        ("an mp4, index first, cut at 30 %", "damaged"),
        ("an mp4, index first, cut at 30 %", "short"),
        ("a video of one frame", "one_picture"),
        ("a JPEG named mp4", "one_picture"),
        ("garbage", "unreadable"),
        ("sound alone", "unreadable"),
        ("an mp4 whose index was never written", "unreadable"),
        ("an mkv cut in half", "damaged"),
    ):
        assert (by_name[name], kind) in told
    assert {one.reason for one in report.left_out} == {"empty file", "dangling link"}
    assert len(report.unreadable) == 3
    assert report.count("train") + report.count("val") == 41 - 5
    # A search asks for lengths; one that only counts is not told them.
    assert {one.kind for one in check_clips(ClipSource.of(root)).findings} == {
        "unreadable"
    }


def test_two_hundred_clips_are_checked(good):
    entries = [
        dataclasses.replace(entry_of(good[n % 4]), id=str(n)) for n in range(200)
    ]
    checked = check_windows(index_of(entries), Window(2))
    assert len(checked) == 200
    # The first of each content is no copy.
    kinds = [finding.kind for clip in checked for finding in clip.findings]
    assert kinds == ["duplicate"] * 196
