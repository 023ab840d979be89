"""What is a machine like? Plain facts, gathered on it.

The module is carried to machines whole: one may hold another vidnas, or none. So it is
of the standard library, and answers with plain data.
"""

import os
import platform
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path
from typing import Any

IMPORT_SECONDS = 300.0  # that an import may take, from a slow disk
_TENSORFLOW = (
    "import tensorflow as t; print(len(t.config.list_physical_devices('GPU')))"
)
_DECODER = "import av; print(av.__version__)"


def now() -> float:
    """The machine's clock [s]."""
    return time.time()


def look(asked: dict[str, Any]) -> dict[str, Any]:
    """The facts of the machine that this runs on.

    Args:
        asked: What to look at: `packages` (names), `files` (paths with sizes [bytes]),
            `study` (folder or empty), `marker` (name and text of a file that the driver
            left there), `node` (name of the machine), `protocols` (of object stores).

    Returns:
        Facts by name; `study_error` and the like say what failed.
    """
    imports = {"tensorflow": _TENSORFLOW, "av": _DECODER}
    for protocol in asked.get("protocols", ()):
        opened = f"import fsspec; fsspec.get_filesystem_class({protocol!r})"
        imports[f"fsspec {protocol}"] = opened
    shm = _disk("/dev/shm")
    disks = {"temporary": _disk(tempfile.gettempdir())}
    if asked.get("study"):
        disks["study"] = _disk(asked["study"])
    return {
        "host": socket.gethostname(),
        "python": platform.python_version(),
        "versions": {name: _version(name) for name in asked.get("packages", ())},
        "open_files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
        "memory": _memory(),
        "disks": disks,
        **({"shm": shm["total"]} if shm else {}),
        **(_missing(asked["files"]) if asked.get("files") else {}),
        **(_study(asked) if asked.get("study") else {}),
        **{name: _imported(script) for name, script in imports.items()},
        "listening": _listening(),
    }


def _missing(files: Any) -> dict[str, list[str]]:
    return {"missing": list(filter(None, (_fault(*file) for file in files)))}


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def _memory() -> int:
    """Memory [bytes] of the machine, or of the container."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            text = (Path("/sys/fs/cgroup") / limit).read_text(encoding="utf-8").strip()
        except OSError:
            continue
        memory = min(memory, int(text)) if text.isdigit() else memory
    return memory


def _disk(folder: str) -> dict[str, int] | None:
    """Free and total bytes of a folder's disk; None where it is not there."""
    try:
        used = shutil.disk_usage(folder)
    except OSError:
        return None
    return {"free": used.free, "total": used.total}


def _fault(path: str, size: int | None) -> str:
    """What is wrong with a file; empty where it is as it must be."""
    try:
        with Path(path).open("rb") as clip:
            clip.read(1)
        same = size is None or Path(path).stat().st_size == size
    except IsADirectoryError:  # a folder of frames
        return ""
    except OSError as wrong:
        return f"{path}: {wrong.strerror}"
    return "" if same else f"{path}: of another size"


def _study(asked: dict[str, Any]) -> dict[str, Any]:
    """Whether the study folder is the driver's, and takes a file."""
    folder, (name, text) = Path(asked["study"]), asked["marker"]
    facts: dict[str, Any] = {}
    try:
        facts["is_shared"] = (folder / name).read_text(encoding="utf-8") == text
    except OSError:
        facts["is_shared"] = False
    try:
        (folder / f"{name}-{asked['node']}").write_text(asked["node"], encoding="utf-8")
    except OSError as wrong:
        facts["study_error"] = str(wrong.strerror)
    return facts


def _imported(script: str) -> dict[str, str]:
    """What a script says, in a process of its own: an import may end its process."""
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    command = [sys.executable, "-c", script]
    try:
        ran = subprocess.run(
            command, capture_output=True, text=True, timeout=IMPORT_SECONDS, env=quiet
        )
    except (OSError, subprocess.TimeoutExpired) as wrong:
        return {"error": str(wrong)[:300]}
    if ran.returncode == 0:
        return {"said": (ran.stdout.split()[-1:] or [""])[0]}
    lines = [line for line in ran.stderr.splitlines() if line.strip()]
    return {"error": lines[-1][:300] if lines else f"ended with code {ran.returncode}"}


def _listening() -> list[list[Any]]:
    """Address, port and command of what Ray and we listen with beyond loopback."""
    try:
        import psutil  # type: ignore[import-untyped]  # Ray brings it
    except ImportError:
        return []
    found: list[list[Any]] = []
    for process in psutil.process_iter():
        try:
            words = " ".join(process.cmdline())
            sockets = process.net_connections(kind="tcp")
        except (psutil.Error, OSError):  # another user's, or gone
            continue
        if "ray" in words or "vidnas" in words:
            found += [
                [one.laddr.ip, one.laddr.port, words[:200]]
                for one in sockets
                if one.status == psutil.CONN_LISTEN
                and not one.laddr.ip.startswith(("127.", "::1"))
            ]
    return found
