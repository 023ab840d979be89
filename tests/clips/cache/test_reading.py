import dataclasses
import os
import shutil

import fsspec
import numpy as np
import pytest

from vidnas.clips import opening, recently_decoded
from vidnas.clips.cache.lookup import find_cache, with_cache
from vidnas.clips.cache.plan import CachePlan
from vidnas.clips.cache.reading import open_cache
from vidnas.clips.cache.writing import write_cache
from vidnas.clips.clip_shape import ClipShape
from vidnas.clips.opening import open_clips
from vidnas.clips.transforms import Transforms
from vidnas.datasets import store
from vidnas.datasets.source import ClipSource, read_index
from vidnas.errors import ClipError

SHAPE = ClipShape(frames=4, frame_stride=1, side=12)
SIZES = {"frames": 4, "frame_stride": 1, "resolution": 10, "margin": 0.2}
SMALLER = {"frames": 2, "frame_stride": 2, "resolution": 5, "margin": 0.2}
NEVER_IN_MEMORY = {"memory_limit_bytes": 0}


@pytest.fixture(scope="module")
def written(videos, tmp_path_factory):
    """The videos with a cache beside them."""
    root = tmp_path_factory.mktemp("written") / "motion"
    shutil.copytree(videos, root)
    index = read_index(ClipSource.of(root))
    plan = CachePlan(index, SHAPE, shard_bytes=6 * SHAPE.size_bytes)
    write_cache(plan, root / ".vidnas-cache" / "4x12", threads=2)
    return root


@pytest.fixture
def folder(motion, written):
    """A cache beside the dataset."""
    inside = ".vidnas-cache"
    shutil.copytree(written / inside, motion / inside)
    return motion / inside / "4x12"


@pytest.fixture
def cached(source, folder):
    return with_cache(source, str(folder))


def one_pass(clips, **options):
    given = {"seed": 1, "epoch": 0, "augment": True, **options}
    return np.concatenate([batch for batch, _ in clips.batches(5, **given)])


def no_file(*given, **options):
    raise AssertionError("a video was decoded")


@pytest.fixture
def no_decoding(monkeypatch):
    from vidnas.clips import clipset

    monkeypatch.setattr(opening, "decode_clip", no_file)
    monkeypatch.setattr(clipset, "decode_clip", no_file)
    monkeypatch.setattr(opening, "why_undecodable", no_file)


def test_batches_from_the_cache_are_those_from_files(source, cached):
    files = open_clips(source, "train", **SIZES)
    cache = open_clips(cached, "train", **SIZES)
    assert cache.clips_in_memory is None  # mapped, not held
    for options in ({}, {"flip": True, "reverse": True}, {"augment": False}):
        assert np.array_equal(one_pass(files, **options), one_pass(cache, **options))


@pytest.mark.parametrize("options", [{}, NEVER_IN_MEMORY])
@pytest.mark.parametrize("sizes", [SIZES, SMALLER])
def test_no_video_is_read_where_a_cache_is(cached, no_decoding, sizes, options):
    for split in ("train", "val"):
        clips = open_clips(cached, split, **sizes, **options)
        side = sizes["resolution"]
        assert one_pass(clips).shape[1:] == (sizes["frames"], side, side, 3)
        assert clips.skip_reasons == ()


def test_grey_clips_are_the_luma_of_cached_colours(source, cached):
    files = open_clips(source, "val", **SIZES, channels=1)
    cache = open_clips(cached, "val", **SIZES, channels=1)
    assert one_pass(files).shape[-1] == 1
    assert np.array_equal(one_pass(files), one_pass(cache))


def test_smaller_clips_are_cut_by_the_formula(cached, folder):
    clips = open_clips(cached, "val", **SMALLER)
    held = open_cache(folder).of_split("val", ClipShape(2, 2, 6))
    for n in range(8):
        assert np.array_equal(clips.clips_in_memory[n], held.window(n, 0.5))


