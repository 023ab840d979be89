import os
import pickle
import time

import pytest

from vidnas.datasets import source as module
from vidnas.datasets.readers.registry import READERS
from vidnas.datasets.source import ClipSource, read_index
from vidnas.errors import ClipError
from vidnas.study.experiment.named_clips import FORMS

DOCUMENTS = [
    {"folder": "/v"},
    {"list": "/a.txt", "videos": ["/v", "/w"], "frames": True, "group": 2},
    {"table": "/a.csv", "columns": {"path": "x", "labels": "y"}, "val": "/b.csv"},
]


@pytest.fixture
def folder(tmp_path):
    """Two classes of two clips, last changed a minute ago."""
    for name in ("a/1.mp4", "a/2.mp4", "b/1.mp4", "b/2.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    settle(tmp_path)
    return tmp_path


def settle(folder):
    """Sets the times of all folders to a minute ago."""
    ago = time.time() - 60
    for path in (folder, *folder.iterdir()):
        os.utime(path, (ago, ago))


@pytest.fixture
def readings(monkeypatch):
    """The sources whose class folders were read."""
    found = []
    reader = READERS["folder"]

    def read(path, options, findings):
        found.append(path)
        return reader(path, options, findings)

    monkeypatch.setattr(module, "READERS", {**READERS, "folder": read})
    return found


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_source_is_its_document_and_travels(document):
    source = ClipSource.of(document)
    assert source.to_document() == document
    assert next(iter(source.to_document())) == next(iter(document))
    assert pickle.loads(pickle.dumps(source)) == source
    assert len({source, ClipSource.of(dict(document))}) == 1
    assert ClipSource.of(source) is source


def test_a_path_names_a_folder_or_an_index():
    assert ClipSource.of("/v") == ClipSource("folder", "/v")
    assert ClipSource.of("/v/x.parquet") == ClipSource("index", "/v/x.parquet")
    assert ClipSource.of("/v").named == "/v"
    assert ClipSource.of(DOCUMENTS[1]).named == DOCUMENTS[1]


def test_experiments_and_readers_know_the_same_kinds():
    assert set(FORMS) == set(READERS)


def test_an_unknown_kind_is_told_with_the_nearest():
    with pytest.raises(ClipError, match=r"got `kinetix`\. Did you mean `kinetics`"):
        read_index(ClipSource.of({"kinetix": "/a.csv"}))


def test_an_index_is_read_once_until_a_folder_changes(folder, readings):
    source = ClipSource.of(folder)
    assert read_index(source) is read_index(source)
    assert len(readings) == 1
    (folder / "b" / "3.mp4").write_bytes(b"x")
    assert len(read_index(source).splits["train"]) == 3
    assert len(readings) == 2


def test_what_changed_a_moment_ago_is_read_again(folder, readings):
    (folder / "b" / "3.mp4").write_bytes(b"x")
    source = ClipSource.of(folder)
    read_index(source)
    read_index(source)
    assert len(readings) == 2


def test_an_empty_file_that_was_filled_is_read(folder):
    (folder / "b" / "3.mp4").touch()
    ago = time.time() - 60
    os.utime(folder / "b" / "3.mp4", (ago, ago))
    settle(folder)
    assert [one.reason for one in read_index(ClipSource.of(folder)).left_out] == [
        "empty file"
    ]
    (folder / "b" / "3.mp4").write_bytes(b"x")
    assert read_index(ClipSource.of(folder)).left_out == ()


def test_a_relative_path_is_another_dataset_elsewhere(folder, tmp_path, monkeypatch):
    monkeypatch.chdir(folder.parent)
    source = ClipSource.of(folder.name)
    here = read_index(source)
    other = folder.parent / "other"
    (other / folder.name).mkdir(parents=True)
    monkeypatch.chdir(other)
    with pytest.raises(ClipError, match="must hold videos"):
        read_index(source)
    assert all(entry.path.startswith(str(folder)) for entry in here.splits["train"])
