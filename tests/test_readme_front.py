"""README's table and its picture are of one study."""

import re
import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def script():
    return runpy.run_path(str(ROOT / "benchmarks" / "readme_front.py"), run_name="read")


def test_the_table_and_the_picture_show_the_same_networks(script):
    shown = script["SHOWN"].findall((ROOT / "README.md").read_text(encoding="utf-8"))
    assert len(shown) == 1
    front = shown[0].split("\nfront ")[1].split("\nhypervolume")[0]
    table = re.findall(r" ([0-9a-f]{16})$", front, re.MULTILINE)
    picture = script["text_of"]((ROOT / "docs" / "front.png").read_bytes()).split()
    assert len(table) > 3
    assert table == picture
    (best,) = re.findall(r"^best +([0-9.]+) %", shown[0], re.MULTILINE)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert script["BEST"].findall(text) == [best]


def test_a_picture_says_what_was_written_into_it(script):
    png = (ROOT / "docs" / "front.png").read_bytes()
    assert script["text_of"](script["SIGNATURE"]) == ""
    more = script["with_text"](png.replace(b"front\0", b"other\0"), "a b")
    assert script["text_of"](more) == "a b"
