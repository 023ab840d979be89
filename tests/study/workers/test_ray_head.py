"""What is known of the head of a cluster; no Ray is started."""

import socket
import threading
from types import SimpleNamespace

import pytest


class FakeClient:
    """Ray's client of a head, which answers, is silent or belongs to another."""

    address = "10.0.0.1:6380"

    def __init__(self):
        self.error = None
        self.draining = {}
        self.nodes = {}

    def get_all_node_info(self, timeout):
        if self.error is not None:
            raise self.error
        return self.nodes

    def get_draining_nodes(self, timeout):
        return self.draining


def node(name, port=1, state=0):
    return SimpleNamespace(
        node_id=name,
        state=state,
        resources_total={"CPU": 4.0},
        labels={"pool": "spot"},
        node_manager_address="127.0.0.1",
        node_manager_port=port,
    )


@pytest.fixture
def client():
    return FakeClient()


@pytest.fixture
def head(client):
    """A head, its client and the seconds that have passed."""
    from vidnas.study.workers.ray_head import Head

    now = [0.0]
    made = Head(client, clock=lambda: now[0])
    return made, now


def silence():
    from ray.exceptions import RpcError

    return RpcError("Timed out while waiting for GCS to become available.")


def test_a_head_is_lost_once_it_has_been_silent_for_half_a_minute(head, client):
    made, now = head
    client.error = silence()
    for seconds in (1.0, 29.0):
        now[0] = seconds
        made.ask()
        assert made.lost == ""
    now[0] = 31.0
    made.ask()
    assert made.lost == (
        "The head of the Ray cluster at 10.0.0.1:6380 must stay up, it has not "
        "answered for 31 s. What was finished is kept; the same command goes on once a "
        "cluster is up."
    )


def test_a_head_that_only_paused_is_not_lost(head, client):
    made, now = head
    for seconds in range(0, 200, 20):
        now[0] = float(seconds)
        client.error = silence() if seconds % 40 else None
        made.ask()
    assert made.lost == ""


def test_a_head_that_is_silent_once_ray_has_failed_is_lost(head, client):
    made, now = head
    made.ask(is_patient=False)
    assert made.lost == ""
    client.error = silence()
    now[0] = 4.0
    made.ask(is_patient=False)
    assert "it has not answered for 4 s" in made.lost


def test_a_head_that_was_restarted_is_lost_at_once(head, client):
    from ray.exceptions import AuthenticationError

    made, _ = head
    client.error = AuthenticationError("WrongClusterID")
    made.ask()
    assert "it was restarted and knows no worker of before" in made.lost


def test_nodes_are_told_as_ray_tells_them_and_those_that_go_apart(head, client):
    from vidnas.study.workers.ray_session import Needs

    made, _ = head
    north, south = b"\x01", b"\x02"
    client.nodes = {north: node(north), south: node(south, state=1)}
    client.draining = {"01": 5}
    made.ask()
    assert [one["NodeID"] for one in made.nodes()] == ["01", "02"]
    needs = Needs(4, 0.0, None, labels={"pool": "spot"})
    assert [needs.are_met(one) for one in made.nodes()] == [True, False]
    assert made.draining() == {"01"}
    # What is not known of the nodes any more stays as it was last heard of.
    client.error = silence()
    made.ask()
    assert made.draining() == {"01"}


def test_a_node_is_asked_itself_whether_it_is_up(head, client):
    made, _ = head
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            asked, _ = server.accept()
            with asked:
                asked.sendall(b"\0")

        thread = threading.Thread(target=answer)
        thread.start()
        port = server.getsockname()[1]
        up, down, gone = b"\x01", b"\x02", b"\x03"
        client.nodes = {
            up: node(up, port),
            down: node(down, 1),
            gone: node(gone, port, state=1),
        }
        made.ask()
        answers = [made.answers(name) for name in ("01", "02", "03", "04")]
        thread.join()
    assert answers == [True, False, False, True]
