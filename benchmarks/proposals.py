"""How long does each strategy take to propose, late in a study?

Run:     python benchmarks/proposals.py [--spaces ...] [--trials 300] [--strategies ...]
Cost:    half a minute on one core; nothing is trained.
Expect:  less than a second of processor time at 300 trials, in every shipped space.

Accuracies are made up from FLOPs and a few choices. Told are the median and the most of
three proposals, in seconds of processor time, the first one left out.
"""

import argparse
import importlib.util
import os
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # time of one core

import numpy as np

from vidnas.budgets.budget import Budgets
from vidnas.budgets.price import Pricing
from vidnas.files.loading import load_space
from vidnas.space.space import Space
from vidnas.strategies.registry import STRATEGIES
from vidnas.strategies.strategy import SearchState, Strategy
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.trial import Trial

SPACES = Path(__file__).parents[1] / "search_spaces"
BUDGETS = Budgets((), Pricing())
OURS = ("ladder", "nsga2", "evolution", "local", "random")
OPTUNA = {"optuna-tpe": "tpe", "optuna-nsga2": "nsga2"}


def finished(space: Space, count: int) -> list[Trial]:
    """So many done trials of a space."""
    rng = np.random.default_rng(0)
    trials = []
    for number, row in enumerate(space.many.sample(rng, count).tolist()):
        architecture = space.decode(tuple(row))
        flops = float(BUDGETS.price.one(architecture)["flops"])
        top1 = 50.0 + 5.0 * np.log(flops / 1e9) + 0.3 * sum(row[:8]) + rng.normal()
        trials.append(
            Trial(
                number=number,
                candidate=tuple(row),
                architecture=architecture,
                fidelity=Fidelity(epochs=1),
                seed=0,
                costs={"flops": flops},
                state="done",
                measured={"top1": float(np.clip(top1, 0.0, 100.0))},
            )
        )
    return trials


def seconds(strategy: Strategy, space: Space, trials: list[Trial]) -> list[float]:
    """Of processor time, of three proposals after one that fills the caches."""
    told = []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        began = time.process_time()
        strategy.propose(SearchState(space, BUDGETS, trials), rng, 1)
        told.append(time.process_time() - began)
    return told[1:]


def strategies_of(names: list[str]) -> dict[str, Strategy]:
    """Strategies with their defaults, by name; an absent library is said."""
    found: dict[str, Strategy] = {n: STRATEGIES[n]() for n in names if n in STRATEGIES}
    samplers = [name for name in names if name in OPTUNA]
    if samplers and importlib.util.find_spec("optuna") is None:
        print(f"left out: {', '.join(samplers)}, optuna is not installed")
    elif samplers:
        from vidnas.integrations.optuna import OptunaStrategy

        found |= {name: OptunaStrategy(sampler=OPTUNA[name]) for name in samplers}
    return found


def main() -> None:
    """Prints a line per space and strategy."""
    told = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    told.add_argument(
        "--spaces",
        nargs="+",
        default=["quickstart", "movinet_a2", "movinet_a5"],
        choices=sorted(file.stem for file in SPACES.glob("*.yaml")),
    )
    told.add_argument("--trials", type=int, nargs="+", default=[300])
    told.add_argument(
        "--strategies",
        nargs="+",
        default=[*OURS, *OPTUNA],
        choices=[*STRATEGIES, *OPTUNA],
    )
    chosen = told.parse_args()
    strategies = strategies_of(chosen.strategies)
    print(f"{'space':14} {'trials':>6}  {'strategy':14} {'median':>7} {'most':>7}  [s]")
    for name in chosen.spaces:
        space = load_space(SPACES / f"{name}.yaml")
        for count in chosen.trials:
            trials = finished(space, count)
            for word, strategy in strategies.items():
                took = seconds(strategy, space, trials)
                print(
                    f"{name:14} {count:6}  {word:14} {np.median(took):7.3f} "
                    f"{max(took):7.3f}"
                )


if __name__ == "__main__":
    main()
