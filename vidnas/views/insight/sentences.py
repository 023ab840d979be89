"""How is said what choices are worth? Sentences for terminal, page and notebook."""

import math

from vidnas.trials.choices.why import FEWEST, Common, Influence, Why
from vidnas.trials.objectives import Objectives, cost_word

METHOD = (
    "Shares are of the variance that is left at equal cost, beside a curve in the "
    "logarithm of each cost; what no shuffling of the accuracies shows is told, so "
    "that one study in twenty says something where there is nothing. Points are "
    "against the mean of the options; intervals are at 95 %."
)


def verdict(why: Why, objectives: Objectives) -> str:
    """What was found, in one sentence."""
    equal = f"at equal {_equal(why)}"
    if why.is_too_small:
        return (
            f"{_networks(why.networks)} done at full fidelity say nothing of choices; "
            f"at least {FEWEST} may."
        )
    label = objectives.accuracy.label
    if not why.influences:
        return (
            f"No choice of {_networks(why.networks)} moves {label} {equal} more than "
            "luck does."
        )
    first = why.influences[0]
    more = len(why.influences) - 1
    others = f", and {more} more {'choice' if more == 1 else 'choices'}" if more else ""
    return (
        f"{label[0].upper()}{label[1:]} {equal} depends on {first.choice}{others}: "
        f"together {100 * why.explained:.0f} % of its variance over "
        f"{_networks(why.networks)}."
    )


def remainder(why: Why) -> str:
    """What the found choices leave; empty where nothing was compared."""
    if why.is_too_small or not why.deviation > 0.0:
        return ""
    rest = "other choices, their interplay and the luck of trainings"
    if why.influences:
        rest = f"what no choice above explains is {rest}"
    else:
        rest = f"that is {rest}"
    text = f"At equal {_equal(why)} accuracies deviate by {why.deviation:.1f} points; "
    text += rest
    if not math.isnan(why.clips_luck):
        share = min(100.0, 100.0 * why.clips_luck)
        text += "; the chance of the validation clips alone makes about "
        text += f"{share:.0f} % of the variance"
    return f"{text}."


def front_words(why: Why) -> str:
    """What the front's members share, as a beginning or a whole sentence."""
    if why.is_too_small or not why.members:
        return ""
    who = f"{why.members} on the front"
    if not why.common:
        return f"The {who} share no option more than trials of their cost do."
    return f"The {who} share, more than the trials nearest to them in {_first(why)}:"


def choice_text(influence: Influence) -> str:
    """`stage2.kernel of 3 layers`: a choice, and what goes along with it."""
    text = influence.choice
    if influence.layers:
        text += f", {_many(influence.layers, 'layer')} together"
    if influence.alike:
        text += f" (or {', '.join(influence.alike)}, which go along with it)"
    return text


def share_text(influence: Influence) -> str:
    """`50 % (32 to 63)`."""
    one = influence.share
    return f"{100 * one.share:.0f} % ({100 * one.low:.0f} to {100 * one.high:.0f})"


def common_text(common: Common) -> str:
    """`stage3.squeeze_excite true: 88 %, of those near 52 %`."""
    near = f", of those near {100 * common.near:.0f} %"
    return (
        f"{common.choice} {common.option}: {100 * common.members:.0f} %"
        f"{near if not math.isnan(common.near) else ''}"
    )


def points_text(points: float, low: float, high: float) -> str:
    """`+4.1 (3.0 to 5.1)`."""
    return f"{points:+.1f} ({low:+.1f} to {high:+.1f})"


def _equal(why: Why) -> str:
    return " and ".join(map(cost_word, why.costs))


def _first(why: Why) -> str:
    return cost_word(why.costs[0])


def _networks(count: int) -> str:
    return _many(count, "network")


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
