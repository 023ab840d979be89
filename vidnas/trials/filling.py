"""What stands in an empty size of a family, where that is asked for? A scaled one."""

from collections.abc import Mapping
from dataclasses import dataclass

from vidnas.architecture.architecture import Architecture
from vidnas.trials.trial import Trial


@dataclass(frozen=True, slots=True)
class Filling:
    """The network of another size, scaled to the budgets of an empty one.

    Nobody trained it, so it has costs and no accuracy.

    Args:
        architecture: The scaled network.
        costs: Costs of it by name.
        of: Name of the size whose network was scaled.
        trial: Trial of that network.
        factors: Factor of each axis that was scaled, such as `width`.
    """

    architecture: Architecture
    costs: Mapping[str, float]
    of: str
    trial: Trial
    factors: Mapping[str, float]

    def __str__(self) -> str:
        axes = ", ".join(f"{axis} x {by:.3g}" for axis, by in self.factors.items())
        return f"{self.of} scaled ({axes}), not trained"
