"""What does a network cost that a study trains? Its price by recipe and fidelity."""

from vidnas.budgets.price import Pricing
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.recipe import Recipe


def pricing_of(classes: int, recipe: Recipe, fidelity: Fidelity) -> Pricing:
    """The price of what is trained by a recipe at a fidelity.

    Args:
        classes: Outputs of the classifier.
        recipe: How it is trained: batch, precision, rematerialising.
        fidelity: Frames and resolution of the clips that it is trained on.
    """
    return Pricing(
        classes,
        recipe.batch,
        fidelity.frames,
        fidelity.resolution,
        recipe.precision,
        recipe.rematerialise,
    )
