"""Every command that reads a study takes its address in an object store."""

import json
import threading
import time
from contextlib import suppress

import pytest

import vidnas as package
from vidnas.cli import report, report_watch, status, study_run
from vidnas.cli.main import main
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
    longer = package.search("experiment.yaml", study=address, trials=5)
    assert [trial.number for trial in longer.history.trials] == list(range(5))
    assert len(package.open_study(address).history.trials) == 5


def test_an_address_without_a_study_says_so(vidnas, tmp_path):
    code, _, err = vidnas("front", f"memory://{tmp_path.name}/nothing")
    assert (code, err.count("\n")) == (2, 1)
    assert "must hold journal.jsonl" in err


@pytest.fixture
def stored(folder, inline, vidnas, tmp_path):
    """The address of a study of four trials."""
    address = f"memory://{tmp_path.name}/runs/small"
    assert vidnas("search", "experiment.yaml", "--study", address)[0] == 0
    return address


def test_a_running_study_in_a_store_is_followed(
    folder, inline, vidnas, tmp_path, monkeypatch
):
    address = f"memory://{tmp_path.name}/runs/small"
    seen, said, lines = [], [], []
    monkeypatch.setattr(status, "say", lines.append)
    monkeypatch.setattr(status, "STORE_INTERVAL", 0.01)

    def follow():
        seen.append(main(["status", address, "--follow"]))

    def trains(architecture, **rest):
        if not said:
            threading.Thread(target=follow).start()
        said.append(package.open_study(address).status())
        return {"top1": 40.0 + len(said), "val_clips": 100.0}

    monkeypatch.setattr(study_run, "train_in_group", trains)
    assert vidnas("search", "experiment.yaml", "--study", address)[0] == 0
    until = time.monotonic() + 60
    while not seen and time.monotonic() < until:
        time.sleep(0.01)
    assert seen == [0]
    assert "\nstate     running by process" in lines[0]
    assert "[  4/4] trial 3 done" in lines
    assert [s.trials for s in said[:2]] == [
        {"done": 0, "failed": 0, "running": 1},
        {"done": 1, "failed": 0, "running": 1},
    ]
    assert said[1].state == "running"
    assert said[1].running[0].log.startswith("the output of the search itself, process")
    assert f"small in {address}" in repr(said[1])
    assert json.dumps(said[1].to_document())


def test_the_report_of_a_study_in_a_store_is_kept_current_there(
    folder, inline, vidnas, tmp_path, monkeypatch
):
    address = f"memory://{tmp_path.name}/runs/small"
    place, ended, pages = Place.of(address), [], []
    monkeypatch.setattr(report, "STORE_INTERVAL", 0.01)
    monkeypatch.setattr(report_watch, "SHARE", 10.0)

    def watch():
        ended.append(main(["report", address, "--watch"]))

    def trains(architecture, **rest):
        if not pages:
            threading.Thread(target=watch).start()
        until, wanted = time.monotonic() + 60, f"<p>{len(pages)} done" if pages else ""
        page = ""
        while "vl-live" not in page or wanted not in page:
            assert time.monotonic() < until
            time.sleep(0.01)
            with suppress(FileNotFoundError):
                page = place.read("report.html").decode()
        pages.append(page)
        return {"top1": 40.0 + len(pages), "val_clips": 100.0}

    monkeypatch.setattr(study_run, "train_in_group", trains)
    search = ("search", "experiment.yaml", "--study", address, "--trials", "2")
    assert vidnas(*search)[0] == 0
    until = time.monotonic() + 60
    while not ended and time.monotonic() < until:
        time.sleep(0.01)
    assert ended == [0]
    assert "vl-live" not in place.read("report.html").decode()


def test_the_status_of_a_study_in_a_store_names_its_address(stored, vidnas):
    code, out, _ = vidnas("status", stored)
    assert (code, "vidnas-study" in out) == (0, False)
    assert f"small in {stored}" in out
    assert "finished, effort of trials is spent" in out
    code, out, _ = vidnas("status", stored, "--follow", "--json")  # it has ended
    assert (code, json.loads(out)["study"]) == (0, stored)


