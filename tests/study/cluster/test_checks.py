"""Planted faults: each is found, with what must hold and what to do."""

import dataclasses
from copy import deepcopy

import pytest

from vidnas.study.cluster.checks import PACKAGES, Machine, Wanted, checks
from vidnas.study.cluster.node_facts import look

GIB = 2**30
FACTS = {
    "host": "n1",
    "python": "3.11.7",
    "versions": dict.fromkeys(PACKAGES, "1.0"),
    "open_files": 65536,
    "memory": 16 * GIB,
    "disks": {"temporary": {"free": 50 * GIB, "total": 100 * GIB}},
    "shm": 8 * GIB,
    "missing": [],
    "is_shared": True,
    "tensorflow": {"said": "1"},
    "av": {"said": "18.1"},
    "listening": [],
}
HERE = Machine("here", FACTS)
WANTED = Wanted(gpus=0.5, memory=4 * GIB, study="/runs/x", is_cluster=True)
RESOURCES = {"CPU": 8.0, "GPU": 1.0, "memory": 12.0 * GIB}
HEAD = Machine("head", FACTS, {"CPU": 0.0}, is_head=True, is_seen=True)


def found(machine=None, wanted=WANTED, head=HEAD, **facts):
    """Checks that are not `ok`, of a cluster of a head and a node with these facts."""
    node = machine or Machine("n1", deepcopy(FACTS), RESOURCES, is_seen=True)
    node = dataclasses.replace(node, facts={**node.facts, **facts})
    return [c for c in checks(HERE, [head, node], wanted) if c.verdict != "ok"]


def node(**facts):
    return Machine("n1", FACTS, **{"resources": RESOURCES, "is_seen": True, **facts})


def test_a_sound_cluster_has_no_fault():
    assert found() == []


FULL = {"temporary": {"free": GIB // 2, "total": 100 * GIB}}
PLANTED = {
    "another version": ({"versions": {**FACTS["versions"], "keras": "0.9"}}, "keras"),
    "no vidnas": ({"versions": {**FACTS["versions"], "vidnas": ""}}, "vidnas absent"),
    "another Python": ({"python": "3.12.1"}, "3.12.1"),
    "no TensorFlow": ({"tensorflow": {"error": "No module named 'x'"}}, "No module"),
    "TensorFlow sees no GPU": ({"tensorflow": {"said": "0"}}, "0 GPUs"),
    "clips missing": ({"missing": ["/a.mp4: No such file"]}, "1 not as on"),
    "study not writable": ({"study_error": "Permission denied"}, "Permission denied"),
    "study not shared": ({"is_shared": False}, "another folder"),
    "full disk": ({"disks": FULL}, "512 MiB free"),
    "too little memory": ({"memory": 2 * GIB}, "2 GiB"),
    "no decoder": ({"av": {"error": "libavcodec.so"}}, "libavcodec.so"),
    "no library of a store": ({"fsspec s3": {"error": "Install s3fs"}}, "s3fs"),
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_fault_of_a_node_is_found_there_and_says_what_to_do(fault):
    facts, words = PLANTED[fault]
    (check,) = found(**facts)
    assert check.verdict == "fail"
    assert check.where == "n1"
    assert words in check.found
    assert check.must
    assert check.remedy


def test_a_node_without_the_gpu_that_is_asked_for_is_found():
    (check,) = found(node(resources={"CPU": 8.0, "memory": 12.0 * GIB}))
    assert (check.verdict, check.found) == ("fail", "0 for Ray")
    assert "--num-gpus" in check.remedy


def test_what_a_node_writes_must_be_seen_by_the_driver():
    (check,) = found(node(is_seen=False))
    assert (check.verdict, check.name) == ("fail", "study folder")


@pytest.mark.parametrize(("skew", "verdict"), [(-5.0, "warn"), (300.0, "fail")])
def test_a_clock_that_is_off_is_found(skew, verdict):
    (check,) = found(node(skew=skew))
    assert (check.verdict, check.name) == (verdict, "clock")
    assert f"{skew:+.0f} s" in check.found


@pytest.mark.parametrize(("auth", "verdict"), [("none", "fail"), ("disabled", "warn")])
def test_a_cluster_without_a_token_is_found(auth, verdict):
    (check,) = found(wanted=dataclasses.replace(WANTED, auth=auth))
    assert (check.verdict, check.name) == (verdict, "token")


@pytest.mark.parametrize(("auth", "verdict"), [("token", "warn"), ("none", "fail")])
def test_a_dashboard_beyond_loopback_is_found(auth, verdict):
    wanted = dataclasses.replace(WANTED, auth=auth)
    listening = [["0.0.0.0", 8265, "ray/dashboard/dashboard.py"]]
    board = next(
        c for c in found(wanted=wanted, listening=listening) if c.name == "ports"
    )
    assert (board.verdict, board.found) == (verdict, "n1 0.0.0.0:8265")
    assert "--dashboard-host=127.0.0.1" in board.remedy


def test_rays_own_ports_are_well_behind_a_token():
    assert found(listening=[["10.0.0.2", 6379, "ray gcs_server"]]) == []


def test_a_head_that_trains_is_warned_of():
    head = dataclasses.replace(HEAD, resources=RESOURCES)
    (check,) = found(head=head)
    assert (check.verdict, check.name, check.where) == ("warn", "head", "head")


@pytest.mark.parametrize(
    ("facts", "name"),
    [({"shm": 64 * 2**20}, "/dev/shm"), ({"open_files": 256}, "open files")],
)
def test_what_may_do_harm_is_warned_of(facts, name):
    (check,) = found(**facts)
    assert (check.verdict, check.name) == ("warn", name)


def test_a_machine_is_looked_at_with_the_files_that_are_named(tmp_path, monkeypatch):
    there, gone = tmp_path / "there", tmp_path / "gone"
    there.write_bytes(b"12")
    (tmp_path / "marker").write_text("text")
    import subprocess

    ran = subprocess.CompletedProcess([], 1, "", "Trace\nImportError: no\n")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: ran)
    facts = look(
        {
            "node": "n",
            "packages": ("numpy", "no-such-package"),
            "files": [(str(there), 2), (str(gone), 2), (str(there), 3)],
            "study": str(tmp_path),
            "marker": ("marker", "text"),
        }
    )
    assert facts["versions"]["numpy"]
    assert facts["versions"]["no-such-package"] == ""
    assert facts["missing"] == [
        f"{gone}: No such file or directory",
        f"{there}: of another size",
    ]
    assert facts["is_shared"] is True
    assert (tmp_path / "marker-n").read_text() == "n"
    assert facts["tensorflow"] == {"error": "ImportError: no"}
    assert facts["memory"] > 0
