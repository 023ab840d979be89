"""`vidnas`: what a user types, and what they are told when it is wrong."""

import argparse
import errno
import importlib.util
import io
import os
import platform
import sys
import traceback
from collections.abc import Sequence
from typing import Any, NoReturn, TextIO

from vidnas.cli.command_help import EXIT_CODES, show_help_alone
from vidnas.cli.commands import COMMANDS, add_all
from vidnas.cli.failures import DONE, FAILED, INTERRUPTED, WRONG_INPUT, failure
from vidnas.cli.output import note, say
from vidnas.documents.suggestion import nearest
from vidnas.documents.visible_text import visible
from vidnas.version import __version__


class _Parser(argparse.ArgumentParser):
    """Answers a wrong argument with one line."""

    def error(self, message: str) -> NoReturn:
        """Says what is wrong and ends with exit code 2."""
        message = visible(message, keep="")
        end = "" if message.endswith("?") else "."
        note(f"error: {message}{end} See `{self.prog} --help`.")
        sys.exit(WRONG_INPUT)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Reads the words; those that nobody knows are answered by their command."""
        chosen, rest = super().parse_known_args(args, namespace)
        if rest:
            near = nearest(rest[0], self._option_string_actions)
            self.error(f"unrecognized arguments: {' '.join(rest)}{near and f'.{near}'}")
        return chosen, rest

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Raises where the value is no choice, with the nearest one."""
        if action.choices is not None and value not in action.choices:
            choices = list(map(str, action.choices))
            near = nearest(value, choices)
            must = f"must be one of {', '.join(choices)}, got `{value}`"
            raise argparse.ArgumentError(action, f"{must}{near and f'.{near}'}")

    def print_help(self, file: Any = None) -> None:
        """Prints the help; a full disk is an error, which argparse would hide."""
        if file is None:
            say(self.format_help().rstrip())
        else:
            super().print_help(file)


def parser(words: Sequence[str] | None = None) -> argparse.ArgumentParser:
    """The command line's grammar.

    Args:
        words: Words that follow `vidnas`: of commands other than theirs the grammar
            then holds the name alone. By default it is whole.
    """
    top = _Parser(
        prog="vidnas",
        description="Architecture search for video networks.",
        epilog=EXIT_CODES,
    )
    top.add_argument("--version", action="version", version=f"vidnas {__version__}")
    top.add_argument(
        "--traceback", action="store_true", help="show where an error came from"
    )
    show_help_alone(top)
    top.set_defaults(grammar=parser)  # whole, for `completion`
    typed = next((word for word in words or () if not word.startswith("-")), "")
    wanted = COMMANDS if words is None else {typed} & COMMANDS.keys()
    add_all(top.add_subparsers(metavar="COMMAND"), wanted)
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
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a terminal without UTF-8
            stream.reconfigure(errors="backslashreplace")
    try:
        words = sys.argv[1:] if arguments is None else arguments
        chosen = parser(words).parse_args(words)
    except SystemExit as ended:  # after help, or a wrong word
        sys.exit(_flush(WRONG_INPUT if ended.code else DONE))
    except OSError as wrong:  # of the help
        return _flush(_tell(wrong))
    return _flush(_run(chosen))


def _run(chosen: argparse.Namespace) -> int:
    """Runs the command that was chosen; what breaks it is one line."""
    try:
        chosen.run(chosen)
    except KeyboardInterrupt:
        note("interrupted")
        return INTERRUPTED
    except Exception as wrong:
        if failure(wrong) is None:
            raise
        if chosen.traceback:
            note(traceback.format_exc().rstrip())
        return _tell(wrong)
    return DONE


def _tell(wrong: Exception) -> int:
    """Says an error that is no bug of ours in one line; gives the exit code."""
    if isinstance(wrong, BrokenPipeError):  # the reader of our output has seen enough
        return DONE
    line, code = failure(wrong) or (str(wrong), FAILED)
    note(f"error: {visible(line, keep='')}")
    return code


def _flush(code: int) -> int:
    """The exit code, once what was said is on its way; a full disk is said too.

    Python would flush at its end, and print a traceback that nobody can catch.
    """
    for stream in filter(None, (sys.stdout, sys.stderr)):  # None where closed
        try:
            stream.flush()
        except OSError as wrong:
            _silence(stream)
            if stream is sys.stdout and code == DONE and wrong.errno != errno.EPIPE:
                note(f"error: The output cannot be used: {wrong.strerror}.")
                code = FAILED
    return code


def _silence(stream: TextIO) -> None:
    """Lets what a stream still holds go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main())
