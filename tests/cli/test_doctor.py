"""The doctor's words: a line a check, and an exit code that a script can read."""

import json

import pytest

from vidnas.cli import doctor
from vidnas.study.cluster.checks import PACKAGES

GIB = 2**30


@pytest.fixture
def sound(monkeypatch):
    """A machine without a fault; what is asked of it, and faults to plant."""
    planted, asked = {}, {}

    def look(given):
        asked.update(given)
        return {
            "python": "3.11.7",
            "versions": dict.fromkeys(PACKAGES, "1"),
            "open_files": 65536,
            "memory": 16 * GIB,
            "disks": {},
            "missing": [],
            "tensorflow": {"said": "0"},
            "av": {"said": "18"},
            "listening": [],
            **planted,
        }

    monkeypatch.setattr(doctor, "look", look)
    monkeypatch.setenv("RAY_AUTH_TOKEN", "x")
    monkeypatch.delenv("RAY_AUTH_MODE", raising=False)
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    return planted, asked


def test_a_sound_machine_passes_and_nothing_is_left_of_the_check(folder, vidnas, sound):
    code, out, err = vidnas("doctor", "experiment.yaml")
    assert code == 0, err
    assert all(line.startswith("ok ") for line in out.splitlines())
    _, asked = sound
    assert asked["study"] == str(folder / "runs" / "small")
    assert len(asked["files"]) == 20
    assert not (folder / "runs").exists()


def test_a_fault_says_what_must_hold_and_what_to_do(folder, vidnas, sound):
    sound[0]["av"] = {"error": "no libav\x1b[2J"}
    code, out, err = vidnas("doctor")
    assert code == 1
    assert (
        "fail  decoder (here): no libav\\x1b[2J; must be: PyAV imports. "
        "To do: there: pip install av." in out
    )
    assert "error: 1 of " in err
    code, out, _ = vidnas("doctor", "--json")
    assert (code, json.loads(out)["failed"]) == (1, 1)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "http://127.0.0.1:1"])
def test_a_dead_address_fails_and_the_machine_is_checked_all_the_same(
    address, folder, vidnas, sound
):
    code, out, _ = vidnas("doctor", "--address", address, "--json")
    told = {check["name"]: check for check in json.loads(out)["checks"]}
    assert code == 1
    assert told["Ray"]["verdict"] == "fail"
    assert "Connection refused" in told["Ray"]["found"]
    assert told["Python"]["verdict"] == "ok"


def test_clips_that_are_not_here_fail(folder, vidnas, sound):
    (folder / "clips").unlink()
    code, out, _ = vidnas("doctor", "experiment.yaml")
    assert code == 1
    assert "fail  clips (here):" in out


def test_a_wrong_experiment_is_wrong_input(folder, vidnas, sound):
    assert vidnas("doctor", "no_such.yaml")[0] == 2
