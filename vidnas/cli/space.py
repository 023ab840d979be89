"""`vidnas space`: what a search space holds, and what another one changes."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from vidnas.architecture.architecture import Architecture
from vidnas.budgets.budget import Budgets
from vidnas.budgets.feasibility import feasibility
from vidnas.budgets.price import Pricing
from vidnas.cli import space_decode, space_scale
from vidnas.cli.arguments import positive
from vidnas.cli.command_help import described, show_help_alone
from vidnas.cli.output import note, say, say_json, table
from vidnas.cli.plan import read_limits, say_plan
from vidnas.costs.network_cost import CLASSES
from vidnas.documents.difference import changes
from vidnas.errors import SpaceError
from vidnas.files.loading import load_space
from vidnas.files.mirror import study_named, study_path
from vidnas.files.place import is_address
from vidnas.space.language.json_schema import space_schema
from vidnas.space.space import Space
from vidnas.study.history import load_history
from vidnas.views.pages.page_owner import require_own_space_page
from vidnas.views.text.space_words import (
    SAMPLES,
    flops_bands,
    histogram,
    left_out,
    merged,
    rules_in_words,
    size_in_words,
    ties,
    tree,
)
from vidnas.whole_file import write_whole


def add_commands(commands: Any) -> None:
    """Adds `space show`, `diff`, `decode`, `scale` and `schema`."""
    space = commands.add_parser(
        "space",
        **described(
            "Shows, compares, scales and decodes search spaces.",
            "vidnas space show movinet_a2",
            "vidnas space diff old.yaml new.yaml",
        ),
    )
    show_help_alone(space)
    verbs = space.add_subparsers(metavar="VERB")
    _add_show(verbs)
    _add_diff(verbs)
    space_decode.add_verb(verbs)
    space_scale.add_verb(verbs)
    schema = verbs.add_parser(
        "schema",
        help="JSON Schema of space files, for editors",
        **described(
            "Prints the JSON Schema by which an editor completes and checks space "
            "files.",
            "vidnas space schema",
            "vidnas space schema > space.schema.json",
        ),
    )
    schema.set_defaults(run=show_schema)


def _add_show(verbs: Any) -> None:
    show = verbs.add_parser(
        "show",
        help="choices, exact size and spread of cost",
        **described(
            "Prints the choices of a space, its size and what its networks cost.",
            "vidnas space show movinet_a2",
            "vidnas space show mine.yaml --budget flops=12M --classes 8",
        ),
    )
    show.add_argument(
        "space", metavar="SPACE", help="file of a search space, or a shipped one's name"
    )
    show.add_argument(
        "--classes", type=positive, default=CLASSES, help="default %(default)s"
    )
    show.add_argument("--json", action="store_true")
    show.add_argument(
        "--budget",
        action="append",
        default=[],
        metavar="NAME=MOST",
        help="only what fits it: flops=12M, training_bytes=1GiB, entropy_score>=40; "
        "may stand several times",
    )
    show.add_argument(
        "--batch", type=positive, default=1, help="clips of a training step, for memory"
    )
    show.add_argument("--html", type=Path, metavar="FILE", help="draw it as a page")
    show.set_defaults(run=show_space)


def _add_diff(verbs: Any) -> None:
    diff = verbs.add_parser(
        "diff",
        help="what changed from one space to another",
        **described(
            "Prints what changed from one space to another, and which trials of a "
            "study stay valid.",
            "vidnas space diff old.yaml new.yaml",
            "vidnas space diff old.yaml new.yaml --study runs/quickstart",
        ),
    )
    of_either = "file of a search space, or folder of a study"
    diff.add_argument("before", metavar="BEFORE", help=of_either)
    diff.add_argument("after", metavar="AFTER", help=of_either)
    diff.add_argument(
        "--study",
        type=study_named,
        metavar="FOLDER",
        help="study, or its address, of whose trials it is said which stay valid",
    )
    diff.add_argument("--json", action="store_true")
    diff.set_defaults(run=show_difference)


def show_schema(_: argparse.Namespace) -> None:
    """Prints the JSON Schema by which an editor completes and checks space files."""
    say_json(space_schema())


def show_space(chosen: argparse.Namespace) -> None:
    """Prints the choices of a space, its size and the spread of its costs."""
    space = load_space(chosen.space)
    if chosen.budget:
        pricing = Pricing(chosen.classes, chosen.batch)
        budgets = Budgets(read_limits(chosen.budget), pricing)
        found = feasibility(space, budgets, np.random.default_rng(0))
        say_plan(space, budgets, found, chosen.json)
        return
    if chosen.json:
        say_json(_space_facts(space, chosen.classes))
        return
    if chosen.html is not None:
        from vidnas.views.pages.space_page import space_page  # loads the chart library

        require_own_space_page(chosen.html)
        write_whole(chosen.html, space_page(space, chosen.classes))
        note(f"wrote {chosen.html}")
        return
    say(f"space       {space.name}, hash {space.space_hash}")
    say(f"candidates  {size_in_words(space)}, {len(space.choices)} choices")
    say()
    say(_tree_text(space))
    for title, rows in (
        ("tied", [(name, ", ".join(places)) for name, places in ties(space)]),
        ("rules", rules_in_words(space)),
        ("left out by each rule", left_out(space)),
        ("options that round together", merged(space)),
    ):
        if rows:
            width = max(len(name) for name, _ in rows)
            say(f"\n{title}")
            say("\n".join(f"  {name:<{width}}  {text}" for name, text in rows))
    say(f"\nFLOPs (multiply-adds), {chosen.classes} classes, share of uniform samples")
    say(histogram(flops_bands(space, chosen.classes)))


def _space_facts(space: Space, classes: int) -> dict[str, Any]:
    size = space.size()
    rows = space.many.sample(np.random.default_rng(0), SAMPLES)
    costs = Pricing(classes).many(space.columns(rows))
    return {
        "name": space.name,
        "space_hash": space.space_hash,
        "candidates": size.count,
        "candidates_interval": [size.low, size.high],
        "exact": size.exact,
        "choices": {c.name: [str(o) for o in c.options] for c in space.choices},
        "tied": dict(ties(space)),
        "rules": dict(rules_in_words(space)),
        "left_out": dict(left_out(space)),
        "merged": dict(merged(space)),
        "flops_quantiles": _quantiles(costs["flops"]),
        "parameters_quantiles": _quantiles(costs["parameters"]),
    }


def _tree_text(space: Space) -> str:
    lines = tree(space)
    width = max((2 * depth + len(name) for depth, name, _ in lines), default=0)
    return "\n".join(
        f"{'  ' * depth}{name:<{width - 2 * depth}}  {options}".rstrip()
        for depth, name, options in lines
    )


def _quantiles(values: np.ndarray) -> dict[str, float]:
    return {
        f"{q:g}": float(np.quantile(values, q / 100))
        for q in (0, 5, 25, 50, 75, 95, 100)
    }


def show_difference(chosen: argparse.Namespace) -> None:
    """Prints what changed, and which trials of a study stay valid."""
    before, after = _space_of(chosen.before), _space_of(chosen.after)
    found = changes(before.to_document(), after.to_document())
    trials = _check_trials(chosen.study, after) if chosen.study else []
    if chosen.json:
        say_json(
            {
                "before": before.space_hash,
                "after": after.space_hash,
                "same": before.meaning == after.meaning,
                "changes": [
                    {"place": c.place, "before": c.before, "after": c.after}
                    for c in found
                ],
                "trials": [
                    {"trial": number, "valid": not why, "why": why}
                    for number, why in trials
                ],
            }
        )
        return
    same = before.meaning == after.meaning
    say(
        f"{before.name} {before.space_hash} -> {after.name} {after.space_hash}"
        f"{': the same candidates' if same else ''}"
    )
    say(f"candidates  {size_in_words(before)} -> {size_in_words(after)}")
    for change in found:
        say(f"  {change}")
    if chosen.study:
        valid = sum(not why for _, why in trials)
        say(f"\n{valid} of {len(trials)} trials of {chosen.study} stay valid")
        rows = [[str(number), why] for number, why in trials if why]
        if rows:
            say(table(["trial", "why not"], rows))


def _space_of(named: str) -> Space:
    """The space in a file, or the one that a study was last run in."""
    if is_address(named) or Path(named).is_dir():
        return load_history(study_path(named)).experiment.read_space()
    return load_space(named)


def _check_trials(study: Path | str, space: Space) -> list[tuple[int, str]]:
    """Number of each trial of a study, and why the space does not hold it."""
    trials = load_history(study_path(study)).trials
    return [(trial.number, _why_not(space, trial.architecture)) for trial in trials]


def _why_not(space: Space, architecture: Architecture) -> str:
    """Why a space does not hold an architecture; "" where it does."""
    try:
        space.encode(architecture)
    except SpaceError as wrong:
        return str(wrong)
    return ""
