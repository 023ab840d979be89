"""Writes proposals.json: what spaces draw and every strategy proposes, for fixed seeds.

Run: .venv/bin/python tests/golden/proposals.py

Journals promise that a broken search ends like an unbroken one, and results name their
seed, so these change only when a strategy is meant to propose something else.
"""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from vidnas.budgets import (
    Budget,
    Budgets,
    Pricing,
    UserPrice,
    cheapest,
    neighbours,
    repair,
)
from vidnas.budgets.feasibility import nearest
from vidnas.costs import cost
from vidnas.errors import SpaceError
from vidnas.files.loading import load_space
from vidnas.space import ChoiceSpace, Space
from vidnas.strategies import (
    STRATEGIES,
    Grid,
    LadderSearch,
    ScoreSearch,
    SearchState,
    StartingNetworks,
)
from vidnas.trials import Fidelity, Trial

HERE = Path(__file__).parent
SPACES = sorted((HERE.parents[1] / "search_spaces").glob("*.yaml"))
SEARCHED = ("quickstart", "x3d", "movinet_mobile", "frame_based")
STATES = ("done", "done", "done", "running", "failed")
SCORED = 1000  # networks, of a search by score
LADDER = {"start": 6, "rounds": 2, "children": 60}


def trials_of(space: Any, count: int, price: Any) -> list[Trial]:
    """Trials in every state, at two fidelities, with drawn accuracies."""
    rng = np.random.default_rng(count)
    found = []
    for number in range(count):
        candidate = space.sample(rng)
        network = space.decode(candidate)
        state = STATES[number % len(STATES)]
        top1 = float(rng.uniform(10, 90))
        found.append(
            Trial(
                number=number,
                candidate=candidate,
                architecture=network,
                fidelity=Fidelity(epochs=4 if number % 3 else 1),
                seed=number,
                costs={"flops": float(price.one(network)["flops"])},
                state=state,
                measured={"top1": top1} if state == "done" else {},
            )
        )
    return found


def strategies_of(space: Any) -> dict[str, Any]:
    """Every strategy, and one that tries a candidate first."""
    found: dict[str, Any] = {name: make() for name, make in STRATEGIES.items()}
    found["ladder"] = LadderSearch(**LADDER)
    found["score"] = ScoreSearch(evaluations=SCORED)
    first = space.sample(np.random.default_rng(99))
    found["seeded"] = StartingNetworks(STRATEGIES["evolution"](), (first,))
    return found


def plain(candidates: Any) -> list[str]:
    """Each candidate as one line."""
    return [" ".join(map(str, map(int, candidate))) for candidate in candidates]


def proposals(space: Any, limits: dict[str, Budgets]) -> dict[str, Any]:
    """What every strategy proposes from none, few and some trials."""
    found: dict[str, Any] = {}
    price = limits["none"].price
    for label, budgets in limits.items():
        for count in (0, 3, 18):
            trials = trials_of(space, count, price)
            for name, strategy in strategies_of(space).items():
                if isinstance(strategy, Grid) and space.program.choices[3:]:
                    continue  # it lists small spaces only
                if isinstance(strategy, ScoreSearch) and not isinstance(space, Space):
                    continue  # there is nothing to score
                rng = np.random.default_rng([7, count])
                told = strategy.propose(SearchState(space, budgets, trials), rng, 3)
                found[f"{label}, {count} trials, {name}"] = {
                    "candidates": plain(told.candidates),
                    "refused": dict(sorted(Counter(told.refused).items())),
                    "next draw": int(rng.integers(10**6)),
                }
    trials = trials_of(space, 18, price)
    waiting = [t for t in trials if t.state == "done" and t.fidelity.epochs == 1]
    promised = LadderSearch(**LADDER).promise(
        SearchState(space, limits["none"], trials),
        np.random.default_rng(5),
        waiting,
        Fidelity(epochs=4),
    )
    found["promise"] = [float(f"{value:.6g}") for value in promised]
    return found


