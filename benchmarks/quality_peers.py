"""How do other libraries search the same problems? By asking and telling, one by one.

A candidate that breaks the limit is theirs to avoid: they are told so as a constraint,
the training is spent, and what it gave cannot be handed over.
"""

import logging
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from quality_problems import Problem

Told = Callable[[np.ndarray], tuple[float, float]]  # row -> cost, measured accuracy


def suggested(problem: Problem, trial: Any) -> np.ndarray:
    """A candidate as Optuna suggests it: of layers' choices only those that are made.

    Numbers are integers by the order of options, the rest categories.
    """
    space = problem.space
    row = np.zeros(len(space.choices), np.int64)

    def suggest(which: Callable[[int], bool]) -> None:
        for at, choice in enumerate(space.choices):
            if not which(at):
                continue
            count = len(choice.options)
            ordered = all(isinstance(option, int | float) for option in choice.options)
            row[at] = (
                trial.suggest_int(choice.name, 0, count - 1)
                if ordered
                else trial.suggest_categorical(choice.name, list(range(count)))
            )

    suggest(lambda at: not space.choices[at].gate)
    active = space.many.active(row[None, :])[0]
    suggest(lambda at: bool(space.choices[at].gate and active[at]))
    return row


def optuna_search(
    make: Callable[[Any, int, Any], Any],
) -> Callable[[Problem, Told, int, int], None]:
    """A peer that one of Optuna's samplers drives.

    Args:
        make: The sampler, of the module, a seed and the constraint's function.
    """

    def search(problem: Problem, told: Told, trainings: int, seed: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        warnings.filterwarnings("ignore", category=FutureWarning)
        warnings.filterwarnings(
            "ignore", category=optuna.exceptions.ExperimentalWarning
        )

        def beyond(trial: Any) -> tuple[float]:
            return (trial.user_attrs["beyond"],)

        study = optuna.create_study(
            directions=["minimize", "maximize"], sampler=make(optuna, seed, beyond)
        )
        sizes = problem.space.many.sizes
        for _ in range(trainings):
            trial = study.ask()
            row = [
                trial.suggest_int(f"x{n}", 0, int(s) - 1) for n, s in enumerate(sizes)
            ]
            cost, accuracy = told(np.array(row, np.int64))
            trial.set_user_attr("beyond", float(np.log(cost / problem.high)))
            study.tell(trial, [float(np.log(cost)), accuracy])

    return search


def pymoo_search(problem: Problem, told: Told, trainings: int, seed: int) -> None:
    """NSGA-II of pymoo, integers, 20 at a time."""
    from pymoo.algorithms.moo.nsga2 import NSGA2
    from pymoo.core.problem import Problem as PymooProblem
    from pymoo.operators.crossover.sbx import SBX
    from pymoo.operators.mutation.pm import PM
    from pymoo.operators.repair.rounding import RoundingRepair
    from pymoo.operators.sampling.rnd import IntegerRandomSampling
    from pymoo.optimize import minimize

    sizes = problem.space.many.sizes

    class Asked(PymooProblem):
        def __init__(self) -> None:
            super().__init__(
                n_var=len(sizes), n_obj=2, n_ieq_constr=1, xl=0, xu=sizes - 1, vtype=int
            )

        def _evaluate(self, x: np.ndarray, out: dict, *args: Any, **kw: Any) -> None:
            told_rows = [told(np.asarray(row, np.int64)) for row in x]
            costs, tops = np.array(told_rows).T
            out["F"] = np.column_stack([np.log(costs), -tops])
            out["G"] = np.log(costs / problem.high)[:, None]

    algorithm = NSGA2(
        pop_size=20,
        sampling=IntegerRandomSampling(),
        crossover=SBX(prob=0.9, eta=15, vtype=float, repair=RoundingRepair()),
        mutation=PM(eta=20, vtype=float, repair=RoundingRepair()),
        eliminate_duplicates=True,
    )
    minimize(Asked(), algorithm, ("n_eval", trainings), seed=seed + 1, verbose=False)


logging.getLogger("optuna").setLevel(logging.ERROR)

PEERS: dict[str, tuple[str, Callable[[Problem, Told, int, int], None]]] = {
    "optuna-nsga2": (
        "optuna",
        optuna_search(
            lambda o, seed, beyond: o.samplers.NSGAIISampler(
                seed=seed, constraints_func=beyond
            )
        ),
    ),
    "optuna-nsga2-20": (
        "optuna",
        optuna_search(
            lambda o, seed, beyond: o.samplers.NSGAIISampler(
                population_size=20, seed=seed, constraints_func=beyond
            )
        ),
    ),
    "optuna-tpe": (
        "optuna",
        optuna_search(
            lambda o, seed, beyond: o.samplers.TPESampler(
                seed=seed, constraints_func=beyond
            )
        ),
    ),
    "pymoo-nsga2": ("pymoo", pymoo_search),
}
