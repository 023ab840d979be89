"""How does a published network come to the budgets of a study? Scaled, and said so.

Its widths and depths are scaled until it costs as much as the budgets allow; its clip
stays as the experiment states it.
"""

from collections.abc import Sequence
from dataclasses import replace

from vidnas.architecture.architecture import Architecture
from vidnas.budgets.network_scaling import scaled_to_fit
from vidnas.budgets.price import Price
from vidnas.documents.quantity import format_cost
from vidnas.errors import InputError
from vidnas.study.experiment.baselines import EACH_SIZE, Baseline
from vidnas.trials.ladders.ladder import Ladder
from vidnas.trials.ladders.stated import StatedLadder
from vidnas.trials.objectives import cost_text

Budgets = tuple[tuple[str, float], ...]


def scaled_baselines(
    baselines: Sequence[Baseline], ladder: StatedLadder, price: Price
) -> tuple[Baseline, ...]:
    """The baselines, with those that are to be scaled at their budgets.

    One that is scaled to every size stands there once for each that it can be made
    small enough for, named after it; two sizes that lead to one network have it once.

    Args:
        baselines: Baselines as stated.
        ladder: Ladder of the family, with its networks priced.
        price: Price of networks.

    Raises:
        InputError: the ladder is no list of budgets, or no size of a network fits.
    """
    found: list[Baseline] = []
    for baseline in baselines:
        if baseline.each_size:
            found += _of_each_size(baseline, ladder, price)
        elif baseline.within:
            one = _scaled(baseline, baseline.within, price)
            if one is None:
                raise _too_large(baseline, baseline.within, price)
            found.append(one)
        else:
            found.append(baseline)
    return tuple(found)


def _too_large(baseline: Baseline, within: Budgets, price: Price) -> InputError:
    budgets = " and ".join(cost_text(name, most) for name, most in within)
    name = within[0][0]
    own = price.one(baseline.architecture, [name])[name]
    return InputError(
        f"No width and depth of {baseline.network} is within {budgets}; as stated it "
        f"has {format_cost(name, own)}. Fewer `frames` or a lower `resolution` may be."
    )


def _of_each_size(
    baseline: Baseline, ladder: StatedLadder, price: Price
) -> list[Baseline]:
    if ladder.is_spread:
        raise InputError(
            f"`within: {EACH_SIZE}` of {baseline.network} needs a `family.ladder` of "
            "budgets, it is spread over the front."
        )
    laid: Ladder = ladder.laid(lambda cost, sizes: ())
    networks: dict[str, Baseline] = {}
    for name, budgets in zip(laid.names, laid.budgets, strict=True):
        within = tuple(zip(laid.costs, budgets, strict=True))
        named = replace(baseline, name=f"{baseline.name}-at-{name}")
        one = _scaled(named, within, price)
        if one is not None:
            networks.setdefault(one.architecture.arch_id, one)
    if not networks:
        raise _too_large(baseline, within, price)
    return list(networks.values())


def _scaled(baseline: Baseline, within: Budgets, price: Price) -> Baseline | None:
    names = [name for name, _ in within]

    def costs(network: Architecture) -> dict[str, float]:
        return price.one(network, names)

    fitted = scaled_to_fit(
        baseline.architecture,
        lambda network: all(costs(network)[name] <= most for name, most in within),
        keeps_clip=True,
    )
    if fitted is None:
        return None
    factors = tuple(fitted.factors.items())
    plain = replace(baseline, within=(), each_size=False, factors=factors)
    return replace(plain, architecture=fitted.architecture)
