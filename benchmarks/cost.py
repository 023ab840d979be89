"""How much faster is pricing an architecture than building it and counting?

Run:     make bench
Cost:    half a minute on one core.
Expect:  thousands of architectures priced in the time of one built.
"""

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

import vidnas

SPACES = Path(__file__).parents[1] / "search_spaces"
PRICED, BUILT = 300, 5


def seconds_each(work: Callable[[vidnas.Architecture], object], items: list) -> float:
    """Median seconds of `work` on an item."""
    times = []
    for item in items:
        began = time.perf_counter()
        work(item)
        times.append(time.perf_counter() - began)
    return median(times)


def main() -> None:
    """Prints a line per space."""
    from vidnas.nets.network import build

    print("space        priced/s   built/s   ratio")
    for name in ("quickstart", "movinet"):
        space = vidnas.load_space(SPACES / f"{name}.yaml")
        rng = np.random.default_rng(0)
        drawn = [space.decode(space.sample(rng)) for _ in range(PRICED)]
        priced = seconds_each(vidnas.cost, drawn)
        built = seconds_each(
            lambda architecture: build(architecture, classes=600).count_params(),
            drawn[:BUILT],
        )
        print(f"{name:11} {1 / priced:9.0f} {1 / built:9.2f} {built / priced:7.0f}")


if __name__ == "__main__":
    main()
