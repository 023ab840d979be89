"""How long do fronts and hypervolumes take, beside those of pymoo?

Run:     python benchmarks/fronts.py
Cost:    a minute on one core.
Expect:  the front of 100,000 trials within 100 ms; volumes of two and three costs in
         milliseconds; equal to pymoo's, which is compiled, to 1e-12.

Trials are made up: log-normal costs and accuracies that rise with FLOPs. "ball" is the
hardest set for dominance, of which every row is on the front. Times are the least of
five, in seconds of this process, so that other work on the machine counts little.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

import vidnas
from vidnas.arrays import Floats
from vidnas.statistics.fronts.dominance import non_dominated
from vidnas.statistics.fronts.growing_volume import GrowingVolume
from vidnas.statistics.fronts.hypervolume import hypervolume
from vidnas.trials import FLOPS, TOP1, Fidelity, Front, Objective, Trial

TRIALS = 100_000
RUNS = 5
LEAST = [Objective(name, maximise=False) for name in ("parameters", "training_bytes")]
OBJECTIVES = {2: (FLOPS, TOP1), 3: (FLOPS, LEAST[0], TOP1), 4: (FLOPS, *LEAST, TOP1)}


def least_ms(work: Callable[[], Any]) -> tuple[float, Any]:
    """Least processor time of `work` [ms], and what it gave."""
    least = float("inf")
    for _ in range(RUNS):
        began = time.process_time()
        found = work()
        least = min(least, 1e3 * (time.process_time() - began))
    return least, found


def trials(rng: np.random.Generator) -> list[Trial]:
    """Done trials of one network whose numbers are made up."""
    network, fidelity = vidnas.published("movinet-a0"), Fidelity(epochs=8)
    flops = rng.lognormal(16.0, 1.0, TRIALS)
    others = rng.lognormal(13.0, 1.0, (TRIALS, 2))
    top1 = 90.0 * (1 - np.exp(-flops / 2e7)) * rng.uniform(0.5, 1.0, TRIALS)
    names = [objective.name for objective in LEAST]
    return [
        Trial(
            number=n,
            candidate=(0,),
            architecture=network,
            fidelity=fidelity,
            seed=1,
            costs={"flops": int(flops[n]), **dict(zip(names, others[n], strict=True))},
            state="done",
            measured={"top1": float(top1[n])},
        )
        for n in range(TRIALS)
    ]


def ball(rng: np.random.Generator, rows: int, objectives: int) -> Floats:
    """Rows of which none beats another."""
    normal = np.abs(rng.normal(size=(rows, objectives)))
    return np.asarray(1.0 - normal / np.linalg.norm(normal, axis=1, keepdims=True))


def show_fronts(rng: np.random.Generator) -> None:
    """The front of many trials, and growth of a volume over them."""
    every = trials(rng)
    print(f"\nfront of {TRIALS:,} trials   members       ms")
    for count, objectives in OBJECTIVES.items():
        ms, front = least_ms(lambda chosen=objectives: Front.of(every, chosen))
        print(f"{count} objectives {len(front):20} {ms:8.0f}")
    rows = [[float(t.costs["flops"]), -t.measured["top1"]] for t in every]

    def grow() -> float:
        grown = GrowingVolume([1e9, 0.0])
        for row in rows:
            grown.add(row)
        return grown.volume

    ms, _ = least_ms(grow)
    print(f"volume after each of {TRIALS:,} trials, two objectives: {ms:.0f} ms")


def show_peers(rng: np.random.Generator) -> None:
    """Dominance and volumes of balls beside pymoo's."""
    print("\nball, costs x rows    front ms   pymoo ms   volume ms   pymoo ms   apart")
    sizes = [(2, 1000), (2, 10000), (3, 1000), (3, 10000), (4, 100), (4, 1000)]
    for objectives, rows in [*sizes, (5, 100)]:
        show_peer(ball(rng, rows, objectives))


def show_peer(costs: Floats) -> None:
    """One line beside pymoo."""
    from pymoo.indicators.hv import HV
    from pymoo.util.nds.non_dominated_sorting import NonDominatedSorting

    rows, objectives = costs.shape
    at = np.full(objectives, 1.1)
    sort, indicator = NonDominatedSorting(), HV(ref_point=at)
    ours, kept = least_ms(lambda: non_dominated(costs))
    theirs, same = least_ms(lambda: sort.do(costs, only_non_dominated_front=True))
    assert sorted(same) == np.flatnonzero(kept).tolist()
    volume_ms, volume = least_ms(lambda: hypervolume(costs, reference=at))
    peer_ms, peer = least_ms(lambda: indicator(costs))
    print(
        f"{objectives} x {rows:6} {ours:19.1f} {theirs:10.1f} {volume_ms:11.1f} "
        f"{peer_ms:10.1f} {abs(volume / peer - 1):7.0e}"
    )


def main() -> None:
    """Prints both tables; without pymoo the first alone."""
    rng = np.random.default_rng(0)
    show_fronts(rng)
    try:
        show_peers(rng)
    except ImportError:
        print("pymoo is not installed")


if __name__ == "__main__":
    main()
