"""A study of real trainings in one process, which may kill itself at a write.

Usage: python killed_study.py EXPERIMENT FOLDER WRITE, which is 0 to live.
"""

import os
import signal
import sys
from pathlib import Path

from small_clips import open_small

from vidnas.study import Dataset, Inline, Study, load_experiment
from vidnas.training import prepare, train_candidate


def main(experiment: str, folder: str, write: int) -> None:
    """Searches, and dies in the middle of the file of a state."""
    prepare(cpus=1)
    from vidnas.training import dataset

    dataset.open_clips = open_small()
    flush, count = os.fsync, 0

    def fsync(file: int) -> None:
        nonlocal count
        name = Path(f"/proc/self/fd/{file}").readlink()
        count += name.parent.parent.name == "checkpoints" and not name.is_dir()
        if write and count == write:
            os.kill(os.getpid(), signal.SIGKILL)
        flush(file)

    os.fsync = fsync
    clips = Dataset("small", ("down", "right", "still", "up"), 16, 16)
    with Study(load_experiment(experiment), clips, Path(folder)) as study:
        study.run(Inline(), train_candidate, lambda trial: None)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