def test_transforms_of_whole_frames_take_the_cached_ones(cached, no_decoding):
    clips = open_clips(cached, "train", **SMALLER, **NEVER_IN_MEMORY)
    wide = Transforms(crop_area=(0.3, 1.0), stride_jitter=1)
    assert one_pass(clips, transforms=wide).shape == (15, 2, 5, 5, 3)


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_change_nothing(cached, threads):
    one = open_clips(cached, "train", **SMALLER, **NEVER_IN_MEMORY, threads=1)
    some = open_clips(cached, "train", **SMALLER, **NEVER_IN_MEMORY, threads=threads)
    assert np.array_equal(one_pass(one, flip=True), one_pass(some, flip=True))


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_a_flipped_bit_is_never_a_clip(cached, folder, place):
    shard = folder / "shard-00000.npy"
    content = bytearray(shard.read_bytes())
    at = {"first": 128, "middle": len(content) // 2, "last": len(content) - 1}[place]
    content[at] ^= 1
    shard.write_bytes(content)
    recently_decoded.forget()
    clips = open_clips(cached, "train", **SIZES)
    with pytest.raises(ClipError, match=r"row \d of .*shard-00000.npy is not\. Remove"):
        one_pass(clips)
    with pytest.raises(ClipError, match="as it was written"):
        open_cache(folder, whole=True)


@pytest.mark.parametrize(
    "name", ["shard-00001.npy", "index.parquet", "meta.json", "shard-00004.npy"]
)
@pytest.mark.parametrize("damage", ["cut", "gone", "other"])
def test_a_damaged_cache_is_one_line(source, folder, name, damage):
    path = folder / name
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-20])
    elif damage == "gone":
        path.unlink()
    else:
        path.write_bytes(b"{}")
    with pytest.raises(ClipError) as told:
        open_cache(folder)
    assert "\n" not in str(told.value)
    assert "vidnas data cache" in str(told.value)
    # One that lies beside the dataset is passed over, and why is told.
    found, reason = find_cache(source, [SHAPE])
    assert found is None
    if name != "meta.json":
        assert str(folder) in reason


@pytest.mark.parametrize("change", ["touched", "moved", "added", "gone"])
def test_a_cache_of_files_that_changed_is_not_used(motion, source, cached, change):
    clip = motion / "train" / "left" / "clip_00000.mp4"
    if change == "touched":
        os.utime(clip, (1, 1))
    elif change == "moved":
        shutil.move(clip, motion / "train" / "right" / "other.mp4")
    elif change == "added":
        shutil.copy(clip, clip.with_name("clip_00009.mp4"))
    else:
        clip.unlink()
    with pytest.raises(ClipError, match=r"must be of the files in .*, they changed"):
        open_clips(cached, "train", **SIZES)
    found, reason = find_cache(source, [SHAPE])
    assert found is None
    assert "they changed" in reason


def test_the_smallest_cache_that_serves_is_found(motion, source, folder):
    larger = ClipShape(8, 1, 16)
    write_cache(
        CachePlan(read_index(source), larger),
        motion / ".vidnas-cache" / "0",
        threads=2,
    )
    assert find_cache(source, [SHAPE])[0].folder == str(folder)
    assert find_cache(source, [SHAPE, ClipShape(4, 2, 16)])[0].shape == larger
    found, reason = find_cache(source, [ClipShape(4, 1, 17)])
    assert found is None
    assert reason == (
        "Clips of 4 frames, stride 1, 17 px must be no more than the cache has, it has "
        f"4 frames, stride 1, 12 px: {folder}."
    )
    assert find_cache(dataclasses.replace(source, path="/nothing"), []) == (None, "")


def test_a_cache_that_is_named_must_serve(cached):
    assert find_cache(cached, [SHAPE])[0].shape == SHAPE
    with pytest.raises(ClipError, match="no more than the cache has"):
        find_cache(cached, [ClipShape(5, 1, 12)])
    with pytest.raises(ClipError, match="must be whole"):
        find_cache(with_cache(cached, "/nowhere"), [SHAPE])


def test_a_dataset_may_move_with_its_cache(motion, source, folder, tmp_path):
    shutil.move(motion, tmp_path / "elsewhere")
    moved = dataclasses.replace(source, path=str(tmp_path / "elsewhere"))
    assert find_cache(moved, [SHAPE])[0] is not None


def test_a_cache_may_lie_in_an_object_store(
    source, cached, folder, tmp_path, monkeypatch, no_decoding
):
    monkeypatch.setenv("VIDNAS_NODE_FOLDER", str(tmp_path / "node"))
    memory = fsspec.filesystem("memory")
    store.forget_versions()
    for path in folder.iterdir():
        if path.is_file():
            memory.pipe(f"/bucket/cache/{path.name}", path.read_bytes())
    remote = with_cache(source, "memory://bucket/cache")
    there = one_pass(open_clips(remote, "train", **SIZES))
    assert np.array_equal(there, one_pass(open_clips(cached, "train", **SIZES)))
    memory.pipe("/bucket/cache/shard-00000.npy", b"short")
    store.forget_versions()
    monkeypatch.setenv("VIDNAS_NODE_FOLDER", str(tmp_path / "other"))
    from vidnas.clips.cache import lookup

    lookup._open.cache_clear()
    with pytest.raises(ClipError, match=r"must be whole, got 5 of .* bytes"):
        one_pass(open_clips(remote, "train", **SIZES))
    memory.store.clear()
    store.forget_versions()
