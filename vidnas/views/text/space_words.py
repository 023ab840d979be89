"""How is a search space said? As a tree of its choices, with what ties them."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import numpy as np

from vidnas.budgets.price import Pricing
from vidnas.documents.quantity import format_count
from vidnas.space.compiling.program import Choice
from vidnas.space.language.expression_text import expression_text
from vidnas.space.language.options import Options, Width
from vidnas.space.space import Space

SAMPLES = 4000  # candidates behind the histogram
TRIED = 64  # candidates on which options are found alike
BARS = 10
BAR = 40  # characters of the longest bar


def size_in_words(space: Space) -> str:
    """`4,312 different` or `about 1.2e+08 (1.1e+08 to 1.3e+08)`."""
    size = space.size()
    if size.exact:
        return f"{power(size.count)} different"
    bounds = f"{power(size.low)} to {power(size.high)}"
    return f"about {power(size.count)} different ({bounds}; rules estimated)"


def power(count: int) -> str:
    """`1,435` or `1.12e+87`: exact where a person can read it."""
    if count < 10**9:
        return f"{count:,}"
    # A float holds no more than 1e308.
    exponent = len(str(count)) - 1
    return f"{count // 10 ** (exponent - 4) / 1e4:.2f}e+{exponent}"


def tree(space: Space) -> list[tuple[int, str, str]]:
    """`(depth of indentation, name, options)` of every choice; layers share a line."""
    lines: list[tuple[int, str, str]] = []
    for group, choices in groupby(space.choices, key=lambda choice: choice.group):
        lines.append((0, group, ""))
        lines.extend(_branch(group, list(choices)))
    return lines


def _branch(group: str, choices: list[Choice]) -> Iterator[tuple[int, str, str]]:
    for choice in choices:
        if choice.layer < 0:
            yield 1, choice.name.removeprefix(f"{group}."), _options(choice)
    layered = [choice for choice in choices if choice.layer >= 0]
    if layered:
        last = max(choice.layer for choice in layered)
        yield 1, f"layer 0 to {last}" if last else "layer 0", "while below the depth"
        kinds: dict[str, list[Choice]] = {}
        for choice in layered:
            kinds.setdefault(choice.name.rsplit(".", 1)[1], []).append(choice)
        for kind, of_layers in kinds.items():
            yield 2, kind, _options(of_layers[-1])


def _options(choice: Choice) -> str:
    options = ", ".join(
        str(option).lower() if isinstance(option, bool) else str(option)
        for option in choice.options
    )
    if choice.when is None:
        return options
    return f"{options}  when {expression_text(choice.when)}"


def ties(space: Space) -> list[tuple[str, list[str]]]:
    """Each named choice with the places that depend on it."""
    found = []
    for name in space.declaration.named:
        if name not in space.program.positions:
            continue
        at = space.program.positions[name]
        places = [
            place
            for place, choices in space.program.support.items()
            if at in choices and place != name
        ]
        found.append((name, list(_merged_layers(places))))
    return found


def _merged_layers(places: Iterable[str]) -> Iterator[str]:
    """Places with all layers of a stage as one; what layers are built of left out."""
    seen: dict[str, None] = {}
    for place in places:
        if place.endswith((".inner", ".excited")):
            continue
        stage, _, rest = place.partition(".layer")
        seen.setdefault(f"{stage}.layer*.{rest.partition('.')[2]}" if rest else place)
    yield from seen


def rules_in_words(space: Space) -> list[tuple[str, str]]:
    """Rules by name, and whether their effect is counted or estimated."""
    counted = space.counted.decided
    return [
        (
            name,
            expression_text(rule) + ("" if name in counted else "  (estimated)"),
        )
        for name, rule in space.declaration.rules.items()
    ]


def left_out(space: Space) -> list[tuple[str, str]]:
    """By rule, how many candidates it alone leaves out, or which share of draws."""
    counted = space.counted
    rows = space.many.draw(np.random.default_rng(0), SAMPLES)
    held = space.rules_met(rows)
    found = []
    for name in space.declaration.rules:
        if name in counted.decided:
            text = power(counted.without(name) - counted.candidates)
        else:
            text = f"about {100 * (1 - held[name].mean()):.1f} %"
        found.append((name, text))
    return found


def merged(space: Space) -> list[tuple[str, str]]:
    """By place, options that were merged, as they round to one: `0.9, 1 -> 16`."""
    declared = space.declaration
    named: list[tuple[str, Any]] = [("stem", declared.stem), ("head", declared.head)]
    named += zip(declared.stage_names, declared.stages, strict=True)
    found: list[tuple[str, Width, Any]] = []
    for name, part in named:
        if isinstance(part.width, Width):
            found.append((f"{name}.width", part.width, part.width.multipliers))
            expand = getattr(part, "expand", None)  # of the same base
            found.append((f"{name}.expand", part.width, expand))
    return [
        (place, text)
        for place, width, factors in found
        if isinstance(factors, Options) and (text := _merged(width, factors))
    ] + [(name, text) for name in declared.named if (text := _alike(space, name))]


def _alike(space: Space, name: str) -> str:
    """Options of a named choice that lead to the same networks, whatever the others."""
    at = space.positions.get(name)
    if at is None:
        return ""
    choice, rows = space.choices[at], space.many.draw(np.random.default_rng(0), TRIED)
    rows = rows[space.many.active(rows)[:, at]]
    networks: dict[bytes, list[str]] = {}
    for index, option in enumerate(choice.options):
        rows[:, at] = index
        key = space.row_identities(rows).tobytes()
        networks.setdefault(key, []).append(str(option))
    groups = [", ".join(options) for options in networks.values() if len(options) > 1]
    told = " the same networks, counted apart"
    return "; ".join(groups) + told if groups and len(rows) else ""


def _merged(width: Width, factors: Options) -> str:
    by_width: dict[int, list[str]] = {}
    for factor in factors.options:
        by_width.setdefault(width.times(float(factor)), []).append(f"{factor:g}")  # type: ignore[arg-type]
    return "; ".join(
        f"{', '.join(equal)} -> {channels}"
        for channels, equal in by_width.items()
        if len(equal) > 1
    )


def flops_bands(space: Space, classes: int) -> list[tuple[float, float, float]]:
    """`(from, to, share)`: how uniform candidates spread over the FLOPs of a space.

    The bands reach from the cheapest to the dearest of a stratified sample, evenly in
    the logarithm.
    """
    rng = np.random.default_rng(0)
    pricing = Pricing(classes)

    def flops(rows: np.ndarray) -> np.ndarray:
        return pricing.rows(space, rows)["flops"]

    spread = flops(space.many.sample_stratified(rng, SAMPLES // 20, flops))
    uniform = flops(space.many.sample(rng, SAMPLES))
    low = min(spread.min(), uniform.min()) * 0.999
    edges = np.geomspace(low, max(spread.max(), uniform.max()) * 1.001, BARS + 1)
    shares = np.histogram(uniform, edges)[0] / len(uniform)
    return [
        (float(a), float(b), float(share))
        for a, b, share in zip(edges[:-1], edges[1:], shares, strict=True)
    ]


def histogram(bands: list[tuple[float, float, float]]) -> str:
    """The bands as lines of text, with a bar and a percentage each."""
    most = max(share for _, _, share in bands)
    return "\n".join(
        f"{format_count(low):>7} - {format_count(high):>7}  {100 * share:5.1f} %  "
        f"{'#' * round(BAR * share / most)}".rstrip()
        for low, high, share in bands
    )
