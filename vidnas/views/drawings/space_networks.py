"""Which networks stand for a space? Its cheapest, a middle and its dearest sample."""

from dataclasses import replace

import numpy as np

from vidnas.architecture.architecture import Architecture
from vidnas.budgets.price import Pricing
from vidnas.costs.network_cost import CLASSES
from vidnas.documents.quantity import format_count
from vidnas.space.space import Space
from vidnas.views.drawings.drawing import Drawing

SAMPLES = 200  # candidates, spread over the costs of the space


def space_drawing(space: Space, classes: int = CLASSES) -> Drawing:
    """The picture of three networks of a space, of few FLOPs to many.

    They are of a sample that is spread over the costs of the space, always the same.
    A space of fewer networks shows those it has.

    Args:
        space: Space that holds them.
        classes: Outputs of the classifier that is priced.
    """
    pricing = Pricing(classes)

    def flops(rows: np.ndarray) -> np.ndarray:
        return pricing.rows(space, rows)["flops"]

    rows = space.many.sample_stratified(np.random.default_rng(0), SAMPLES, flops)
    found = flops(rows)
    order = np.argsort(found, kind="stable")
    logs = np.log(found[order])
    middle = int(np.searchsorted(logs, (logs[0] + logs[-1]) / 2))
    places = {"cheapest": 0, "middle": middle, "dearest": -1}
    networks: dict[str, Architecture] = {}
    for word, place in places.items():
        row = order[place]
        network = space.decode(tuple(int(index) for index in rows[row]))
        name = f"{word} of {len(rows)} sampled, {format_count(float(found[row]))}"
        if network not in networks.values():
            networks[name] = replace(network, classes=classes)
    return Drawing(networks, classes)
