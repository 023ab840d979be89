import pytest

from vidnas.documents.visible_text import visible


@pytest.mark.parametrize(
    ("hidden", "shown"),
    [
        ("\x1b[2Jgone", r"\x1b[2Jgone"),
        ("two\nlines\r\tand a tab", r"two\nlines\r\tand a tab"),
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
    seen = visible(hidden)
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
