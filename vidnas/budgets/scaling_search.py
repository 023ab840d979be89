"""Which coefficients bring a space to a FLOP target? Random search over them."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vidnas.costs.network_cost import CLASSES, cost_many
from vidnas.errors import SpaceError
from vidnas.space.language.scaling import AXES, Coefficients
from vidnas.space.space import Space

# FLOPs grow with the square of widths and of the resolution, else in proportion.
_POWERS = {"width": 2.0, "depth": 1.0, "resolution": 2.0, "frames": 1.0}
EVENNESS = 4.0  # of the shares that axes have in the growth; at 0 one axis takes all
SPREAD = 0.25  # of the growth around what is needed, since powers are rough
FEW, MANY = 64, 2048  # candidates priced: of every draw, of the nearest ones
NEAREST = 8  # draws that are priced with many


@dataclass(frozen=True, slots=True)
class Scaled:
    """Coefficients, and the median FLOPs of the space that they make."""

    coefficients: Coefficients
    flops: int


def median_flops(
    space: Space, rng: np.random.Generator, samples: int, classes: int = CLASSES
) -> int:
    """Median FLOPs (multiply-adds) of uniform samples."""
    columns = space.columns(space.many.sample(rng, samples))
    return int(np.median(cost_many(columns, classes).flops))


def draw_coefficients(
    space: Space,
    flops: float,
    rng: np.random.Generator,
    *,
    draws: int,
    fixed: Mapping[str, float] | None = None,
    classes: int = CLASSES,
) -> list[Scaled]:
    """The drawn coefficients whose spaces come nearest to a target, nearest first.

    Every draw shares the growth that is needed among the axes that are not fixed, by
    about equal parts.

    Args:
        space: To be scaled.
        flops: What the median candidate of the scaled space should cost.
        rng: The only source of randomness.
        draws: Coefficients to try.
        fixed: Coefficients that are not drawn, by axis.
        classes: Outputs of the classifier that is priced.

    Raises:
        SpaceError: every axis is fixed, or a scaled space cannot meet its rules.

    Source:
        MoViNets, arXiv 2103.11511: random search over scaling coefficients.
    """
    fixed = dict(fixed or {})
    free = [axis for axis in AXES if axis not in fixed]
    if not free:
        raise SpaceError("A coefficient must be left to draw, all four are given.")
    start = space.scaled(**fixed)
    growth = np.log(flops / median_flops(start, rng, MANY, classes))
    found = []
    for _ in range(draws):
        shares = rng.dirichlet([EVENNESS] * len(free))
        whole = growth * (1.0 + SPREAD * rng.uniform(-1.0, 1.0))
        drawn = {
            axis: round(float(np.exp(whole * share / _POWERS[axis])), 3)
            for axis, share in zip(free, shares, strict=True)
        }
        coefficients = Coefficients(**fixed, **drawn)
        found.append(_price(space, coefficients, rng, FEW, classes))
    nearest = sorted(found, key=lambda one: _distance(one, flops))[:NEAREST]
    again = [_price(space, one.coefficients, rng, MANY, classes) for one in nearest]
    return sorted(again, key=lambda one: _distance(one, flops))


def _price(
    space: Space,
    by: Coefficients,
    rng: np.random.Generator,
    samples: int,
    classes: int,
) -> Scaled:
    scaled = space.scaled(**{axis: getattr(by, axis) for axis in AXES})
    return Scaled(by, median_flops(scaled, rng, samples, classes))


def _distance(one: Scaled, flops: float) -> float:
    return abs(float(np.log(one.flops / flops)))
