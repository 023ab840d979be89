"""Files of the same content, within a split and across."""

import pytest

from vidnas.clips.duplicates import find_duplicates, same_content
from vidnas.datasets.index import ClipEntry


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        return str(path)

    return write


def entry(path, split="train", label=0, name="", **part):
    return ClipEntry(path, (label,), split=split, id=name or path[-1], **part)


def told(entries):
    return {
        entries[n].id: (found.kind, found.words)
        for n, found in find_duplicates(entries).items()
    }


def test_only_equal_bytes_are_the_same_content(write):
    big = bytes(2**16)
    a, b = write("a", big + b"tail"), write("b", big + b"tail")
    other_end, other_start = write("c", big + b"TAIL"), write("d", b"x" + big + b"tai")
    shorter = write("e", big)
    paths = [a, other_end, other_start, shorter, b, a]
    assert same_content(paths) == [(a, b)]


def test_empty_missing_and_folders_are_in_no_group(write, tmp_path):
    nothing = [write("a", b""), write("b", b""), str(tmp_path), f"{tmp_path}/gone"]
    assert same_content(nothing) == []


def test_a_copy_in_training_of_what_measures_is_a_leak(write):
    a, b = write("a", b"same"), write("b", b"same")
    assert told([entry(a), entry(b, "val")]) == {
        "a": ("leak", "same content as b in `val`")
    }
    assert told([entry(a), entry(b, "test", 1)]) == {
        "a": ("leak", "same content as b in `test`, which is of another class")
    }


def test_copies_on_one_side_are_duplicates_of_the_first(write):
    a, b, c = (write(name, b"same") for name in "abc")
    assert told([entry(a), entry(b), entry(c)]) == {
        "b": ("duplicate", "same content as a in `train`"),
        "c": ("duplicate", "same content as a in `train`"),
    }
    # Of two that measure neither is a training clip.
    assert told([entry(a, "val"), entry(b, "test")])["b"][0] == "duplicate"


def test_parts_of_one_video_are_the_same_where_they_are_seen_twice(write):
    a = write("a", b"video")
    first = entry(a, name="first", start=0.0, end=4.0)
    apart = entry(a, "val", name="apart", start=4.0, end=8.0)
    across = entry(a, "val", name="across", start=3.0, end=6.0)
    beside = entry(a, name="beside", start=2.0, end=4.0)
    again = entry(a, name="again", start=0.0, end=4.0)
    assert told([first, apart]) == {}
    assert told([first, across])["first"][0] == "leak"
    assert told([first, beside]) == {}
    assert told([first, again])["again"][0] == "duplicate"
    # The end of a video is not known here.
    assert told([entry(a, name="all"), apart])["all"][0] == "leak"


def test_a_file_of_two_classes_contradicts_itself_and_a_link_does_too(write, tmp_path):
    a = write("a", b"same")
    (tmp_path / "b").symlink_to(a)
    words = "same content as a in `train`, which is of another class"
    linked = entry(str(tmp_path / "b"), "train", 1)
    assert told([entry(a), linked]) == {"b": ("contradiction", words)}
    # Two actions of one video at one time are no contradiction.
    both = entry(a, "train", 1, name="again", start=0.0, end=1.0)
    assert told([entry(a, start=0.0, end=1.0), both]) == {"again": ("duplicate", words)}
