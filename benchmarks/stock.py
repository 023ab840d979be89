"""What would a search cost with the tools that a user would pick instead?

Run:     .venv/bin/python benchmarks/stock.py
         .venv/bin/pip install -e '.[bench]' brings psutil, where it is not there.
Cost:    15 minutes of CPU; --grouped adds some. Linux.
Expect:  a trial with stock (2+1)D layers and `fit` to take nearly three times our CPU,
         a search by Keras Tuner or Ray Tune more than ours; and stock networks with
         Keras's own batch-norm momentum to stay near chance (12.5 %).

The same six networks (`stock_space.yaml`), clips, batches, epochs, optimizer, schedule
and seed. A trial is build, trace, training and scoring, on decoded clips, in a process
that has imported everything and trained once; one thread each. A search has its process
to itself and counts every process it starts, imports and decoding included. Ratios are
of CPU time, which other users of a machine disturb less than wall time.
"""

import argparse
import ctypes
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from statistics import mean, median

import psutil

import vidnas
from vidnas.statistics.proportion import wilson
from vidnas.study import load_experiment

HERE = Path(__file__).parent
KERAS_MOMENTUM = 0.99
PR_SET_CHILD_SUBREAPER = 36  # <linux/prctl.h>
POLL_SECONDS = 0.2  # between looks at CPU times; the last of them are missed
VAL_CLIPS = 8 * 48

# Name, form of `stock_worker.py`, and whether the batch-norm momentum is Keras's.
TRIALS = (
    ("ours, (2+1)D", "ours", False),
    ("stock, (2+1)D, momentum tuned", "stock", False),
    ("the same without XLA", "stock-graph", False),
    ("the same, Keras's momentum", "stock-graph", True),
)
GROUPED = (
    ("ours, 3D", "ours-3d", False),
    ("stock, Conv3D(groups=C)", "grouped", False),
)
SEARCHES = (
    ("vidnas search", "vidnas"),
    ("Keras Tuner, in process", "keras-tuner"),
    ("Ray Tune, a function", "ray-tune"),
)


def work(*words: object) -> tuple[list[dict[str, float]], float]:
    """What a worker printed, and the CPU time of it and all its descendants [s]."""
    command = [sys.executable, str(HERE / "stock_worker.py"), *map(str, words)]
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        process = psutil.Popen(command, stdout=out, stderr=errors)
        seconds: dict[tuple[int, float], float] = {}
        while process.poll() is None:
            for one in descendants():
                with suppress(psutil.Error):
                    times = one.cpu_times()
                    seconds[one.pid, one.create_time()] = times.user + times.system
            time.sleep(POLL_SECONDS)
        out.seek(0)
        errors.seek(0)
        if process.returncode:
            raise RuntimeError(errors.read().strip().splitlines()[-1])
        rows = [json.loads(line) for line in out if line.startswith("{")]
    return rows, sum(seconds.values())


def descendants() -> list[psutil.Process]:
    """Every process that this one has started, directly or not."""
    with suppress(psutil.Error):
        return psutil.Process().children(recursive=True)
    return []


def adopt_orphans() -> None:
    """Lets daemons of a search, whose parents end first, become ours to count."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def trial_lines(
    forms: Sequence[tuple[str, str, bool]], options: argparse.Namespace
) -> None:
    """A line for each way to train; ratios to the first."""
    print(
        f"\n{'a trial (median of the networks)':34}  CPU [s]  first step   step  top-1"
    )
    print(f"{'':34}              [CPU s]   [ms]  [%], least to most")
    first: list[dict[str, float]] = []
    for name, form, default in forms:
        momentum = KERAS_MOMENTUM if default else options.momentum
        count = options.grouped_networks if "3D" in name else options.networks
        rows, _ = work("trials", form, "--momentum", momentum, "--networks", count)
        row = {key: median(one[key] for one in rows) for key in rows[0]}
        first = first or rows
        tops = sorted(one["top1"] for one in rows)
        low, high = wilson(median(tops), VAL_CLIPS)
        print(
            f"{name:34} {row['cpu_s']:8.1f} {row['first_s']:11.1f} "
            f"{1e3 * row['step_s']:6.1f}  {tops[0]:.1f} to {tops[-1]:.1f}, "
            f"mean {mean(tops):.1f} (95 % of the median: "
            f"{low:.0f}-{high:.0f})",
            flush=True,
        )
        if rows is first:
            continue
        pairs = list(zip(rows, first, strict=True))
        ratios = {
            key: [one[key] / ours[key] for one, ours in pairs]
            for key in ("cpu_s", "first_s", "step_s")
        }
        cpu, start, step = (median(ratio) for ratio in ratios.values())
        print(
            f"{'  over ours':34} {cpu:8.2f} {start:11.2f} {step:6.2f}  CPU "
            f"{min(ratios['cpu_s']):.2f} to {max(ratios['cpu_s']):.2f} by network"
        )


def search_lines(options: argparse.Namespace) -> None:
    """A line for each tool that searches; ratios to the first."""
    print(f"\n{'a search of six networks':34}  CPU [s]  over ours  best top-1 [%]")
    first = 0.0
    for name, form in SEARCHES:
        costs, tops = [], []
        for _ in range(options.repeats):
            (row,), cpu = work("search", form, "--momentum", options.momentum)
            costs.append(cpu)
            tops.append(row["top1"])
        first = first or median(costs)
        print(
            f"{name:34} {median(costs):8.1f} {median(costs) / first:10.2f} "
            f"{median(tops):15.1f}",
            flush=True,
        )


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--momentum",
        type=float,
        default=0.9,
        help="batch-norm momentum of stock networks, tuned until they learn alike",
    )
    parser.add_argument("--networks", type=int, default=6, help="networks of a trial")
    parser.add_argument("--repeats", type=int, default=1, help="of each search")
    parser.add_argument("--grouped", action="store_true", help="Conv3D(groups=C) too")
    parser.add_argument("--grouped-networks", type=int, default=2)
    parser.add_argument("--trials-only", action="store_true")
    options = parser.parse_args()
    adopt_orphans()
    make_clips()
    trial_lines(TRIALS, options)
    if options.grouped:
        trial_lines(GROUPED, options)
    if not options.trials_only:
        search_lines(options)


def make_clips() -> None:
    """Generates the clips where they are absent, so that nobody's time has them."""
    clips = load_experiment(HERE / "stock_experiment.yaml").clips
    motion = clips.motion
    assert motion is not None
    words = ["--seed", motion.seed, "--train", motion.train_per_class]
    words += ["--val", motion.val_per_class]
    print(f"vidnas {vidnas.__version__}; clips in {clips.place}")
    command = [sys.executable, "-m", "vidnas", "data", "motion", clips.place, *words]
    subprocess.run([str(word) for word in command], check=True)


if __name__ == "__main__":
    main()
