"""What is a candidate to Keras Tuner? Hyperparameter values, there and back.

Only decisions become hyperparameters, derived values never do. An inactive choice has
no value, as Keras Tuner wants it.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise, product
from typing import Any

import numpy as np

from vidnas.arrays import Bools, Indices
from vidnas.errors import SpaceError
from vidnas.space.candidate import Candidate
from vidnas.space.compiling.program import Choice
from vidnas.space.space import Space

Primitive = bool | int | float | str
Values = Mapping[str, Primitive]
Conditions = dict[str, tuple[Primitive, ...]]
COMBINATIONS = 4096  # of switches, tried to know when a choice is active


def labels(choice: Choice) -> tuple[Primitive, ...]:
    """The options as Keras Tuner takes them: all flags, numbers or words.

    A kernel is spelled `3x3x3`. Whole numbers beside others become floats.
    """
    kinds = {type(option) for option in choice.options}
    if kinds <= {bool} or kinds <= {int}:
        return choice.options  # type: ignore[return-value]
    if kinds <= {int, float}:
        return tuple(map(float, choice.options))  # type: ignore[arg-type]
    return tuple(map(str, choice.options))


def values_of(space: Space, candidate: Candidate) -> dict[str, Primitive]:
    """The label of every active choice, by name."""
    _, active = space.program.values(candidate)
    return {
        choice.name: labels(choice)[index]
        for choice, index, on in zip(space.choices, candidate, active, strict=True)
        if on
    }


def candidate_of(space: Space, values: Values) -> Candidate:
    """The candidate with these values; names that are not the space's are left aside.

    Raises:
        SpaceError: a value is none of the options of its choice.
    """
    indices = []
    for choice in space.choices:
        options = labels(choice)
        value = values.get(choice.name, options[0])
        if value not in options:
            raise SpaceError(
                f"`{choice.name}` must be one of {', '.join(map(str, options))} in "
                f"space '{space.name}', got {value}."
            )
        indices.append(options.index(value))
    return space.canonical(indices)


def declaration(space: Space) -> dict[str, Any]:
    """The space as `keras_tuner.HyperParameters.from_config` reads it."""
    whole = conditions(space)
    parameters = [
        _hyperparameter(choice, whole[choice.name]) for choice in space.choices
    ]
    return {"space": parameters, "values": {}}


def conditions(space: Space) -> dict[str, Conditions]:
    """When each choice can be active: values left to other choices, by name.

    Keras Tuner knows conditions on single parents only, all of which must hold. Depth
    gates and most `when` are exactly that. What is more, such as `a or b`, becomes the
    narrowest conditions that follow from it: a choice may then have a value although it
    is inactive, and `candidate_of` leaves it aside.
    """
    program = space.program
    by_switches: dict[frozenset[int], list[int]] = {}
    for at, choice in enumerate(space.choices):
        switches = program.switches(choice, program.support)
        by_switches.setdefault(switches, []).append(at)
    by_name: dict[str, Conditions] = {}
    for switches, members in by_switches.items():
        rows = _combinations(space, sorted(switches))
        flags = space.many.active(rows)
        for at in members:
            rest = rows[flags[:, at]], flags[flags[:, at]]
            name = space.choices[at].name
            by_name[name] = _restrict_parents(space, sorted(switches), *rest)
    return by_name


def _combinations(space: Space, parents: Sequence[int]) -> Indices:
    """`[N, C]`: every combination of the parents' options; no row for too many."""
    sizes = [len(space.choices[parent].options) for parent in parents]
    count = np.prod(sizes, dtype=float)
    rows = np.zeros((int(count) if count <= COMBINATIONS else 0, len(space.choices)))
    if len(rows) and sizes:
        rows[:, parents] = list(product(*map(range, sizes)))
    return rows.astype(np.int64)


def _restrict_parents(
    space: Space, parents: Sequence[int], rows: Indices, flags: Bools
) -> Conditions:
    """The parents that have fewer options left in `rows` than they offer."""
    narrow: Conditions = {}
    for parent in parents:
        choice = space.choices[parent]
        options = np.unique(rows[:, parent])
        # A parent that may itself be off has no value then: nothing can be asked of it.
        if 0 < len(options) < len(choice.options) and flags[:, parent].all():
            narrow[choice.name] = tuple(labels(choice)[index] for index in options)
    return narrow


def _hyperparameter(choice: Choice, parents: Conditions) -> dict[str, Any]:
    options = labels(choice)
    config: dict[str, Any] = {
        "name": choice.name,
        "default": options[0],
        "conditions": [
            {"class_name": "Parent", "config": {"name": name, "values": list(values)}}
            for name, values in parents.items()
        ],
    }
    if isinstance(options[0], bool):
        return {"class_name": "Boolean", "config": config}
    steps = {b - a for a, b in pairwise(options)} if type(options[0]) is int else set()  # type: ignore[operator]
    if len(steps) == 1 and (step := steps.pop()) > 0:
        ends = {"min_value": options[0], "max_value": options[-1], "step": step}
        return {"class_name": "Int", "config": {**config, **ends}}
    return {"class_name": "Choice", "config": {**config, "values": list(options)}}
