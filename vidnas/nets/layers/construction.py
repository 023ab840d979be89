"""What do all parts of a network under construction need? Rules, norms, randomness."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from vidnas.architecture.architecture import Architecture, Placed
from vidnas.architecture.block_rules import Rules, rules_of
from vidnas.architecture.reader import architecture_from
from vidnas.nets.layers.norm import Norm
from vidnas.nets.layers.restoration import fresh_rng


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

    @classmethod
    def of_facts(
        cls, architecture: dict[str, Any], norm_momentum: float
    ) -> "Construction":
        """That of a part which `facts` describe, to make it again."""
        return cls(architecture_from(architecture), fresh_rng(), norm_momentum)

    def facts(self) -> dict[str, Any]:
        """Architecture and momentum, as plain data."""
        return {
            "architecture": self.architecture.to_document(),
            "norm_momentum": self.momentum,
        }

    def place(self, name: str) -> Placed:
        """The layer of that name, with what surrounds it."""
        return next(p for p in self.architecture.placed_layers() if p.name == name)

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
