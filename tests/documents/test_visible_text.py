import json

import pytest

from vidnas.documents.visible_text import name_fault, spelled_out, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("caf\u00e9 \u6f22\u5b57 \U0001f600", "caf\u00e9 \u6f22\u5b57 \U0001f600"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("\x9b31m\x7f\x00\r", "\\x9b31m\\x7f\\x00\\x0d"),
        ("a\u202eb\u2066c\u200f", "a\\u202eb\\u2066c\\u200f"),
        ("a\u2028b", "a\\u2028b"),
        ("bad\udcff", "bad\\xff"),
        ("two\nlines\tand tabs", "two\nlines\tand tabs"),
    ],
)
def test_what_controls_a_terminal_is_spelled(text, shown):
    assert visible(text) == shown


def test_a_line_of_its_own_is_only_begun_where_that_is_meant():
    assert visible("a\nerror: b", keep="") == "a\\x0aerror: b"


def test_what_the_eye_misses_is_spelled_out():
    assert spelled_out("cafe\u0301") == "cafe\\u0301"
    assert spelled_out("caf\u00e9\u00a0") == "caf\\xe9\\xa0"


@pytest.mark.parametrize("name", ["x", "my search 2", "a.b_c-d", "caf\u00e9", "\u6f22"])
def test_a_name_may_be_any_word(name):
    assert name_fault(name) == ""


@pytest.mark.parametrize(
    "name",
    [
        *("../../x", ".", "..", "/abs", "a/b", "a\\b", ".hidden", " x", "x ", "-"),
        *("a\x1b[0m", "a\nb", "a\u202eb", "a\x00", "\x7f", "x" * 101),
    ],
    ids=json.dumps,
)
def test_a_name_is_no_path_and_holds_no_controls(name):
    assert name_fault(name)
