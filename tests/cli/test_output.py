"""Cells of CSV are what they say, to a spreadsheet and to a terminal."""

import csv
import io

import pytest

from vidnas.cli.output import say_csv


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=cmd|' /C calc'!A0", "'=cmd|' /C calc'!A0"),
        ("+1+1", "'+1+1"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1", "'  =1"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("\t=1", r"\x09=1"),
        ("\r=1", r"\x0d=1"),
        ("\x1b[2J", r"\x1b[2J"),
        ("two\nlines", r"two\x0alines"),
        # Numbers stay numbers, as values and as texts.
        (-1.5, "-1.5"),
        (-3, "-3"),
        ("-1.5", "-1.5"),
        ("+2e6", "+2e6"),
        ("movinet-a0", "movinet-a0"),
        ('a "b", c', 'a "b", c'),
        (None, ""),
        (False, "False"),
    ],
    ids=repr,
)
def test_no_cell_is_a_formula_and_none_is_hidden(value, cell, capsys):
    say_csv(["name", "top1"], [{"name": value, "top1": 50.0, "beside": 1}])
    out = capsys.readouterr().out
    assert list(csv.reader(io.StringIO(out))) == [["name", "top1"], [cell, "50.0"]]
