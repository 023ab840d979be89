"""How good a ladder of networks does each strategy find, after how many trainings?

Run:     python benchmarks/search_quality.py --short [--json runs/quality.json]
         python benchmarks/search_quality.py --hard [--workers 1 64 64s]
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
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # processes share the cores

import numpy as np
from quality_hard import HARD
from quality_held_out import HELD_OUT
from quality_peers import PEERS
from quality_problems import PROBLEMS, SHARED, Problem, accel_fit
from quality_runs import Ours, Trained, Workers, search
from quality_verdicts import verdicts

from vidnas.strategies import STRATEGIES

AT = (25, 50, 100, 300)
SHORT = ("macro", "accel", "video-0", "zdt1")
OURS = ("random", "evolution", "nsga2", "ladder")
TABULATED = {"macro": "nas_bench_macro.json", "accel": "accel_nasbench.json"}


@cache
def problem_of(name: str, seed: int) -> Problem:
    """The problem, made once in a process; hard ones are drawn anew for each seed."""
    return HARD[name](seed) if name in HARD else {**PROBLEMS, **HELD_OUT}[name]()


def cell(
    problem_name: str, strategy: str, seed: int, trainings: int, workers: str
) -> dict[str, Any]:
    """The result of one strategy on one problem with one seed."""
    problem = problem_of(problem_name, seed if problem_name in HARD else 0)
    told, crowd = Trained(problem, seed), Workers.of(workers)
    if strategy in PEERS:
        PEERS[strategy][1](problem, told, trainings, crowd, seed)
    else:
        search(Ours(problem, strategy, seed), told, trainings, crowd, seed)
    return {
        "gap": {str(n): told.gap(n) for n in AT if n <= trainings},
        "beyond": int((~told.within).sum()),
        "crashed": told.crashed(trainings),
        "proposing": float(sum(told.proposing)),
        "last": float(np.median(told.proposing[-10:])),
        "trainings": len(told.rows),
    }


def key_of(problem: str, strategy: str, seed: int, trainings: int, workers: str) -> str:
    """Name of a cell in the JSON file."""
    crowd = f"/{workers}" if workers != "1" else ""
    return f"{problem}/{strategy}/{seed}/{trainings}{crowd}"


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


Cells = dict[tuple[str, str, int], dict[str, Any]]  # by problem, strategy, seed


def show(cells: Cells, problems: Sequence[str], names: Sequence[str]) -> None:
    """Prints a table per problem."""
    for problem in problems:
        head = "".join(f"{f'gap @{n}':>14}" for n in AT)
        print(f"\n{problem:16} seeds{head}  beyond  crashed  s/proposal at the end")
        for name in names:
            found = [
                told
                for (where, who, _), told in cells.items()
                if (where, who) == (problem, name)
            ]
            if found:
                print(f"{name:16} {line(found)}")


def line(found: Sequence[dict[str, Any]]) -> str:
    """What the seeds of one strategy gave on one problem."""
    columns = []
    for n in AT:
        gaps = np.array([c["gap"][str(n)] for c in found if str(n) in c["gap"]])
        told = f"{gaps.mean():.2f}" if len(gaps) else "-"
        if len(gaps) > 1:  # one seed tells no error
            told += f" +- {gaps.std(ddof=1) / len(gaps) ** 0.5:.2f}"
        columns.append(f"{told:>14}")
    beyond = np.mean([c["beyond"] / c["trainings"] for c in found])
    crashed = np.mean([c.get("crashed", 0) for c in found])
    last = np.median([c["last"] for c in found])
    return (
        f"{len(found):5}{''.join(columns)} {100 * beyond:5.0f} %  {crashed:7.1f}"
        f"  {last:.3f}"
    )


def asked_for() -> argparse.Namespace:
    """What the command line asks for."""
    told = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    told.add_argument("--short", action="store_true", help="four problems, the default")
    told.add_argument("--full", action="store_true", help="all six problems")
    told.add_argument("--held-out", action="store_true", help="those not tuned on")
    told.add_argument("--hard", action="store_true", help="what real life adds")
    told.add_argument("--problems", nargs="+", choices=[*PROBLEMS, *HELD_OUT, *HARD])
    told.add_argument(
        "--strategies",
        nargs="+",
        choices=[*STRATEGIES, *PEERS],
        default=[*OURS, *PEERS],
    )
    told.add_argument(
        "--workers",
        nargs="+",
        default=["1"],
        help="trainings at once: 64 asked together, 64s each on its own",
    )
    told.add_argument("--seeds", type=int, default=5)
    told.add_argument("--trainings", type=int, default=300)
    told.add_argument("--processes", type=int, default=2)
    told.add_argument("--json", type=Path, help="keeps results; goes on from them")
    told.add_argument("--again", nargs="+", default=(), help="strategies to run anew")
    return told.parse_args()


def run(wanted: dict[str, Any], chosen: argparse.Namespace) -> dict[str, Any]:
    """The cells, those that are missing run two at a time and written as they end."""
    done: dict[str, Any] = {}
    if chosen.json is not None and chosen.json.exists():
        done = json.loads(chosen.json.read_text())
    missing = {
        key: arguments
        for key, arguments in wanted.items()
        if key not in done or arguments[1] in chosen.again
    }
    with ProcessPoolExecutor(chosen.processes) as processes:
        running = {
            processes.submit(cell, *arguments): key
            for key, arguments in missing.items()
        }
        for ended in as_completed(running):
            done[running[ended]] = ended.result()
            if chosen.json is not None:
                chosen.json.parent.mkdir(parents=True, exist_ok=True)
                chosen.json.write_text(json.dumps(done, indent=1))
    return done


def main() -> None:
    """Runs the cells that are missing, then prints the tables and who won."""
    chosen = asked_for()
    problems: Sequence[str] = PROBLEMS if chosen.full else SHORT
    problems = tuple(HELD_OUT) if chosen.held_out else problems
    problems = chosen.problems or (tuple(HARD) if chosen.hard else problems)
    problems, strategies = available(problems, chosen.strategies)
    if "accel" in problems:
        print(f"accel: {accel_fit()}")
    wanted = {
        key_of(*cells): cells
        for workers in chosen.workers
        for seed in range(chosen.seeds)
        for problem in problems
        for strategy in strategies
        if not (workers.endswith("s") and strategy.startswith("pymoo"))
        for cells in [(problem, strategy, seed, chosen.trainings, workers)]
    }
    done = run(wanted, chosen)
    for workers in chosen.workers:
        cells = {w[:3]: done[key] for key, w in wanted.items() if w[4] == workers}
        print(f"\n{workers} worker{'s' * (workers != '1')}")
        show(cells, problems, strategies)
        print(*verdicts(cells, problems, AT), sep="\n")


if __name__ == "__main__":
    main()
