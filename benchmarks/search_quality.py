"""How good a ladder of networks does each strategy find, after how many trainings?

Run:     python benchmarks/search_quality.py --short [--json runs/quality.json]
Cost:    see --help; cells that are in the JSON file are not run again.
Expect:  ladder search with 50 trainings no worse than the best peer with 300 on most
         problems, and never worse than random search.

Prints the ladder gap, in points of accuracy: the mean over 48 budgets, even in their
logarithm, of the best attainable accuracy less the true accuracy of the network that
would be handed over. docs/search_quality.md tells the problems.
"""

import argparse
import importlib.util
import json
import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # processes share the cores

import numpy as np
from quality_held_out import HELD_OUT
from quality_peers import PEERS
from quality_problems import PROBLEMS, SHARED, Problem, accel_fit

from vidnas.strategies.registry import STRATEGIES
from vidnas.strategies.strategy import SearchState
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.trial import Trial

AT = (25, 50, 100, 300)
SHORT = ("macro", "accel", "video-0", "zdt1")
OURS = ("random", "evolution", "nsga2", "ladder")
TABULATED = {"macro": "nas_bench_macro.json", "accel": "accel_nasbench.json"}


@cache
def problem_of(name: str) -> Problem:
    """The problem, made once in a process."""
    return {**PROBLEMS, **HELD_OUT}[name]()


class Trained:
    """What has been trained: rows, costs, measured accuracies, seconds at each."""

    def __init__(self, problem: Problem, seed: int) -> None:
        self._problem = problem
        self._rng = np.random.default_rng([1, seed])
        self.rows: list[np.ndarray] = []
        self.costs: list[float] = []
        self.measured: list[float] = []
        self.proposing: list[float] = []  # seconds of this process, one per training
        self._since = time.process_time()

    def __call__(self, row: np.ndarray) -> tuple[float, float]:
        """Trains a candidate; its cost and its measured accuracy."""
        self.proposing.append(time.process_time() - self._since)
        row = self._problem.space.many.canonical(row[None, :])
        cost = float(self._problem.costs(row)[0])
        accuracy = float(self._problem.measured(row, self._rng)[0])
        self.rows.append(row[0])
        self.costs.append(cost)
        self.measured.append(accuracy)
        self._since = time.process_time()
        return cost, accuracy

    def gap(self, trainings: int) -> float:
        """The ladder gap after so many trainings; what broke the limit is left out."""
        rows = np.array(self.rows[:trainings])
        within = self.within[:trainings]
        return self._problem.gap(
            rows[within], np.array(self.measured[:trainings])[within]
        )

    @property
    def within(self) -> np.ndarray:
        """[N], bool. Which break no limit."""
        return (self._problem.excess(np.array(self.rows)) == 0.0).all(axis=1)


def search_ours(
    name: str, problem: Problem, told: Trained, trainings: int, seed: int
) -> None:
    """One of our strategies, one candidate at a time."""
    options = {"low": problem.low} if name == "ladder" else {}
    strategy: Any = STRATEGIES[name](**options)
    trials: list[Trial] = []
    for number in range(trainings):
        rng = np.random.default_rng([seed, number])
        proposal = strategy.propose(
            SearchState(problem.space, problem.limits, trials), rng, 1
        )
        if not proposal.candidates:
            return
        (candidate,) = proposal.candidates
        cost, accuracy = told(np.array(candidate, np.int64))
        trials.append(
            Trial(
                number=number,
                candidate=candidate,
                architecture=problem.space.decode(candidate),
                fidelity=Fidelity(epochs=1),
                seed=0,
                costs={"flops": cost},
                state="done",
                measured={"top1": accuracy},
            )
        )


def cell(problem_name: str, strategy: str, seed: int, trainings: int) -> dict[str, Any]:
    """The result of one strategy on one problem with one seed."""
    problem = problem_of(problem_name)
    told = Trained(problem, seed)
    if strategy in PEERS:
        PEERS[strategy][1](problem, told, trainings, seed)
    else:
        search_ours(strategy, problem, told, trainings, seed)
    return {
        "gap": {str(n): told.gap(n) for n in AT if n <= trainings},
        "beyond": int((~told.within).sum()),
        "proposing": float(sum(told.proposing)),
        "last": float(np.median(told.proposing[-10:])),
        "trainings": len(told.rows),
    }


