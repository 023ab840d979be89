"""What is a machine like? Plain facts, gathered on it.

The functions are carried to machines by their source: one may hold another vidnas, or
none.
So they use the standard library, import within themselves, and answer with plain data.
"""

from typing import Any


def now() -> float:
    """The machine's clock [s]."""
    import time

    return time.time()


def look(asked: dict[str, Any]) -> dict[str, Any]:
    """The facts of the machine that this runs on.

    Args:
        asked: What to look at: `packages` (names), `files` (paths with sizes [bytes]),
            `study` (folder or empty), `marker` (name and text of a file that the driver
            left there), `gpus` (whether TensorFlow is to see one), `protocols`.

    Returns:
        Facts by name; `study_error` and the like say what failed.
    """
    import os
    import platform
    import resource
    import shutil
    import socket
    import subprocess
    import sys
    import tempfile
    from importlib import metadata

    facts: dict[str, Any] = {
        "host": socket.gethostname(),
        "python": platform.python_version(),
        "open_files": resource.getrlimit(resource.RLIMIT_NOFILE)[0],
    }
    versions = {}
    for name in asked.get("packages", ()):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = ""
    facts["versions"] = versions
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    for limit in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            with open(f"/sys/fs/cgroup/{limit}", encoding="utf-8") as file:  # noqa: PTH123
                text = file.read().strip()
            memory = min(memory, int(text)) if text.isdigit() else memory
        except OSError:
            continue
    facts["memory"] = memory

    def disk(folder: str) -> dict[str, int] | None:
        try:
            used = shutil.disk_usage(folder)
        except OSError:
            return None
        return {"free": used.free, "total": used.total}

    facts["disks"] = {"temporary": disk(tempfile.gettempdir())}
    shm = disk("/dev/shm")
    if shm is not None:
        facts["shm"] = shm["total"]
    missing = []
    for path, size in asked.get("files", ()):
        try:
            with open(path, "rb") as clip:  # noqa: PTH123
                clip.read(1)
            same = size is None or os.stat(path).st_size == size  # noqa: PTH116
        except IsADirectoryError:
            same = True
        except OSError as wrong:
            missing.append(f"{path}: {wrong.strerror}")
            continue
        if not same:
            missing.append(f"{path}: of another size")
    facts["missing"] = missing
    study = asked.get("study")
    if study:
        facts["disks"]["study"] = disk(study)
        name, text = asked["marker"]
        try:
            with open(os.path.join(study, name), encoding="utf-8") as file:  # noqa: PTH118, PTH123
                facts["is_shared"] = file.read() == text
        except OSError:
            facts["is_shared"] = False
        own = os.path.join(study, f"{name}-{asked['node']}")  # noqa: PTH118
        try:
            with open(own, "w", encoding="utf-8") as file:  # noqa: PTH123
                file.write(asked["node"])
        except OSError as wrong:
            facts["study_error"] = str(wrong.strerror)
    script = "import tensorflow as t; print(len(t.config.list_physical_devices('GPU')))"
    tries = {"tensorflow": script, "av": "import av; print(av.__version__)"}
    for protocol in asked.get("protocols", ()):
        opened = f"import fsspec; fsspec.get_filesystem_class({protocol!r})"
        tries[f"fsspec {protocol}"] = opened
    for name, text in tries.items():
        quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
        try:
            ran = subprocess.run(
                [sys.executable, "-c", text],
                capture_output=True,
                text=True,
                timeout=300,
                env=quiet,
            )
            lines = [line for line in ran.stderr.splitlines() if line.strip()]
            end = lines[-1] if lines else f"ended with code {ran.returncode}"
            answer = ran.stdout.split()[-1:] or [""]
            facts[name] = (
                {"said": answer[0]} if ran.returncode == 0 else {"error": end[:300]}
            )
        except (OSError, subprocess.TimeoutExpired) as wrong:
            facts[name] = {"error": str(wrong)[:300]}
    facts["listening"] = []
    try:
        import psutil  # type: ignore[import-untyped]  # Ray brings it

        for process in psutil.process_iter():
            try:
                words = " ".join(process.cmdline())
                sockets = process.net_connections(kind="tcp")
            except (psutil.Error, OSError):
                continue
            facts["listening"] += [
                [one.laddr.ip, one.laddr.port, words[:200]]
                for one in sockets
                if one.status == psutil.CONN_LISTEN
                and not one.laddr.ip.startswith(("127.", "::1"))
                and ("ray" in words or "vidnas" in words)
            ]
    except ImportError:
        pass
    return facts
