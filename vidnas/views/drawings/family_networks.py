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
        _title(size): size.network for size in sizes if size.network is not None
    }
    return Drawing(networks, classes) if networks else None


def _title(size: Size) -> str:
    """`A0, trial 12`, or `A3, scaled from A2 and not trained`."""
    name = size.name.upper()
    if size.filling is not None:
        return f"{name}, scaled from {size.filling.of.upper()} and not trained"
    return f"{name}, trial {size.trial.label if size.trial else '-'}"
