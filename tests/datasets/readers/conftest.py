"""Small datasets laid out as the real ones; any file that is not empty is a video."""

from pathlib import Path

import pytest

from vidnas.datasets.source import ClipSource, read_index


@pytest.fixture
def write(tmp_path):
    """Writes files by name, text or bytes."""

    def write_all(files):
        for name, content in files.items():
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            raw = content if isinstance(content, bytes) else content.encode()
            file.write_bytes(raw)
        return tmp_path

    return write_all


@pytest.fixture
def videos(write):
    """Writes videos of these names."""

    def make(*names):
        return write(dict.fromkeys(names, b"video"))

    return make


@pytest.fixture
def read(tmp_path):
    """Reads a dataset whose paths are relative to the test's folder."""

    def read_source(**words):
        document = {
            key: str(tmp_path / value) if key in PATHS else value
            for key, value in words.items()
            if value is not None
        }
        return read_index(ClipSource.of(document))

    return read_source


PATHS = {
    "folder", "list", "kinetics", "ucf101", "hmdb51", "something", "charades",
    "moments", "table", "tfrecord", "index", "val", "test", "videos", "classes",
    "replacement",
}  # fmt: skip


@pytest.fixture
def rows(tmp_path):
    """Every entry of an index: split, path, labels, start, end, group and id."""

    def rows_of(index):
        return [
            (
                entry.split,
                str(Path(entry.path).relative_to(tmp_path)),
                *(index.classes[label] for label in entry.labels),
                *((entry.start, entry.end) if entry.end is not None else ()),
                *([f"group {entry.group}"] if entry.group else []),
                entry.id,
            )
            for entries in index.splits.values()
            for entry in entries
        ]

    return rows_of


@pytest.fixture
def left_out(tmp_path):
    """What an index left out: number and example by reason."""

    def left_out_of(index):
        place = f"{tmp_path}/"
        return {
            one.reason: (one.count, one.example.removeprefix(place))
            for one in index.left_out
        }

    return left_out_of
