"""A damaged file is one line with its name, whatever was done to it."""

import copy
import json
from pathlib import Path

import pytest

from vidnas.errors import InputError
from vidnas.files.loading import (
    load_architecture,
    load_latency,
    load_table,
)
from vidnas.files.yaml_file import dump_document, load_document

BEFORE = Path(__file__).parents[1] / "golden" / "before"
GONE = object()
WRONG = (GONE, None, -1, "x", 1e300, True, [], [1], {"x": 1})


def places(value, path=()):
    """Keys that lead to every value, of the first two of each list."""
    if path:
        yield path
    keys = value if isinstance(value, dict) else ()
    if isinstance(value, list):
        keys = range(min(len(value), 2))
    for key in keys:
        yield from places(value[key], (*path, key))


def doctored(document):
    for n, path in enumerate(places(document)):
        for wrong in WRONG[n % len(WRONG) :: 4]:
            changed = copy.deepcopy(document)
            place = changed
            for key in path[:-1]:
                place = place[key]
            if wrong is GONE:
                del place[path[-1]]
            else:
                place[path[-1]] = wrong
            yield changed


def refused(use, path):
    """Whether a file is refused; then in one line that names it."""
    try:
        use(path)
    except InputError as wrong:
        text = str(wrong)
        if "\n" in text or str(path) not in text:
            raise AssertionError(text) from wrong
        return True
    return False


def test_a_changed_latency_table_is_read_or_refused(tmp_path):
    table = json.loads((BEFORE / "latency.json").read_text())
    table["operators"], table["networks"] = table["operators"][:2], []
    path, times = tmp_path / "table.json", 0
    for changed in doctored(table):
        path.write_text(json.dumps(changed))
        times += refused(load_latency, path)
    assert times > 20


def test_a_changed_family_file_is_read_or_refused(tmp_path):
    family = load_document(BEFORE / "ladder" / "family" / "a3.yaml").value
    path, times = tmp_path / "a3.yaml", 0
    for changed in doctored(family):
        path.write_text(dump_document(changed))
        times += refused(lambda path: load_architecture(str(path)), path)
    assert times > 30


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x00" * 30, b"[", b"[" * 1200, b"\xff\xfe", b"3", b"null", b'"x"'],
    ids=["empty", "zeros", "half", "deep", "no text", "number", "null", "text"],
)
def test_rubbish_is_refused_in_one_line(tmp_path, raw):
    path = tmp_path / "file.yaml"
    path.write_bytes(raw)
    assert refused(load_table, path)
    assert refused(lambda path: load_architecture(str(path)), path)
