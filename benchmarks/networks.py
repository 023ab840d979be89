"""How do whole networks compare with what else is public, on this CPU?

Run:     make bench-networks
         .venv/bin/python benchmarks/networks.py --network movinet-a0 --peer PYTHON
Cost:    6 minutes on 2 free cores; 15 with Model Garden as a peer.
Expect:  in CPU time against ours, a training step 50 times as much with Keras's grouped
         Conv3D and 1.3 times with Model Garden's (2+1)D; a start of training 6 times as
         much there; a clip 1.2 and a streamed frame 1.5 times as much there.

The peers are the same network with `keras.layers.Conv3D(groups=C)` as its depthwise
convolutions, and Model Garden's MoViNet, which needs an interpreter of its own:
`--peer` or `VIDNAS_PEER_PYTHON` names it. Every measurement has a process to itself;
those of one kind take turns, run by run, with as many threads each. The start is
everything after the imports: build, trace and first run. Our start of training traces
scoring too; our stream is `frozen`, a form that Model Garden does not have. Ratios are
of CPU time, which other users of a machine disturb less than wall time.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import vidnas

HERE = Path(__file__).parent
CLASSES = 600  # Kinetics-600
FRAMES = 8  # of a clip
MOST_RUNS = 31
MEBIBYTE = 2**20
OURS, KERAS, GARDEN = "ours", "Keras", "Garden"

# What is done, with which convolutions, on how many clips of how many frames, by whom.
# A grouped convolution over time alone is nothing anyone writes for (2+1)D.
MEASUREMENTS = (
    ("train", "2plus1d", 4, FRAMES, (OURS, GARDEN)),
    ("train", "3d", 4, FRAMES, (OURS, KERAS, GARDEN)),
    ("forward", "2plus1d", 1, FRAMES, (OURS, GARDEN)),
    ("forward", "3d", 1, FRAMES, (OURS, KERAS, GARDEN)),
    ("stream", "2plus1d", 1, 1, (OURS, GARDEN)),
)
TITLE = f"train: 4 clips of {FRAMES} frames; forward: 1 clip; stream: 1 frame"
HEADER = """\
network     task     form     by      start    start       run       run  \
resident  allocated  start   run
                                    [CPU s]      [s]  [CPU ms]      [ms]  \
   [MiB]      [MiB]  ratio ratio"""
HOW_TO_GET_THE_PEER = """\
Model Garden was not measured. For its rows, where pip knows its packages:
python3 -m venv peer
peer/bin/pip install "tf-models-official==2.20.0" "tensorflow==2.20.*"
.venv/bin/python benchmarks/networks.py --peer peer/bin/python"""


class Worker:
    """One process and what it tells of its work: see `networks_worker.py`.

    Raises:
        RuntimeError: the process ended before its work did.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 (closed by `close`)
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self.runs: list[dict[str, float]] = []

    def start(self) -> None:
        """Waits for build, trace and first run."""
        self.started = self._answer()

    def run(self) -> None:
        """One more run."""
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        self.runs.append(self._answer())

    def close(self) -> None:
        """Lets the process end."""
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
        self._errors.close()

    def _answer(self) -> dict[str, float]:
        line = self._process.stdout.readline()
        if line:
            return json.loads(line)
        self._errors.seek(0)
        _, *lines = ["", *self._errors.read().strip().splitlines()]
        raise RuntimeError(lines[-1] if lines else "no message")


def measured(commands: dict[str, list[str]], seconds: float) -> dict[str, dict]:
    """Starts, medians of runs and peaks of workers that take turns, by name.

    Args:
        commands: Each worker's command line.
        seconds: How long a worker's runs may take altogether, a warm-up left out
            unless it takes that long itself.
    """
    with ExitStack() as stack:
        workers = {}
        for name, command in commands.items():
            workers[name] = Worker(command)
            stack.callback(workers[name].close)
            workers[name].start()
        for worker in workers.values():
            worker.run()
            if worker.runs[0]["wall_s"] < seconds:
                worker.runs.clear()  # a warm-up
        while turns := [
            worker
            for worker in workers.values()
            if len(worker.runs) < MOST_RUNS
            and sum(run["wall_s"] for run in worker.runs) < seconds
        ]:
            for worker in turns:
                worker.run()
    return {name: summary(worker) for name, worker in workers.items()}


