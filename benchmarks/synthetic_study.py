"""A study of as many trials as wanted, of which nobody trained any.

Run:     python benchmarks/synthetic_study.py runs/large --trials 100000
Cost:    a minute on one core and 400 MB of disk for 100,000 trials.
Expect:  a study folder that every command reads: real candidates of a shipped space,
         priced, with accuracies made up from FLOPs, a few choices and luck.

`runtime.py` times what opens it, and tests read small ones.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from vidnas.files.journal import record_text
from vidnas.study import Dataset, Study, load_experiment
from vidnas.study.experiment.experiment import Experiment

SPACES = Path(__file__).parents[1] / "search_spaces"
CLASSES = ("down", "left", "right", "up")
DATASET = Dataset("clips", CLASSES, train_clips=2000, val_clips=1000)
TRAINING = 600.0  # seconds of a trial
AT_ONCE = 4096  # candidates that are priced together
EXPERIMENT = """
schema: vidnas.experiment/v1
name: synthetic
space: {space}
clips: {{folder: clips}}
training: {{epochs: 2, batch: 16}}
strategy: {{name: {strategy}}}
effort: {{trials: {trials}}}
workers: {{count: 1000, cpus: 1{memory}}}
seed: 1
"""


def experiment_of(
    folder: Path, trials: int, space: str, strategy: str, memory: str = ""
) -> Experiment:
    """An experiment on a shipped space, written beside its study.

    Args:
        folder: Study folder.
        trials: Effort in candidates.
        space: Name of a file in `search_spaces/`.
        strategy: Name of a strategy, with its defaults.
        memory: Memory of a worker, such as `8 GiB`; empty for no limit.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder.with_suffix(".yaml")
    held = f", memory: {memory}" if memory else ""
    file.write_text(
        EXPERIMENT.format(
            space=SPACES / f"{space}.yaml",
            strategy=strategy,
            trials=trials,
            memory=held,
        )
    )
    return load_experiment(file)


def made_up_accuracy(flops: float, candidate: list[int], luck: float) -> float:
    """An accuracy [%] that grows with FLOPs and depends on a few choices."""
    rise = 12.0 * np.log10(flops / 1e8) + 0.8 * sum(candidate[:6]) + luck
    return float(np.clip(40.0 + rise, 1.0, 99.0))


def write_study(
    folder: Path,
    trials: int,
    *,
    space: str = "movinet_a2",
    strategy: str = "ladder",
    memory: str = "",
    epochs: bool = False,
) -> Experiment:
    """A study folder with so many trials done; its experiment, open for as many more.

    Args:
        folder: Study folder, without a journal.
        trials: Trials that are done.
        space: Name of a file in `search_spaces/`.
        strategy: Name of its strategy.
        memory: Memory of a worker, such as `8 GiB`; then peaks are measured.
        epochs: Whether every trial has the records of its two epochs.
    """
    experiment = experiment_of(folder, 2 * trials + 1000, space, strategy, memory)
    with Study(experiment, DATASET, folder, clock=lambda: 0.0):
        pass  # its head
    with (folder / "journal.jsonl").open("a") as journal:
        for record in _records(experiment, trials, bool(memory), epochs):
            journal.write(record_text(record))
    return experiment


def _records(
    experiment: Experiment, trials: int, peaks: bool, epochs: bool
) -> Iterator[dict[str, Any]]:
    """The records of trials that 1000 workers train, each as it ends."""
    began = np.linspace(0.0, TRAINING * trials / 1000, trials).tolist()
    for number, (record, measured) in enumerate(_trials(experiment, trials)):
        now, end = began[number], began[number] + TRAINING
        yield {"event": "started", "time": now, **record, "refused": {}}
        about = {"trial": number}
        placed = {"node": f"node{number % 50}", "process": 1000 + number % 1000}
        yield {"event": "placed", "time": now, **about, **placed}
        for epoch in (1, 2) if epochs else ():
            report = {"epoch": epoch, "loss": 2.0 / epoch, "train_top1": 20.0 * epoch}
            yield {"event": "epoch", "time": now + 300.0 * epoch, **about, **report}
        if peaks:
            measured["peak_bytes"] = 1.1 * record["costs"]["training_bytes"]
        yield {"event": "done", "time": end, **about, "measured": measured}


def _trials(
    experiment: Experiment, trials: int
) -> Iterator[tuple[dict[str, Any], dict[str, float]]]:
    """What a record says of each trial's beginning, and what it measured."""
    space, rng, seen = experiment.space, np.random.default_rng(0), set[str]()
    price = experiment.limits(len(CLASSES)).price
    while len(seen) < trials:
        rows = space.many.sample(rng, AT_ONCE)
        costs = price.rows(space, rows)
        names = list(price.one(space.decode(tuple(rows[0].tolist()))))
        table = {name: costs[name].tolist() for name in names}
        luck = rng.normal(size=len(rows)).tolist()
        for at, candidate in enumerate(rows.tolist()):
            architecture = space.decode(tuple(candidate))
            if architecture.arch_id in seen or len(seen) == trials:
                continue
            flops = table["flops"][at]
            top1 = made_up_accuracy(flops, candidate, luck[at])
            record = {
                "trial": len(seen),
                "candidate": candidate,
                "arch_id": architecture.arch_id,
                "architecture": architecture.to_document(),
                "fidelity": experiment.fidelity.to_document(),
                "seed": int(rng.integers(2**31)),
                "costs": {name: values[at] for name, values in table.items()},
            }
            seen.add(architecture.arch_id)
            yield record, {"top1": top1, "val_clips": 1000.0, "seconds": TRAINING}


def main() -> None:
    """Writes one."""
    told = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    told.add_argument("folder", type=Path)
    told.add_argument("--trials", type=int, default=100_000)
    told.add_argument("--space", default="movinet_a2")
    told.add_argument("--strategy", default="ladder")
    told.add_argument("--memory", default="", help="of a worker, such as '8 GiB'")
    told.add_argument("--epochs", action="store_true", help="with records of epochs")
    chosen = told.parse_args()
    write_study(
        chosen.folder,
        chosen.trials,
        space=chosen.space,
        strategy=chosen.strategy,
        memory=chosen.memory,
        epochs=chosen.epochs,
    )
    size = (chosen.folder / "journal.jsonl").stat().st_size
    print(f"{chosen.trials} trials, {size / 1e6:.0f} MB in {chosen.folder}")


if __name__ == "__main__":
    main()
