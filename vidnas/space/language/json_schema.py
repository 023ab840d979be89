"""What may a space file hold, for an editor? JSON Schema, from the places themselves.

It completes and checks keys, words, kernels and bounds while one types. Names and
expressions are text to it: those are checked when the file is read.
"""

from collections.abc import Mapping
from typing import Any

from vidnas.architecture.fields import BLOCKS, DECIDED, DESCRIPTIONS
from vidnas.space.language.expression_text import LENGTH
from vidnas.space.language.names import ANY
from vidnas.space.language.options import PER
from vidnas.space.language.places import FACTOR, PLACES
from vidnas.space.language.value_kinds import MOST_ANY, ValueKind
from vidnas.space.language.writer import SPACE_SCHEMA

Schema = dict[str, Any]

# What an editor shows beside a key.
ABOUT: Mapping[str, str] = {
    **DESCRIPTIONS,
    "schema": "What this file is.",
    "name": "For people.",
    "block": "What a layer is.",
    "choices": "Choices under a name: tied wherever the name appears.",
    "derived": "Expressions under a name.",
    "rules": "What every candidate must meet, by name.",
    "clip": "The input.",
    "stem": "The first convolution.",
    "stages": "Layers that share an output width.",
    "head": "The classifier.",
    "depth": "Layers; where an expression gives 0, the stage is left out.",
    "squeeze_ratio": "Hidden over excited channels; published ratios if left out.",
    "expand": "Channels inside a layer over the base of `width`, or over `width`.",
    "like": "An earlier stage, of which everything is taken that is not said here.",
}
_EXPRESSION = {"type": "string", "minLength": 1, "maxLength": LENGTH}
_FORMULA = {"anyOf": [_EXPRESSION, {"type": "boolean"}, {"type": "number"}]}
_KERNEL = r"^[0-9]*[13579]x([0-9]*[13579])x\1$"
_NUMBER = {"type": "number", "minimum": -MOST_ANY, "maximum": MOST_ANY}


def space_schema() -> Schema:
    """The JSON Schema (draft 7) of a space file."""
    whole = {key: _part(key) for key in ("clip", "stem")}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": SPACE_SCHEMA,
        **_mapping(
            {
                "schema": {"const": SPACE_SCHEMA},
                "name": {"type": "string", "minLength": 1},
                "block": {"enum": list(BLOCKS)},
                "choices": _by_name(_choice()),
                "derived": _by_name(_FORMULA),
                **whole,
                "stages": {"type": "array", "minItems": 1, "items": _stage()},
                "head": _part("head"),
                **{key: _place(kind) for key, kind in PLACES["network"].items()},
                "rules": _by_name(_FORMULA),
            },
            required=["schema", "name", "clip", "stem", "stages", "head"],
        ),
    }


def _mapping(properties: Mapping[str, Schema], required: list[str]) -> Schema:
    described = {
        key: {"description": ABOUT[key], **schema} if key in ABOUT else schema
        for key, schema in properties.items()
    }
    return {
        "type": "object",
        "properties": described,
        "required": required,
        "additionalProperties": False,
    }


def _by_name(schema: Schema) -> Schema:
    return {
        "type": "object",
        "propertyNames": {"pattern": r"^[^\W\d]\w*$"},
        "additionalProperties": schema,
    }


def _part(part: str) -> Schema:
    part_computing = [field.place for field in DECIDED[part] if field.default is None]
    return _mapping(_places(part), part_computing)


def _places(part: str) -> dict[str, Schema]:
    return {
        key: _width(kind) if key == "width" else _place(kind)
        for key, kind in PLACES[part].items()
    }


def _stage() -> Schema:
    own = {
        "name": {"type": "string", "pattern": r"^[^\W\d]\w*$"},
        "like": {"type": "string"},
        "choices": _by_name(_choice()),
        **_places("stage"),
    }
    alone = {
        "required": ["width", "depth", "kernel"],
        "oneOf": [{"required": ["expand"]}, {"required": ["expand_width"]}],
    }
    return {**_mapping(own, []), "anyOf": [{"required": ["like"]}, alone]}


def _value(kind: ValueKind) -> Schema:
    """One value of the kind that belongs in a place."""
    if kind.only:
        return {"enum": list(kind.only)}
    if kind.name == "whole":
        return {"type": "integer", "minimum": kind.least, "maximum": kind.most}
    if kind.name == "number":
        least = "exclusiveMinimum" if kind.least else "minimum"
        return {"type": "number", least: 0, "maximum": kind.most}
    if kind.name == "flag":
        return {"type": "boolean"}
    if kind.name == "kernel":
        return {"type": "string", "pattern": _KERNEL}
    if kind.name == "word":
        return {"enum": [word for word in kind.words if word]}
    return {
        "anyOf": [
            _NUMBER,
            {"type": "boolean"},
            {"type": "string", "minLength": 1},
        ]
    }


def _list(kind: ValueKind) -> Schema:
    return {
        "type": "array",
        "items": _value(kind),
        "minItems": 1,
        "uniqueItems": True,
    }


def _options(kind: ValueKind) -> list[Schema]:
    """A choice of which more is said: options, or a range of numbers."""
    more: dict[str, Schema] = {"when": _EXPRESSION}
    if kind.per:
        more["per"] = {"enum": list(PER if kind.layered else PER[:1])}
    options = {"anyOf": [_list(kind), _value(kind)]}
    found = [_mapping({"options": options, **more}, required=["options"])]
    if kind.name in ("whole", "number", "any") and not kind.only:
        bound = _NUMBER if kind is ANY else _value(kind)
        step = {"type": "number", "exclusiveMinimum": 0}
        ends = {"from": bound, "to": bound, "step": step}
        found.append(_mapping({**ends, **more}, required=["from", "to"]))
    return found


def _choice() -> Schema:
    return {"anyOf": [_list(ANY), _value(ANY), *_options(ANY)]}


def _place(kind: ValueKind) -> Schema:
    """A value, an expression, a list or a mapping."""
    expression: Schema = dict(_EXPRESSION)
    if kind.name == "kernel":
        expression["pattern"] = r"^[^0-9]"  # what begins with a digit is a kernel
    return {"anyOf": [_value(kind), _list(kind), *_options(kind), expression]}


def _width(kind: ValueKind) -> Schema:
    base = {"type": "integer", "minimum": 1, "maximum": kind.most}
    based = {
        "base": base,
        "multiplier": _place(FACTOR),
        "round_to": {"type": "integer", "minimum": 1, "maximum": 1000},
    }
    found = _place(kind)
    scaled = _mapping(based, required=["base", "multiplier"])
    return {"anyOf": [*found["anyOf"], scaled]}
