"""Random edits of spaces: read, or refused in one line, and never anything else.

`VIDNAS_FUZZ=20000 pytest tests/space/language/test_fuzz.py` tries that many.
"""

import os
import re
import signal
from contextlib import contextmanager

import numpy as np
import pytest

from vidnas.costs import cost
from vidnas.errors import InputError
from vidnas.files.loading import load_space

EDITS = int(os.environ.get("VIDNAS_FUZZ", "304"))
PARTS = 4  # tests that share them
SECONDS = 10  # for one document, of which the slowest take a tenth
# Everything that the language has, in few layers.
RICH = """\
schema: vidnas.space/v1
name: rich
choices:
  wide: [0.5, 1.0, 1.5]
  stream: [false, true]
  levels: {from: 1, to: 3}
  form: {options: [3d, 2plus1d], when: not stream}
derived:
  inner_width: round_to(32 * wide, 8)
clip: {frames: [4, 8], resolution: 32 if stream else 40}
causal: stream
convolution: form
stem: {width: {base: 16, multiplier: wide}, kernel: 1x3x3}
stages:
  - name: early
    width: 8 * round_to(wide * 2, 1)
    depth: {from: 1, to: 3, step: 2}
    stride: 2
    kernel: {options: [1x3x3, 3x3x3], per: stage}
    expand: [1.5, 2]
    squeeze_excite: kernel == '3x3x3' and layer > 0
  - name: late
    like: early
    choices: {own: [1, 2]}
    width: {base: 24, multiplier: [0.67, 1.0]}
    depth: max(levels - own, 1)
    temporal_stride: {options: [1, 2], when: not stream}
    kernel: "'5x3x3' if layer == 0 else '1x3x3'"
    expand_width: max(inner_width, 24)
    activation: {options: [relu, swish], per: layer}
head: {width: 32 if wide >= 1 else 24, hidden: [0, 64]}
rules:
  growing: early.width <= late.width
  reach: temporal_reach > 6 or layers > 3
"""
ODD = (
    "", "~", "null", "[]", "{}", "[1, 2]", "[[1], [2]]", "{a: 1}", "true", "-1", "0",
    "1000000", "1e308", "1e999", ".nan", "99999999999999999999999", "ünïcode", "日本",
    "'", '"', "*", "&a", "*a", "!!int x", "!!timestamp x", "? x", "- ", "#", "|", "%",
    "{from: 1, to: 1000000000}", "{from: 1, to: 2, step: 0.000001}", "{options: [1]}",
    "{base: 10, multiplier: [1000000]}", "{options: [1, 2], when: 1 < 2}",
    "9**9**9**9", "1 / 0", "wide / 0", "round8(", "f(x)", "a.b.c", "not", "layer",
    "kernel", "depth", "width * 1000000000", "max(1, 2, 3)", "'1x3x3'", "999x999x999",
    "1x3x3", "[1x3x3, 2x2x2]", "__import__('os')", "lambda: 1", "x" * 600, "(" * 300,
    "{options: [true, false], per: layer}", "\x00", "\u2028", "a: b: c", "[1, swish]",
)  # fmt: skip


def edited(text, rng):
    """The text with one to three random edits."""
    lines = text.splitlines()
    for _ in range(int(rng.integers(1, 4))):
        edit = EDITORS[int(rng.integers(len(EDITORS)))]
        edit(lines, int(rng.integers(len(lines))), rng)
        if not lines:
            break
    return "\n".join(lines) + "\n"


def drop(lines, at, rng):
    del lines[at]


def repeat(lines, at, rng):
    lines.insert(int(rng.integers(len(lines))), lines[at])


def swap(lines, at, rng):
    other = int(rng.integers(len(lines)))
    lines[at], lines[other] = lines[other], lines[at]


def shift(lines, at, rng):
    indented = " " * int(rng.integers(1, 5)) + lines[at]
    lines[at] = indented if rng.integers(2) else lines[at][int(rng.integers(1, 4)) :]


def renumber(lines, at, rng):
    numbers = ("0", "-3", "1", "7", "0.3", "1e9", "4096", "1000000", str(2**70))
    lines[at] = once(r"\d+(\.\d+)?", numbers, lines[at], rng)


def reword(lines, at, rng):
    words = re.findall(r"[a-z_]{3,}", "\n".join(lines)) or ["x"]
    lines[at] = once(r"[a-z_]{3,}", words, lines[at], rng)


def replace_value(lines, at, rng):
    head, colon, _ = lines[at].partition(":")
    lines[at] = f"{head}{colon} {ODD[int(rng.integers(len(ODD)))]}"


def replace_inside(lines, at, rng):
    lines[at] = once(r"[\w.]+(?=[\],}])", ODD, lines[at], rng)


def flip_character(lines, at, rng):
    line, place = lines[at], int(rng.integers(len(lines[at]) + 1))
    odd = "[]{}:,-#'\"é\t&*!|>%@`0a"
    lines[at] = line[:place] + odd[int(rng.integers(len(odd)))] + line[place + 1 :]


def once(pattern, words, line, rng):
    """One match of the pattern replaced by one of the words."""
    found = list(re.finditer(pattern, line))
    if not found:
        return line
    one = found[int(rng.integers(len(found)))]
    return (
        line[: one.start()] + words[int(rng.integers(len(words)))] + line[one.end() :]
    )


EDITORS = (
    drop,
    repeat,
    swap,
    shift,
    renumber,
    renumber,
    reword,
    reword,
    replace_value,
    replace_value,
    replace_inside,
    flip_character,
)


@contextmanager
def bounded(text):
    """Fails where reading takes longer than any document may."""

    def stop(*_):
        pytest.fail(f"no answer in {SECONDS} s for:\n{text}")

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_an_edited_space_is_read_or_refused_in_one_line(part, root, write):
    # The sizes A1 to A5 are A2 in other numbers.
    files = sorted((root / "search_spaces").glob("*[!1345].yaml"))
    texts = [RICH, RICH, RICH, RICH, *(f.read_text(encoding="utf-8") for f in files)]
    outcomes = set()
    for number in range(part, EDITS, PARTS):
        rng = np.random.default_rng([number, 20261122])
        text = edited(texts[number % len(texts)], rng)
        path = write(text)
        with bounded(text):
            outcomes.add(outcome(path, text, rng))
    assert outcomes == {"read", "refused"}


def outcome(path, text, rng):
    try:
        space = load_space(path)
        priced = cost(space.decode(space.sample(rng)), classes=8)
    except InputError as wrong:
        said = str(wrong)
        assert len(said.splitlines()) == 1, said
        assert said.endswith((".", "?")), said
        assert len(said) < 1500, said
        return "refused"
    except Exception as wrong:
        raise AssertionError(
            f"{type(wrong).__name__}: {wrong}, for:\n{text}"
        ) from wrong
    assert priced.flops >= 0
    return "read"


def test_the_space_that_has_everything_is_one(write):
    space = load_space(write(RICH))
    assert load_space(write(RICH)).space_hash == space.space_hash
    assert space.count() > 10_000
