"""`vidnas board`: all studies of a folder in a browser, live."""

import argparse
import errno
from pathlib import Path
from typing import Any

from vidnas.cli.arguments import place
from vidnas.cli.board_server import HOST, BoardServer
from vidnas.cli.command_help import described
from vidnas.cli.output import note, say
from vidnas.cli.stop_signals import stop_as_by_ctrl_c
from vidnas.errors import InputError
from vidnas.views.live.board import Board

PORT = 8640


def add_commands(commands: Any) -> None:
    """Adds `board`."""
    command = commands.add_parser(
        "board",
        **described(
            "Serves all studies of a folder as pages that keep themselves current: "
            "their fronts together, how each stands, its report, and comparisons. Only "
            "this machine reaches them, by the address that is printed.",
            "vidnas board runs",
            "vidnas board runs --port 9000",
        ),
    )
    command.add_argument(
        "folder", metavar="FOLDER", type=place, help="folder that holds studies"
    )
    command.add_argument(
        "--port",
        type=_port,
        metavar="N",
        help=f"port on {HOST} (default {PORT}, or any where that is taken)",
    )
    command.set_defaults(run=run_board)


def run_board(chosen: argparse.Namespace) -> None:
    """Serves the board until somebody ends it."""
    if not chosen.folder.is_dir():
        raise InputError(
            f"`FOLDER` must be a folder that holds studies, got {chosen.folder}."
        )
    server = _server(chosen.folder, chosen.port)
    try:
        with stop_as_by_ctrl_c():
            server.begin_looking()
            note(f"from elsewhere: ssh -L {server.port}:{HOST}:{server.port} MACHINE")
            note("Ctrl-C ends it; searches go on")
            say(server.address)
            server.serve_forever()
    except KeyboardInterrupt:
        note("ended")
    finally:
        server.server_close()


def _server(folder: Path, port: int | None) -> BoardServer:
    board = Board(folder)
    try:
        return BoardServer(board, PORT if port is None else port)
    except OSError as wrong:
        if wrong.errno != errno.EADDRINUSE:
            raise
        if port is not None:
            raise InputError(f"`--port` must be free, {port} is taken.") from wrong
    return BoardServer(board, 0)


def _port(text: str) -> int:
    """A number of a port."""
    value = int(text) if text.isdecimal() else -1
    if not 0 <= value < 65536:
        raise argparse.ArgumentTypeError(
            f"must be a whole number from 0 to 65535, got `{text}`"
        )
    return value
