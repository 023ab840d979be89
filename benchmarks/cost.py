"""How much faster is pricing an architecture than building it and counting?

Run:     make bench
Cost:    half a minute on one core.
Expect:  thousands of architectures priced in the time of one built, one by one; in
         columns, more than a hundred thousand each second.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

import vidnas
from vidnas.core.columns import Columns
from vidnas.core.cost import cost_many

SPACES = Path(__file__).parents[1] / "search_spaces"
PRICED, BUILT = 300, 5
ROWS, RUNS = 20_000, 9


def seconds_each(work: Callable[[Any], object], items: Sequence[Any]) -> float:
    """Median seconds of `work` on an item."""
    times = []
    for item in items:
        began = time.perf_counter()
        work(item)
        times.append(time.perf_counter() - began)
    return median(times)


def rows_of(drawn: list[vidnas.Architecture]) -> Columns:
    """[ROWS]. The drawn architectures in columns, over and over."""
    return Columns.of(drawn)[np.arange(ROWS) % len(drawn)]


def main() -> None:
    """Prints a line per space; each ratio is to the way left of it."""
    from vidnas.nets.network import build

    print("architectures per second, on one core")
    print("space        Keras build   one by one   ratio   in columns   ratio")
    for name in ("quickstart", "movinet_a2"):
        space = vidnas.load_space(SPACES / f"{name}.yaml")
        rng = np.random.default_rng(0)
        drawn = [space.decode(space.sample(rng)) for _ in range(PRICED)]
        one = seconds_each(vidnas.cost, drawn)
        row = seconds_each(cost_many, [rows_of(drawn)] * RUNS) / ROWS
        built = seconds_each(
            lambda architecture: build(architecture, classes=600).count_params(),
            drawn[:BUILT],
        )
        print(
            f"{name:11} {1 / built:12.2f} {1 / one:12.0f} {built / one:7.0f} "
            f"{1 / row:12.0f} {one / row:7.0f}"
        )


if __name__ == "__main__":
    main()
