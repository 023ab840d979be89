from dataclasses import replace
from pathlib import Path

import fsspec
import pyarrow as pa
import pytest
from pyarrow import parquet

from vidnas.datasets.index import ClipEntry, ClipIndex
from vidnas.datasets.readers.saved_index import write_index
from vidnas.datasets.source import ClipSource, read_index
from vidnas.errors import ClipError


def index_of(root, odd=""):
    entries = {
        "train": (
            ClipEntry(
                f"{root}/a/1, 2{odd}.mp4", (0,), group="ann", id=f"a/1, 2{odd}.mp4"
            ),
            ClipEntry(f"{root}/b/x.mp4", (1,), 0.5, 2.25, id="b/x.mp4"),
        ),
        "val": (
            ClipEntry(f"{root}/a/3.mp4", (0,), split="val", id="a/3.mp4"),
            ClipEntry(f"{root}/b/4.mp4", (1,), split="val", id="b/4.mp4"),
        ),
        "test": (ClipEntry(f"{root}/b/5.mp4", (1,), split="test", id="b/5.mp4"),),
    }
    return ClipIndex(Path(root), ("caf\u00e9", "b"), entries)


@pytest.mark.parametrize("odd", ["", "caf\udce9", "\u00e9"])
def test_an_index_comes_back_as_it_was_written(tmp_path, odd):
    before = index_of("/videos", odd)
    write_index(tmp_path / "x.parquet", before)
    after = read_index(ClipSource.of(tmp_path / "x.parquet"))
    assert after == replace(before, root=tmp_path / "x.parquet")


def test_several_labels_and_none_come_back(tmp_path):
    before = index_of("/videos")
    many = (*before.splits["train"], ClipEntry("/videos/c.mp4", (), id="c.mp4"))
    many = (replace(many[0], labels=(0, 1)), *many[1:])
    splits = {**before.splits, "train": many}
    before = replace(before, splits=splits, multi_label=True)
    write_index(tmp_path / "x.parquet", before)
    after = read_index(ClipSource.of(tmp_path / "x.parquet"))
    assert (after.splits, after.multi_label) == (splits, True)


def test_videos_may_have_moved(tmp_path):
    write_index(tmp_path / "x.parquet", index_of("/videos"))
    source = {"index": str(tmp_path / "x.parquet"), "videos": "/mnt/new"}
    index = read_index(ClipSource.of(source))
    assert [entry.path for entry in index.splits["train"]] == [
        "/mnt/new/a/1, 2.mp4", "/mnt/new/b/x.mp4"
    ]  # fmt: skip


def test_other_programs_read_the_columns_as_text(tmp_path):
    write_index(tmp_path / "x.parquet", index_of("/videos"))
    rows = parquet.read_table(tmp_path / "x.parquet").to_pylist()
    assert rows[1] == {
        "path": "/videos/b/x.mp4", "split": "train", "group": "", "id": "b/x.mp4",
        "labels": [1], "start": 0.5, "end": 2.25,
    }  # fmt: skip


def test_another_file_is_refused(tmp_path):
    file = tmp_path / "x.parquet"
    parquet.write_table(pa.table({"path": ["a"]}), file)
    with pytest.raises(ClipError, match=r"of schema vidnas.clips/v1, got another"):
        read_index(ClipSource.of(file))
    file.write_bytes(b"no parquet")
    with pytest.raises(ClipError, match=r"x\.parquet cannot be read as an index"):
        read_index(ClipSource.of(file))
    with pytest.raises(ClipError, match=r"gone\.parquet cannot be read as an index"):
        read_index(ClipSource.of(tmp_path / "gone.parquet"))


@pytest.mark.parametrize(
    ("column", "cell", "message"),
    [
        ("path", None, "is damaged"),
        ("labels", 0, "is damaged"),
        ("start", "a", "is damaged"),
        ("start", -3.0, "is damaged"),
        ("split", "holdout", "Splits of .* must be train, val, test"),
    ],
)
def test_cells_of_another_kind_are_told(tmp_path, column, cell, message):
    file = _edited(tmp_path, column, cell)
    with pytest.raises(ClipError, match=message):
        read_index(ClipSource.of(file))


@pytest.mark.parametrize(("column", "cell"), [("start", float("nan")), ("group", None)])
def test_cells_as_pandas_writes_them_mean_nothing(tmp_path, column, cell):
    (entry, *_) = read_index(ClipSource.of(_edited(tmp_path, column, cell))).splits[
        "train"
    ]
    assert (entry.start, entry.group) == (None, "")


def test_relative_paths_begin_at_the_index(tmp_path):
    (entry, *_) = read_index(
        ClipSource.of(_edited(tmp_path, "path", "v/a.mp4"))
    ).splits["train"]
    assert entry.path == str(tmp_path / "v" / "a.mp4")


def test_an_index_may_be_an_address(tmp_path):
    file = _edited(tmp_path, "group", "g")
    fsspec.filesystem("memory").pipe_file("/x.parquet", file.read_bytes())
    index = read_index(ClipSource.of("memory://x.parquet"))
    assert {len(found) for found in index.splits.values()} == {2}


@pytest.mark.parametrize("words", [{"folder": "s3://b/v"}, {"table": "s3://b/t.csv"}])
def test_other_datasets_at_an_address_are_refused(words):
    with pytest.raises(ClipError, match=r"must lie on a disk, .* got s3://b/"):
        read_index(ClipSource.of(words))


def _edited(tmp_path, column, cell):
    """An index of which another program wrote a column."""
    entries = {
        split: tuple(
            ClipEntry(f"/v/{split}{n}.mp4", (n,), split=split, id=f"{split}{n}")
            for n in (0, 1)
        )
        for split in ("train", "val")
    }
    file = tmp_path / "x.parquet"
    write_index(file, ClipIndex(tmp_path, ("a", "b"), entries))
    table = parquet.read_table(file)
    place, cells = table.column_names.index(column), pa.array([cell] * 4)
    edited = table.set_column(place, column, cells)
    parquet.write_table(edited.replace_schema_metadata(table.schema.metadata), file)
    return file
