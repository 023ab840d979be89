"""How does a space for one size become a space for another? Compound scaling.

The space is scaled and searched again, not a network that was found in it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from math import floor, isfinite
from numbers import Real
from typing import Any, TypeVar

from vidnas.architecture.plain_values import MILLIONTHS, plain_number, whole_number
from vidnas.errors import SpaceError
from vidnas.space.language.declaration import ClipSpace, SpaceDeclaration, StageSpace
from vidnas.space.language.expression import (
    Constant,
    Expression,
    alike,
    call,
    greatest,
    least,
    round_to,
)
from vidnas.space.language.options import Options, Spec, Width

Part = TypeVar("Part")

STEP = 8  # channels that published widths are multiples of
PIXELS = 2  # the most that 172, 224, 256, 290 and 320 are all multiples of


@dataclass(frozen=True, slots=True)
class Coefficients:
    """Factors, each above 0, that make a larger or smaller space.

    Args:
        width: Factor of every width, and of those inside layers that are not relative.
        depth: Factor of the depth of every stage.
        resolution: Factor of the clip's side, rounded to even numbers.
        frames: Factor of the clip's frames. The clip lasts as long as before, so the
            frames a second are multiplied by it, or the stride between frames is
            divided.

    Source:
        MoViNets, arXiv 2103.11511, whose A0, A1 and A3 to A5 were searched in spaces
        scaled along these four axes.
    """

    width: float = 1.0
    depth: float = 1.0
    resolution: float = 1.0
    frames: float = 1.0

    def __post_init__(self) -> None:
        for axis in AXES:
            given = getattr(self, axis)
            number = isinstance(given, Real) and not isinstance(given, bool)
            if not (number and isfinite(given) and given > 0):
                raise SpaceError(f"`{axis}` must be a factor above 0, got {given}.")
            object.__setattr__(self, axis, plain_number(given))


AXES = tuple(field.name for field in fields(Coefficients))


def scaled_space(space: SpaceDeclaration, by: Coefficients) -> SpaceDeclaration:
    """The space with every option times the coefficient of its axis, rounded.

    Expressions of other widths (depths, frames, resolutions) follow those and stay as
    they are, like `expand`, which is relative to them; named choices, rules and the
    head's hidden width stay too. Options that round to one are one.

    Args:
        space: Declaration of a space of any size.
        by: The coefficients.

    Raises:
        SpaceError: a rule, or another condition, cannot be met any longer.
    """
    scale = _Scale(space, by)
    stem = scale.parts(space.stem, "width", ("width",), _wider)
    stem = scale.parts(stem, "width", ("factored_width",), _wider_if_any)
    head = scale.parts(space.head, "width", ("width",), _wider_if_any)
    changes: dict[str, Any] = {
        "clip": scale.clip(space.clip),
        "stem": stem,
        "stages": tuple(scale.stage(stage) for stage in space.stages),
        "head": head,
    }
    return replace(space, **changes)


@dataclass(frozen=True)
class _Scale:
    """Scales the parts of one space."""

    space: SpaceDeclaration
    by: Coefficients

    def clip(self, clip: ClipSpace) -> ClipSpace:
        """Frames, their rate or the stride between them, and resolution."""
        by = self.by
        clip = self.parts(clip, "resolution", ("resolution",), _times(PIXELS))
        stride = ("frame_stride",)
        if alike(clip.fps, Constant(0)) or not alike(clip.frame_stride, Constant(1)):
            clip = self.parts(clip, "frames", stride, _times(1), 1.0 / by.frames)
        clip = self.parts(clip, "frames", ("fps",), _faster)
        return self.parts(clip, "frames", ("frames",), _times(1))

    def stage(self, stage: StageSpace) -> StageSpace:
        """Widths and depth."""
        widths = ("width", "expand_width")
        stage = self.parts(stage, "width", widths, _wider)
        return self.parts(stage, "depth", ("depth",), _deeper)

    def parts(
        self,
        part: Part,
        axis: str,
        places: Sequence[str],
        times: Callable[[Spec, float], Spec],
        factor: float | None = None,
    ) -> Part:
        """A part with some of its places scaled along an axis."""
        factor = getattr(self.by, axis) if factor is None else factor
        if factor == 1.0:
            return part
        changes: dict[str, Any] = {}
        for place in places:
            given = getattr(part, place)
            if isinstance(given, Width):
                changes[place] = replace(given, base=given.times(factor))
            elif isinstance(given, Options | Expression):
                follows = self._follows(given, axis)
                changes[place] = given if follows else times(given, factor)
        return replace(part, **changes)  # type: ignore[type-var]

    def _follows(self, spec: Spec, axis: str) -> bool:
        """Whether a place is an expression of places that are scaled themselves."""
        if isinstance(spec, Options):
            return False
        names, known = set(spec.names()), set[str]()
        while names - known:
            name = (names - known).pop()
            known.add(name)
            if name in self.space.derived:
                names |= self.space.derived[name].names()
        return any(name.rpartition(".")[2].endswith(axis) for name in names)


def _times(step: int) -> Callable[[Spec, float], Spec]:
    """Multiplication, rounded to multiples of `step`, which is the least above 0."""

    def times(spec: Spec, factor: float) -> Spec:
        def one(number: Any) -> int:
            nearest: int = floor(number * factor / step + 0.5) * step
            return max(step, nearest) if number else 0  # left out, and stays so

        if isinstance(spec, Options):
            return _options(spec, [one(number) for number in spec.options])
        if isinstance(spec, Constant):
            return Constant(one(spec.constant))
        return round_to(spec * factor, step)

    return times


def _faster(spec: Spec, factor: float) -> Spec:
    """Frames a second times a factor; 0 stays 0."""

    def one(number: Any) -> Any:
        return whole_number(round(number * factor, MILLIONTHS))

    if isinstance(spec, Options):
        return _options(spec, [one(number) for number in spec.options])
    return Constant(one(spec.constant)) if isinstance(spec, Constant) else spec * factor


def _wider(spec: Spec, factor: float) -> Spec:
    """Widths times a factor: those that are multiples of 8 stay such."""
    numbers = spec.options if isinstance(spec, Options) else ()
    if isinstance(spec, Constant):
        numbers = (spec.constant,)
    odd = any(not isinstance(n, int) or n % STEP for n in numbers)
    return _times(1 if odd else STEP)(spec, factor)


def _wider_if_any(spec: Spec, factor: float) -> Spec:
    """The same where an expression may give 0."""
    wider = _wider(spec, factor)
    computed = isinstance(wider, Expression) and not isinstance(wider, Constant)
    return least(spec, 1) * wider if computed else wider  # type: ignore[arg-type, operator]


def _deeper(spec: Spec, factor: float) -> Spec:
    """Depths times a factor, at least 1; a range stays without gaps, 0 stays 0."""
    if isinstance(spec, Options):
        depths = list(spec.options)
        ends = [max(1, floor(depths[at] * factor + 0.5)) for at in (0, -1)]  # type: ignore[operator]
        for way in (1, -1):
            if depths == list(range(depths[0], depths[-1] + way, way)):  # type: ignore[arg-type, operator]
                return _options(spec, list(range(ends[0], ends[1] + way, way)))
    if isinstance(spec, Options | Constant):
        return _times(1)(spec, factor)
    return greatest(least(spec, 1), call("floor", spec * factor + 0.5))


def _options(spec: Options, numbers: Sequence[Any]) -> Spec:
    different = tuple(dict.fromkeys(numbers))
    if len(different) == 1:
        return Constant(different[0])
    return replace(spec, options=different)