def test_a_damaged_journal_in_a_store_is_named_and_repaired(stored, vidnas):
    journal = Place.of(stored).child("journal")
    names = [name for name in journal.names() if name.startswith("record")]
    done = [name for name in names if b'"event":"done"' in journal.read(name)]
    journal.remove(done[0])
    journal.write(done[1], journal.read(done[1])[:-30])
    for words in (("front",), ("status", "--json"), ("family",)):
        code, out, err = vidnas(words[0], stored, *words[1:])
        assert (code, err.count("\n")) == (1, 1)
        assert ('"state": "broken"' in out) == ("status" in words)
        assert f"{stored}/journal must hold {done[0]}" in err
        assert f"`vidnas repair {stored}`" in err
    code, out, err = vidnas("repair", stored, "--json")
    lines = {one["line"]: one["reason"] for one in json.loads(out)["left_out"]}
    first, second = (int(name[7:17]) for name in done[:2])
    assert (code, lines[first]) == (0, "is missing in the store")
    assert lines[second] == "holds what is no record"
    assert json.loads(out)["trials"] == {"done": 2, "running": 2}
    assert set(journal.names()) > set(names) - {done[0]}  # nothing was taken away
    code, out, _ = vidnas("repair", stored)
    assert (code, out.startswith(f"nothing to repair in {stored}")) == (0, True)
    code, _, err = vidnas("search", "experiment.yaml", "--study", stored)
    assert (code, "goes on after 2 finished trials" in err) == (0, True)
    assert package.open_study(stored).status().trials["done"] == 4


def test_a_lost_study_record_in_a_store_is_that_of_its_experiment(stored, vidnas):
    journal = Place.of(stored).child("journal")
    journal.write("record-0000000001.jsonl", b"rubbish")
    code, _, err = vidnas("front", stored)
    assert code == 1
    assert f"{stored}/journal, line 1 is not JSON" in err
    code, out, err = vidnas("repair", stored)
    assert (code, "4 trials (4 done)" in out) == (0, True)
    assert f"is now that of {stored}/experiment.yaml" in err
    assert vidnas("search", "experiment.yaml", "--study", stored)[0] == 0


def test_what_a_family_of_before_left_in_a_store_is_removed_and_others_is_kept(
    stored, vidnas
):
    ladder = ("family", stored, "--ladder", "1M,2M")
    assert vidnas(*ladder)[0] == 0
    files = Place.of(stored).child("family-1M-2M")
    before = files.names()
    assert before
    Place.of(stored).child("family").write("a0.yaml", b"schema: somebody's own")
    code, _, err = vidnas("family", stored)
    assert code == 2
    assert f"{stored}/family/a0.yaml must be free" in err
    assert Place.of(stored).child("family").read("a0.yaml") == b"schema: somebody's own"
    files.write("a7.yaml", files.read(before[0]))  # of an earlier, longer ladder
    code, _, err = vidnas(*ladder)
    assert (code, f"removed {stored}/family-1M-2M/a7.yaml" in err) == (0, True)
    assert files.names() == before


def test_a_search_fills_no_place_where_others_files_lie(
    folder, inline, vidnas, tmp_path
):
    address = f"memory://{tmp_path.name}/hers"
    Place.of(address).child("data").write("x.csv", b"1")
    code, _, err = vidnas("search", "experiment.yaml", "--study", address)
    assert (code, err.count("\n")) == (2, 1)
    assert f"{address} must be new, empty, or hold journal" in err
    assert Place.of(address).folders() == ["data"]


def test_other_commands_take_the_address_too(stored, vidnas, folder, tmp_path):
    code, out, _ = vidnas("space", "diff", "space.yaml", stored, "--study", stored)
    assert (code, f"4 of 4 trials of {stored} stay valid" in out) == (0, True)
    text = (folder / "experiment.yaml").read_text()
    (folder / "later.yaml").write_text(f"{text}known: ['{stored}']\n")
    code, _, err = vidnas("search", "later.yaml", "--study", tmp_path / "later")
    assert (code, f"known       4 trials of {stored}" in err) == (0, True)


def test_a_store_that_cannot_be_reached_is_one_line(folder, inline, vidnas):
    for command in ("front", "report", "status", "repair", "family", "why"):
        code, _, err = vidnas(command, "nosuch://b/x")
        assert (code, err.count("\n")) == (2, 1)
        assert "no store can be reached" in err
