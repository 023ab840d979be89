"""On the quickstart task itself, what does each strategy find with 24 and 48 trainings?

Run:     python benchmarks/quickstart_search.py
Cost:    nine studies of 48 real trainings, 22 minutes on two quiet cores. One that is
         stopped goes on, and what is finished is not trained again.
Expect:  ladder search above random search; whether it is beyond the noise is printed.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml

from vidnas.cli.main import main as vidnas_command
from vidnas.study import load_history
from vidnas.trials import FLOPS, TOP1, Front, Trial

EXPERIMENT = Path(__file__).parents[1] / "experiments" / "quickstart.yaml"
STRATEGIES = ("ladder", "random", "nsga2")
TRIALS = (24, 48)
LOW, HIGH = 0.5e6, 12e6  # FLOPs between which the family is looked for
T_95 = {2: 12.71, 3: 4.303, 4: 3.182, 5: 2.776}  # Student, two-sided, N seeds


def run(folder: Path, strategy: str, seed: int, trials: int) -> None:
    """Runs or resumes one study."""
    document = yaml.safe_load(EXPERIMENT.read_text(encoding="utf-8"))
    document.update(name=folder.name, strategy=strategy, seed=seed)
    document["effort"]["trials"] = trials
    document["space"] = str((EXPERIMENT.parent / document["space"]).resolve())
    clips = document["clips"]
    clips["folder"] = str((EXPERIMENT.parent / clips["folder"]).resolve())
    folder.parent.mkdir(parents=True, exist_ok=True)
    file = folder.parent / f"{folder.name}.yaml"
    file.write_text(yaml.safe_dump(document), encoding="utf-8")
    code = vidnas_command(["search", str(file), "--study", str(folder)])
    if code:
        sys.exit(code)


def ladder_top1(trials: Sequence[Trial]) -> float:
    """Mean over log-spaced budgets of the best measured top-1 within each [%]."""
    done = [trial for trial in trials if trial.state == "done"]
    flops = np.array([trial.value("flops") for trial in done])
    top1 = np.array([trial.value("top1") for trial in done])
    budgets = np.geomspace(LOW, HIGH, 48)
    return float(np.mean([top1[flops <= b].max(initial=12.5) for b in budgets]))


def mean_and_half(values: np.ndarray) -> str:
    """The mean and half of its 95 % interval over seeds."""
    half = T_95[len(values)] * values.std(ddof=1) / len(values) ** 0.5
    return f"{values.mean():6.2f} +- {half:5.2f}"


def main() -> None:
    """Runs what is missing, then prints a line per strategy and number of trainings."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--folder", type=Path, default=Path("runs/quality"))
    options.add_argument("--seeds", type=int, default=3, choices=sorted(T_95))
    options.add_argument("--trials", type=int, default=max(TRIALS), choices=TRIALS)
    chosen = options.parse_args()
    compared = [trials for trials in TRIALS if trials <= chosen.trials]
    found: dict[tuple[str, int], np.ndarray] = {}
    volumes: dict[tuple[str, int], np.ndarray] = {}
    # Seed by seed, so that what is finished can be compared at any time.
    for seed in range(chosen.seeds):
        for strategy in STRATEGIES:
            run(chosen.folder / f"{strategy}-{seed}", strategy, seed, chosen.trials)
    for strategy in STRATEGIES:
        for trials in compared:
            tops, sizes = [], []
            for seed in range(chosen.seeds):
                history = load_history(chosen.folder / f"{strategy}-{seed}")
                first = history.trials[:trials]
                tops.append(ladder_top1(first))
                front = Front.of(first, (FLOPS, TOP1))
                sizes.append(front.hypervolume(history.reference) / 1e6)
            found[strategy, trials] = np.array(tops)
            volumes[strategy, trials] = np.array(sizes)
    print("\nmean best top-1 [%] over log FLOPs, and hypervolume [M FLOPs x %]; 95 %")
    print("strategy  trainings            top-1         hypervolume")
    for key, tops in found.items():
        print(
            f"{key[0]:9} {key[1]:9}  {mean_and_half(tops)}  "
            f"{mean_and_half(volumes[key])}"
        )
    print("\nladder less the other, seed by seed; 95 %")
    for strategy in STRATEGIES[1:]:
        for trials in compared:
            apart = found["ladder", trials] - found[strategy, trials]
            half = T_95[len(apart)] * apart.std(ddof=1) / len(apart) ** 0.5
            word = "beyond" if abs(apart.mean()) > half else "inside"
            print(f"{strategy:9} {trials:9}  {mean_and_half(apart)}  {word} the noise")


if __name__ == "__main__":
    main()
