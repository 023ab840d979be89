"""How is a space declared? Parts, named choices, derived values, rules."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

from vidnas.architecture.fields import BLOCKS, DECIDED
from vidnas.architecture.parts import STEM_KERNEL
from vidnas.architecture.plain_values import plain_name
from vidnas.documents.visible_text import visible
from vidnas.errors import PlacedError, SpaceError
from vidnas.space.language.expression import (
    Alike,
    Constant,
    Expression,
    alike,
    as_expression,
)
from vidnas.space.language.names import RESERVED
from vidnas.space.language.options import (
    Given,
    Options,
    Spec,
    Width,
    as_spec,
    plain_spec,
    spell,
    without_names,
)
from vidnas.space.language.places import PLACES
from vidnas.space.language.value_kinds import ValueKind

# Written down only where it is not this.
_USUAL = {
    field.place: Constant(field.default)
    for part in ("clip", "stem", "layer", "head")
    for field in DECIDED[part]
    if field.spelled == "unusual"
}


class _Part(Alike):
    """Common to the parts below: short spellings become specs."""

    __slots__ = ()

    def _normalise(self, part: str) -> None:
        for name, kind in PLACES[part].items():
            given, usual = getattr(self, name), self.__dataclass_fields__[name].default  # type: ignore[attr-defined]
            if not isinstance(given, Width) and (given is not None or usual):
                object.__setattr__(self, name, _placed(name, given, kind))

    def specs(self) -> dict[str, Spec]:
        """What stands in each place that says something."""
        found: dict[str, Spec] = {}
        for one in fields(self):  # type: ignore[arg-type]
            given = getattr(self, one.name)
            if isinstance(given, Width):
                found[one.name] = given.spec
            elif isinstance(given, Spec):
                found[one.name] = given
        return found

    def plain(self, found: dict[str, Options]) -> Any:
        """The same with named choices as plain names; what they declare in `found`."""
        changes: dict[str, Any] = {}
        for one in fields(self):  # type: ignore[arg-type]
            given = getattr(self, one.name)
            if isinstance(given, Mapping):
                changes[one.name] = {n: plain_spec(v, found) for n, v in given.items()}
            elif isinstance(given, Width):
                factors = plain_spec(as_spec(given.multipliers), found)
                changes[one.name] = replace(given, multipliers=factors)
            elif isinstance(given, Spec):
                changes[one.name] = plain_spec(given, found)
        return replace(self, **changes)  # type: ignore[type-var]

    def to_document(self) -> dict[str, Any]:
        """As YAML spells it, without what is usual."""
        document: dict[str, Any] = {}
        for one in fields(self):  # type: ignore[arg-type]
            given = getattr(self, one.name)
            if given is not None and not alike(given, _USUAL.get(one.name)):
                document[one.name] = spell(given)
        return document


@dataclass(frozen=True, slots=True, eq=False)
class ClipSpace(_Part):
    """Clips that a network may take; see `vidnas.architecture.parts.Clip`."""

    frames: Given
    resolution: Given
    frame_stride: Given = 1
    fps: Given = 0
    channels: Given = 3

    def __post_init__(self) -> None:
        self._normalise("clip")

    def to_document(self) -> dict[str, Any]:
        """As YAML spells it, with what says how frames follow one another."""
        document = _Part.to_document(self)
        if "fps" in document and alike(self.frame_stride, Constant(1)):
            del document["frame_stride"]
        return document


@dataclass(frozen=True, slots=True, eq=False)
class StemSpace(_Part):
    """The first convolution; see `vidnas.architecture.parts.Stem`."""

    width: Given | Width
    kernel: Given = STEM_KERNEL
    stride: Given = 2
    temporal: Given = 1
    factored_width: Given = 0

    def __post_init__(self) -> None:
        self._normalise("stem")


@dataclass(frozen=True, slots=True, eq=False)
class StageSpace(_Part):
    """A stage: layers that share an output width.

    Args:
        width: Output channels.
        depth: Layers.
        kernel: Kernel of each layer.
        expand: Channels inside each layer, as a ratio to the base of `width`, or to
            `width` where it has none; rounded like `width`. So the expanded width of a
            layer need not depend on the multiplier of its stage.
        stride: Spatial stride of the first layer.
        squeeze_excite: Whether there is one, per stage.
        expand_width: Channels inside each layer, in place of `expand`.
        squeeze_ratio: Hidden channels of squeeze-excite over those it acts on; None for
            what is published: a half in causal networks, else a quarter.
        temporal_stride: Temporal stride of the first layer.
        activation: Where it is not the network's.
        convolution: Where it is not the network's.
        name: Name of the stage in expressions and choices; None for `stage1`, ...
        choices: Named choices of this stage only.
    """

    width: Given | Width
    depth: Given
    kernel: Given
    expand: Given | None = None
    stride: Given = 1
    squeeze_excite: Given = True
    expand_width: Given | None = None
    squeeze_ratio: Given | None = None
    temporal_stride: Given = 1
    activation: Given = ""
    convolution: Given = ""
    name: str | None = None
    choices: Mapping[str, Given] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._normalise("stage")
        choices = {n: as_spec(given) for n, given in _named(self.choices, "choices")}
        object.__setattr__(self, "choices", choices)
        if self.name is not None:
            object.__setattr__(self, "name", plain_name(self.name))

    @property
    def base(self) -> Expression | None:
        """What `expand` is relative to, where `width` names a base."""
        return Constant(self.width.base) if isinstance(self.width, Width) else None

    @property
    def round_to(self) -> int:
        """Channels that widths of this stage are multiples of."""
        return self.width.round_to if isinstance(self.width, Width) else 8

    def to_document(self) -> dict[str, Any]:
        """As YAML spells it, without what is usual."""
        document = _Part.to_document(self)
        document.pop("choices")
        if self.choices:
            choices = {name: spell(given) for name, given in self.choices.items()}
            document = {"choices": choices, **document}
        if self.name is not None:
            document.pop("name")
            document = {"name": self.name, **document}
        return document


@dataclass(frozen=True, slots=True, eq=False)
class HeadSpace(_Part):
    """The classifier; see `vidnas.architecture.parts.Head`."""

    width: Given | Width
    hidden: Given
    hidden_bias: Given = True
    per_frame: Given = False

    def __post_init__(self) -> None:
        self._normalise("head")


@dataclass(frozen=True, eq=False)
class SpaceDeclaration(Alike):
    """A space as it was declared; `search_spaces/*.yaml` spell the same in YAML.

    Every place takes a value, a choice (a tuple, `Options` or `choice(...)`) or an
    expression of choices and of places before it.

    Args:
        name: Name for people.
        clip: Frames, resolutions, rates and channels of the input.
        stem: First convolution.
        stages: Stages of layers, at least one.
        head: Classifier.
        activation: Activation of every layer that chooses none.
        block: Kind of all layers; see `Architecture`.
        convolution: Form of every convolution over time that chooses none.
        causal: Whether no layer sees a later frame.
        positional_encoding: Whether a causal network is told the number of each frame.
        temporal_shift: Whether layers shift channels between frames.
        named: Choices under a name, tied wherever it appears. Those made by
            `choice(...)` need not be listed.
        derived: Expressions under a name.
        rules: Conditions that every candidate must meet, by name.

    Raises:
        SpaceError: there is no stage, no such block, or a name is a word of the
            language.
    """

    name: str
    clip: ClipSpace
    stem: StemSpace
    stages: tuple[StageSpace, ...]
    head: HeadSpace
    activation: Given = "swish"
    block: str = "movinet"
    convolution: Given = "3d"
    causal: Given = False
    positional_encoding: Given = False
    temporal_shift: Given = False
    named: Mapping[str, Given] = field(default_factory=dict)
    derived: Mapping[str, Expression] = field(default_factory=dict)
    rules: Mapping[str, Expression] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._check_parts()
        if not self.stages:
            raise SpaceError(f"Space '{self.name}' must have at least one stage.")
        if self.block not in BLOCKS:
            raise SpaceError(
                f"`block` must be one of {', '.join(BLOCKS)}, got `{self.block}`."
            )
        self._normalise()
        for name in (*self.named, *self.derived):
            if name in RESERVED or not name.isidentifier():
                raise PlacedError(
                    f"A choice must have a name that is no word of the language, got "
                    f"`{name}`.",
                    ("choices", name),
                )

    def _check_parts(self) -> None:
        """Refuses parts of another type, and a name that no file could hold."""
        name = plain_name(self.name)
        if not name or not name.isprintable():
            raise SpaceError(
                "`name` of a space must be one line of text, got "
                f"`{visible(name, keep='')}`."
            )
        object.__setattr__(self, "name", name)
        if not isinstance(self.stages, Iterable):
            raise SpaceError(f"`stages` must be a list, got `{self.stages}`.")
        object.__setattr__(self, "stages", tuple(self.stages))
        parts = {"clip": ClipSpace, "stem": StemSpace, "head": HeadSpace}
        held = [(key, getattr(self, key), kind) for key, kind in parts.items()]
        stages = enumerate(self.stages)
        held += [(f"stages[{n}]", one, StageSpace) for n, one in stages]
        for key, one, kind in held:
            if not isinstance(one, kind):
                raise SpaceError(f"`{key}` must be a {kind.__name__}, got `{one}`.")

    def _normalise(self) -> None:
        """Short spellings become specs, named choices are collected in `named`."""
        found: dict[str, Options] = {}
        for name, given in _named(self.named, "named"):
            found[name] = _options(name, as_spec(given))
        derived = dict(_named(self.derived, "derived"))
        plain: dict[str, Any] = {"derived": _without_names(derived, found)}
        for name, kind in PLACES["network"].items():
            spec = _placed(name, getattr(self, name), kind)
            plain[name] = plain_spec(spec, found)
        for name in ("clip", "stem"):
            plain[name] = getattr(self, name).plain(found)
        plain["stages"] = tuple(stage.plain(found) for stage in self.stages)
        plain["head"] = self.head.plain(found)
        rules = dict(_named(self.rules, "rules"))
        plain["rules"] = _without_names(rules, found)
        plain["named"] = found
        for name, value in plain.items():
            object.__setattr__(self, name, value)

    @cached_property
    def stage_names(self) -> tuple[str, ...]:
        """What the stages are called in names of choices and in expressions."""
        return tuple(
            f"stage{number}" if stage.name is None else stage.name
            for number, stage in enumerate(self.stages, start=1)
        )

    def specs(self) -> dict[str, Spec]:
        """What stands in the places of the network itself."""
        return {name: getattr(self, name) for name in PLACES["network"]}


def _placed(name: str, given: Any, kind: ValueKind) -> Any:
    """What stands in a place; of a width, the channels that `expand` is relative to."""
    whole = kind.name == "whole"
    spec = as_spec(given, place=name, kernel=kind.name == "kernel", whole=whole)
    channels = spec.constant if isinstance(spec, Constant) and name == "width" else None
    return Width(channels) if type(channels) is int and channels > 0 else spec


def _named(given: Any, key: str) -> Iterator[tuple[str, Any]]:
    """What stands under names.

    Raises:
        SpaceError: it is no mapping, or a name is none.
    """
    if not isinstance(given, Mapping):
        raise SpaceError(f"`{key}` must be a mapping from names, got `{given}`.")
    for name, value in given.items():
        if not plain_name(name).isidentifier():
            raise PlacedError(
                "A name must be letters, digits and `_`, not first a digit, got "
                f"`{visible(name, keep='')}`.",
                (key,),
            )
        yield plain_name(name), value


def _without_names(
    given: Mapping[str, Expression], found: dict[str, Options]
) -> dict[str, Expression]:
    """Expressions by name, with named choices as plain names."""
    return {n: without_names(as_expression(e), found) for n, e in given.items()}


def _options(name: str, spec: Spec) -> Options:
    if isinstance(spec, Options):
        return spec
    if isinstance(spec, Constant):
        return Options((spec.constant,))
    raise PlacedError(
        f"Choice `{name}` must offer options, got an expression. Expressions are "
        "`derived`.",
        ("choices", name),
    )
