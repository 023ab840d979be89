"""Which candidates of a space fit its budgets? The report before any training."""

from collections.abc import Sequence
from typing import Any

from vidnas.architecture.architecture import Architecture
from vidnas.budgets.budget import Budget, Budgets
from vidnas.budgets.feasibility import Feasibility, Refusals, extremes
from vidnas.budgets.price import BUDGETED, FILTERED
from vidnas.cli.output import say, say_json, table
from vidnas.documents.quantity import (
    format_bytes,
    format_count,
    parse_quantity,
    unit_of,
)
from vidnas.documents.suggestion import nearest
from vidnas.errors import InputError
from vidnas.space.space import Space

_COSTS = ("flops", "parameters", "inference_bytes", "training_bytes")


def read_limits(words: Sequence[str]) -> tuple[Budget, ...]:
    """Budgets such as `flops=12M`, filters such as `entropy_score>=40`.

    Raises:
        InputError: a word is none.
    """
    return tuple(_limit(word) for word in words)


def _limit(word: str) -> Budget:
    least = ">=" in word
    name, _, text = word.partition(">=" if least else "=")
    known = FILTERED if least else BUDGETED
    amount = parse_quantity(text, unit_of(name))
    if name in known and (amount is None or amount <= 0):
        raise InputError(
            "`--budget` must be NAME=MOST or NAME>=LEAST such as flops=12M, "
            f"training_bytes=1GiB or entropy_score>=40, got `{word}`."
        )
    if name not in known or amount is None:
        raise InputError(
            f"`--budget` must name one of {', '.join(known)}, got `{name}`."
            f"{nearest(name, known)}"
        )
    if least:
        return Budget(name, minimum=amount)
    return Budget(name, amount)


def say_plan(space: Space, budgets: Budgets, found: Feasibility, as_json: bool) -> None:
    """Prints what share fits, what binds, the cheapest and the largest that fit."""
    ends = dict(
        zip(
            ("cheapest", "largest"),
            map(space.decode, extremes(space, budgets, found.example)),
            strict=True,
        )
    )
    if as_json:
        say_json(_facts(space, budgets, found, ends))
        return
    low, high = found.interval
    say(
        f"fits        {found.share:.1f} % of candidates ({low:.1f}-{high:.1f}), "
        f"{found.sampled} drawn"
    )
    if budgets.soft:
        preferred = 100.0 * found.preferred / found.sampled
        say(f"            {preferred:.1f} % are within the soft budgets too")
    if found.refusals:
        rows = [_refusal(refusal, found) for refusal in found.refusals]
        say()
        say(table(["budget", "beyond", "it alone"], rows))
    say()
    say(
        table(
            ["", "FLOPs", "params", "memory", "training", "arch_id"],
            [_row(name, budgets, network) for name, network in ends.items()],
        )
    )


def _refusal(refusal: Refusals, found: Feasibility) -> list[str]:
    words = str(refusal.budget) + (", binds" if refusal.budget == found.binding else "")
    return [
        words,
        f"{100.0 * refusal.beyond / found.sampled:.1f} %",
        "-"
        if refusal.budget.soft
        else f"{100.0 * refusal.alone / found.sampled:.1f} %",
    ]


def _row(name: str, budgets: Budgets, network: Architecture) -> list[str]:
    costs = budgets.price.one(network, _COSTS)
    flops, parameters, inference, training = (costs[key] for key in _COSTS)
    return [
        name,
        format_count(flops),
        format_count(parameters),
        format_bytes(inference),
        format_bytes(training),
        network.arch_id,
    ]


def _facts(
    space: Space,
    budgets: Budgets,
    found: Feasibility,
    ends: dict[str, Architecture],
) -> dict[str, Any]:
    return {
        "space": space.name,
        "sampled": found.sampled,
        "fits_percent": found.share,
        "fits_interval": list(found.interval),
        "within_soft_percent": 100.0 * found.preferred / found.sampled,
        "binds": found.binding.label if found.binding else None,
        "budgets": [
            {
                "name": refusal.budget.name,
                "limit": str(refusal.budget),
                "soft": refusal.budget.soft,
                "beyond_percent": 100.0 * refusal.beyond / found.sampled,
                "it_alone_percent": 100.0 * refusal.alone / found.sampled,
            }
            for refusal in found.refusals
        ],
        **{
            name: {
                "arch_id": network.arch_id,
                **budgets.price.one(network, FILTERED),
            }
            for name, network in ends.items()
        },
    }
