"""What does a study cost beside its trainings, and where does its driver break?

Run:     python benchmarks/runtime.py [--quick] [--parts open journal busy virtual ray]
Cost:    not measured as a whole; --quick makes each part smaller. Nothing is trained.
Expect:  100,000 trials opened, fronted and priced in seconds; 1,000 workers with trials
         of ten minutes kept busy by ladder search at 10,000 trials done and by nsga2 at
         100,000; workers busy 95 % of a search of very unequal trials.

docs/runtime.md tells what was measured, and on which machine.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # time of one core

import numpy as np
from synthetic_study import AT_ONCE, CLASSES, DATASET, experiment_of, write_study
from virtual_workers import VirtualWorkers

from vidnas.files.journal import Journal
from vidnas.files.loading import load_space
from vidnas.study import Study, load_history
from vidnas.study.experiment.pricing import pricing_of

ROOT = Path(__file__).parents[1]
FAST = Path("/dev/shm")  # a file system in memory, where there is one
MINUTES = 600.0  # seconds of a trial
WORKERS = 1000


def timed(call: Callable[[], object]) -> float:
    """Seconds of processor time of this process."""
    began = time.process_time()
    call()
    return time.process_time() - began


def opening(folder: Path, trials: int, space: str) -> None:
    """Opens a study, and prints what each step takes."""
    study = folder / f"open_{trials}"
    write_study(study, trials, space=space)
    command = [sys.executable, __file__, "--opened", str(study), "--space", space]
    subprocess.run(command, check=True)


def opened(study: Path, space_name: str) -> None:
    """What a fresh process takes to open a study; memory is its own."""
    began = time.process_time()
    history = load_history(study)
    told = {"open": time.process_time() - began}
    told["front"] = timed(history.front)
    space = load_space(ROOT / "search_spaces" / f"{space_name}.yaml")
    rows = np.array([trial.candidate for trial in history.trials], np.int64)
    recipe = history.head.identity.recipe
    pricing = pricing_of(len(CLASSES), recipe, history.fidelity)

    def priced() -> None:
        for first in range(0, len(rows), AT_ONCE):
            costs = pricing.rows(space, rows[first : first + AT_ONCE])
            assert costs["flops"][0] == history.trials[first].value("flops")

    told["price"] = timed(priced)
    whole = sum(told.values())
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    from vidnas.views.pages.report import write_report  # no part of opening
    from vidnas.views.tables import trials_frame

    told["frame"] = timed(lambda: trials_frame(history))
    told["report"] = timed(lambda: write_report(history, study / "r.html"))
    steps = "  ".join(f"{name} {seconds:.2f}" for name, seconds in told.items())
    print(
        f"open {len(history.trials)} trials of {space_name} [s]: {steps}\n"
        f"  opened, fronted and priced {whole:.2f} s, {most:.0f} MiB before the report"
    )


def journal(folder: Path, appends: int) -> None:
    """Prints appends a second, each flushed to the disk."""
    places = {"disk": folder} | ({"memory": FAST} if FAST.is_dir() else {})
    for name, place in places.items():
        with (
            tempfile.TemporaryDirectory(dir=place) as inside,
            Journal(Path(inside) / "journal.jsonl") as written,
        ):
            began = time.perf_counter()
            for number in range(appends):
                written.append({"event": "done", "trial": number, "time": 0.0})
            took = time.perf_counter() - began
        print(f"journal on {name}: {appends / took:.0f} appends a second")


def unequal(number: int) -> float:
    """Seconds of a trial of which the longest takes fifty times the shortest."""
    return float(np.exp(np.random.default_rng(number).uniform(0.0, np.log(50.0))))


def busy(folder: Path) -> None:
    """Prints busy shares of 4 workers in 40 very unequal trials."""
    workers, trials = 4, 40
    seconds = [60.0 * unequal(number) for number in range(trials)]
    barrier = sum(max(seconds[n : n + workers]) for n in range(0, trials, workers))
    experiment = experiment_of(folder / "busy", trials, "quickstart", "ladder")
    executor = VirtualWorkers(
        workers, trials, lambda n: 60.0 * unequal(n), begins_full=False
    )
    with Study(experiment, DATASET, folder / "busy") as study:
        study.run(executor, guessed, lambda trial: None)
    whole = 100 * sum(seconds) / workers
    print(
        f"busy, {workers} workers, {trials} trials of 1 to 50 minutes: a generation "
        f"barrier {whole / barrier:.1f} %, ours {100 * executor.busy:.2f} % while "
        f"there are trials to begin, {whole / executor.clock:.1f} % with the last ones "
        f"(driver {executor.driver:.1f} s)"
    )


def guessed(number: int) -> dict[str, float]:
    """What a trial measures that nobody trains."""
    luck = np.random.default_rng([7, number]).normal()
    return {"top1": 60.0 + 8.0 * luck, "val_clips": 1000.0, "peak_bytes": 1e9}


def virtual(folder: Path, strategy: str, done: int, ends: int, space: str) -> None:
    """Prints how busy 1,000 workers are once so many trials are done."""
    place = FAST if FAST.is_dir() else folder
    with tempfile.TemporaryDirectory(dir=place) as inside:
        folder = Path(inside) / "study"
        experiment = write_study(folder, done, space=space, strategy=strategy)
        executor = VirtualWorkers(
            WORKERS,
            ends,
            lambda n: MINUTES * np.random.default_rng(n).uniform(0.5, 1.5),
            begins_full=True,
        )
        with Study(experiment, DATASET, folder) as study:
            study.run(executor, guessed, lambda trial: None)
    alone = executor.driver / ends
    print(
        f"virtual, {strategy} at {done} done: {WORKERS} workers busy "
        f"{100 * executor.busy:.1f} %, driver {1000 * alone:.0f} ms a trial "
        f"({100 * executor.driver / executor.clock:.0f} % of its core)",
        flush=True,
    )


def ray_overhead(trials: int) -> None:
    """Prints seconds of a trial that does nothing, in every way of running it."""
    file = Path(__file__).with_name("runtime_ray.py")
    for way in ("fresh", "recycled", "tune"):
        command = [sys.executable, str(file), way, "--trials", str(trials)]
        subprocess.run(
            command, check=True, env=os.environ | {"RAY_AUTH_MODE": "disabled"}
        )


def main() -> None:
    """Runs the parts that are asked for."""
    told = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parts = ("open", "journal", "busy", "virtual", "ray")
    told.add_argument("--parts", nargs="+", choices=parts, default=parts)
    told.add_argument("--quick", action="store_true", help="a tenth of everything")
    told.add_argument("--space", default="movinet_a2")
    told.add_argument("--opened", type=Path, help=argparse.SUPPRESS)
    chosen = told.parse_args()
    if chosen.opened is not None:
        opened(chosen.opened, chosen.space)
        return
    share = 10 if chosen.quick else 1
    with tempfile.TemporaryDirectory() as inside:
        folder = Path(inside)
        if "open" in chosen.parts:
            opening(folder, 100_000 // share, chosen.space)
        if "journal" in chosen.parts:
            journal(folder, 5000 // share)
        if "busy" in chosen.parts:
            busy(folder)
        if "virtual" in chosen.parts:
            ends = 600 // share
            virtual(folder, "ladder", 10_000 // share, ends, chosen.space)
            for strategy in ("nsga2", "evolution", "random"):
                virtual(folder, strategy, 100_000 // share, ends, chosen.space)
        if "ray" in chosen.parts:
            ray_overhead(40 // share)


if __name__ == "__main__":
    main()
