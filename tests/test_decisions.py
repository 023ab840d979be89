"""`DECISIONS.md` must stay findable: numbers, index, five lines, live references."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "DECISIONS.md").read_text(encoding="utf-8")
INDEX = re.findall(r"^- \[D(\d+) (.+)\]\(#(.+)\)$", TEXT, re.MULTILINE)
ENTRIES = [
    (int(number), title, body.strip().splitlines())
    for number, title, body in re.findall(
        r"^## D(\d+) ([^\n]+)\n(.*?)(?=^#|\Z)", TEXT, re.MULTILINE | re.DOTALL
    )
]
WIDTH = 105  # characters of a line
# `D17`, but neither `R3D18` nor a rule of Ruff in quotes.
REFERENCE = re.compile(r"(?<![\w\"-])D([1-9]\d*)\b")


def anchor(heading: str) -> str:
    """The link that GitHub makes of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def referring() -> list[Path]:
    """Everything that may refer to a decision."""
    pages = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "pyproject.toml"]
    folders = ("vidnas", "tests", "benchmarks", "search_spaces", "experiments")
    code = [
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".yaml")
    ]
    return sorted(pages + code)


def test_every_heading_has_a_number():
    headings = re.findall(r"^##+ (.+)$", TEXT, re.MULTILINE)
    assert headings == [f"D{number} {title}" for number, title, _ in ENTRIES]


def test_numbers_rise():
    numbers = [number for number, _, _ in ENTRIES]
    assert len(numbers) > 70
    assert numbers == sorted(set(numbers))


def test_the_index_lists_every_decision_once_in_order_with_a_link():
    listed = [(int(number), title) for number, title, _ in INDEX]
    assert listed == [(number, title) for number, title, _ in ENTRIES]
    for number, title, target in INDEX:
        assert target == anchor(f"D{number} {title}")


@pytest.mark.parametrize(
    ("title", "lines"),
    [(title, lines) for _, title, lines in ENTRIES],
    ids=[f"D{number}" for number, _, _ in ENTRIES],
)
def test_a_decision_takes_five_lines(title, lines):
    assert title.endswith("?")
    assert len(lines) == 5
    assert re.fullmatch(r"\*\*\d{4}-\d\d-\d\d\.\*\*", lines[0])
    # What would reverse it ends the entry.
    assert "Reversed" in " ".join(lines[3:])
    assert max(len(line) for line in lines) <= WIDTH


def test_decisions_name_no_source_file():
    assert [title for _, title, lines in ENTRIES if ".py" in title + str(lines)] == []


def test_every_decision_that_is_referred_to_exists():
    known = {number for number, _, _ in ENTRIES}
    me = Path(__file__)
    wrong = [
        f"{path.relative_to(ROOT)}: D{number}"
        for path in referring()
        if path != me
        for number in REFERENCE.findall(path.read_text(encoding="utf-8"))
        if int(number) not in known
    ]
    assert wrong == []
