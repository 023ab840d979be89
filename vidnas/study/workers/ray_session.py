"""On which Ray do trials run? One of our own, a cluster, or a session that is there.

Importing this module sets what Ray reads when it is imported or started, so it comes
before any import of Ray.
"""

import os

_ENVIRONMENT = {
    "RAY_worker_niceness": "0",  # workers at nice 15 starve on a shared machine
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "1",  # a worker without a GPU sees none
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # Ctrl-C is the study's: it loses nothing
    "TUNE_PRINT_ALL_TRIAL_ERRORS": "0",
    "TUNE_GLOBAL_CHECKPOINT_S": "86400",  # the journal is the truth, not Tune's pickle
    "TUNE_WARN_THRESHOLD_S": "60",
}
for _name, _value in _ENVIRONMENT.items():
    os.environ.setdefault(_name, _value)

import logging  # noqa: E402
import math  # noqa: E402
import signal  # noqa: E402
import socket  # noqa: E402
import threading  # noqa: E402
from collections import Counter  # noqa: E402
from collections.abc import Iterable, Iterator, Mapping  # noqa: E402
from contextlib import contextmanager  # noqa: E402
from dataclasses import dataclass, field, replace  # noqa: E402
from typing import Any  # noqa: E402

import ray  # noqa: E402
from ray import tune  # noqa: E402
from ray._private import ray_constants, services  # noqa: E402

from vidnas.errors import InputError, SurroundingsError  # noqa: E402
from vidnas.study.experiment.workers import WorkerGroup, Workers  # noqa: E402
from vidnas.study.workers.machine import (  # noqa: E402
    OBJECT_STORE_BYTES,
    PROCESS_BYTES,
    at_once,
    cluster_address,
    machine_cores,
)

WAITING_LOGGER = "ray.tune.execution.insufficient_resources_manager"
# Sockets have paths of at most 107 bytes; Ray's are this much longer than its folder.
_SOCKET_PATH, _SOCKET_TAIL = (
    107,
    len("/session_2026-01-01_00-00-00_000000_0000000") + 24,
)


@dataclass(frozen=True, slots=True)
class Needs:
    """What a worker takes of its node.

    Args:
        cpus: Cores.
        gpus: GPUs.
        memory: The most a training takes [bytes]; None where that is not known.
        clips: The most that decoded clips take [bytes].
        custom: Custom resources of Ray.
        labels: Labels of the node.
        mark: Mark that sets workers of this group apart; empty for none.
        count: Number of such workers.
    """

    cpus: int
    gpus: float
    memory: float | None
    clips: float = 0.0
    custom: Mapping[str, float] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)
    mark: str = ""
    count: int = 1

    @classmethod
    def of(cls, group: WorkerGroup, clips: float, mark: str) -> "Needs":
        """Needs of each worker of a group, which has `clips` bytes of clips."""
        assert group.gpus is not None, "shared out"
        return cls(
            group.cpus,
            group.gpus,
            group.memory,
            clips,
            group.resources,
            group.labels,
            mark,
            group.count,
        )

    @property
    def resources(self) -> dict[str, float]:
        """What Ray sets aside on a node; no memory for a worker on a GPU."""
        needed = {"CPU": float(self.cpus), **self.custom}
        if self.gpus:
            needed["GPU"] = self.gpus
        elif self.memory is not None:
            needed["memory"] = float(int(self.memory + self.clips) + PROCESS_BYTES)
        return needed

    def are_met(self, node: Mapping[str, Any]) -> bool:
        """Whether a node of `ray.nodes()` is up, large enough and labelled so."""
        labels = node.get("Labels", {})
        return (
            bool(node["Alive"])
            and all(
                node["Resources"].get(k, 0.0) >= n for k, n in self.resources.items()
            )
            and all(labels.get(key) == value for key, value in self.labels.items())
        )

    def on_nodes_but(self, avoided: list[str]) -> tune.PlacementGroupFactory:
        """The resources, on any node but those of these ids."""
        # Tune hands a warm worker on to whoever asks for the same. A node that is none
        # tells groups apart; a crumb of an implicit resource ends Ray's raylet (2.60).
        others = [*avoided, *([f"none-{self.mark}"] if self.mark else [])]
        selector = dict(self.labels)
        if others:
            selector[ray._raylet.RAY_NODE_ID_KEY] = f"!in({','.join(others)})"
        return tune.PlacementGroupFactory(
            [self.resources],
            **({"bundle_label_selector": [selector]} if selector else {}),
        )


