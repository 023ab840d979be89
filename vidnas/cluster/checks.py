"""Is a cluster fit for a study? Each check says what was found and what to do."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from vidnas.documents.quantity import format_bytes
from vidnas.study.workers.machine import OBJECT_STORE_BYTES, PROCESS_BYTES

Verdict = Literal["ok", "warn", "fail"]
PACKAGES = ("vidnas", "tensorflow", "keras", "ray", "numpy")
LEAST_DISK = 2**30  # for a journal, checkpoints and Ray's logs
MOST_DISK_SHARE = 0.95  # of a disk, above which Ray takes nothing more on it
LEAST_FILES = 4096  # a process of Ray has a socket to each other
# Seconds between clocks: from the first on orders of times are wrong, from the second
# on a lease of another host (90 s) may count as gone.
SKEW_SEEN, SKEW_HARMS = 2.0, 45.0
DASHBOARD = 8265


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the doctor.

    Args:
        verdict: `ok`, `warn` (it may do harm) or `fail` (the study cannot run so).
        name: What was looked at.
        where: Machine, or empty for all.
        found: What was found.
        must: What must hold.
        remedy: What to do; empty where all is well.
    """

    verdict: Verdict
    name: str
    where: str
    found: str
    must: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine that was looked at.

    Args:
        name: Name of the machine; `here` is the driver's.
        facts: Facts of the machine, as `node_facts.look` gives them.
        resources: What Ray may take of it, by name.
        is_head: Whether Ray's head runs on it.
        skew: Seconds that its clock is certainly off; 0 where that is not known.
        is_seen: Whether the driver reads what the machine wrote into the study folder;
            None where that was not tried.
    """

    name: str
    facts: Mapping[str, Any]
    resources: Mapping[str, float] = field(default_factory=dict)
    is_head: bool = False
    skew: float = 0.0
    is_seen: bool | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a study wants of its machines.

    Args:
        gpus: GPUs of a worker that has some; 0 for none.
        memory: The most that the smallest worker's training takes [bytes]; None where
            that is not known, or is of a GPU.
        study: Study folder, empty for none.
        auth: `token`, `none`, or `disabled` where RAY_AUTH_MODE says so.
        is_cluster: Whether machines other than this one are meant.
    """

    gpus: float = 0.0
    memory: float | None = None
    study: str = ""
    auth: str = "token"
    is_cluster: bool = False


def checks(
    here: Machine, machines: Sequence[Machine], wanted: Wanted
) -> Iterator[Check]:
    """All checks of the driver's machine and of the others.

    Args:
        here: Machine of the driver.
        machines: Machines that train.
        wanted: What the study wants of them.
    """
    for machine in machines:
        for check in _ALIKE:
            yield check(machine, here, wanted)
        for look in _OF_ONE:
            found = look(machine, wanted)
            if found is not None:
                yield found
        yield from _protocols(machine)
    yield _token(machines, wanted)
    yield _ports(machines, wanted)
    if wanted.is_cluster:
        yield _head(machines)


def _python(machine: Machine, here: Machine, _: Wanted) -> Check:
    found, must = machine.facts["python"], here.facts["python"]
    return _alike("Python", machine, found, must, "use one image or environment")


def _packages(machine: Machine, here: Machine, _: Wanted) -> Check:
    other, own = machine.facts["versions"], here.facts["versions"]
    wrong = [name for name in own if other.get(name) != own[name]]
    found = ", ".join(f"{n} {other.get(n) or 'absent'}" for n in wrong or own)
    must = ", ".join(f"{n} {own[n] or 'absent'}" for n in wrong or own)
    remedy = f"pip install {' '.join(f'{n}=={own[n]}' for n in wrong if own[n])}"
    return _alike("packages", machine, found, must, f"there: {remedy}")


def _alike(name: str, machine: Machine, found: str, must: str, remedy: str) -> Check:
    if found == must:
        return Check("ok", name, machine.name, found)
    must = f"as on the driver's machine: {must}"
    return Check("fail", name, machine.name, found, must, remedy)


_ALIKE: tuple[Callable[[Machine, Machine, Wanted], Check], ...] = (_python, _packages)


