import dataclasses
import errno
import json
import multiprocessing
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vidnas.clips.cache import writing
from vidnas.clips.cache.plan import CachePlan
from vidnas.clips.cache.reading import open_cache
from vidnas.clips.cache.writing import write_cache
from vidnas.clips.clip_shape import ClipShape, decode_window
from vidnas.datasets.index import ClipEntry, ClipIndex
from vidnas.datasets.source import read_index
from vidnas.errors import ClipError

SHAPE = ClipShape(frames=4, frame_stride=1, side=12)
SHARD = 6 * SHAPE.size_bytes  # 16 and 8 videos: 3 and 2 shards


@pytest.fixture
def plan(source):
    return CachePlan(read_index(source), SHAPE, shard_bytes=SHARD)


def content(folder):
    """Content of the files of a cache."""
    return {
        path.name: path.read_bytes()
        for path in folder.iterdir()
        if not path.name.startswith(".")  # a lock, and what is swept a day later
    }


def test_every_window_is_what_the_file_gives(plan, tmp_path):
    seen = []
    meta = write_cache(
        plan, tmp_path / "c", threads=2, on_shard=lambda *told: seen.append(told)
    )
    assert seen == [(n, 5) for n in range(1, 6)]
    assert meta["clips"] == 24
    cache = open_cache(tmp_path / "c", whole=True)
    for split, files in plan.index.splits.items():
        held = cache.of_split(split, SHAPE)
        assert cache.positions(split) == tuple(range(len(files)))
        for n, file in enumerate(files):
            assert np.array_equal(held.window(n, 0.5), decode_window(file, SHAPE, 0.5))
    table = pd.read_parquet(tmp_path / "c" / "index.parquet")
    assert table["shard"].tolist() == [0] * 6 + [1] * 6 + [2] * 4 + [3] * 6 + [4] * 2
    assert table["path"][0] == "train/anticlockwise/clip_00000.mp4"
    assert table["labels"][23].tolist() == [7]
    sizes = [shard["bytes"] for shard in meta["shards"]]
    assert sum(sizes) == pytest.approx(plan.size_bytes, abs=5 * 200)


def test_several_windows_lie_in_the_middle_of_equal_parts(source, tmp_path):
    plan = CachePlan(read_index(source), SHAPE, windows=3)
    assert plan.starts == pytest.approx((1 / 6, 1 / 2, 5 / 6))
    write_cache(plan, tmp_path / "c", threads=2)
    held = open_cache(tmp_path / "c").of_split("val", SHAPE)
    file = plan.index.splits["val"][3]
    for start, window in ((0.0, 0), (0.3, 0), (0.34, 1), (0.5, 1), (0.9, 2), (1.0, 2)):
        expected = decode_window(file, SHAPE, plan.starts[window])
        assert np.array_equal(held.window(3, start), expected)


def _killed_at(plan, folder, call, number):
    """Whether a child was killed at the `number`-th `call`; it writes the cache."""
    left = [number]

    def counted(whole):
        def dies(*given, **options):
            left[0] -= 1
            if not left[0]:
                os._exit(9)
            return whole(*given, **options)

        return dies

    child = os.fork()
    if child == 0:
        try:
            if call == "replace":
                Path.replace = counted(Path.replace)
            elif call == "fsync":
                os.fsync = counted(os.fsync)
            else:
                np.save = counted(np.save)
            write_cache(plan, folder, threads=1)
            os._exit(0)
        finally:
            os._exit(3)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, 9)
    return status == 9


@pytest.mark.parametrize("call", ["replace", "fsync", "save"])
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_command_killed_at_any_write_goes_on(plan, tmp_path, call):
    plan = dataclasses.replace(plan, shard_bytes=2 * SHARD)  # 3 shards
    whole = tmp_path / "whole"
    write_cache(plan, whole, threads=1)
    kills = 0
    while _killed_at(plan, tmp_path / "c", call, kills + 1):
        kills += 1
        if not (tmp_path / "c" / "meta.json").exists():  # which is written last
            with pytest.raises(ClipError, match="must be whole"):
                open_cache(tmp_path / "c")
        write_cache(plan, tmp_path / "c", threads=1)
        assert content(tmp_path / "c") == content(whole)
        shutil.rmtree(tmp_path / "c")
    assert kills >= 3
    assert content(tmp_path / "c") == content(whole)


def test_shards_that_are_there_are_not_decoded_again(plan, tmp_path, monkeypatch):
    whole, seen = writing._write_shard, []

    def twice(*given):
        if len(seen) == 2:
            raise KeyboardInterrupt
        seen.append(given[1].number)
        return whole(*given)

    monkeypatch.setattr(writing, "_write_shard", twice)
    with pytest.raises(KeyboardInterrupt):
        write_cache(plan, tmp_path / "c", threads=1)
    seen.clear()
    monkeypatch.setattr(
        writing, "_write_shard", lambda *g: seen.append(g[1].number) or whole(*g)
    )
    meta = write_cache(plan, tmp_path / "c", threads=1)
    assert seen == [2, 3, 4]
    seen.clear()
    assert write_cache(plan, tmp_path / "c", threads=1) == meta
    assert seen == []
    assert not list((tmp_path / "c").glob("shard-*.json"))


def test_the_size_is_refused_before_anything_is_decoded(plan, tmp_path, monkeypatch):
    nearly = shutil.disk_usage("/")._replace(free=plan.size_bytes - 1)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: nearly)
    with pytest.raises(ClipError, match=r"room for the cache, 40.5 KiB, it has 40.5 K"):
        write_cache(plan, tmp_path / "c", threads=1)
    assert not list((tmp_path / "c").glob("*.npy"))