def needs_of(workers: Workers, clips: float) -> dict[str, Needs]:
    """Needs of a worker of each group, which has `clips` bytes of clips."""
    marked = len(workers.groups) > 1
    return {
        group.name: Needs.of(group, clips, str(place) if marked else "")
        for place, group in enumerate(workers.groups, 1)
    }


class Session:
    """A Ray to run trials on; a context manager that leaves others' as it was.

    Args:
        needs: What a worker of each group takes, by the group's name.
        address: A running cluster (`auto` or `HOST:PORT`); None for the session that
            this process is in, or else one on this machine that ends with the scope.

    Raises:
        InputError: no cluster answers at `address`, or there is no node for a worker.
    """

    def __init__(self, needs: Mapping[str, Needs], address: str | None) -> None:
        self.needs = dict(needs)
        self._address = cluster_address(address)
        self._is_ours = False

    def __enter__(self) -> "Session":
        handler = signal.getsignal(signal.SIGTERM)
        self._is_ours = not ray.is_initialized()
        try:
            if not self._is_ours:
                self._join_session()
            elif self._address is None:
                self._start()
            else:
                self._join_cluster(self._address)
        except SystemExit as ended:  # Ray's answer to a SIGTERM that meant the study
            self.__exit__()
            if callable(handler):
                raise KeyboardInterrupt from ended
            raise
        except BaseException:
            self.__exit__()
            raise
        finally:  # Ray takes SIGTERM for itself
            if callable(handler) and _is_main_thread():
                signal.signal(signal.SIGTERM, handler)
        return self

    def __exit__(self, *error: object) -> None:
        if self._is_ours:
            ray.shutdown()

    def usable_nodes(
        self, nodes: Iterable[Mapping[str, Any]] | None = None
    ) -> dict[str, str]:
        """Addresses of the nodes that are up and hold a worker, by their ids.

        Args:
            nodes: Nodes of the cluster, as `ray.nodes()` has them; None to ask Ray.
        """
        return {
            node["NodeID"]: node["NodeManagerAddress"]
            for node in (ray.nodes() if nodes is None else nodes)
            if any(needs.are_met(node) for needs in self.needs.values())
        }

    def _start(self) -> None:
        """A Ray of our own. Another study's on this machine is left alone.

        It counts with the memory of all workers, as promised: Ray would count with what
        is free at this moment and might wait for ever.
        """
        # This machine is any that is asked for.
        self.needs = {k: replace(n, labels={}) for k, n in self.needs.items()}
        cpus = memory = 0
        for needs in self.needs.values():
            count = at_once(needs.count, needs.cpus, machine_cores())
            cpus += count * needs.cpus
            memory += count * int(needs.resources.get("memory", 0.0))
        if os.environ.get("RAY_AUTH_MODE") == "disabled":
            _log.warning(
                "RAY_AUTH_MODE=disabled: while this runs, every user of this machine "
                "can run code as you; without it Ray asks for a token"
            )
        with _on_loopback(), _one_line():
            ray.init(
                address="local",
                num_cpus=cpus,
                resources=_summed(self.needs.values()),
                include_dashboard=False,
                object_store_memory=OBJECT_STORE_BYTES,
                **({"_memory": memory} if memory else {}),
                **_short_folder(),
                **_QUIET,
            )
        self._require_gpus()

    def _join_session(self) -> None:
        """The session that this process is in, such as a notebook's."""
        address = ray.get_runtime_context().gcs_address
        if self._address not in (None, "auto") and not _is_same(self._address, address):
            raise InputError(
                f"{_asked_by(self._address)} must be the Ray session that this process "
                f"is in, {address}, got {self._address}. `ray.shutdown()` leaves it."
            )
        _log.warning("trials run in the Ray session of this process, at %s", address)
        if self._address is None and not self.usable_nodes():
            needed = " or ".join(
                ", ".join(f"{n:g} {k}" for k, n in needs.resources.items())
                for needs in self.needs.values()
            )
            raise InputError(
                "A node of the Ray session that this process is in must hold a worker, "
                f"which needs {needed}; none does. `ray.shutdown()` leaves the session."
            )

    def _join_cluster(self, address: str) -> None:
        _require_answer(address)
        try:
            ray.init(address=address, **_QUIET)
        except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as wrong:
            raise _no_cluster(address, wrong) from wrong

    def _require_gpus(self) -> None:
        """This machine does not grow: Tune would wait for its GPUs for ever."""
        found = ray.cluster_resources().get("GPU", 0.0)
        most = max(needs.gpus for needs in self.needs.values())
        if found < most:
            raise InputError(
                f"`workers.gpus` must be at most the {found:g} GPUs of this machine, "
                f"got {most:g}."
            )