def _tensorflow(machine: Machine, wanted: Wanted) -> Check:
    told = machine.facts["tensorflow"]
    if "error" in told:
        return _fail(
            "TensorFlow",
            machine,
            told["error"],
            "it imports",
            "there: python -c 'import tensorflow' says what it misses",
        )
    gpus = f"{told['said']} GPUs"
    trains = wanted.gpus and (machine.name == "here" or machine.resources.get("GPU"))
    if trains and told["said"] == "0":
        return _fail(
            "TensorFlow",
            machine,
            gpus,
            "a worker sees its GPU",
            "pip install 'vidnas[cuda]' and a driver that nvidia-smi shows",
        )
    return Check("ok", "TensorFlow", machine.name, f"imports, {gpus}")


def _gpus(machine: Machine, wanted: Wanted) -> Check | None:
    if not wanted.gpus or machine.name == "here":
        return None
    found = machine.resources.get("GPU", 0.0)
    if machine.is_head and not found:
        return None
    if found < wanted.gpus:
        return Check(
            "fail" if not found else "warn",
            "GPUs",
            machine.name,
            f"{found:g} for Ray",
            f"{wanted.gpus:g} for a worker",
            "start Ray there with --num-gpus, or leave the machine out",
        )
    return Check("ok", "GPUs", machine.name, f"{found:g} for Ray")


def _clips(machine: Machine, _: Wanted) -> Check | None:
    missing = machine.facts.get("missing")
    if missing is None:  # no clips were asked for
        return None
    if missing:
        return _fail(
            "clips",
            machine,
            f"{len(missing)} not as on the driver's machine ({missing[0]})",
            "every machine reads the same clips under the same path",
            "mount the folder there, or name an object store",
        )
    return Check("ok", "clips", machine.name, "readable")


def _study(machine: Machine, wanted: Wanted) -> Check | None:
    if not wanted.study:
        return None
    facts = machine.facts
    if "study_error" in facts:
        return _fail(
            "study folder",
            machine,
            f"{wanted.study}: {facts['study_error']}",
            "every machine writes into it",
            "give this user the right to write there, on every machine",
        )
    if not facts.get("is_shared", True) or machine.is_seen is False:
        return _fail(
            "study folder",
            machine,
            f"{wanted.study} is another folder there",
            "all machines see one folder",
            "put it on a shared disk, or into an object store",
        )
    return Check("ok", "study folder", machine.name, "writable, shared")


def _disk(machine: Machine, _: Wanted) -> Check:
    shown = []
    for name, disk in machine.facts["disks"].items():
        if disk is None:
            continue
        full = disk["free"] < (1 - MOST_DISK_SHARE) * disk["total"]
        shown.append(f"{name} {format_bytes(disk['free'])} free")
        if disk["free"] < LEAST_DISK or (full and name == "temporary"):
            return Check(
                "fail" if disk["free"] < LEAST_DISK else "warn",
                "disk",
                machine.name,
                shown[-1],
                f"{format_bytes(LEAST_DISK)} and 5 % are free",
                "make room, or start Ray with another --temp-dir",
            )
    return Check("ok", "disk", machine.name, ", ".join(shown))


def _memory(machine: Machine, wanted: Wanted) -> Check:
    whole = machine.facts["memory"]
    found = min(whole, machine.resources.get("memory", whole))
    least = (wanted.memory or 0.0) + PROCESS_BYTES
    trains = machine.name == "here" or machine.resources.get("CPU", 0.0) > 0
    if trains and found < least:
        return _fail(
            "memory",
            machine,
            format_bytes(found),
            f"{format_bytes(least)} for a worker",
            "lower `workers.memory`, or leave the machine out",
        )
    return Check("ok", "memory", machine.name, format_bytes(found))


def _clock(machine: Machine, _: Wanted) -> Check:
    skew = abs(machine.skew)
    if skew < SKEW_SEEN:
        return Check("ok", "clock", machine.name, "as the driver's")
    return Check(
        "fail" if skew >= SKEW_HARMS else "warn",
        "clock",
        machine.name,
        f"{machine.skew:+.0f} s from the driver's",
        f"within {SKEW_SEEN:g} s",
        "there: chronyc makestep, or timedatectl set-ntp true",
    )


