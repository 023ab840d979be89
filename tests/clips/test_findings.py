"""Kinds of findings, counted and put into words."""

from vidnas.clips.findings import (
    KINDS,
    Finding,
    count_kinds,
    faults,
    found_facts,
    kind_lines,
    kind_text,
)
from vidnas.datasets.index import LeftOut

FOUND = [
    *(Finding("short", f"b/{n}.mp4", "0.5 s of 2.0 s") for n in range(5)),
    Finding("still_broken", "a/x.mp4", "0 of 16 frames can be decoded"),
    Finding("duplicate", "b/0.mp4", "same content as a/0.mp4"),
]


def test_kinds_are_counted_the_worst_first():
    assert count_kinds(FOUND) == {"still_broken": 1, "short": 5, "duplicate": 1}
    assert list(count_kinds(FOUND)) == ["still_broken", "short", "duplicate"]
    assert count_kinds([]) == {}


def test_a_line_has_the_number_the_words_and_the_first_names():
    assert kind_lines(faults(FOUND), window="16 frames") == [
        "1 still because its file is broken (a/x.mp4)",
        "5 shorter than the window of 16 frames (first: b/0.mp4, b/1.mp4, b/2.mp4)",
    ]


def test_one_and_several_are_said_differently():
    assert kind_text("still_broken", 3) == "3 still because their file is broken"
    assert kind_text("leak", 1) == "1 training clip that validation holds too"
    assert kind_text("leak", 2) == "2 training clips that validation holds too"
    assert kind_text("short", 2) == "2 shorter than the window"


def test_a_kind_of_a_later_version_is_told_by_its_name():
    assert kind_text("upside_down", 2) == "2 upside down"


def test_facts_of_a_journal_have_words_that_stand_without_this_version():
    assert found_facts(FOUND[:2], "8 frames") == [
        {
            "kind": "short",
            "clips": 2,
            "words": "shorter than the window of 8 frames",
        }
    ]
    assert found_facts([], left_out=[LeftOut("empty file", 3, "a/x.mp4")]) == [
        {"kind": "left_out", "clips": 3, "words": "left out (empty file)"}
    ]


def test_what_teaches_nothing_is_a_fault():
    assert all(kind.is_fault for kind in KINDS.values() if kind.is_bad)
