import pytest

from vidnas.documents.visible_text import name_fault, spelled_out, visible


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("\x1b[2Jgone", r"\x1b[2Jgone"),
        ("two\nlines\r\tand a tab", r"two\x0alines\x0d\x09and a tab"),
        ("nul\x00 bell\x07 del\x7f", r"nul\x00 bell\x07 del\x7f"),
        ("c1 \x9b", r"c1 \x9b"),
        ("evil\u202egpj.exe", r"evil\u202egpj.exe"),
        ("\u2066a\u2069 \u200b \ufeff", r"\u2066a\u2069 \u200b \ufeff"),
        ("line\u2028 paragraph\u2029", r"line\u2028 paragraph\u2029"),
        ("a byte \udcff of a file", r"a byte \xff of a file"),
        ("\ud800 alone", r"\ud800 alone"),
        ("no character \ufffe \uffff \U0001ffff", None),
    ],
)
def test_what_nobody_sees_is_spelled(hidden, shown):
    seen = visible(hidden, keep="")
    assert seen.encode("utf-8")
    assert seen.isprintable()
    if shown is not None:
        assert seen == shown


@pytest.mark.parametrize(
    "text",
    [
        "left",
        "<b>&amp;</b>",
        "Öl, 滑步, наклон",
        "a\u00a0b",
        "می\u200cروم",
        "👩\u200d🚀",
        "",
    ],
)
def test_what_people_see_stays_as_it_is(text):
    assert visible(text) == text
    assert visible(text, keep="") == text


def test_a_text_of_several_lines_keeps_them():
    assert visible("a\n\tb\x1b[0m") == "a\n\tb\\x1b[0m"


def test_what_the_eye_may_miss_is_spelled_out():
    assert spelled_out("caf\u00e9 ") == r"caf\xe9 "
    assert spelled_out("cafe\u0301\u00a0") == r"cafe\u0301\xa0"


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("quick start-2", ""),
        ("öl", ""),
        ("a\x1b[2J", "must be without control characters"),
        ("a\u200b", "must be without control characters"),
        ("../../x", "must be a name and no path"),
        (" x", "must not begin or end with a blank"),
        ("--", "must have a letter or digit"),
        ("x" * 101, "at most 100 characters"),
    ],
)
def test_a_name_is_no_path_and_hides_nothing(name, fault):
    assert (fault in name_fault(name)) if fault else (name_fault(name) == "")
