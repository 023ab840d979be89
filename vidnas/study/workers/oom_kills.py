"""Did the kernel stop a process of ours for want of memory? Its counters tell.

A worker that is gone without a word may have met a person, a pre-emption or a crash;
only a counter that rose says that it was memory.
"""

from collections.abc import Callable
from pathlib import Path

# Of this process's control group, version 2 and 1; else of the whole machine.
_GROUP_FILES = ("memory.events", "memory/memory.oom_control")


def oom_kills(root: Path = Path("/")) -> int | None:
    """Processes that the kernel stopped for memory so far; None where it says nothing.

    Args:
        root: Folder that `proc` and `sys` are in.
    """
    groups = root / "sys/fs/cgroup"
    for file in (
        _own_group(root) / "memory.events",
        *map(groups.joinpath, _GROUP_FILES),
    ):
        count = _count(file)
        if count is not None:
            return count
    return _count(root / "proc/vmstat")


def _own_group(root: Path) -> Path:
    """Folder of this process's control group (version 2)."""
    groups = root / "sys/fs/cgroup"
    try:
        text = (root / "proc/self/cgroup").read_text(encoding="utf-8")
    except OSError:
        return groups
    paths = [line[3:] for line in text.splitlines() if line.startswith("0::")]
    return groups / paths[0].strip("/") if paths else groups


def _count(file: Path) -> int | None:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("oom_kill ")]
    return int(found[0]) if found and found[0].isdigit() else None


class OomWatch:
    """Tells whether the kernel's counter rose while a trial ran.

    Args:
        count: Function that reads the counter.
    """

    def __init__(self, count: Callable[[], int | None] = oom_kills) -> None:
        self._count = count
        self._at_start: dict[str, int | None] = {}
        self._explained = 0  # kills up to this count belong to other deaths

    def begin(self, trial_id: str) -> None:
        """Takes note of a trial that begins."""
        self._at_start[trial_id] = self._count()

    def rose(self, trial_id: str) -> bool:
        """Whether a kill since the trial began explains the death of its worker.

        One kill explains one death.
        """
        before, now = self._at_start.pop(trial_id, None), self._count()
        if before is None or now is None:
            return False
        before = max(before, self._explained)
        if now <= before:
            return False
        self._explained = before + 1
        return True
