"""Which networks stand beside those that a study found? Scaled ones, and streams.

Neither was trained: what is known of them is what they cost.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from vidnas.architecture.architecture import Architecture
from vidnas.budgets.network_scaling import scaled_to_fit
from vidnas.budgets.price import LATENCY, Pricing
from vidnas.costs.latency.model import LatencyModel
from vidnas.errors import InputError, ShapeError
from vidnas.files.loading import load_latency
from vidnas.study.experiment.pricing import pricing_of
from vidnas.study.history import History
from vidnas.trials.family import Size, is_within, is_within_smaller
from vidnas.trials.filling import Filling
from vidnas.trials.ladders.stated import StatedLadder


@dataclass(frozen=True, slots=True)
class Twin:
    """The streaming twin of a size's network: causal, one frame after the other.

    Nobody trained it, unless the network that was found is a stream itself.

    Args:
        name: Name of the twin, `a0.stream`.
        size: Size whose network it is of.
        architecture: The twin.
        costs: Costs by name, with the classes of the study.
        is_found: Whether the network that was found is causal, so that it is its own
            twin.
    """

    name: str
    size: Size
    architecture: Architecture
    costs: Mapping[str, float]
    is_found: bool = False


@dataclass(frozen=True, slots=True)
class WholeFamily:
    """The sizes of a family, and the streams beside them.

    Args:
        sizes: One size per step of the ladder.
        twins: Streaming twins, where they were asked for.
        unfilled: Names of sizes that stayed empty though scaled networks were asked
            for.
    """

    sizes: tuple[Size, ...]
    twins: tuple[Twin, ...] = ()
    unfilled: tuple[str, ...] = ()


def whole_family(
    history: History,
    ladder: StatedLadder | None = None,
    *,
    fills: bool | None = None,
    streams: bool | None = None,
) -> WholeFamily:
    """The family of a study, with what was asked for beside the networks it found.

    Args:
        history: The study.
        ladder: Ladder as stated; None for the experiment's.
        fills: Whether scaled networks stand in empty sizes; None for as the experiment
            says.
        streams: Whether streaming twins stand beside the sizes; None for the same.

    Raises:
        InputError: the ladder does not rise, or limits what no trial has.
    """
    stated = history.experiment.family
    if ladder is not None and not ladder.is_priced:
        ladder = ladder.with_numbers(cost_in(history))
    sizes = history.family(ladder)
    unfilled: tuple[str, ...] = ()
    if stated.fills if fills is None else fills:
        sizes = with_fillings(sizes, history)
        unfilled = tuple(size.name for size in sizes if size.network is None)
    has_twins = stated.streams if streams is None else streams
    twins = twins_of(sizes, history) if has_twins else ()
    return WholeFamily(sizes, twins, unfilled)


def study_price(history: History) -> Pricing:
    """What networks cost in a study: with its classes, by its recipe and its table."""
    identity, table = history.head.identity, history.experiment.document.get("latency")
    latency = _latency(str(table)) if table else None
    classes = len(history.classes)
    return pricing_of(classes, identity.recipe, identity.fidelity, latency)


@lru_cache(maxsize=4)
def _latency(file: str) -> LatencyModel | None:
    """The model of a device's table; None where the table is not there any more."""
    return load_latency(Path(file)) if Path(file).is_file() else None


def cost_in(history: History) -> Callable[[Architecture, str], float]:
    """The cost of a network by its name, as the study prices it.

    Raises:
        InputError: a latency is asked for, and the study has no table of a device.
    """
    price = study_price(history)

    def cost_of(network: Architecture, name: str) -> float:
        return costs_of(network, (name,), price)[name]

    return cost_of


def costs_of(
    network: Architecture, names: Sequence[str], price: Pricing
) -> dict[str, float]:
    """Costs of a network by name: every closed one, and those that are asked for.

    Args:
        network: Network to price.
        names: Names of costs that not every network is priced by.
        price: Price of the study's networks.

    Raises:
        InputError: a latency is asked for, and there is no table of a device.
    """
    if LATENCY in names and price.latency is None:
        raise InputError(
            f"`{LATENCY}` needs the table of the study's device, and it is gone."
        )
    known = price.one(network)
    missing = [name for name in names if name not in known]
    return known | (price.one(network, missing) if missing else {})


def with_fillings(sizes: Sequence[Size], history: History) -> tuple[Size, ...]:
    """The sizes, each empty one with a network of another size, scaled to its budgets.

    It is that of the next smaller size, or, where there is none, of the next larger.

    Args:
        sizes: Family of the study.
        history: The study.

    Raises:
        InputError: the ladder limits a latency, and the table of its device is gone.
    """
    price = study_price(history)
    return tuple(
        size if size.trial is not None else _filled(size, sizes, price)
        for size in sizes
    )


def _filled(size: Size, sizes: Sequence[Size], price: Pricing) -> Size:
    at = sizes.index(size)
    below = [one for one in sizes[:at] if one.trial is not None]
    above = [one for one in sizes[at:] if one.trial is not None]
    if not (below or above):
        return size
    source = below[-1] if below else above[0]
    assert source.trial is not None, "of those that have one"

    def costs(network: Architecture) -> dict[str, float]:
        return costs_of(network, size.costs, price)

    found = scaled_to_fit(
        source.trial.architecture,
        lambda network: is_within(size.limits, costs(network).__getitem__),
    )
    if found is None:
        return size
    network = replace(found.architecture, classes=price.classes)
    known = costs(network)
    if is_within_smaller(size.limits, known.__getitem__):
        return size  # it can grow no further, or in steps too wide
    filling = Filling(network, known, source.name, source.trial, found.factors)
    return replace(size, filling=filling)


def twins_of(sizes: Sequence[Size], history: History) -> tuple[Twin, ...]:
    """The streaming twin of each size that has a network with one.

    Args:
        sizes: Family of the study, its fillings too.
        history: The study.
    """
    price = study_price(history)
    twins = []
    for size in sizes:
        network = size.network
        if network is None:
            continue
        try:
            stream = replace(network.streaming(), classes=price.classes)
        except ShapeError:  # it skips frames, and has none
            continue
        costs = price.one(stream)
        if price.latency is not None:
            with suppress(InputError):  # a table may know no operator of streams
                costs |= price.one(stream, [LATENCY])
        found = network.causal
        twins.append(Twin(f"{size.name}.stream", size, stream, costs, found))
    return tuple(twins)
