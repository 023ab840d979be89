"""`vidnas repair` says what it did, what it left out and where the old journal is."""

import json
import shutil
from pathlib import Path

import pytest

from vidnas.cli.main import main

BEFORE = Path(__file__).parents[1] / "golden" / "before"


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(BEFORE / "evolution", tmp_path / "run")
    return tmp_path / "run"


def test_nothing_to_repair_is_said(folder, capsys):
    assert main(["repair", str(folder)]) == 0
    said = capsys.readouterr()
    assert said.out == f"nothing to repair in {folder}: its 30 records read well\n"
    assert said.err == ""


def test_a_repair_names_every_line_that_it_leaves_out(folder, capsys):
    with (folder / "journal.jsonl").open("a") as journal:
        journal.write("rubbish\n")
    assert main(["front", str(folder)]) == 1
    refused = capsys.readouterr().err
    assert "journal.jsonl, line 31 is not JSON" in refused
    assert f"`vidnas repair {folder}` brings back what it still holds." in refused
    assert main(["repair", str(folder)]) == 0
    said = capsys.readouterr()
    assert said.err == "left out: line 31: holds what is no record\n"
    assert said.out == (
        f"repaired {folder}: 30 records, 12 trials (11 done, 1 failed)\n"
        f"the journal as it was: {folder / 'journal.damaged-1.jsonl'}\n"
    )
    assert main(["front", str(folder)]) == 0


def test_a_repair_as_json(folder, capsys):
    with (folder / "journal.jsonl").open("a") as journal:
        journal.write("rubbish\n")
    assert main(["repair", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "repaired": True,
        "records": 30,
        "trials": {"done": 11, "failed": 1},
        "left_out": [{"line": 31, "reason": "holds what is no record"}],
        "study_record": None,
        "damaged": str(folder / "journal.damaged-1.jsonl"),
    }


def test_many_lines_are_summed_up(folder, capsys):
    with (folder / "journal.jsonl").open("a") as journal:
        journal.write("rubbish\n" * 50)
    assert main(["repair", str(folder)]) == 0
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 21
    assert said[-1] == "left out: 30 more; --json names them all"


def test_a_folder_without_a_study_is_wrong_input(tmp_path, capsys):
    assert main(["repair", str(tmp_path)]) == 2
    assert "must hold journal.jsonl" in capsys.readouterr().err


def test_a_lost_study_record_without_clips_fails_in_one_line(folder, capsys):
    journal = folder / "journal.jsonl"
    journal.write_text("".join(journal.read_text().splitlines(keepends=True)[1:]))
    assert main(["repair", str(folder)]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "has lost its study record, and experiment.yaml does not replace it" in said
