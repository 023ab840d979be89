"""`vidnas space decode`: the text of a candidate becomes its network again."""

import json

import pytest


@pytest.fixture
def found(study, vidnas):
    """A member of a front, as `--json` tells it."""
    _, out, _ = vidnas("front", study, "--json")
    return json.loads(out)["front"][-1]


def test_the_text_of_a_front_member_is_its_network(found, vidnas):
    text = found["candidate"]
    code, out, _ = vidnas(
        "space", "decode", "space.yaml", text, "--json", "--classes", "8"
    )
    assert code == 0
    facts = json.loads(out)
    for name in ("candidate", "arch_id", "flops", "parameters"):
        assert facts[name] == found[name]
    kernels = [key for key in facts["choices"] if key.endswith("kernel")]
    depth = next(o for key, o in facts["choices"].items() if key.endswith("depth"))
    assert len(kernels) == int(depth)  # a layer that is not there has no kernel


def test_choices_and_cost_are_said_in_lines(found, vidnas):
    code, out, _ = vidnas("space", "decode", "space.yaml", found["candidate"])
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == f"candidate  {found['candidate']}"
    assert lines[2] == f"arch_id    {found['arch_id']}"
    assert any(line.split() == ["choice", "option"] for line in lines)
    assert any(line.startswith("FLOPs per clip") for line in lines)


def test_a_text_that_was_cut_is_one_line(found, vidnas):
    cut = found["candidate"][:-1]
    code, out, err = vidnas("space", "decode", "space.yaml", cut)
    assert (code, out) == (2, "")
    assert err.startswith("error: A candidate's text must end in its checksum, got")


def test_a_front_over_other_objectives_names_candidates_too(study, vidnas):
    arguments = ("--objectives", "parameters,top1", "--json")
    _, out, _ = vidnas("front", study, *arguments)
    rows = json.loads(out)["front"]
    assert all(row["candidate"].startswith("small/") for row in rows)