def space_facts(space: Space) -> dict[str, Any]:
    """Identity, size, and what is drawn, one and many at a time."""
    rng = np.random.default_rng(1)
    size = space.size(samples=200)
    one = [space.sample(rng) for _ in range(4)]
    one += [space.sample_coherent(rng) for _ in range(4)]
    one += [space.mutate(candidate, rng, 2) for candidate in one[:4]]
    one += [space.cross(one[0], one[1], rng), space.cross(one[2], one[5], rng)]
    many = space.many
    rows = many.sample(rng, 6)
    coherent = many.sample_coherent(rng, 4)
    mutated = many.mutate(rows, rng)
    crossed = many.cross(rows[:3], rows[3:], rng)
    found = np.concatenate([rows, coherent, mutated, crossed])
    return {
        "space_hash": space.space_hash,
        "size": [str(size.count), str(size.low), str(size.high)],
        "choices": len(space.choices),
        "one": plain(one),
        "arch_ids": [space.decode(candidate).arch_id for candidate in one],
        "many": plain(found.tolist()),
        "identities": [f"{int(n):016x}" for n in space.row_identities(rows)],
    }


def near(space: Space, budgets: Budgets) -> dict[str, Any]:
    """Neighbours, repair and the extremes of a space."""
    here = space.sample(np.random.default_rng(3))
    rows = neighbours(space, here)
    found: dict[str, Any] = {
        "neighbours": [len(rows), int(np.asarray(rows).sum())],
        "cheapest": plain([cheapest(space, Pricing(), "flops")]),
        "nearest": plain([nearest(space, budgets)]),
    }
    try:
        found["repaired"] = plain([repair(space, here, budgets)])
    except SpaceError as wrong:
        found["repaired"] = str(wrong)
    return found


def median_limits(space: Space) -> Budgets:
    """Budgets that about a third of uniform samples meet, one of them soft."""
    rng = np.random.default_rng(0)
    costs = [cost(space.decode(space.sample(rng))) for _ in range(40)]
    return Budgets(
        (
            Budget("flops", float(np.median([c.flops for c in costs]))),
            Budget(
                "parameters",
                float(np.median([c.parameters for c in costs])),
                soft=True,
            ),
            Budget("temporal_reach", minimum=2.0),
        ),
        Pricing(8, 16),
    )


def told_cost(values: dict[str, Any]) -> dict[str, float]:
    """The cost of a candidate of the problem without architectures."""
    return {"flops": float(1 + values["a"] * values["b"]), "bytes": values["c"]}


def problem() -> UserPrice:
    """Choices without architectures, with a cost."""
    options = {"a": range(1, 9), "b": range(1, 7), "c": (1, 2, 4, 8), "d": ("x", "y")}
    named = {name: tuple(values) for name, values in options.items()}
    return UserPrice(ChoiceSpace.of("problem", named), cost=told_cost)


def problem_limits(price: UserPrice) -> dict[str, Budgets]:
    """None, and one on each cost."""
    tight = price.budgets(Budget("flops", 20.0), Budget("bytes", 4.0))
    return {"none": price.budgets(), "tight": tight}


def golden() -> dict[str, Any]:
    """Everything."""
    found: dict[str, Any] = {"regenerate": "python tests/golden/proposals.py"}
    for path in SPACES:
        space = load_space(path)
        found[path.stem] = space_facts(space)
        if path.stem in SEARCHED:
            tight = median_limits(space)
            limits = {"none": Budgets((), tight.price), "tight": tight}
            found[path.stem]["near"] = near(space, tight)
            found[path.stem]["proposals"] = proposals(space, limits)
    price = problem()
    found["problem"] = {
        "space_hash": price.space.space_hash,
        "proposals": proposals(price.space, problem_limits(price)),
    }
    return found


def main() -> None:
    text = json.dumps(golden(), indent=1) + "\n"
    Path(__file__).with_suffix(".json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
