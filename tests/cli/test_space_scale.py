import json

import pytest

from vidnas.files.loading import load_space


def test_a_space_is_scaled_to_a_target_and_written(folder, vidnas):
    code, out, err = vidnas(
        *("space", "scale", "space.yaml", "--flops", "2M", "--draws", "30"),
        *("--classes", "8", "--out", "mine.yaml"),
    )
    assert code == 0
    assert err == "next   vidnas space show mine.yaml\n"
    header, first, *_ = out.splitlines()
    assert header.endswith("resolution  frames  median FLOPs")
    text = (folder / "mine.yaml").read_text(encoding="utf-8")
    before = load_space("space.yaml")
    comment = text.split("schema:")[0].splitlines()
    assert comment[0] == f"# small (space.yaml, hash {before.space_hash}), scaled:"
    assert comment[2].endswith(
        "for a target of 2 M, 2048 uniform samples, 8 classes, seed 0."
    )
    axes = ("width", "depth", "resolution", "frames")
    factors = dict(zip(axes, map(float, first.split()[:4]), strict=True))
    mine = load_space("mine.yaml")
    assert mine.name == "mine"
    assert mine.space_hash == before.scaled(**factors).space_hash
    # Nothing is overwritten.
    code, _, err = vidnas("space", "scale", "space.yaml", "--out", "mine.yaml")
    assert code == 2
    assert err == "error: `--out` must be a new file, mine.yaml is there already.\n"
    assert (folder / "mine.yaml").read_text(encoding="utf-8") == text


def test_factors_alone_scale_without_a_draw(folder, vidnas):
    code, out, _ = vidnas(
        *("space", "scale", "space.yaml", "--width", "2", "--depth", "3", "--json"),
        *("--out", "mine.yaml"),
    )
    assert code == 0
    (facts,) = json.loads(out)
    assert (facts["width"], facts["depth"], facts["frames"]) == (2.0, 3.0, 1.0)
    # depths 1 and 2 become 3 to 6, base width 8 becomes 16
    assert "depth: {from: 3, to: 6}" in (folder / "mine.yaml").read_text()
    assert load_space("mine.yaml").declaration.stages[0].width.base == 16


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--flops", "much"), "`--flops` must be FLOPs such as 2.7G, got `much`."),
        (("--width", "0"), "argument --width: must be a number above 0, got `0`"),
        (
            ("--flops", "1M", "--width=1", "--depth=1", "--frames=1", "--resolution=1"),
            "A coefficient must be left to draw, all four are given.",
        ),
    ],
)
def test_what_cannot_be_scaled_is_refused_in_one_line(
    folder, vidnas, arguments, message
):
    code, _, err = vidnas("space", "scale", "space.yaml", *arguments)
    assert code == 2
    assert err.startswith(f"error: {message}")
