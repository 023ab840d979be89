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
Search = Callable[[Problem, Told, int, int], None]  # ..., trainings, seed


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
) -> Search:
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

        def beyond(trial: Any) -> list[float]:
            excess: list[float] = trial.user_attrs["beyond"]
            return excess

        study = optuna.create_study(
            directions=["minimize", "maximize"], sampler=make(optuna, seed, beyond)
        )
        for _ in range(trainings):
            trial = study.ask()
            row = suggested(problem, trial)
            cost, accuracy = told(row)
            trial.set_user_attr("beyond", problem.excess(row[None, :])[0].tolist())
            study.tell(trial, [float(np.log(cost)), accuracy])

    return search


def pymoo_search(
    make: Callable[[], Any],
) -> Search:
    """A peer that one of pymoo's algorithms drives: integers, 20 at a time.

    Args:
        make: The class of the algorithm.
    """

    def search(problem: Problem, told: Told, trainings: int, seed: int) -> None:
        from pymoo.core.problem import Problem as PymooProblem
        from pymoo.operators.crossover.sbx import SBX
        from pymoo.operators.mutation.pm import PM
        from pymoo.operators.repair.rounding import RoundingRepair
        from pymoo.operators.sampling.rnd import IntegerRandomSampling
        from pymoo.optimize import minimize

        sizes = problem.space.many.sizes
        limits = len(problem.limits.hard)

        class Asked(PymooProblem):
            def __init__(self) -> None:
                bounds = {"n_var": len(sizes), "xl": 0, "xu": sizes - 1, "vtype": int}
                super().__init__(n_obj=2, n_ieq_constr=limits, **bounds)

            def _evaluate(self, x: Any, out: dict, *args: Any, **kw: Any) -> None:
                rows = np.asarray(x, np.int64)
                costs, tops = np.array([told(row) for row in rows]).T
                out["F"] = np.column_stack([np.log(costs), -tops])
                out["G"] = problem.excess(rows)

        algorithm = make()(
            pop_size=20,
            sampling=IntegerRandomSampling(),
            crossover=SBX(prob=0.9, eta=15, vtype=float, repair=RoundingRepair()),
            mutation=PM(eta=20, vtype=float, repair=RoundingRepair()),
            eliminate_duplicates=True,
        )
        until = ("n_eval", trainings)
        minimize(Asked(), algorithm, until, seed=seed + 1, verbose=False)

    return search


def pymoo_nsga2() -> Any:
    """The class, imported when it is used."""
    from pymoo.algorithms.moo.nsga2 import NSGA2

    return NSGA2


def pymoo_age() -> Any:
    """The class, imported when it is used."""
    from pymoo.algorithms.moo.age import AGEMOEA

    return AGEMOEA


logging.getLogger("optuna").setLevel(logging.ERROR)

PEERS: dict[str, tuple[tuple[str, ...], Search]] = {
    "optuna-nsga2": (
        ("optuna",),
        optuna_search(
            lambda o, seed, beyond: o.samplers.NSGAIISampler(
                seed=seed, constraints_func=beyond
            )
        ),
    ),
    "optuna-nsga2-20": (
        ("optuna",),
        optuna_search(
            lambda o, seed, beyond: o.samplers.NSGAIISampler(
                population_size=20, seed=seed, constraints_func=beyond
            )
        ),
    ),
    "optuna-tpe": (
        ("optuna",),
        optuna_search(
            lambda o, seed, beyond: o.samplers.TPESampler(
                seed=seed, constraints_func=beyond
            )
        ),
    ),
    "pymoo-nsga2": (("pymoo",), pymoo_search(pymoo_nsga2)),
    "pymoo-age": (("pymoo", "numba"), pymoo_search(pymoo_age)),
}
