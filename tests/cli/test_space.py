"""`vidnas space`: a space said as a tree, drawn as a page, compared with another."""

import json
import textwrap

TIED = """
schema: vidnas.space/v1
name: tied
choices:
  scale: [0.5, 1.0, 2.0]
  form: {options: [3d, 2plus1d], when: causal}
causal: [false, true]
convolution: form
clip: {frames: 4, resolution: [16, 24]}
stem: {width: {base: 16, multiplier: scale}}
stages:
  - name: early
    width: {base: 16, multiplier: scale}
    depth: {from: 1, to: 3}
    stride: 2
    kernel: [1x3x3, 3x3x3]
    expand: [1.0, 2.0]
  - {like: early, name: late, width: {base: 32, multiplier: scale}}
head: {width: 16, hidden: 16}
rules:
  deepens: early.depth <= late.depth
"""


def written(folder, name, text):
    (folder / name).write_text(textwrap.dedent(text))
    return name


def test_a_space_is_shown_as_a_tree_with_ties_rules_and_its_exact_size(folder, vidnas):
    name = written(folder, "tied.yaml", TIED)
    code, out, _ = vidnas("space", "show", name, "--classes", "8")
    assert code == 0
    # 3 scales x (1 + 2 forms) x 2 sizes x depths d <= e with 4^d x 4^e lists of layers:
    # 4 x (4 + 16 + 64) + 16 x (16 + 64) + 64 x 64
    layers = 4 * 84 + 16 * 80 + 64 * 64
    assert f"candidates  {3 * 3 * 2 * layers:,} different" in out
    said = " ".join(out.split())
    assert "form 3d, 2plus1d when causal" in said
    assert "layer 0 to 2 while below the depth kernel 1x3x3, 3x3x3" in said
    assert "tied scale stem.width, early.width, late.width" in said
    assert "rules deepens early.depth <= late.depth" in said
    shares = [float(line.split()[-3]) for line in out.splitlines() if "#" in line]
    assert 99.0 < sum(shares) <= 100.5


def test_a_size_that_cannot_be_counted_is_estimated_with_its_interval(folder, vidnas):
    rules = "  deepens: early.depth <= late.depth\n  sees: temporal_reach >= 5"
    text = TIED.replace("  deepens: early.depth <= late.depth", rules)
    name = written(folder, "tied.yaml", text)
    _, out, _ = vidnas("space", "show", name, "--json")
    facts = json.loads(out)
    low, high = facts["candidates_interval"]
    assert not facts["exact"]
    assert low < facts["candidates"] < high
    # Two of at least two layers look along time: fewer than all, more than a half.
    assert 0.5 * 102_816 < facts["candidates"] < 102_816
    _, out, _ = vidnas("space", "show", name)
    assert "sees     temporal_reach >= 5  (estimated)" in out


ROUNDED = """\
schema: vidnas.space/v1
name: rounded
choices: {a: {from: 0, to: 5}, wide: [0.9, 1.0, 2.0]}
clip: {frames: 4, resolution: 16}
stem: {width: {base: 16, multiplier: [0.5, 0.9, 1.0]}}
stages:
  - {width: 8 * (1 + a), depth: 1, kernel: [1x3x3, 3x1x1], expand: 1}
  - width: {base: 16, multiplier: [1, 2]}
    depth: 1
    kernel: 1x3x3
    expand: [1.4, 1.5, 3]
head: {width: round8(16 * wide), hidden: 8}
rules:
  short: a * 0.1 <= 0.3
  always: a >= 0
  sees: temporal_reach > 1
"""


def test_what_was_merged_and_what_rules_leave_out_is_said(folder, vidnas):
    name = written(folder, "rounded.yaml", ROUNDED)
    _, out, _ = vidnas("space", "show", name, "--json")
    facts = json.loads(out)
    # 2 of 6 a are left out, times 3 wide, 2 stems, 2 kernels, 2 widths, 2 expansions.
    left_out = {"short": str(2 * 3 * 2**4), "always": "0"}
    assert facts["left_out"].items() >= left_out.items()
    share = float(facts["left_out"]["sees"].removeprefix("about ").removesuffix(" %"))
    assert 47 < share < 53  # one of two kernels looks along time
    assert facts["merged"] == {
        "stem.width": "0.9, 1 -> 16",
        "stage2.expand": "1.4, 1.5 -> 24",
        "wide": "0.9, 1.0 the same networks, counted apart",
    }
    _, out, _ = vidnas("space", "show", name)
    said = " ".join(out.split())
    assert "left out by each rule short 96 always 0 sees about" in said
    assert "options that round together stem.width 0.9, 1 -> 16 stage2.expand" in said


def test_a_space_is_drawn_on_one_page(folder, vidnas):
    code, out, err = vidnas("space", "show", "space.yaml", "--html", "space.html")
    page = (folder / "space.html").read_text()
    assert (code, out, err) == (0, "", "wrote space.html\n")
    assert page.startswith("<!DOCTYPE html>")
    assert "while below the depth" in page
    assert "<svg" in page


def test_a_difference_is_said_place_by_place(folder, vidnas):
    other = (
        (folder / "space.yaml").read_text().replace("[1.0, 2.0, 3.0]}", "[1.0, 4.0]}")
    )
    other = other.replace("depth: [1, 2]", "depth: [1, 2, 3]") + "causal: true\n"
    written(folder, "other.yaml", other)
    code, out, _ = vidnas("space", "diff", "space.yaml", "other.yaml")
    assert code == 0
    assert "  stages[0].width.multiplier: 4.0 added, 2.0, 3.0 gone\n" in out
    assert "  stages[0].depth: 3 added\n" in out
    assert "  causal: new, True" in out
    _, out, _ = vidnas("space", "diff", "space.yaml", "space.yaml")
    assert "the same candidates" in out


def test_trials_by_value_survive_added_options(study, folder, vidnas):
    text = (folder / "space.yaml").read_text()
    written(
        folder, "more.yaml", text.replace("[1x3x3, 3x3x3]", "[5x3x3, 1x3x3, 3x3x3]")
    )
    written(folder, "less.yaml", text.replace("[1x3x3, 3x3x3]", "[1x3x3]"))
    _, out, _ = vidnas("space", "diff", "space.yaml", "more.yaml", "--study", study)
    assert f"16 of 16 trials of {study} stay valid" in out
    _, out, _ = vidnas(
        "space", "diff", "space.yaml", "less.yaml", "--study", study, "--json"
    )
    trials = json.loads(out)["trials"]
    lost = [trial for trial in trials if not trial["valid"]]
    assert 0 < len(lost) < 16
    assert "kernel` must be 1x3x3 in space 'small', got 3x3x3." in lost[0]["why"]


def test_a_space_written_otherwise_is_said_to_be_the_same(folder, vidnas):
    written(folder, "rounded.yaml", ROUNDED)
    text = ROUNDED.replace("wide", "broad").replace("2.0]", "2]")
    written(folder, "otherwise.yaml", text.replace("  always: a >= 0\n", ""))
    code, out, _ = vidnas("space", "diff", "rounded.yaml", "otherwise.yaml")
    assert code == 0
    assert out.splitlines()[0].endswith(": the same candidates")
    assert "rules.always: gone, was a >= 0" in out
    written(folder, "other.yaml", text.replace("a >= 0", "a >= 1"))
    _, out, _ = vidnas("space", "diff", "rounded.yaml", "other.yaml")
    assert "the same" not in out