def summary(worker: Worker) -> dict[str, float]:
    """Columns of the table."""
    last = worker.runs[-1]
    row = {
        "start_cpu_s": worker.started["cpu_s"],
        "start_s": worker.started["wall_s"],
        "run_cpu_ms": 1e3 * median(run["cpu_s"] for run in worker.runs),
        "run_ms": 1e3 * median(run["wall_s"] for run in worker.runs),
        "resident_mib": last["resident_bytes"] / MEBIBYTE,
    }
    if "allocated_bytes" in last:
        row["allocated_mib"] = last["allocated_bytes"] / MEBIBYTE
    return row


def lines(network: str, options: argparse.Namespace) -> Iterator[str]:
    """The lines of one network, as they are measured."""
    size = vidnas.published(network).clip.resolution
    for task, form, batch, frames, names in MEASUREMENTS:
        if options.task and task not in options.task:
            continue
        work = [task, network, form]
        for key, value in (
            ("batch", batch),
            ("frames", frames),
            ("size", size),
            ("classes", CLASSES),
            ("cpus", options.cpus),
        ):
            work += [f"--{key}", str(value)]
        ours = [sys.executable, str(HERE / "networks_ours.py"), *work]
        commands = {OURS: ours, KERAS: [*ours, "--depthwise", "keras"]}
        if options.peer:
            commands[GARDEN] = [options.peer, str(HERE / "networks_garden.py"), *work]
        rows = measured(
            {name: commands[name] for name in names if name in commands},
            options.seconds,
        )
        for name in names:
            row = rows.get(name, {})
            yield f"{network:11} {task:8} {form:8} {name:6} {cells(row, rows[OURS])}"


def cells(row: dict[str, float], ours: dict[str, float]) -> str:
    """The numbers of a line, `-` where there are none."""
    shown = {
        **row,
        **{
            f"{key}_ratio": row[key] / ours[key]
            for key in ("start_cpu_s", "run_cpu_ms")
            if key in row and row is not ours
        },
    }
    return " ".join(
        f"{shown[key]:{width}.{digits}f}" if key in shown else f"{'-':>{width}}"
        for key, width, digits in (
            ("start_cpu_s", 8, 1),
            ("start_s", 8, 1),
            ("run_cpu_ms", 9, 1),
            ("run_ms", 9, 1),
            ("resident_mib", 9, 0),
            ("allocated_mib", 10, 0),
            ("start_cpu_s_ratio", 6, 1),
            ("run_cpu_ms_ratio", 5, 2),
        )
    )


def main() -> None:
    """Prints a line per network, task, form and contender."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--network", action="append", help="movinet-a0 and movinet-a2 unless given"
    )
    parser.add_argument(
        "--task", action="append", help="train, forward and stream unless given"
    )
    parser.add_argument("--cpus", type=int, default=2, help="threads of a process")
    parser.add_argument(
        "--seconds", type=float, default=10.0, help="of runs of one process, at most"
    )
    parser.add_argument(
        "--peer",
        default=os.environ.get("VIDNAS_PEER_PYTHON"),
        help="a Python that has tf-models-official",
    )
    options = parser.parse_args()
    print(f"{TITLE}; {options.cpus} threads; ratios of CPU time")
    print(HEADER)
    for network in options.network or ("movinet-a0", "movinet-a2"):
        for line in lines(network, options):
            print(line, flush=True)
    if not options.peer:
        print(HOW_TO_GET_THE_PEER)


if __name__ == "__main__":
    main()
