"""Which operators and networks does a latency table measure? Those spread widest."""

from collections.abc import Iterable, Sequence

import numpy as np

from vidnas.architecture.architecture import Architecture
from vidnas.costs.latency.operators import KINDS, Operators, operators_of_one
from vidnas.costs.network_cost import cost_many
from vidnas.space.space import Space

FLOPS = 2.5e9  # of the largest network that is measured
CANDIDATES = 1500  # candidates of a space to choose networks from
# Operators measured of each kind: many where shapes differ much and time is spent.
COUNTS = {
    "convolution": 40,
    "pointwise": 120,
    "depthwise": 70,
    "temporal": 60,
    "depthwise3d": 100,
    "squeeze_excite": 60,
    "sum": 30,
    "pooling": 30,
    "thinning": 15,
    "shift": 15,
    "average": 20,
    "dense": 25,
}


def spread_networks(
    spaces: Sequence[Space],
    count: int,
    rng: np.random.Generator,
    most_flops: float = FLOPS,
) -> list[Architecture]:
    """Random networks of spaces in turn, spread evenly over the logarithm of FLOPs.

    Args:
        spaces: Spaces to draw networks of.
        count: Number of networks.
        rng: Generator that draws them.
        most_flops: Most FLOPs of a network; a space where all have more gives none.
    """
    by_space: list[list[Architecture]] = []
    share = -(-count // len(spaces))
    for space in spaces:
        rows = space.many.sample(rng, CANDIDATES)
        flops = cost_many(space.columns(rows)).flops
        rows, flops = rows[flops <= most_flops], flops[flops <= most_flops]
        if not len(rows):
            continue
        steps = np.linspace(np.log(flops.min()), np.log(flops.max()), share)
        picks: dict[int, None] = {}
        for step in rng.permutation(steps):
            near = np.abs(np.log(flops) - step)
            near[list(picks)] = np.inf
            picks[int(near.argmin())] = None
        by_space.append([space.decode(tuple(rows[row].tolist())) for row in picks])
    turns = [network for turn in zip(*by_space, strict=False) for network in turn]
    return list({network.arch_id: network for network in turns}.values())[:count]


def spread_operators(
    networks: Iterable[Architecture], rng: np.random.Generator
) -> list[Operators]:
    """Operators of networks, of each kind those that differ most and some at random.

    Kinds take turns, so that what is measured first is a smaller table, and no part.
    """
    shapes: dict[str, dict[tuple[int, ...], Operators]] = {kind: {} for kind in KINDS}
    for network in networks:
        for operator in operators_of_one(network, int(rng.choice([8, 101, 400, 600]))):
            shape = tuple(map(int, operator.shape))
            shapes[operator.kind].setdefault(shape, operator)
    turns: list[tuple[int, Operators]] = []
    for kind, by_shape in shapes.items():
        if by_shape:
            points = np.log2(1.0 + np.array(list(by_shape), np.float64))
            operators = list(by_shape.values())
            rows = _spread(points, COUNTS[kind], rng)
            turns += enumerate(operators[row] for row in rows)
    return [operator for _, operator in sorted(turns, key=lambda turn: turn[0])]


def _spread(points: np.ndarray, count: int, rng: np.random.Generator) -> list[int]:
    """Rows of points: half the farthest from one another, half at random."""
    if len(points) <= count:
        return list(range(len(points)))
    picks = [int(rng.integers(len(points)))]
    far = np.full(len(points), np.inf)
    while len(picks) < count // 2:
        far = np.minimum(far, np.abs(points - points[picks[-1]]).sum(axis=1))
        picks.append(int(far.argmax()))
    others = np.setdiff1d(np.arange(len(points)), picks)
    return [*picks, *rng.choice(others, count - len(picks), replace=False).tolist()]
