"""Where can something be decided? The places of a space, and what may stand there.

A place takes a value, a choice or an expression. `vidnas.space.space` puts places
together; `PLACES` says of each what kind of value it must get.
"""

from collections.abc import Mapping

from vidnas.architecture.fields import DECIDED, Field
from vidnas.space.language.value_kinds import ValueKind

FACTOR = ValueKind("number", per="stage", most=1000)  # of a base width
# Places that are no field of a network, by the field before which they are read.
_BEFORE = {
    "stride": {"depth": ValueKind("whole", per="stage", most=200)},
    "activation": {
        "squeeze_ratio": ValueKind("number", per="stage", most=100, layered=True)
    },
    "expand_width": {
        "expand": ValueKind("number", per="layer", most=1000, layered=True)
    },
}


def _kind(field: Field) -> ValueKind:
    """What may stand in the place of a field."""
    if field.name == "squeeze_excite":  # whether there is one; its width is computed
        return ValueKind("flag", per=field.per, layered=True)
    words = ("", *field.words) if field.default == "" else field.words
    layered = field.part == "layer"
    return ValueKind(
        field.kind,
        field.least,
        words,
        field.per,
        field.most,
        layered=layered,
        only=field.only,
    )


def _stage_places() -> Mapping[str, ValueKind]:
    """What is read of a stage, then of each of its layers, the kernel first."""
    places: dict[str, ValueKind] = {}
    for field in sorted(
        (*DECIDED["stage"], *DECIDED["layer"]),
        key=lambda field: (field.per == "layer", field.kind != "kernel"),
    ):
        places |= _BEFORE.get(field.place, {})
        places[field.place] = _kind(field)
    return places


PLACES: Mapping[str, Mapping[str, ValueKind]] = {
    **{
        part: {field.place: _kind(field) for field in DECIDED[part]}
        for part in ("network", "clip", "stem")
    },
    "stage": _stage_places(),
    "head": {field.place: _kind(field) for field in DECIDED["head"]},
}
