"""How are the sizes of a family drawn? A strip each, on one scale."""

from collections.abc import Iterable

from vidnas.trials.family import Size
from vidnas.views.drawings.drawing import Drawing


def family_drawing(sizes: Iterable[Size], classes: int) -> Drawing | None:
    """The picture of the networks of a family; None where all sizes are empty.

    Args:
        sizes: Sizes of the family, in order.
        classes: Outputs of the classifier that is priced.
    """
    networks = {
        f"{size.name.upper()}, trial {size.trial.label}": size.trial.architecture
        for size in sizes
        if size.trial is not None
    }
    return Drawing(networks, classes) if networks else None
