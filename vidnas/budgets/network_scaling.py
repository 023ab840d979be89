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
        factors: Factor of each axis that was scaled.
    """

    architecture: Architecture
    factors: dict[str, float]


def scaled_to_fit(
    network: Architecture,
    is_within: Callable[[Architecture], bool],
    *,
    keeps_clip: bool = False,
) -> ScaledNetwork | None:
    """The largest size of a network within budgets; None where none is.

    Args:
        network: Network to scale, up or down.
        is_within: Whether a network is within the budgets; a larger one costs no less.
        keeps_clip: Whether the clip stays as it is, and widths and depths alone change.
    """
    growth = GROWTH | ({"resolution": 1.0} if keeps_clip else {})
    # Without larger frames a step does about half as much.
    far = FARTHEST * STEPS * (2 if keeps_clip else 1)
    low, high = -far, far + 1  # the first may fit, the last does not count
    while high - low > 1:
        middle = (low + high) // 2
        scaled = _at(network, growth, middle)
        if scaled is None or is_within(scaled.architecture):
            low = middle
        else:
            high = middle
    best = _at(network, growth, low)
    return best if best is not None and is_within(best.architecture) else None


def _at(
    network: Architecture, growth: dict[str, float], step: int
) -> ScaledNetwork | None:
    """The network some steps larger or smaller; None where that is too small."""
    factors = {axis: by ** (step / STEPS) for axis, by in growth.items()}
    try:
        scaled = scaled_network(network, **factors)
    except ShapeError:
        return None
    changed = {axis: by for axis, by in factors.items() if growth[axis] != 1.0}
    return ScaledNetwork(scaled, {axis: round(by, 3) for axis, by in changed.items()})
