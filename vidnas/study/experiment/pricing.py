"""What is the price of a training? That of its recipe at its fidelity."""

from vidnas.budgets.price import Pricing
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
        recipe: How they are trained.
        fidelity: Clips that they are trained on.
        latency: Predicts `latency_ms`, where a table of a device is given.
    """
    return Pricing(
        classes,
        recipe.batch,
        fidelity.frames,
        fidelity.resolution,
        recipe.precision,
        recipe.rematerialise,
        latency,
    )
