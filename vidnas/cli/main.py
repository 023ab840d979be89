"""`vidnas`: what a user types, and what they are told when it is wrong."""

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from vidnas.cli import (
    cost,
    data,
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
    for room in (space, cost, latency, search, proxy, results, repair, train, data):
        room.add_commands(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        arguments: Words that follow `vidnas`; by default the process's own.

    Returns:
        The exit code.
    """
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
