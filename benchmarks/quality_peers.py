"""How do other libraries search the same problems? By asking and telling, one by one.

A candidate that breaks the limit is theirs to avoid: they are told so as a constraint,
the training is spent, and what it gave cannot be handed over.
"""

import logging
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from quality_problems import Problem
from quality_runs import Workers, search

Told = Callable[[np.ndarray], tuple[float, float | None]]
Search = Callable[[Problem, Told, int, Workers, int], None]  # ..., trainings, ..., seed


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

    maybe = [bool(choice.gate) or choice.when is not None for choice in space.choices]
    suggest(lambda at: not maybe[at])
    active = space.many.active(row[None, :])[0]
    suggest(lambda at: maybe[at] and bool(active[at]))
    return row


class OptunaSearcher:
    """One of Optuna's samplers; a training that crashed is a failed one to it.

    Args:
        problem: Problem that is searched.
        make: Function that gives the sampler, of the module, a seed and the
            constraint's function.
        seed: Seed of the sampler.
    """

    def __init__(
        self, problem: Problem, make: Callable[[Any, int, Any], Any], seed: int
    ) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        for kind in (FutureWarning, optuna.exceptions.ExperimentalWarning):
            warnings.filterwarnings("ignore", category=kind)
        self._problem = problem
        self._failed = optuna.trial.TrialState.FAIL
        self._study = optuna.create_study(
            directions=["minimize", "maximize"],
            sampler=make(optuna, seed, lambda trial: trial.user_attrs["beyond"]),
        )

    def ask(self, count: int) -> Sequence[tuple[Any, np.ndarray]]:
        """Candidates as Optuna suggests them."""
        trials = [self._study.ask() for _ in range(count)]
        asked = [(trial, suggested(self._problem, trial)) for trial in trials]
        for trial, row in asked:  # what breaks a limit is known before it is trained
            beyond = self._problem.excess(row[None, :])[0].tolist()
            trial.set_user_attr("beyond", beyond)
        return asked

    def tell(self, token: Any, cost: float, accuracy: float | None) -> None:
        """What a candidate gave."""
        if accuracy is None:
            self._study.tell(token, state=self._failed)
        else:
            self._study.tell(token, [float(np.log(cost)), accuracy])


def optuna_search(
    make: Callable[[Any, int, Any], Any],
) -> Search:
    """A peer that one of Optuna's samplers drives.

    Args:
        make: The sampler, of the module, a seed and the constraint's function.
    """

    def searched(
        problem: Problem, told: Told, trainings: int, workers: Workers, seed: int
    ) -> None:
        search(OptunaSearcher(problem, make, seed), told, trainings, workers, seed)

    return searched


def pymoo_search(
    make: Callable[[], Any],
) -> Search:
    """A peer that one of pymoo's algorithms drives: integers, 20 at a time or a batch.

    It knows generations only, so workers that go on alone are not for it. A training
    that crashed counts as the worst accuracy.

    Args:
        make: The class of the algorithm.
    """

    def searched(
        problem: Problem, told: Told, trainings: int, workers: Workers, seed: int
    ) -> None:
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
                gave = [told(row) for row in rows]
                tops = [problem.worst if top is None else top for _, top in gave]
                costs = [cost for cost, _ in gave]
                out["F"] = np.column_stack([np.log(costs), -np.array(tops)])
                out["G"] = problem.excess(rows)

        algorithm = make()(
            pop_size=max(20, workers.count),
            sampling=IntegerRandomSampling(),
            crossover=SBX(prob=0.9, eta=15, vtype=float, repair=RoundingRepair()),
            mutation=PM(eta=20, vtype=float, repair=RoundingRepair()),
            eliminate_duplicates=True,
        )
        until = ("n_eval", trainings)
        minimize(Asked(), algorithm, until, seed=seed + 1, verbose=False)

    return searched


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
    "optuna-gp": (
        ("optuna", "torch", "scipy"),
        optuna_search(
            lambda o, seed, beyond: o.samplers.GPSampler(
                seed=seed, constraints_func=beyond
            )
        ),
    ),
    "pymoo-nsga2": (("pymoo",), pymoo_search(pymoo_nsga2)),
    "pymoo-age": (("pymoo", "numba"), pymoo_search(pymoo_age)),
}
