import os
from pathlib import Path

import fsspec
import numpy as np
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from vidnas.datasets import store
from vidnas.errors import ClipError


@pytest.fixture(autouse=True)
def node(tmp_path, monkeypatch):
    monkeypatch.setenv("VIDNAS_NODE_FOLDER", str(tmp_path / "node"))
    monkeypatch.setattr(store, "PAUSE_SECONDS", 0.0)
    store.forget_versions()
    memory = fsspec.filesystem("memory")
    memory.store.clear()
    yield memory
    memory.store.clear()
    store.forget_versions()


@pytest.mark.parametrize(
    "path", ["s3://bucket/a.mp4", "gs://b/c", "memory://a/b.mp4", "file:///a/b.mp4"]
)
def test_an_address_names_a_protocol(path):
    assert store.is_address(path)


@pytest.mark.parametrize(
    "path",
    ["rec12:30/a.mp4", "http:x/a.mp4", "concat:x", "/a/b.mp4", "C:/a", "nosuch://a/b"],
)
def test_a_colon_in_a_name_makes_no_address(path):
    assert not store.is_address(path)
    assert store.local_copy(path) == Path(path)


def test_a_remote_file_is_copied_once(node, monkeypatch):
    node.pipe("/clips/a b.mp4", b"pixels")
    copy = store.local_copy("memory://clips/a b.mp4")
    assert copy.read_bytes() == b"pixels"
    assert copy.suffix == ".mp4"
    monkeypatch.setattr(store, "_fetch", lambda *a: pytest.fail("copied again"))
    assert store.local_copy("memory://clips/a b.mp4") == copy


def test_a_file_that_changed_is_another_copy(node):
    node.pipe("/a.mp4", b"old")
    old = store.local_copy("memory://a.mp4")
    node.pipe("/a.mp4", b"newer")
    store.forget_versions()
    assert store.local_copy("memory://a.mp4").read_bytes() == b"newer"
    assert old.read_bytes() == b"old"
    assert store.file_version("memory://a.mp4")[1] == 5


def test_a_file_address_is_the_file_itself(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"x")
    assert store.local_copy(f"file://{tmp_path}/a.mp4") == tmp_path / "a.mp4"


def test_the_copies_used_longest_ago_go_first(node, monkeypatch):
    monkeypatch.setattr(store, "LIMIT_BYTES", 25)
    copies = []
    for n in range(2):
        node.pipe(f"/{n}.mp4", b"x" * 10)
        copies.append(store.local_copy(f"memory://{n}.mp4"))
        os.utime(copies[-1], (n + 1, n + 1))
    store.local_copy("memory://0.mp4")
    node.pipe("/2.mp4", b"x" * 10)
    store.local_copy("memory://2.mp4")
    assert copies[0].exists()
    assert not copies[1].exists()
    node.pipe("/3.mp4", b"x" * 30)
    with pytest.raises(
        ClipError, match=r"room for a copy of memory://3.mp4 \(30 bytes"
    ):
        store.local_copy("memory://3.mp4")


def test_an_absent_file_is_named_at_once(node):
    with pytest.raises(ClipError, match=r"a file that is there, got .*gone.mp4"):
        store.local_copy("memory://gone.mp4")
    with pytest.raises(ClipError, match=r"a file that is there, got .*gone.mp4"):
        store.file_version("/gone.mp4")


@pytest.mark.parametrize(("failures", "works"), [(2, True), (3, False)])
def test_a_store_that_fails_now_and_then_is_asked_again(
    node, monkeypatch, failures, works
):
    node.pipe("/a.mp4", b"pixels")
    whole, asked = MemoryFileSystem.get_file, []

    def get_file(self, *given, **options):
        asked.append(given)
        if len(asked) <= failures:
            Path(given[1]).write_bytes(b"pix")  # the line broke half-way
            raise TimeoutError("the store\nwas slow")
        return whole(self, *given, **options)

    monkeypatch.setattr(MemoryFileSystem, "get_file", get_file)
    if works:
        assert store.local_copy("memory://a.mp4").read_bytes() == b"pixels"
        return
    with pytest.raises(ClipError) as told:
        store.local_copy("memory://a.mp4")
    assert str(told.value) == (
        "A clip must be readable in its store, got the store was slow: memory://a.mp4."
    )
    folder = Path(os.environ["VIDNAS_NODE_FOLDER"]) / "copies"
    assert not [p for p in folder.iterdir() if not p.name.startswith(".lock")]


def test_a_copy_that_came_short_is_not_kept(node, monkeypatch):
    node.pipe("/a.mp4", b"pixels")
    monkeypatch.setattr(
        MemoryFileSystem,
        "get_file",
        lambda self, there, here, **o: Path(here).write_bytes(b"pix"),
    )
    with pytest.raises(ClipError, match="3 of 6 bytes came"):
        store.local_copy("memory://a.mp4")


def test_a_library_that_is_missing_is_named(monkeypatch):
    def absent(name):
        if name == "fsspec":
            raise ImportError("Please install s3fs to access S3")
        return __import__(name, fromlist=["x"])

    monkeypatch.setattr(store, "import_module", absent)
    with pytest.raises(ClipError, match="not installed: Please install s3fs"):
        store.local_copy("s3://bucket/a.mp4")


def test_without_a_node_folder_copies_are_of_the_process(node, monkeypatch):
    monkeypatch.setenv("VIDNAS_NODE_FOLDER", "off")
    node.pipe("/a.mp4", np.arange(9, dtype=np.uint8).tobytes())
    assert store.local_copy("memory://a.mp4").stat().st_size == 9