def _shm(machine: Machine, _: Wanted) -> Check | None:
    found = machine.facts.get("shm")
    if found is None:  # macOS has none
        return None
    if found < OBJECT_STORE_BYTES:
        return Check(
            "warn",
            "/dev/shm",
            machine.name,
            format_bytes(found),
            f"{format_bytes(OBJECT_STORE_BYTES)} for Ray's objects",
            "docker run --shm-size=1g, or a larger emptyDir",
        )
    return Check("ok", "/dev/shm", machine.name, format_bytes(found))


def _open_files(machine: Machine, _: Wanted) -> Check:
    found = machine.facts["open_files"]
    if 0 <= found < LEAST_FILES:
        return Check(
            "warn",
            "open files",
            machine.name,
            str(found),
            f"at least {LEAST_FILES}",
            f"ulimit -n {LEAST_FILES} before Ray starts",
        )
    return Check("ok", "open files", machine.name, str(found))


def _decoder(machine: Machine, _: Wanted) -> Check:
    told = machine.facts["av"]
    if "error" in told:
        remedy = "there: pip install av"
        return _fail("decoder", machine, told["error"], "PyAV imports", remedy)
    return Check("ok", "decoder", machine.name, f"PyAV {told['said']}")


_OF_ONE: tuple[Callable[[Machine, Wanted], Check | None], ...] = (
    _tensorflow,
    _gpus,
    _decoder,
    _clips,
    _study,
    _disk,
    _memory,
    _clock,
    _shm,
    _open_files,
)


def _protocols(machine: Machine) -> Iterator[Check]:
    """What reads object stores, where the experiment names one."""
    for name, told in machine.facts.items():
        if not name.startswith("fsspec "):
            continue
        store = name.removeprefix("fsspec ")
        if "error" in told:
            remedy = f"there: pip install 'fsspec[{store}]'"
            found = told["error"]
            yield _fail(f"{store}://", machine, found, "its library imports", remedy)
        else:
            yield Check("ok", f"{store}://", machine.name, "its library imports")


def _token(machines: Sequence[Machine], wanted: Wanted) -> Check:
    if wanted.auth == "token":
        return Check("ok", "token", "", "Ray asks for one")
    if not wanted.is_cluster and wanted.auth != "disabled":
        return Check("ok", "token", "", "Ray makes one when it starts here")
    found = "RAY_AUTH_MODE=disabled" if wanted.auth == "disabled" else "none"
    return Check(
        "warn" if wanted.auth == "disabled" else "fail",
        "token",
        "",
        found,
        "Ray asks for one: whoever reaches it runs code as you",
        "`ray get-auth-token --generate`, the same ~/.ray/auth_token on every machine, "
        "then start Ray anew",
    )


def _ports(machines: Sequence[Machine], wanted: Wanted) -> Check:
    listening = [(m.name, *one) for m in machines for one in m.facts["listening"]]
    boards = [one for one in listening if one[2] == DASHBOARD or _is_board(one[3])]
    if not listening:
        return Check("ok", "ports", "", "nothing listens beyond loopback")
    shown = boards or listening
    found = ", ".join(f"{host} {ip}:{port}" for host, ip, port, _ in shown[:3])
    if len(shown) > 3:
        found += f" and {len(shown) - 3} more"
    if wanted.auth == "token" and not boards:
        return Check("ok", "ports", "", f"{found}, behind the token")
    return Check(
        "warn" if wanted.auth == "token" else "fail",
        "ports",
        "",
        found,
        "the dashboard listens on loopback, all else behind a token",
        "start Ray with --dashboard-host=127.0.0.1 and a token; reach the dashboard "
        "through `ssh -L 8265:localhost:8265 HEAD`",
    )


def _is_board(words: str) -> bool:
    return "dashboard.py" in words or "tensorboard" in words


def _head(machines: Sequence[Machine]) -> Check:
    """Trials on the head starve it, and then the whole cluster."""
    head = next((m for m in machines if m.is_head), None)
    cpus = head.resources.get("CPU", 0.0) if head else 0.0
    if head is not None and cpus and len(machines) > 1:
        return Check(
            "warn",
            "head",
            head.name,
            f"{cpus:g} cores for trials",
            "none, in a cluster of several machines",
            "start the head with --num-cpus=0",
        )
    return Check("ok", "head", head.name if head else "", f"{cpus:g} cores for trials")


def _fail(name: str, machine: Machine, found: str, must: str, remedy: str) -> Check:
    return Check("fail", name, machine.name, found, must, remedy)
