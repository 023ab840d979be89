"""`vidnas space show` and `vidnas cost`: what there is, before any training."""

import argparse
import math
from collections import Counter
from functools import partial
from typing import Any

import numpy as np

from vidnas.cli.arguments import positive
from vidnas.cli.text import say, say_json, table
from vidnas.core.architecture import Architecture
from vidnas.core.cost import CLASSES, by_block, cost
from vidnas.core.quantity import format_bytes, format_count
from vidnas.core.space import Space
from vidnas.runs.documents import classes_of, load_architecture, load_space

SAMPLES = 400
BARS = 10


def add_commands(commands: Any) -> None:
    """Adds `space` and `cost`."""
    space = commands.add_parser("space", help="look at a search space")
    verbs = space.add_subparsers(metavar="VERB", required=True)
    show = verbs.add_parser("show", help="choices, exact size and spread of cost")
    show.add_argument("space", metavar="SPACE", help="file of a search space")
    show.add_argument(
        "--classes", type=positive, default=CLASSES, help="default %(default)s"
    )
    show.add_argument("--json", action="store_true")
    show.set_defaults(run=show_space)

    price = commands.add_parser(
        "cost", help="parameters, FLOPs and memory of a network"
    )
    price.add_argument(
        "architecture",
        metavar="ARCH",
        help="published name or file, such as movinet-a2",
    )
    price.add_argument(
        "--classes", type=positive, help="default: those its published figures are for"
    )
    price.add_argument(
        "--batch", type=positive, default=1, help="clips per training step (default 1)"
    )
    price.add_argument(
        "--stream", action="store_true", help="price the causal twin, frame by frame"
    )
    price.add_argument("--json", action="store_true")
    price.set_defaults(run=show_cost)


def show_space(chosen: argparse.Namespace) -> None:
    """Prints the choices of a space, its size and the spread of its costs."""
    space = load_space(chosen.space)
    rng = np.random.default_rng(0)
    price = partial(cost, classes=chosen.classes)
    costs = [price(space.decode(space.sample(rng))) for _ in range(SAMPLES)]
    flops = np.array([c.flops for c in costs], dtype=np.float64)
    parameters = np.array([c.parameters for c in costs], dtype=np.float64)
    if chosen.json:
        say_json(
            {
                "name": space.name,
                "space_hash": space.space_hash,
                "candidates": space.count(),
                "choices": {c.name: [str(o) for o in c.options] for c in space.choices},
                "flops_quantiles": _quantiles(flops),
                "parameters_quantiles": _quantiles(parameters),
            }
        )
        return
    say(f"space       {space.name}, hash {space.space_hash}")
    say(f"candidates  {_power(space.count())} different, {len(space.choices)} choices")
    say()
    say(_choices_table(space))
    say()
    say(f"FLOPs (multiply-adds) of {SAMPLES} uniform samples, {chosen.classes} classes")
    say(_histogram(flops))


def _choices_table(space: Space) -> str:
    """Layers of a stage share a line: they offer the same options."""
    rows: dict[str, list[str]] = {}
    layers: Counter[str] = Counter()
    for choice in space.choices:
        name = choice.name
        if choice.layer >= 0:
            stage, _, kind = name.split(".")
            name = f"{stage}.layer*.{kind}"
        layers[name] += 1
        rows.setdefault(name, [name, ", ".join(map(str, choice.options))])
    lines = [
        [name, f"x {layers[name]}" if layers[name] > 1 else "", options]
        for name, options in rows.values()
    ]
    widths = [max(len(line[c]) for line in lines) for c in range(2)]
    return "\n".join(f"{a:<{widths[0]}}  {b:<{widths[1]}}  {c}" for a, b, c in lines)


def _histogram(values: np.ndarray) -> str:
    edges = np.geomspace(values.min() * 0.999, values.max() * 1.001, BARS + 1)
    counts, _ = np.histogram(values, edges)
    rows = []
    for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True):
        bar = "#" * math.ceil(40 * count / counts.max())
        rows.append(f"{format_count(low):>7} - {format_count(high):>7}  {bar}")
    return "\n".join(rows)


def _quantiles(values: np.ndarray) -> dict[str, float]:
    return {
        f"{q:g}": float(np.quantile(values, q / 100))
        for q in (0, 5, 25, 50, 75, 95, 100)
    }


def _power(count: int) -> str:
    """`1,435` or `1.12e+87`: exact where a person can read it."""
    if count < 10**9:
        return f"{count:,}"
    exponent = len(str(count)) - 1
    return f"{str(count)[0]}.{str(count)[1:3]}e+{exponent}"


def show_cost(chosen: argparse.Namespace) -> None:
    """Prints what a network costs."""
    architecture = load_architecture(chosen.architecture, stream=chosen.stream)
    classes = chosen.classes or classes_of(chosen.architecture)
    priced = cost(architecture, classes=classes, batch=chosen.batch)
    if chosen.json:
        say_json(
            {
                "name": chosen.architecture,
                "arch_id": architecture.arch_id,
                "classes": classes,
                **priced.to_document(),
                "blocks": by_block(architecture, classes),
            }
        )
        return
    say(_summary(chosen.architecture, architecture))
    say()
    rows = [
        [name, format_count(block["parameters"]), format_count(block["flops"])]
        for name, block in by_block(architecture, classes).items()
    ]
    say(table(["block", "parameters", "FLOPs"], rows))
    say()
    memory = "memory, inference" if not architecture.causal else "memory, one frame"
    facts = [
        ["parameters", f"{priced.parameters:,}"],
        ["FLOPs per clip", f"{format_count(priced.flops)} multiply-adds"],
        ["FLOPs per frame", f"{format_count(priced.flops_per_frame)} multiply-adds"],
        ["weights", format_bytes(priced.weights_bytes)],
        [memory, format_bytes(priced.inference_bytes)],
        [f"memory, training batch {priced.batch}", format_bytes(priced.training_bytes)],
    ]
    if architecture.causal:
        facts.append(["stream state", f"{priced.stream_state_values:,} values"])
    width = max(len(name) for name, _ in facts)
    for name, value in facts:
        say(f"{name:<{width}}  {value}")


def _summary(name: str, architecture: Architecture) -> str:
    clip = architecture.clip
    kind = "stream" if architecture.causal else "clip"
    return (
        f"{name} ({kind})  {clip.frames} frames x {clip.resolution} px, "
        f"{len(architecture.stages)} stages, {architecture.depth} layers, "
        f"arch_id {architecture.arch_id}"
    )
