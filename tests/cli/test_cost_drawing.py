"""`vidnas cost --svg` and `--beside`: a network drawn, two of them compared."""

import json

from vidnas.architecture.published.catalogue import published
from vidnas.cli.main import main


def test_a_network_is_drawn_to_a_file_and_drawn_again(tmp_path, capsys):
    path = tmp_path / "a0.svg"
    for _ in range(2):  # its own drawing is replaced
        assert main(["cost", "movinet-a0", "--svg", str(path)]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert f"wrote {path}" in said.err
    assert path.read_text(encoding="utf-8").count("stage5.layer3") >= 1


def test_a_file_that_is_no_drawing_is_never_replaced(tmp_path, capsys):
    path = tmp_path / "mine.svg"
    path.write_text("<svg>mine</svg>")
    assert main(["cost", "movinet-a0", "--svg", str(path)]) == 2
    assert "an earlier drawing of networks" in capsys.readouterr().err
    assert path.read_text() == "<svg>mine</svg>"


def test_two_networks_stand_side_by_side_with_what_differs(capsys):
    assert main(["cost", "movinet-a0", "--beside", "movinet-a1"]) == 0
    said = capsys.readouterr().out
    assert "stage1: width 8 -> 16, layers 1 -> 2" in said
    (row,) = [line for line in said.splitlines() if line.startswith("FLOPs per clip")]
    assert row.split()[3] == "2.63"
    assert row.split()[6] == "5.87"


def test_two_networks_side_by_side_are_one_document(capsys):
    assert main(["cost", "movinet-a0", "--beside", "x3d-s", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["beside"]["arch_id"] == published("x3d-s").arch_id
    assert told["beside"]["classes"] == 400
    assert told["differences"]["network"].startswith("block movinet -> x3d")
