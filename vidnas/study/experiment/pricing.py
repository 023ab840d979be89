"""What is the price of a training? That of its recipe at its fidelity."""

from collections.abc import Sequence

from vidnas.architecture.architecture import Architecture
from vidnas.budgets.price import LATENCY, Price, Pricing
from vidnas.costs.latency.model import LatencyModel
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.recipe import Recipe


def pricing_of(
    classes: int,
    recipe: Recipe,
    fidelity: Fidelity,
    latency: LatencyModel | None = None,
) -> Pricing:
    """The price of networks that are trained by a recipe at a fidelity.

    Args:
        classes: Outputs of the classifier.
        recipe: Recipe that they are trained by.
        fidelity: Fidelity, whose clips decide the memory of training.
        latency: Model that predicts `latency_ms`, where a table is given.
    """
    return Pricing(
        classes,
        recipe.batch,
        fidelity.frames,
        fidelity.resolution,
        recipe.precision,
        recipe.rematerialise,
        latency,
        recipe.subclip_frames,
    )


def recorded_costs(
    price: Price, architecture: Architecture, names: Sequence[str]
) -> dict[str, float]:
    """Costs that a trial records: those of every trial, and a latency that is needed.

    Args:
        price: Price of candidates.
        architecture: Network of the trial.
        names: Names of the costs that fronts and families of the study need.
    """
    costs = price.one(architecture)
    if LATENCY in names:
        costs |= price.one(architecture, [LATENCY])
    return costs
