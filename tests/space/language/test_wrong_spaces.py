"""Wrong spaces, each with the one line that it is answered with.

`wrong_spaces.txt` holds them: a document behind `===`, then what is edited in it. `-`
is what stands there, `+` what is written instead, and then comes the answer: the line,
or `-` where none is known, and the message.
"""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from vidnas.errors import SpaceError
from vidnas.files.loading import load_space


class Wrong(NamedTuple):
    text: str
    answer: str


def read_wrong(text):
    """By name of its document and what is wrong."""
    found = {}
    for section in re.split(r"^=== ", text, flags=re.M)[1:]:
        title, _, rest = section.partition("\n")
        document, *edits = re.split(r"^# ", rest, flags=re.M)
        document = document.rstrip("\n") + "\n"
        for edit in edits:
            name, *lines, answer = edit.rstrip("\n").split("\n")
            right, wrong = (
                "".join(f"{said[2:]}\n" for said in lines if said.startswith(sign))
                for sign in ("- ", "+ ")
            )
            assert document.count(right) == 1, name
            wrong_text = document.replace(right, wrong)
            found[f"{title}: {name}"] = Wrong(wrong_text, answer)
    return found


TABLE = Path(__file__).with_name("wrong_spaces.txt").read_text(encoding="utf-8")
WRONG = read_wrong(TABLE)
_, TINY, RICH = re.split(r"^=== \w+\n", TABLE, flags=re.M)
TINY, RICH = (part.split("\n# ")[0] for part in (TINY, RICH))
LONG = {
    "nested too deep": (
        "    depth: cells",
        f"    depth: {'[' * 800}{']' * 800}",
        "- nests too deeply to be read.",
    ),
    "an expression too long": (
        "  inside: 16 * wide + 8",
        f"  inside: wide{' + 1' * 200}",
        "9: An expression must have at most 500 characters, got 804.",
    ),
    "an expression too deep": (
        "  inside: 16 * wide + 8",
        f"  inside: {'(' * 240}wide{')' * 240}",
        f"9: `{'(' * 77}...` must be an expression such as `round8(24 * width)`: too "
        "many nested parentheses.",
    ),
    "a word too long": (
        "name: rich",
        f"name: rich\nactivation: {'x' * 99}",
        "3: `activation` must be one of swish, hard_swish, relu, relu6, got "
        f"`{'x' * 57}...`.",
    ),
    "a number of more digits than are read": (
        "resolution: 32}",
        f"resolution: {'9' * 5000}}}",
        "- is not valid YAML: a value does not fit its tag.",
    ),
    "a depth of too many combinations": (
        "    depth: cells",
        f"    choices: {{{', '.join(f'c{n}: [0, 1]' for n in range(13))}}}\n"
        f"    depth: 1 + {' + '.join(f'c{n}' for n in range(13))}",
        "18: `stages[0].depth` must depend on choices of at most 4096 combinations, "
        "got 8192.",
    ),
    "more layers than a space may have": (
        "  - like: early\n    name: late\n",
        "  - {like: early, depth: 200}\n" * 11 + "  - like: early\n    name: late\n",
        "30: A space must have at most 2000 layers, got 2002 up to this stage.",
    ),
    "aliases of aliases": (
        "name: rich",
        "name: rich\na: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
        + "".join(f"b{n}: &a{n + 1} [{f'*a{n}, ' * 9}*a{n}]\n" for n in range(9)),
        "- must hold at most 100000 values, it holds more.",
    ),
}


def refusal(text, write):
    path = write(text)
    with pytest.raises(SpaceError) as refused:
        load_space(path)
    said = str(refused.value)
    assert said.startswith(str(path))
    return said.removeprefix(str(path))


def shown(answer):
    line, message = re.fullmatch(r"(-|[0-9]+)(:? .*)", answer).groups()
    return message if line == "-" else f", line {line}{message}"


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_space_is_refused_on_its_line(name, write):
    wrong = WRONG[name]
    assert refusal(wrong.text, write) == shown(wrong.answer)


@pytest.mark.parametrize("name", LONG)
def test_a_space_too_large_is_refused_at_once(name, write):
    right, wrong, answer = LONG[name]
    assert RICH.count(right) == 1
    assert refusal(RICH.replace(right, wrong), write) == shown(answer)


@pytest.mark.parametrize("document", [TINY, RICH])
def test_what_the_wrong_ones_are_made_from_is_right(document, write):
    assert load_space(write(document)).count() > 100


def test_there_are_many_and_no_two_are_the_same():
    assert len(WRONG) + len(LONG) >= 60
    assert len({wrong.text for wrong in WRONG.values()}) == len(WRONG)
