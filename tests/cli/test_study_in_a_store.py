"""Every command that reads a study takes its address in an object store."""

import json

import vidnas as package
from vidnas.files.place import Place


def test_a_study_in_a_store_runs_goes_on_and_is_read(folder, inline, vidnas, tmp_path):
    address = f"memory://{tmp_path.name}/runs/small"
    search = ("search", "experiment.yaml", "--study", address)
    code, _, err = vidnas(*search, "--trials", "2")
    assert code == 0
    assert f"are in {address}" in err
    code, out, err = vidnas(*search, "--json")
    assert code == 0
    assert "goes on after 2 finished trials" in err
    code, out, _ = vidnas("front", address, "--json")
    assert code == 0
    assert json.loads(out)["front"]
    assert vidnas("report", address)[0] == 0
    assert b"<html" in Place.of(address).read("report.html").lower()
    code, out, err = vidnas("family", address, "--ladder", "1M,2M")
    assert (code, f"uploaded to {address}" in err) == (0, True)
    assert Place.of(address).child("family-1M-2M").names()
    assert "experiment.yaml" in Place.of(address).names()
    assert len(package.open_study(address).trials()) == 4


def test_an_address_without_a_study_says_so(vidnas, tmp_path):
    code, _, err = vidnas("front", f"memory://{tmp_path.name}/nothing")
    assert (code, err.count("\n")) == (2, 1)
    assert "must hold journal.jsonl" in err


def test_repair_wants_a_folder_on_a_disk(vidnas):
    code, _, err = vidnas("repair", "memory://x/runs/small")
    assert (code, err.count("\n")) == (2, 1)
    assert "`repair` needs a folder on a disk" in err


def test_a_store_that_cannot_be_reached_is_one_line(folder, inline, vidnas):
    for words in (("front", "nosuch://b/x"), ("report", "nosuch://b/x")):
        code, _, err = vidnas(*words)
        assert (code in (1, 2), err.count("\n")) == (True, 1)
        assert "no store can be reached" in err
