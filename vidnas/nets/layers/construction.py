"""What do all parts of a network under construction need? Rules, norms, randomness."""

from dataclasses import dataclass

import numpy as np

from vidnas.architecture.architecture import Architecture, Placed
from vidnas.architecture.block_rules import Rules, rules_of
from vidnas.nets.layers.norm import Norm


@dataclass(frozen=True)
class Construction:
    """A network under construction.

    Args:
        architecture: Architecture that the network is made from.
        rng: Generator that draws the weights, in order.
        momentum: Momentum of batch-norm statistics.
    """

    architecture: Architecture
    rng: np.random.Generator
    momentum: float

    def rules(self, place: Placed | None = None) -> Rules:
        """The rules of the network, or of one of its layers."""
        return rules_of(self.architecture, place.layer if place else None)

    def norm(self, width: int, name: str, *, residual_scale: bool = False) -> Norm:
        """A batch norm by the network's rules."""
        return Norm(
            width,
            momentum=self.momentum,
            epsilon=self.rules().epsilon,
            residual_scale=residual_scale,
            name=name,
        )
