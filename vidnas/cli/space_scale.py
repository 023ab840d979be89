"""`vidnas space scale`: the space of another size, for a FLOP target or by factors."""

import argparse
import shlex
from pathlib import Path
from typing import Any

import numpy as np

from vidnas.budgets.scaling_search import MANY, Scaled, draw_coefficients, median_flops
from vidnas.cli.arguments import positive, whole
from vidnas.cli.command_help import described
from vidnas.cli.output import note, say, say_json, table
from vidnas.costs.network_cost import CLASSES
from vidnas.documents.quantity import format_count, parse_quantity
from vidnas.errors import InputError
from vidnas.files.loading import load_space
from vidnas.files.yaml_file import dump_document
from vidnas.space.language.abbreviation import abbreviate
from vidnas.space.language.scaling import AXES, Coefficients
from vidnas.space.space import Space
from vidnas.whole_file import write_whole

SHOWN = 5  # draws in the table


def add_verb(verbs: Any) -> None:
    """Adds `scale` to `vidnas space`."""
    scale = verbs.add_parser(
        "scale",
        help="the space of another size, as a file",
        **described(
            "Makes a space larger or smaller, by factors or to a FLOP target, and "
            "writes it where `--out` says.",
            "vidnas space scale search_spaces/movinet_a2.yaml --flops 2.7G",
            "vidnas space scale search_spaces/x3d.yaml --width 0.5 --out small.yaml",
        ),
    )
    scale.add_argument("space", metavar="SPACE", help="file of a search space")
    scale.add_argument(
        "--flops", metavar="TARGET", help="median FLOPs of its networks, such as 2.7G"
    )
    for axis in AXES:
        scale.add_argument(
            f"--{axis}",
            type=_factor,
            metavar="FACTOR",
            help="given instead of drawn; without --flops 1 by default",
        )
    scale.add_argument(
        "--draws", type=positive, default=100, help="of factors (default %(default)s)"
    )
    scale.add_argument("--seed", type=whole, default=0, help="default %(default)s")
    scale.add_argument(
        "--classes", type=positive, default=CLASSES, help="default %(default)s"
    )
    scale.add_argument("--out", type=Path, metavar="FILE", help="write the space there")
    scale.add_argument("--json", action="store_true")
    scale.set_defaults(run=scale_space)


def scale_space(chosen: argparse.Namespace) -> None:
    """Prints coefficients and the FLOPs they lead to; writes the scaled space."""
    space = load_space(chosen.space)
    if chosen.out is not None and chosen.out.exists():
        raise InputError(f"`--out` must be a new file, {chosen.out} is there already.")
    target = None if chosen.flops is None else _flops(chosen.flops)
    found = _draw_scales(space, target, chosen)
    if chosen.json:
        say_json([_facts(one) for one in found])
    else:
        rows = [
            [f"{getattr(one.coefficients, axis):g}" for axis in AXES]
            + [format_count(one.flops)]
            for one in found[:SHOWN]
        ]
        say(table([*AXES, "median FLOPs"], rows))
    if chosen.out is None:
        note(
            f"next   --out FILE writes the space of the first line: {space.name} scaled"
        )
        return
    write_whole(chosen.out, _file(space, found[0], target, chosen))
    note(f"next   vidnas space show {shlex.quote(str(chosen.out))}")


def _draw_scales(
    space: Space, target: float | None, chosen: argparse.Namespace
) -> list[Scaled]:
    given = {axis: f for axis in AXES if (f := getattr(chosen, axis)) is not None}
    rng = np.random.default_rng(chosen.seed)
    if target is not None:
        return draw_coefficients(
            space,
            target,
            rng,
            draws=chosen.draws,
            fixed=given,
            classes=chosen.classes,
        )
    flops = median_flops(space.scaled(**given), rng, MANY, chosen.classes)
    return [Scaled(Coefficients(**given), flops)]


def _file(
    space: Space, one: Scaled, target: float | None, chosen: argparse.Namespace
) -> str:
    """The scaled space as YAML, with a comment on where it comes from."""
    factors = {axis: getattr(one.coefficients, axis) for axis in AXES}
    document = space.scaled(**factors).to_document() | {"name": chosen.out.stem}
    text = ", ".join(f"{axis} {factor:g}" for axis, factor in factors.items())
    wanted = "" if target is None else f" for a target of {format_count(target)}"
    lines = [
        f"{space.name} ({chosen.space}, hash {space.space_hash}), scaled:",
        f"{text}.",
        f"Median FLOPs {format_count(one.flops)}{wanted}, {MANY} uniform samples, "
        f"{chosen.classes} classes, seed {chosen.seed}.",
    ]
    comment = "".join(f"# {line}\n" for line in lines)
    return comment + dump_document(abbreviate(document))


def _facts(one: Scaled) -> dict[str, Any]:
    factors = {axis: getattr(one.coefficients, axis) for axis in AXES}
    return factors | {"flops": one.flops}


def _flops(text: str) -> float:
    flops = parse_quantity(text)
    if flops is None or flops <= 0:
        raise InputError(f"`--flops` must be FLOPs such as 2.7G, got `{text}`.")
    return flops


def _factor(text: str) -> float:
    try:
        factor = float(text)
    except ValueError:
        factor = 0.0
    if not 0.0 < factor < float("inf"):
        raise argparse.ArgumentTypeError(f"must be a number above 0, got `{text}`")
    return factor
