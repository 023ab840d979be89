"""What does the board of a folder of studies take, and how large is what changes?

Run:     .venv/bin/python benchmarks/board.py
Cost:    half a minute on one core.
Expect:  the first look reads every journal; a later one reads nothing.

Forty studies of thirty trials and one of two thousand, which nobody trained
(`synthetic_study.py`). Times are of the process.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from synthetic_study import write_study

from vidnas.views.live.board import Board
from vidnas.views.live.board_page import board_now


def main() -> None:
    """Prints seconds of the first look, a later one, and the part that changes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--studies", type=int, default=40)
    parser.add_argument("--trials", type=int, default=2000, help="of the largest")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for number in range(chosen.studies):
            write_study(folder / f"small{number}", 30, space="quickstart")
        write_study(folder / "large", chosen.trials, space="quickstart", epochs=True)
        board = Board(folder)
        print(f"first look       {seconds(board.look):8.3f} s")
        board_now(board)
        print(f"a look after it  {seconds(board.look):8.3f} s")
        print(f"what changes     {seconds(lambda: board_now(board)):8.3f} s")
        print(f"                 {len(board_now(board).encode()) / 1e3:8.0f} kB")


def seconds(act: Callable[[], object]) -> float:
    """Seconds of the process that something takes."""
    began = time.process_time()
    act()
    return time.process_time() - began


if __name__ == "__main__":
    main()