def _summed(all_needs: Iterable[Needs]) -> dict[str, float]:
    """Custom resources of a Ray of our own, which has all that is asked for."""
    total: Counter[str] = Counter()
    for needs in all_needs:
        for name, amount in needs.custom.items():
            total[name] += math.ceil(amount * needs.count)
    return dict(total)


_QUIET: dict[str, Any] = {"log_to_driver": False, "logging_level": "ERROR"}
_log = logging.getLogger(__name__)


@contextmanager
def _one_line() -> Iterator[None]:
    """A scope in which a Ray that does not start says so in one line."""
    try:
        yield
    except (OSError, RuntimeError, ray.exceptions.RayError) as wrong:
        raise SurroundingsError(
            f"Ray must start on this machine, it did not: {_first_line(wrong)}"
        ) from wrong


@contextmanager
def _on_loopback() -> Iterator[None]:
    """A scope in which Ray starts for this machine alone, as it does on macOS.

    Its servers then listen on 127.0.0.1; elsewhere they listen on every interface,
    whatever address `ray.init` is given.
    """
    before = ray_constants.ENABLE_RAY_CLUSTER
    ray_constants.ENABLE_RAY_CLUSTER = False
    try:
        yield
    finally:
        ray_constants.ENABLE_RAY_CLUSTER = before


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _short_folder() -> dict[str, str]:
    """Where Ray's sockets lie, if the folder for temporary files has too long a path.

    Raises:
        InputError: no folder will do.
    """
    usual = os.environ.get("RAY_TMPDIR") or os.environ.get("TMPDIR") or "/tmp"
    if len(os.fsencode(f"{usual}/ray")) + _SOCKET_TAIL <= _SOCKET_PATH:
        return {}
    for folder in ("/tmp", "/var/tmp", "/dev/shm"):
        if os.access(folder, os.W_OK | os.X_OK):
            return {"_temp_dir": f"{folder}/ray"}
    raise InputError(
        f"`TMPDIR` must be at most {_SOCKET_PATH - _SOCKET_TAIL - 4} bytes long for "
        f"Ray's sockets, got {usual}."
    )


def _is_same(address: str | None, other: str) -> bool:
    """Whether two texts `HOST:PORT` name the same."""
    host, _, port = (address or "").rpartition(":")
    try:
        return f"{socket.gethostbyname(host.strip('[]'))}:{port}" == other
    except OSError:
        return address == other


# What a client of HTTP/2 begins with, and its empty settings: Ray's servers answer with
# theirs, which are of type 4. Ray itself would wait for minutes, then abort.
GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])


def _require_answer(address: str) -> None:
    """Asks HOST:PORT for an answer, and this host for its node.

    Raises:
        InputError: no Ray listens there, or this host is none of its nodes.
    """
    if "://" in address:
        raise InputError(
            f"{_asked_by(address)} must be `auto` or HOST:PORT of a Ray cluster, got "
            f"{address}. `ray job submit` runs a search from another machine."
        )
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():  # `auto`: Ray knows at once
        return
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=10) as ask:
            ask.sendall(GREETING)
            answer = ask.recv(9)
    except (OSError, OverflowError) as wrong:
        raise _no_cluster(address, wrong) from wrong
    if answer[3:4] != b"\x04":
        raise _no_cluster(address, ConnectionError("what listens there is no Ray"))
    if not services.find_node_ids():
        raise InputError(
            f"A search must run on a node of its Ray cluster, {socket.gethostname()} "
            f"is none of {address}. `ray start --address={address} --num-cpus=0` makes "
            "it one without trials; `ray job submit` runs the search there."
        )


def _no_cluster(address: str, wrong: Exception) -> InputError:
    return InputError(
        f"{_asked_by(address)} must be a running Ray cluster, {address} does not "
        f"answer: {_first_line(wrong)}"
    )


def _asked_by(address: str | None) -> str:
    """How the address was given."""
    stated = os.environ.get("RAY_ADDRESS")
    return "`RAY_ADDRESS`" if stated and address == stated else "`--address`"


def _first_line(error: Exception) -> str:
    line = next(iter(str(error).splitlines()), type(error).__name__)
    return line if line.endswith(".") else f"{line}."
