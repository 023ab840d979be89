"""In what does a network differ from another one, in words?"""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.fields import PARTS
from vidnas.architecture.parts import Layer, Stage

_NAMES = {"squeeze_excite": "squeeze-excite"}


def first_difference(ours: Architecture, theirs: Architecture) -> str:
    """The first thing in which theirs is not ours, in words."""
    mine, yours = ours.to_document(), theirs.to_document()
    for key in mine:
        if mine[key] != yours.get(key):
            if key == "stages" and len(mine[key]) != len(yours[key]):
                return f"it has {len(yours[key])} stages, the space {len(mine[key])}"
            if key == "stages":
                number = next(
                    i
                    for i, (a, b) in enumerate(zip(mine[key], yours[key], strict=True))
                    if a != b
                )
                return f"stage {number + 1} is {yours[key][number]}"
            return f"its `{key}` is {yours.get(key)}, the space's {mine[key]}"
    return f"it has {sorted(set(yours) - set(mine))}"


def differences(before: Architecture, after: Architecture) -> dict[str, str]:
    """What differs from one network to another, by place, in words.

    A place is `network`, `clip`, `stem`, `stage2`, `stage2.layer0` or `head`; where all
    layers of a stage change alike, the stage says it. Networks of one `arch_id` whose
    stages are cut elsewhere differ in their stages.

    Args:
        before: Network that one goes from.
        after: Network that one goes to.
    """
    found: dict[str, str] = {}
    for place, words in _differences(before, after):
        if words:
            found[place] = words
    return found


def _differences(
    before: Architecture, after: Architecture
) -> Iterator[tuple[str, str]]:
    yield "network", _changed("network", before, after)
    for part in ("clip", "stem"):
        yield part, _changed(part, getattr(before, part), getattr(after, part))
    pairs = zip_longest(before.stages, after.stages)
    for number, (ours, theirs) in enumerate(pairs, start=1):
        yield from _stage_differences(f"stage{number}", ours, theirs)
    yield "head", _changed("head", before.head, after.head)


def _stage_differences(
    name: str, ours: Stage | None, theirs: Stage | None
) -> Iterator[tuple[str, str]]:
    if ours is None or theirs is None:
        stage = ours or theirs
        assert stage is not None  # one of two that are paired
        count = len(stage.layers)
        layers = f"{count} layer{'s' * (count > 1)} of width {stage.width}"
        yield name, f"{'gone' if theirs is None else 'new'}, {layers}"
        return
    depths = len(ours.layers), len(theirs.layers)
    pairs = list(zip(ours.layers, theirs.layers, strict=False))
    each = [_changed("layer", *pair) for pair in pairs]
    alike = each[0] if len(pairs) > 1 and len(set(each)) == 1 else ""
    words = [_changed("stage", ours, theirs)]
    words += [f"layers {depths[0]} -> {depths[1]}"] * (depths[0] != depths[1])
    words += [f"all layers: {alike}"] * bool(alike)
    yield name, ", ".join(filter(None, words))
    if not alike:
        yield from ((f"{name}.layer{n}", text) for n, text in enumerate(each))


def _changed(part: str, ours: Any, theirs: Any) -> str:
    """`kernel 3x3x3 -> 5x3x3, stride 1 -> 2`; empty where all fields are equal."""
    values = [
        (known.name, getattr(ours, known.name), getattr(theirs, known.name))
        for known in PARTS[part]
    ]
    return ", ".join(
        f"{_said(name)} {_word(name, one)} -> {_word(name, other)}"
        for name, one, other in values
        if one != other
    )


def _said(name: str) -> str:
    return _NAMES.get(name, name.replace("_", " "))


def _word(name: str, value: Any) -> str:
    """A value of a field, with what its empty value stands for."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value == "":
        return "the network's"
    if value == 0 and name == "squeeze_excite":
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def layer_words(layer: Layer) -> str:
    """What a layer does beside its convolution: `stride 2, squeeze-excite 24`."""
    words = [f"stride {layer.stride}"] * (layer.stride > 1)
    words += [f"temporal stride {layer.temporal_stride}"] * (layer.temporal_stride > 1)
    if layer.squeeze_excite:
        words.append(f"squeeze-excite {layer.squeeze_excite}")
    words += filter(None, (layer.activation, layer.convolution))
    return ", ".join(words)
