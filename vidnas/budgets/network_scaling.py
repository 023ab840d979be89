"""Which size of a network fits budgets? Its compound scaling, as far as they allow."""

from collections.abc import Callable
from dataclasses import dataclass

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.compound_scaling import scaled_network
from vidnas.errors import ShapeError

# Growth of depth, width and resolution that doubles FLOPs, EfficientNet, 1905.11946.
GROWTH = {"width": 1.1, "depth": 1.2, "resolution": 1.15}
# EfficientNet-B7 is 6.6 doublings from B0, the farthest that was published.
FARTHEST, STEPS = 7, 20  # doublings in both directions, steps a doubling


@dataclass(frozen=True, slots=True)
class ScaledNetwork:
    """A network, and the factors that it was scaled by.

    Args:
        architecture: The scaled network.
        factors: Factor of each axis.
        cost: What it was chosen by.
    """

    architecture: Architecture
    factors: dict[str, float]
    cost: float


def scaled_to_fit(
    network: Architecture,
    is_fitting: Callable[[Architecture], bool],
    cost_of: Callable[[Architecture], float],
) -> ScaledNetwork | None:
    """The dearest size of a network that fits; None where none does.

    Args:
        network: Network to scale, up or down.
        is_fitting: Whether a network is within the budgets.
        cost_of: Cost of a network that is to be used up.
    """
    best: ScaledNetwork | None = None
    tried: set[str] = set()
    for step in range(-FARTHEST * STEPS, FARTHEST * STEPS + 1):
        factors = {axis: by ** (step / STEPS) for axis, by in GROWTH.items()}
        try:
            scaled = scaled_network(network, **factors)
        except ShapeError:  # too small for its kind
            continue
        if scaled.arch_id in tried:
            continue
        tried.add(scaled.arch_id)
        cost = cost_of(scaled)
        if is_fitting(scaled) and (best is None or cost > best.cost):
            rounded = {axis: round(by, 3) for axis, by in factors.items()}
            best = ScaledNetwork(scaled, rounded, cost)
    return best
