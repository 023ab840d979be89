"""Who writes here? A small file beside a journal says so, where locks do nothing.

Some network file systems take every lock and hold none. The lease names host, process
and the process's start; its time is renewed while the process lives, by the clock of
the file system, so clocks of hosts need not agree. Of a process on this machine the
system knows whether it lives; one on another counts as gone after `LEASE_SECONDS`.
"""

import json
import os
import secrets
import socket
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vidnas.documents.quantity import format_duration
from vidnas.errors import StudyError

LEASE_SECONDS = 90.0
RENEWAL_SECONDS = 20.0
_NEW = os.O_CREAT | os.O_EXCL | os.O_WRONLY


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that writes.

    Args:
        host: Name of its machine.
        machine: Boot and process space of its machine, where the system tells them.
        process: Number of the process.
        started: When it started, in ticks since the boot; None where unknown.
    """

    host: str
    machine: str
    process: int
    started: int | None

    @classmethod
    def of_this_process(cls) -> "Holder":
        """This very process."""
        process = os.getpid()
        return cls(socket.gethostname(), _machine(), process, _start(process))

    @classmethod
    def from_text(cls, text: str) -> "Holder | None":
        """The holder that a lease names; None where it is damaged."""
        try:
            holder = cls(**json.loads(text))
        except (ValueError, TypeError, RecursionError):
            return None
        kinds = (str, str, int, int | None)
        sound = all(map(isinstance, asdict(holder).values(), kinds))
        return holder if sound and holder.process > 0 else None

    def is_here(self) -> bool:
        """Whether this machine knows whether it lives."""
        return self.machine == _machine() and (
            bool(self.machine) or self.host == socket.gethostname()
        )

    def lives(self) -> bool:
        """Whether it runs still, on this machine."""
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return False
        except (PermissionError, OverflowError):
            pass
        if not Path("/proc/self/stat").exists():
            return True
        start = _start(self.process)
        return start is not None and self.started in (None, start)


def holder_of(path: Path) -> tuple[Holder | None, float] | None:
    """Who has the lease of a file, as far as it says, and its age [s]; None for nobody.

    Args:
        path: File that has one writer at a time.
    """
    lease = lease_of(path)
    try:
        holder = Holder.from_text(lease.read_text(encoding="utf-8", errors="replace"))
        return holder, max(0.0, age_of(lease))
    except OSError:
        return None


def lease_of(path: Path) -> Path:
    """The lease of a file that has one writer."""
    return path.with_name(f"{path.name}.lease")


def age_of(path: Path) -> float:
    """Seconds since a file was written to, by the clock of its file system.

    Where nothing may be written beside it, the clock of this machine has to do.

    Raises:
        OSError: the file is not there.
    """
    then = path.stat().st_mtime
    probe = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        file = os.open(probe, _NEW, 0o644)
    except OSError:
        return time.time() - then
    try:
        return os.fstat(file).st_mtime - then
    finally:
        os.close(file)
        with suppress(OSError):
            probe.unlink()


class Lease:
    """The right of this process to write a file, renewed until it is released.

    Args:
        path: File that has one writer.

    Raises:
        StudyError: another process holds it, or held it a moment ago.
    """

    def __init__(self, path: Path) -> None:
        self.path = lease_of(path)
        self.notice = ""  # whose lease ran out, where one did
        self._text = json.dumps(asdict(Holder.of_this_process()))
        self._require_free(path)
        self._file = self._write()
        self._released = threading.Event()
        threading.Thread(target=self._renew, daemon=True, name="vidnas-lease").start()

    def is_held(self) -> bool:
        """Whether nobody has taken it over. One that was removed is written again."""
        try:
            there, ours = self.path.lstat(), os.fstat(self._file)
            if (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino):
                return True
            return self.path.read_text(encoding="utf-8") == self._text  # it was copied
        except FileNotFoundError:
            with suppress(FileExistsError):
                before, self._file = self._file, self._write()
                os.close(before)
                return True
            return False
        except (OSError, UnicodeDecodeError):
            return False

    def release(self) -> None:
        """Gives it up."""
        self._released.set()
        with suppress(OSError):
            there, ours = self.path.lstat(), os.fstat(self._file)
            if (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino):
                self.path.unlink()
        with suppress(OSError):
            os.close(self._file)

    def _write(self) -> int:
        file = os.open(self.path, _NEW, 0o644)
        try:
            os.write(file, self._text.encode())
        except BaseException as wrong:
            os.close(file)
            self.path.unlink()
            if isinstance(wrong, OSError):  # a full disk names nothing
                raise OSError(wrong.errno, wrong.strerror, str(self.path)) from wrong
            raise
        return file

    def _renew(self) -> None:
        while not self._released.wait(RENEWAL_SECONDS):
            with suppress(OSError):
                os.utime(self._file)

    def _require_free(self, written: Path) -> None:
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return
        holder = Holder.from_text(text)
        if holder is not None and holder.is_here():
            if holder.lives():
                raise StudyError(
                    f"{written} must have one writer, process {holder.process} on "
                    "this machine is writing to it."
                )
        else:
            self._require_expired(written, holder)
        self.path.unlink(missing_ok=True)

    def _require_expired(self, written: Path, holder: Holder | None) -> None:
        """Of another machine only the time since the last renewal is known."""
        who = f"process {holder.process} on {holder.host}" if holder else "somebody"
        age = age_of(self.path)
        if age < LEASE_SECONDS:
            raise StudyError(
                f"{written} must have one writer, {who} was writing to it "
                f"{max(age, 0):.0f} s ago. If that one is gone, try again in "
                f"{LEASE_SECONDS - age:.0f} s or remove {self.path}."
            )
        self.notice = (
            f"{who} wrote to {written} until {format_duration(age)} ago and is taken "
            "to be gone"
        )


def _machine() -> str:
    """Boot and process space, which tell machines and containers apart; or nothing."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")
        return f"{boot.strip()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _start(process: int) -> int | None:
    """When a process started; None where it is gone, or the system does not say."""
    try:
        told: Any = Path(f"/proc/{process}/stat").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    state, *facts = told.rpartition(")")[2].split()
    return None if state in "ZX" else int(facts[18])