def available(problems: Sequence[str], strategies: Sequence[str]) -> tuple[Any, Any]:
    """What can be run here; what is left out is named."""
    for name, file in TABULATED.items():
        if name in problems and not (SHARED / file).exists():
            print(f"left out: {name}, its data is not in {SHARED} (VIDNAS_SHARED)")
            problems = [p for p in problems if p != name]
    if "accel" in problems and importlib.util.find_spec("sklearn") is None:
        print("left out: accel, scikit-learn is not installed")
        problems = [p for p in problems if p != "accel"]
    for name in list(strategies):
        for library in PEERS[name][0] if name in PEERS else ():
            if importlib.util.find_spec(library) is None:
                print(f"left out: {name}, {library} is not installed")
                strategies = [s for s in strategies if s != name]
    return problems, strategies


def show(done: dict[str, Any], problems: Sequence[str], names: Sequence[str]) -> None:
    """Prints a table per problem."""
    for problem in problems:
        head = "".join(f"{f'gap @{n}':>14}" for n in AT)
        print(f"\n{problem:16} seeds{head}  beyond  s/proposal at the end")
        for name in names:
            cells = [
                value
                for key, value in done.items()
                if key.startswith(f"{problem}/{name}/")
            ]
            if not cells:
                continue
            columns = []
            for n in AT:
                gaps = np.array([c["gap"][str(n)] for c in cells if str(n) in c["gap"]])
                told = f"{gaps.mean():.2f}" if len(gaps) else "-"
                if len(gaps) > 1:  # one seed tells no error
                    told += f" +- {gaps.std(ddof=1) / len(gaps) ** 0.5:.2f}"
                columns.append(f"{told:>14}")
            beyond = np.mean([c["beyond"] / c["trainings"] for c in cells])
            last = np.median([c["last"] for c in cells])
            print(
                f"{name:16} {len(cells):5}{''.join(columns)} {100 * beyond:5.0f} %"
                f"  {last:.3f}"
            )


def main() -> None:
    """Runs the cells that are missing, two at a time, then prints the tables."""
    told = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    told.add_argument("--short", action="store_true", help="four problems, the default")
    told.add_argument("--full", action="store_true", help="all six problems")
    told.add_argument("--held-out", action="store_true", help="those not tuned on")
    told.add_argument("--problems", nargs="+", choices=[*PROBLEMS, *HELD_OUT])
    told.add_argument(
        "--strategies",
        nargs="+",
        choices=[*STRATEGIES, *PEERS],
        default=[*OURS, *PEERS],
    )
    told.add_argument("--seeds", type=int, default=5)
    told.add_argument("--trainings", type=int, default=300)
    told.add_argument("--processes", type=int, default=2)
    told.add_argument("--json", type=Path, help="keeps results; goes on from them")
    told.add_argument("--again", nargs="+", default=(), help="strategies to run anew")
    chosen = told.parse_args()
    problems: Sequence[str] = PROBLEMS if chosen.full else SHORT
    problems = chosen.problems or (tuple(HELD_OUT) if chosen.held_out else problems)
    problems, strategies = available(problems, chosen.strategies)
    if "accel" in problems:
        print(f"accel: {accel_fit()}")
    done: dict[str, Any] = {}
    if chosen.json is not None and chosen.json.exists():
        done = json.loads(chosen.json.read_text())
    wanted = {
        f"{problem}/{strategy}/{seed}/{chosen.trainings}": (problem, strategy, seed)
        for seed in range(chosen.seeds)
        for problem in problems
        for strategy in strategies
    }
    missing = [
        key
        for key, (_, strategy, _) in wanted.items()
        if key not in done or strategy in chosen.again
    ]
    with ProcessPoolExecutor(chosen.processes) as processes:
        running = {
            key: processes.submit(cell, *wanted[key], chosen.trainings)
            for key in missing
        }
        for key, result in running.items():
            done[key] = result.result()
            if chosen.json is not None:
                chosen.json.parent.mkdir(parents=True, exist_ok=True)
                chosen.json.write_text(json.dumps(done, indent=1))
    show({key: done[key] for key in wanted}, problems, strategies)


if __name__ == "__main__":
    main()
