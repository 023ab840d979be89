import errno
import multiprocessing
import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from vidnas.clips import decoded_store, opening, recently_decoded
from vidnas.clips.decoded_store import DecodedClips, share_decoded
from vidnas.clips.opening import open_clips
from vidnas.datasets import node_folder
from vidnas.datasets.motion.generate import write_motion
from vidnas.datasets.source import ClipSource

SHAPE = {"frames": 4, "frame_stride": 1, "resolution": 24}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("VIDNAS_NODE_FOLDER", str(tmp_path / "node"))
    recently_decoded.forget()
    yield tmp_path / "node" / "decoded"
    recently_decoded.forget()


def some_clips(size=10, value=7):
    return DecodedClips(np.full((size, 1, 2, 2, 3), value, np.uint8), (0,) * size, ())


def share(key, decode):
    return share_decoded(key, decode, lambda rows: True)


def never():
    raise AssertionError("it was decoded before")


def test_a_set_is_decoded_once_and_mapped_for_reading(folder):
    first = share("a", some_clips)
    again = share("a", never)
    assert isinstance(again.clips, np.memmap)
    assert not again.clips.flags.writeable
    assert np.array_equal(first.clips, again.clips)
    assert again[1:] == ((0,) * 10, (), ())
    assert share("b", lambda: some_clips(value=8)).clips.max() == 8


def _decode_slowly(folder, key, counter):
    os.environ["VIDNAS_NODE_FOLDER"] = folder

    def decode():
        with counter.get_lock():
            counter.value += 1
        return some_clips()

    assert share(key, decode).clips.sum() == 10 * 12 * 7


def test_two_processes_at_once_decode_it_once(folder):
    context = multiprocessing.get_context("fork")
    counter = context.Value("i", 0)
    both = [
        context.Process(target=_decode_slowly, args=(str(folder.parent), "a", counter))
        for _ in range(2)
    ]
    for process in both:
        process.start()
    for process in both:
        process.join(20)
    assert [process.exitcode for process in both] == [0, 0]
    assert counter.value == 1


@pytest.mark.parametrize("name", ["clips.npy", "rows.json"])
def test_a_damaged_set_is_decoded_again(folder, name):
    share("a", some_clips)
    (stored,) = [p for p in folder.iterdir() if p.is_dir()]
    path = stored / name
    path.write_bytes(path.read_bytes()[:-9])
    assert share("a", lambda: some_clips(value=9)).clips.max() == 9
    assert share("a", never).clips.max() == 9


def test_what_was_used_longest_ago_goes_first(folder, monkeypatch):
    monkeypatch.setattr(decoded_store, "LIMIT_BYTES", 900)  # each set takes some 270
    for age, key in enumerate("abc"):
        share(key, some_clips)
        (new,) = [p for p in folder.iterdir() if p.is_dir() and p.stat().st_mtime > 100]
        os.utime(new, (age + 1, age + 1))
    share("a", never)  # used now
    share("d", some_clips)
    for key in "acd":
        share(key, never)
    with pytest.raises(AssertionError, match="decoded before"):
        share("b", never)


def test_a_set_beyond_the_limit_stays_with_its_process(folder, monkeypatch):
    monkeypatch.setattr(decoded_store, "LIMIT_BYTES", 100)
    assert not isinstance(share("a", some_clips).clips, np.memmap)
    assert not [p for p in folder.iterdir() if p.is_dir()]


@pytest.mark.parametrize("call", ["save", "fsync", "rename", "free", "mkdir"])
def test_a_full_disk_is_passed_over_in_silence(folder, monkeypatch, call):
    def full(*given, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    if call == "save":
        monkeypatch.setattr(np, "save", full)
    elif call == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    elif call == "rename":
        monkeypatch.setattr(Path, "rename", full)
    elif call == "mkdir":
        monkeypatch.setattr(Path, "mkdir", full)
    else:
        nearly = shutil.disk_usage("/")._replace(free=100)
        monkeypatch.setattr(shutil, "disk_usage", lambda path: nearly)
    assert share("a", some_clips).clips.max() == 7
    if folder.exists():
        assert not [p for p in folder.iterdir() if p.is_dir()]


@pytest.mark.parametrize("word", ["off", "OFF", "0", ""])
def test_one_switch_turns_it_off(monkeypatch, word):
    monkeypatch.setenv("VIDNAS_NODE_FOLDER", word)
    assert node_folder.node_folder("decoded") is None
    assert not isinstance(share("a", some_clips).clips, np.memmap)


def test_a_folder_that_others_may_write_to_is_not_used(monkeypatch, tmp_path):
    monkeypatch.delenv("VIDNAS_NODE_FOLDER")
    monkeypatch.setattr(node_folder.tempfile, "gettempdir", lambda: str(tmp_path))
    found = node_folder.node_folder("decoded")
    assert found.parent.parent == tmp_path
    assert found.parent.stat().st_mode & 0o777 == 0o700
    found.parent.chmod(0o777)
    assert node_folder.node_folder("decoded") is None
    shutil.rmtree(found.parent)
    found.parent.symlink_to(tmp_path)
    assert node_folder.node_folder("decoded") is None


def test_what_a_killed_process_left_is_removed_a_day_later(folder):
    share("a", some_clips)
    left = folder / f".vidnas-{'0' * 16}.partial"
    left.mkdir()
    share("b", some_clips)
    assert left.exists()
    os.utime(left, (1, 1))
    share("c", some_clips)
    assert not left.exists()


@pytest.fixture
def motion(tmp_path):
    return write_motion(
        tmp_path / "motion",
        seed=0,
        train_per_class=2,
        val_per_class=1,
        size=32,
        frames=4,
    )


@pytest.mark.parametrize("options", [{}, {"memory_limit_bytes": 0}])
def test_another_process_decodes_no_file_again(motion, monkeypatch, options):
    source = ClipSource.of(motion)
    first = open_clips(source, "train", **SHAPE, **options)
    recently_decoded.forget()  # as another process
    monkeypatch.setattr(opening, "_decode", lambda *a, **o: never())
    again = open_clips(source, "train", **SHAPE, **options)
    assert again.files == first.files
    if not options:
        assert np.array_equal(again.clips_in_memory, first.clips_in_memory)
        with pytest.raises(AssertionError, match="decoded before"):
            open_clips(source, "train", **{**SHAPE, "resolution": 23})


def test_a_file_that_was_unreadable_for_a_moment_is_looked_at_again(
    motion, monkeypatch
):
    source, whole = ClipSource.of(motion), opening.decode_clip

    def broken(file, shape, start):
        if file.path.endswith("left/clip_00001.mp4"):
            raise opening.ClipError("The disk was away.")
        return whole(file, shape, start)

    monkeypatch.setattr(opening, "decode_clip", broken)
    assert len(open_clips(source, "train", **SHAPE)) == 15
    monkeypatch.setattr(opening, "decode_clip", whole)
    recently_decoded.forget()
    assert len(open_clips(source, "train", **SHAPE)) == 16


def test_a_changed_file_or_decoder_is_another_set(motion, monkeypatch):
    source = ClipSource.of(motion)
    open_clips(source, "train", **SHAPE)
    recently_decoded.forget()
    monkeypatch.setattr(opening, "decoder_digest", lambda: "another")
    monkeypatch.setattr(opening, "_decode", lambda *a, **o: never())
    with pytest.raises(AssertionError, match="decoded before"):
        open_clips(source, "train", **SHAPE)
    monkeypatch.undo()
