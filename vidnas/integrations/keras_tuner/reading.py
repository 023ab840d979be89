"""How is a user's own HyperModel searched? Its hyperparameters, read into a space."""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import keras_tuner

from vidnas.architecture.plain_values import Value
from vidnas.errors import SpaceError
from vidnas.space.choice_space import ChoiceSpace
from vidnas.space.compiling.program import Choice, Program, Step
from vidnas.space.language.expression import Expression, Name, same

LONGEST = 128  # values of a range that are all options
LEVELS = 32  # options of a longer or continuous range
BUILDS = 1000  # of networks, until every conditional scope was entered


def read_hypermodel(
    hypermodel: keras_tuner.HyperModel | Callable[[Any], Any],
) -> ChoiceSpace:
    """The space of a HyperModel, or of a function `build(hp)`.

    Its `build` is called once, and once more per conditional scope, as Keras Tuner
    does: it is the only one who knows the hyperparameters. A range of more than 128
    values, or of floats without a step, becomes 32 of them, spaced as it samples.

    Args:
        hypermodel: HyperModel of the user, or a function `build(hp)`.

    Raises:
        SpaceError: its conditional scopes have no end.
    """
    parameters = _explore(hypermodel)
    reader = _Reader()
    for parameter in parameters.space:
        reader.add(parameter)
    return ChoiceSpace(
        name=getattr(hypermodel, "name", None) or type(hypermodel).__name__,
        program=Program(tuple(reader.choices), tuple(reader.steps), reader.constants),
        names=tuple(reader.names),
        fixed=tuple(reader.fixed),
        hyperparameters={**parameters.get_config(), "values": {}},
    )


def _explore(hypermodel: Any) -> keras_tuner.HyperParameters:
    """Every hyperparameter that `build` asks for, whichever scope it is in."""
    build = getattr(hypermodel, "build", hypermodel)
    space = keras_tuner.HyperParameters()
    if hasattr(hypermodel, "declare_hyperparameters"):
        hypermodel.declare_hyperparameters(space)
    entered_scopes: list[Any] = []
    waiting_scopes: list[Any] = [[]]
    for _ in range(BUILDS):
        if not waiting_scopes:
            return space
        hp = _open_scope(space, waiting_scopes[0])
        entered_scopes.append(waiting_scopes[0])
        build(hp)
        space.merge(hp.space, overwrite=False)
        entered_scopes += [
            scope for scope in hp.active_scopes if scope not in entered_scopes
        ]
        waiting_scopes += [
            scope for scope in hp.inactive_scopes if scope not in waiting_scopes
        ]
        waiting_scopes = [
            scope for scope in waiting_scopes if scope not in entered_scopes
        ]
    raise SpaceError(
        f"A HyperModel must have at most {BUILDS} conditional scopes, got more."
    )


def _open_scope(space: Any, scope: Any) -> keras_tuner.HyperParameters:
    """Values that open a scope, defaults elsewhere."""
    hp = space.copy()
    hp.values = {}
    for condition in scope:
        hp.values[condition.name] = condition.values[0]
    for parameter in hp.space:
        if hp.is_active(parameter):
            hp.values.setdefault(parameter.name, parameter.default)
    return hp


@dataclass
class _Reader:
    """Collects choices and steps, hyperparameter by hyperparameter."""

    choices: list[Choice] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    constants: dict[str, Value] = field(default_factory=dict)
    fixed: list[tuple[str, Any, Expression | None]] = field(default_factory=list)
    # By name of a hyperparameter: where its value stands, when, and its group.
    places: dict[str, list[tuple[str, Expression | None, str]]] = field(
        default_factory=dict
    )

    def add(self, parameter: Any) -> None:
        """Adds one hyperparameter, as a choice or a constant."""
        name = parameter.name
        earlier = self.places.setdefault(name, [])
        if any(when is None for _, when, _ in earlier):
            return  # it has its value already, whatever the conditions here
        place = f"{name} ({len(earlier) + 1})" if earlier else name
        whens = [self._condition(condition) for condition in parameter.conditions]
        # Of two that share a name, the first that is active has the value.
        whens += [~when for _, when, _ in earlier if when is not None]
        when = reduce(operator.and_, whens) if whens else None
        group = self._group(parameter)
        options = tuple(dict.fromkeys(_options(parameter)))
        if len(options) == 1:
            self.constants[place] = options[0]
            self.fixed.append((name, options[0], when))
        else:
            self.steps.append(Step(place, len(self.choices)))
            self.choices.append(Choice(place, options, group, when=when))
            self.names.append(name)
        earlier.append((place, when, group))

    def _condition(self, condition: Any) -> Expression:
        """When a parent is active with one of the values."""
        cases = []
        for place, when, _ in self.places[condition.name]:
            values = [same(Name(place), value) for value in condition.values]
            case = reduce(operator.or_, values)
            cases.append(case if when is None else when & case)
        return reduce(operator.or_, cases)

    def _group(self, parameter: Any) -> str:
        """Crossover keeps what is conditional with the parent at the top."""
        if not parameter.conditions:
            return str(parameter.name)
        return self.places[parameter.conditions[0].name][0][2]


def _options(parameter: Any) -> Iterator[Value]:
    kind = type(parameter).__name__
    if kind == "Fixed":
        yield parameter.value
    elif kind == "Boolean":
        yield from (parameter.default, not parameter.default)
    elif kind == "Choice":
        yield from parameter.values
    else:
        count = LEVELS
        if parameter.step is not None:
            values = list(parameter.values)
            if len(values) <= LONGEST:
                yield from values
                return
        for level in range(count):
            yield parameter.prob_to_value((level + 0.5) / count)
