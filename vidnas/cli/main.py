"""`vidnas`: what a user types, and what they are told when it is wrong."""

import argparse
import importlib.util
import platform
import sys
from collections.abc import Sequence
from typing import NoReturn

from vidnas.cli import (
    cost,
    data,
    init,
    latency,
    proxy,
    repair,
    results,
    search,
    space,
    train,
)
from vidnas.cli.output import note
from vidnas.errors import InputError, VidnasError
from vidnas.version import __version__

DONE, FAILED, WRONG_INPUT, INTERRUPTED = 0, 1, 2, 130


class _Parser(argparse.ArgumentParser):
    """Answers a wrong argument with one line."""

    def error(self, message: str) -> NoReturn:
        """Says what is wrong and ends with exit code 2."""
        note(f"error: {message}. See `{self.prog} --help`.")
        sys.exit(WRONG_INPUT)


def parser() -> argparse.ArgumentParser:
    """The command line's grammar."""
    top = _Parser(
        prog="vidnas",
        description="Architecture search for video networks.",
        epilog="Exit codes: 0 done, 1 the run failed, 2 the input is wrong.",
    )
    top.add_argument("--version", action="version", version=f"vidnas {__version__}")
    top.add_argument(
        "--traceback", action="store_true", help="show where an error came from"
    )
    commands = top.add_subparsers(metavar="COMMAND", required=True)
    rooms = (
        init,
        space,
        cost,
        latency,
        search,
        proxy,
        results,
        repair,
        train,
        data,
    )
    for room in rooms:
        room.add_commands(commands)
    return top


def _has_file_locks() -> bool:
    """Whether this system has the locks that keep a study to one writer."""
    try:
        return importlib.util.find_spec("fcntl") is not None
    except ValueError:  # it was taken out of `sys.modules`
        return False


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: Words that follow `vidnas`; by default the process's own.

    Returns:
        The exit code.
    """
    if not _has_file_locks():
        note(
            "error: vidnas needs the file locks (`fcntl`) of Linux or macOS, got "
            f"{platform.system()}. On Windows, use WSL."
        )
        return WRONG_INPUT
    chosen = parser().parse_args(arguments)
    try:
        chosen.run(chosen)
    except VidnasError as wrong:
        if chosen.traceback:
            raise
        note(f"error: {wrong}")
        return WRONG_INPUT if isinstance(wrong, InputError) else FAILED
    except KeyboardInterrupt:
        note("interrupted")
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has seen enough
        sys.stderr.close()
        return DONE
    return DONE


if __name__ == "__main__":
    sys.exit(main())
