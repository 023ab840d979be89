"""How many candidates of a space are drawn, mutated, decoded and priced in a second?

Run:     make bench
Cost:    a minute on one core.
Expect:  above 100,000 drawn and priced per second and core on the space of MoViNet-A2,
         tens of times what one by one gives.
"""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

import vidnas
from vidnas.costs import cost_many
from vidnas.space import Space

SPACES = Path(__file__).parents[1] / "search_spaces"
ROWS, ALONE, RUNS = 20_000, 200, 5


def rate(work: Callable[[], object], items: int) -> float:
    """Items a second of CPU time, median of several runs."""
    work()
    times = []
    for _ in range(RUNS):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return items / median(times)


def rates(space: Space) -> dict[str, tuple[float, float]]:
    """By what is done: one by one, and many at a time [candidates per second]."""
    rng = np.random.default_rng(0)
    many = space.many
    rows = many.sample(rng, ROWS)
    columns = space.columns(rows)
    alone = [tuple(row) for row in rows[:ALONE].tolist()]
    networks = [space.decode(candidate) for candidate in alone]
    pairs: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "drawn": (
            lambda: [space.sample(rng) for _ in range(ALONE)],
            lambda: many.sample(rng, ROWS),
        ),
        "mutated": (
            lambda: [space.mutate(candidate, rng) for candidate in alone],
            lambda: many.mutate(rows, rng),
        ),
        "decoded": (
            lambda: [space.decode(candidate) for candidate in alone],
            lambda: space.columns(rows),
        ),
        "priced": (
            lambda: [vidnas.cost(network) for network in networks],
            lambda: cost_many(columns, 600),
        ),
        "drawn and priced": (
            lambda: [
                vidnas.cost(space.decode(space.sample(rng))) for _ in range(ALONE)
            ],
            lambda: cost_many(space.columns(many.sample(rng, ROWS)), 600),
        ),
    }
    return {
        name: (rate(one, ALONE), rate(all_at_once, ROWS))
        for name, (one, all_at_once) in pairs.items()
    }


def main() -> None:
    """Prints a line per space and kind of work."""
    print("candidates per second of CPU time, one core")
    print(f"{'space':12} {'':17} {'one by one':>11} {'many':>11} {'ratio':>6}")
    for path in (SPACES / "quickstart.yaml", *sorted(SPACES.glob("movinet*2.yaml"))):
        space = vidnas.load_space(path)
        for name, (alone, together) in rates(space).items():
            print(
                f"{space.name:12} {name:17} {alone:11,.0f} {together:11,.0f} "
                f"{together / alone:6.0f}"
            )


if __name__ == "__main__":
    main()
