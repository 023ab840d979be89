"""Which Ray is used, and who can reach it? One real start, in a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading

import pytest

from vidnas.cli.stop_signals import stop_as_by_ctrl_c
from vidnas.errors import InputError

SCRIPT = """
import json, sys
from vidnas.study.workers.ray_session import Needs, Session
import psutil, ray
from vidnas.errors import InputError

needs = Needs(1, 0.0, None)
listening = set()
with Session({"": needs}, None) as ours:
    me = psutil.Process()
    for process in (me, *me.children(recursive=True)):
        for one in process.net_connections("tcp"):
            if one.status == psutil.CONN_LISTEN:
                listening.add(one.laddr.ip)
    folder = ray._private.worker._global_node.get_session_dir_path()
    same = ray.get_runtime_context().gcs_address
    for address in (None, "auto", same):
        with Session({"": needs}, address) as joined:
            assert joined.usable_nodes() == ours.usable_nodes()
        assert ray.is_initialized()
    said = []
    for needed, address in ((needs, "127.0.0.1:1"), (Needs(99, 0.0, None), None)):
        try:
            Session({"": needed}, address).__enter__()
        except InputError as wrong:
            said.append(str(wrong))
    assert ray.is_initialized()
assert not ray.is_initialized()
print(json.dumps([sorted(listening), folder, said]))
"""


@pytest.mark.slow
def test_a_ray_of_our_own_is_for_this_machine_and_a_session_is_joined(tmp_path):
    long = tmp_path / ("x" * 80)
    long.mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        env={**os.environ, "TMPDIR": str(long), "RAY_AUTH_MODE": "disabled"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr[-2000:]
    listening, folder, said = json.loads(ran.stdout.splitlines()[-1])
    assert listening
    assert all(ip.removeprefix("::ffff:") == "127.0.0.1" for ip in listening)
    # The folder for temporary files had too long a path for Ray's sockets.
    assert str(long) not in folder
    assert "must be the Ray session that this process is in" in said[0]
    assert "which needs 99 CPU; none does" in said[1]
    assert "every user of this machine can run code as you" in ran.stderr
    assert "trials run in the Ray session of this process" in ran.stderr


@pytest.fixture
def session():
    from vidnas.study.workers import ray_session

    return ray_session


def enter(session, address):
    session.Session({"": session.Needs(1, 0.0, None)}, address).__enter__()


@pytest.fixture
def stranger():
    """A server that is no Ray: it says something else, once."""
    server = socket.create_server(("127.0.0.1", 0))

    def answer():
        other, _ = server.accept()
        other.recv(64)
        other.sendall(b"HTTP/1.1 505 \r\n\r\n")
        other.close()

    thread = threading.Thread(target=answer)
    thread.start()
    yield f"127.0.0.1:{server.getsockname()[1]}"
    thread.join()
    server.close()


def test_a_sigterm_while_ray_starts_is_an_interruption(session, monkeypatch):
    def ray_init(**options):  # Ray's own handler ends the process
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(number))
        os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(session.ray, "init", ray_init)
    ours = session.Session({"": session.Needs(1, 0.0, None)}, None)
    with stop_as_by_ctrl_c():
        handler = signal.getsignal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt):
            ours.__enter__()
        assert signal.getsignal(signal.SIGTERM) is handler


def test_a_server_that_is_no_ray_is_known_at_once(session, stranger):
    with pytest.raises(InputError, match="does not answer: what listens there is no"):
        enter(session, stranger)


class FakeRay:
    """What answers as Ray does."""

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def sendall(self, text):
        pass

    def recv(self, length):
        return bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])


def test_a_host_that_is_no_node_is_told_how_to_become_one(session, monkeypatch):
    monkeypatch.setattr(session.services, "find_node_ids", set)
    monkeypatch.setattr(
        session.socket, "create_connection", lambda *place, timeout: FakeRay()
    )
    with pytest.raises(InputError, match=r"must run on a node of its Ray cluster"):
        enter(session, "10.9.9.9:6379")


def test_a_dead_ray_address_of_the_environment_is_named(session, monkeypatch):
    monkeypatch.setenv("RAY_ADDRESS", "127.0.0.1:1")
    for given in (None, "auto"):
        with pytest.raises(InputError, match=r"`RAY_ADDRESS` must be a running Ray"):
            enter(session, given)


def test_a_client_address_is_refused(session):
    with pytest.raises(InputError, match=r"HOST:PORT of a Ray cluster, got ray://h"):
        enter(session, "ray://h:10001")


def test_a_worker_larger_than_the_machine_is_refused(session, monkeypatch):
    monkeypatch.setattr(session, "machine_cores", lambda: 2)
    with pytest.raises(InputError, match=r"at most the 2 cores of this machine, got 4"):
        session.Session({"": session.Needs(4, 0.0, None, count=8)}, None).__enter__()


def test_nodes_to_avoid_are_part_of_what_a_trial_asks_for(session):
    needs = session.Needs(2, 0.5, 1e9)
    assert needs.resources == {"CPU": 2.0, "GPU": 0.5}
    plain, picky = needs.on_nodes_but([]), needs.on_nodes_but(["a", "b"])
    assert plain != picky
    assert plain == needs.on_nodes_but([])
