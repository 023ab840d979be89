"""How much faster is pricing a candidate than building its network and counting?

Run:     make bench
Cost:    a minute on one core.
Expect:  in batch, a hundred thousand candidates a second and more; one by one,
         thousands; a Keras network built and counted, a few; traced and profiled, one.

In batch is everything from a matrix of candidates: columns, then costs. One by one is
one candidate decoded and priced. The profiler counts what `tf.function` traces of one
clip through the network, beside its build.
"""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

import vidnas
from vidnas.costs.network_cost import cost_many

SPACES = Path(__file__).parents[1] / "search_spaces"
ROWS, RUNS = 20_000, 7
PRICED, BUILT, PROFILED = 300, 5, 3
CLASSES = 600


def seconds_each(work: Callable[[Any], object], items: Sequence[Any]) -> float:
    """Median seconds of `work` on an item."""
    times = []
    for item in items:
        began = time.perf_counter()
        work(item)
        times.append(time.perf_counter() - began)
    return median(times)


def counted(architecture: vidnas.Architecture) -> int:
    """Parameters of the Keras network."""
    from vidnas.nets import build

    return int(build(architecture, classes=CLASSES).count_params())


def profiled(architecture: vidnas.Architecture) -> int:
    """FLOPs by TensorFlow's profiler, which counts two a multiply-add."""
    import tensorflow as tf

    from vidnas.nets import build

    clip, network = architecture.clip, build(architecture, classes=CLASSES)
    shape = [1, clip.frames, clip.resolution, clip.resolution, 3]
    traced = tf.function(lambda clips: network(clips), autograph=False)
    graph = traced.get_concrete_function(tf.TensorSpec(shape)).graph
    options = tf.compat.v1.profiler.ProfileOptionBuilder.float_operation()
    options["output"] = "none"
    told = tf.compat.v1.profiler.profile(graph, cmd="op", options=options)
    return int(told.total_float_ops)


def main() -> None:
    """Prints a line per space."""
    from vidnas.training.environment import load_tensorflow

    os.environ["OMP_NUM_THREADS"] = "1"
    load_tensorflow(cpus=1)
    print("candidates per second, on one core")
    print("space         in batch   one by one   Keras build   profiler   batch/build")
    for name in ("quickstart", "movinet_a2", "x3d"):
        space = vidnas.load_space(SPACES / f"{name}.yaml")
        rng = np.random.default_rng(0)
        matrix = space.many.sample(rng, ROWS)
        rows = seconds_each(
            lambda rows, space=space: cost_many(space.columns(rows), CLASSES),
            [matrix] * RUNS,
        )
        drawn = [space.sample(rng) for _ in range(PRICED)]
        one = seconds_each(
            lambda candidate, space=space: vidnas.cost(space.decode(candidate)), drawn
        )
        networks = [space.decode(candidate) for candidate in drawn]
        built = seconds_each(counted, networks[:BUILT])
        traced = seconds_each(profiled, networks[:PROFILED])
        batch = rows / ROWS
        print(
            f"{name:11} {1 / batch:10.0f} {1 / one:12.0f} {1 / built:13.2f} "
            f"{1 / traced:10.2f} {built / batch:13.0f}"
        )


if __name__ == "__main__":
    main()
