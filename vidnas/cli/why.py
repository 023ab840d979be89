"""`vidnas why`: which choices of a study's networks matter, and by how much."""

import argparse
import math
from typing import Any

from vidnas.cli.command_help import described
from vidnas.cli.output import ABSENT, say, say_json, table
from vidnas.cli.results import study_argument
from vidnas.files.mirror import study_path
from vidnas.study.history import load_history
from vidnas.trials.choices.factors import option_text
from vidnas.trials.choices.why import Common, Influence, Why
from vidnas.trials.objectives import Objectives
from vidnas.views.insight.asked import why_of
from vidnas.views.insight.sentences import (
    choice_text,
    common_text,
    front_words,
    points_text,
    remainder,
    share_text,
    verdict,
)

TITLES = ("choice", "share (95 %)", "option", "points (95 %)", "networks")


def add_commands(commands: Any) -> None:
    """Adds `why`."""
    why = commands.add_parser(
        "why",
        **described(
            "Prints which choices accuracy depends on at equal cost, beyond luck, and "
            "what the front's networks share.",
            "vidnas why runs/quickstart",
            "vidnas why runs/quickstart --json",
        ),
    )
    study_argument(why)
    why.add_argument("--json", action="store_true")
    why.set_defaults(run=show_why)


def show_why(chosen: argparse.Namespace) -> None:
    """Prints what choices are worth, as a table or JSON."""
    history = load_history(study_path(chosen.study))
    found = why_of(history)
    if chosen.json:
        say_json(why_facts(found))
    else:
        say(why_text(found, history.objectives))


def why_text(why: Why, objectives: Objectives) -> str:
    """The verdict, a row per option, and what the front shares."""
    lines = [verdict(why, objectives)]
    if why.influences:
        rows = [row for one in why.influences for row in _rows(one)]
        lines += ["", table(TITLES, rows), ""]
    lines += filter(None, [remainder(why), front_words(why)])
    lines += [f"  {common_text(one)}" for one in why.common]
    return "\n".join(lines)


def _rows(influence: Influence) -> list[list[str]]:
    """A row per option; the first one carries the choice."""
    first = [choice_text(influence), share_text(influence)]
    if not influence.effects:
        return [[*first, "as its cost", ABSENT, ABSENT]]
    rows = []
    for effect in influence.effects:
        points = points_text(effect.points, effect.low, effect.high)
        rows.append([*first, option_text(effect.option), points, str(effect.networks)])
        first = ["", ""]
    return rows


def why_facts(why: Why) -> dict[str, Any]:
    """What choices are worth, as plain data; shares are from 0 to 1."""
    return {
        "networks": why.networks,
        "at_equal": list(why.costs),
        "deviation": _known(why.deviation),
        "explained": why.explained,
        "clips_luck": _known(why.clips_luck),
        "choices": [_influence_facts(one) for one in why.influences],
        "front": {
            "networks": why.members,
            "shares": [_common_facts(one) for one in why.common],
        },
    }


def _influence_facts(influence: Influence) -> dict[str, Any]:
    return {
        "choice": influence.choice,
        "layers": influence.layers,
        "share": influence.share.share,
        "share_low": influence.share.low,
        "share_high": influence.share.high,
        "luck": influence.luck,
        "alike": list(influence.alike),
        "options": [
            {
                "option": option_text(effect.option),
                "points": effect.points,
                "points_low": effect.low,
                "points_high": effect.high,
                "networks": effect.networks,
            }
            for effect in influence.effects
        ],
    }


def _common_facts(common: Common) -> dict[str, Any]:
    return {
        "choice": common.choice,
        "option": common.option,
        "members": common.members,
        "near": _known(common.near),
        "luck": common.luck,
    }


def _known(value: float) -> float | None:
    """A number, or None where it is not known: JSON has no NaN."""
    return None if math.isnan(value) else value