@pytest.mark.parametrize("call", ["save", "fsync", "replace"])
def test_a_disk_that_fills_up_is_one_line_and_the_rest_goes_on(
    plan, tmp_path, monkeypatch, call
):
    def full(*given, **options):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        target = {"save": (np, "save"), "fsync": (os, "fsync")}
        patch.setattr(*target.get(call, (Path, "replace")), full)
        with pytest.raises(ClipError, match="got No space left on device") as told:
            write_cache(plan, tmp_path / "c", threads=1)
        assert "\n" not in str(told.value)
    write_cache(plan, tmp_path / "c", threads=1)
    open_cache(tmp_path / "c", whole=True)


def _hold(plan, folder, ready, go):
    whole = writing._write_shard

    def slow(*given):
        ready.set()
        go.wait(20)
        return whole(*given)

    writing._write_shard = slow
    write_cache(plan, folder, threads=1)


def test_two_processes_do_not_write_one_cache(plan, tmp_path):
    context = multiprocessing.get_context("fork")
    ready, go = context.Event(), context.Event()
    other = context.Process(target=_hold, args=(plan, tmp_path / "c", ready, go))
    other.start()
    assert ready.wait(20)
    with pytest.raises(ClipError, match="Another command is writing the cache"):
        write_cache(plan, tmp_path / "c", threads=1)
    go.set()
    other.join(20)
    assert other.exitcode == 0
    open_cache(tmp_path / "c", whole=True)


def test_a_folder_of_something_else_is_left_alone(plan, source, tmp_path):
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "thesis.tex").write_text("x")
    with pytest.raises(ClipError, match=r"a folder of its own, .* holds thesis.tex"):
        write_cache(plan, tmp_path / "c", threads=1)
    write_cache(plan, tmp_path / "d", threads=1)
    other = CachePlan(plan.index, ClipShape(4, 1, 13), shard_bytes=SHARD)
    with pytest.raises(ClipError, match="the same cache or none, its shape differ"):
        write_cache(other, tmp_path / "d", threads=1)
    moved = plan.index.splits["val"][0].path
    os.utime(moved, (1, 1))
    with pytest.raises(ClipError, match="the same cache or none, its files differ"):
        write_cache(plan, tmp_path / "d", threads=1)


def test_files_that_cannot_be_read_are_left_out_and_told(motion, source, tmp_path):
    bad = motion / "train" / "left" / "clip_00001.mp4"
    bad.write_bytes(b"garbage")
    plan = CachePlan(read_index(source), SHAPE, windows=3, shard_bytes=SHARD)
    meta = write_cache(plan, tmp_path / "c", threads=2)
    (reason,) = meta["unreadable"]["train"]
    assert "clip_00001.mp4" in reason
    assert meta["clips"] == 23 * 3
    files = plan.index.splits["train"]
    cache = open_cache(tmp_path / "c", whole=True)
    held = cache.of_split("train", SHAPE)
    positions = cache.positions("train")
    assert [n for n in range(16) if n not in positions] == [
        n for n, file in enumerate(files) if file.path == str(bad)
    ]
    for row, position in enumerate(positions):
        expected = decode_window(files[position], SHAPE, 0.5)
        assert np.array_equal(held.window(row, 0.5), expected)


def test_no_readable_file_is_no_cache(tmp_path):
    bad = tmp_path / "bad.mp4"
    bad.write_bytes(b"garbage")
    index = ClipIndex(tmp_path, ("a",), {"train": (ClipEntry(str(bad), (0,)),)})
    with pytest.raises(ClipError, match=r"have a readable file, got none.*bad.mp4"):
        write_cache(CachePlan(index, SHAPE), tmp_path / "c", threads=1)


@pytest.mark.parametrize("windows", [0, 2, 4])
def test_windows_are_an_odd_number(source, windows):
    with pytest.raises(ClipError, match="must be odd, for one in the middle"):
        CachePlan(read_index(source), SHAPE, windows=windows)


def test_two_caches_of_the_same_clips_have_one_digest(plan, source, tmp_path):
    first = write_cache(plan, tmp_path / "a", threads=1)
    os.utime(plan.index.splits["val"][0].path, (1, 1))  # another time, the same clips
    again = write_cache(
        CachePlan(read_index(source), SHAPE, shard_bytes=SHARD),
        tmp_path / "b",
        threads=2,
    )
    assert first["files"] != again["files"]
    assert first["digest"] == again["digest"]
    assert json.loads((tmp_path / "a" / "meta.json").read_text())["digest"]


@pytest.mark.parametrize("name", ["meta.json", "index.parquet", "shard-00003.npy"])
@pytest.mark.parametrize("harm", ["cut", "gone"])
def test_what_became_damaged_is_written_anew(plan, tmp_path, name, harm):
    write_cache(plan, tmp_path / "c", threads=1)
    before, file = content(tmp_path / "c"), tmp_path / "c" / name
    if harm == "cut" and name != "index.parquet":
        file.write_bytes(file.read_bytes()[:-3])
    else:
        file.unlink()
    write_cache(plan, tmp_path / "c", threads=1)
    assert open_cache(tmp_path / "c", whole=True).digest
    after = content(tmp_path / "c")
    assert after.pop("shard-00003.npy") == before.pop("shard-00003.npy")
    assert sorted(after) == sorted(set(before) - {"shard-00003.npy"})
