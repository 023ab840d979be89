"""What do choices look like as data frames? Columns of trials, rows of what matters."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from vidnas.space.compiling.program import Choice
from vidnas.study.history import History
from vidnas.trials.choices.factors import option_text
from vidnas.trials.choices.why import Why

PREFIX = "choice."  # before a choice that has the name of another column


def with_choices(frame: pd.DataFrame, history: History) -> pd.DataFrame:
    """The frame of trials with a column per choice of the space, by its name.

    A choice that a network does not make, such as one of a layer that it has not, is
    absent, and so are all those of a baseline that was not searched.

    Args:
        frame: One row per trial, with its number in `trial`.
        history: Study of the trials.
    """
    space = history.experiment.read_space()
    trials = {t.number: t for t in (*history.trials, *history.baselines)}
    made: list[dict[str, Any]] = []
    for number in frame["trial"]:
        candidate = trials[number].candidate
        active = {c.name for c in space.active(candidate)} if candidate else set()
        made.append(
            {
                choice.name: choice.options[index]
                for choice, index in zip(space.choices, candidate, strict=False)
                if choice.name in active
            }
        )
    columns = {
        PREFIX + c.name if c.name in frame else c.name: _column(c, made)
        for c in space.choices
    }
    chosen = pd.DataFrame(columns, index=frame.index)
    return pd.concat([frame, chosen], axis="columns")


def importance_frame(why: Why) -> pd.DataFrame:
    """One row per choice that matters, by its share.

    Returns:
        `choice`, how many `layers` choose together, `share` of the variance at equal
        cost with its 95 % interval `low` and `high`, `luck`, and the choices that are
        `alike`.
    """
    rows = [
        (
            one.choice,
            one.layers,
            one.share.share,
            one.share.low,
            one.share.high,
            one.luck,
            ", ".join(one.alike),
        )
        for one in why.influences
    ]
    kinds = {
        "choice": "str",
        "layers": "int64",
        **dict.fromkeys(("share", "low", "high", "luck"), "float64"),
        "alike": "str",
    }
    return _typed(rows, kinds)


def effects_frame(why: Why) -> pd.DataFrame:
    """One row per option of a choice that matters.

    Returns:
        `choice`, `option` as text, `points` at equal cost against the mean of the
        options with their 95 % interval `low` and `high`, and `networks` that took it.
    """
    rows = [
        (
            one.choice,
            option_text(effect.option),
            effect.points,
            effect.low,
            effect.high,
            effect.networks,
        )
        for one in why.influences
        for effect in one.effects
    ]
    numbers = dict.fromkeys(("points", "low", "high"), "float64")
    kinds = {"choice": "str", "option": "str", **numbers, "networks": "int64"}
    return _typed(rows, kinds)


def common_frame(why: Why) -> pd.DataFrame:
    """One row per option that the front's members share beyond luck.

    Returns:
        `choice`, `option` as text, share of the `members` that have it and of the
        trials `near` them in cost, and `luck`.
    """
    rows = [
        (one.choice, one.option, one.members, one.near, one.luck) for one in why.common
    ]
    numbers = dict.fromkeys(("members", "near", "luck"), "float64")
    return _typed(rows, {"choice": "str", "option": "str", **numbers})


def _column(choice: Choice, made: Sequence[dict[str, Any]]) -> "pd.Series[Any]":
    """What each network chose, in pandas' types with gaps."""
    options, values = choice.options, [one.get(choice.name) for one in made]
    if all(isinstance(option, bool) for option in options):
        return pd.Series(values, dtype="boolean")
    if all(type(option) is int for option in options):
        return pd.Series(values, dtype="Int64")
    if all(type(option) in (int, float) for option in options):
        return pd.Series(values, dtype="float64")
    texts = [None if value is None else option_text(value) for value in values]
    return pd.Series(texts, dtype="str")


def _typed(rows: Sequence[tuple[Any, ...]], kinds: dict[str, str]) -> pd.DataFrame:
    """A frame with these columns and types, also where there are no rows."""
    cells = {name: [row[at] for row in rows] for at, name in enumerate(kinds)}
    return pd.DataFrame(cells, dtype="object").astype(kinds)
