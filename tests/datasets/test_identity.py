import pytest

from vidnas.datasets.identity import (
    changes_since,
    clip_digest,
    keep_known_clips,
    known_clips,
)
from vidnas.datasets.source import ClipSource, read_index


@pytest.fixture
def folder(tmp_path):
    """Two classes of three files and a folder of frames each."""
    for name in ("caf\u00e9", "b"):
        for n in range(3):
            file = tmp_path / "d" / name / f"{n}.mp4"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"x" * (10 + n))
        for n in range(9):
            file = tmp_path / "d" / name / "frames" / f"{n}.jpg"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(b"x" * 10)
    return tmp_path / "d"


def clips_of(folder, *, content=False):
    return known_clips(read_index(ClipSource.of(folder)), content=content)


def test_a_folder_that_moved_or_spells_letters_otherwise_is_the_same(folder):
    before = clip_digest(clips_of(folder))
    moved = folder.rename(folder.with_name("moved"))
    (moved / "caf\u00e9").rename(moved / "cafe\u0301")
    assert clip_digest(clips_of(moved)) == before


@pytest.mark.parametrize("changed", ["b/1.mp4", "b/frames/4.jpg"])
def test_another_size_is_another_digest_and_named(folder, tmp_path, changed):
    index, before = read_index(ClipSource.of(folder)), clips_of(folder)
    keep_known_clips(tmp_path / "clips.parquet", index, before)
    assert changes_since(tmp_path / "clips.parquet", before) == ""
    (folder / changed).write_bytes(b"x" * 99)
    after = clips_of(folder)
    assert clip_digest(after) != clip_digest(before)
    named = "b/frames" if "frames" in changed else changed
    assert changes_since(tmp_path / "clips.parquet", after) == f"1 replaced: {named}"


@pytest.mark.parametrize("changed", ["b/1.mp4", "b/frames/5.jpg"])
def test_content_of_one_size_counts_where_it_is_read(folder, changed):
    before = [clip_digest(clips_of(folder, content=c)) for c in (False, True)]
    file = folder / changed
    file.write_bytes(b"y" * file.stat().st_size)
    after = [clip_digest(clips_of(folder, content=c)) for c in (False, True)]
    assert [one == other for one, other in zip(before, after, strict=True)] == [
        True, False
    ]  # fmt: skip


def test_moved_removed_and_added_clips_are_told_apart(folder, tmp_path):
    index, before = read_index(ClipSource.of(folder)), clips_of(folder)
    file = tmp_path / "clips.parquet"
    keep_known_clips(file, index, before)
    (folder / "b" / "2.mp4").rename(folder / "caf\u00e9" / "2b.mp4")
    (folder / "b" / "frames").rename(folder / "frames")
    (folder / "b" / "later").mkdir()
    (folder / "frames").rename(folder / "b" / "later" / "frames")
    # Of the three clips that are left in b another is the fifth.
    assert changes_since(file, clips_of(folder)) == (
        "2 moved: b/frames to b/later/frames, b/1.mp4 from train `b` to val `b`; "
        "1 removed: b/2.mp4; 1 added: caf\u00e9/2b.mp4"
    )


def test_a_list_that_is_gone_or_another_says_nothing(folder, tmp_path):
    clips = clips_of(folder)
    assert changes_since(tmp_path / "none.parquet", clips) == ""
    (tmp_path / "x.parquet").write_bytes(b"x")
    assert changes_since(tmp_path / "x.parquet", clips) == ""
