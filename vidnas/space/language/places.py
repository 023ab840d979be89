"""Where can something be decided? The places of a space, and what may stand there.

A place takes a value, a choice or an expression. `vidnas.space.space` puts places
together; `PLACES` says of each what kind of value it must get.
"""

from collections.abc import Mapping

from vidnas.architecture.architecture import ACTIVATIONS, CONVOLUTIONS
from vidnas.space.language.value_kinds import MOST_TAPS, Place

_WHOLE, _OMISSIBLE = Place("whole"), Place("whole", 0)
_CLIP, _STRIDE = Place("whole", most=10_000), Place("whole", most=100)
_STRIDES = Place("whole", per="stage", most=100, layered=True)
FACTOR = Place("number", per="stage", most=1000)  # of a base width
_ACTIVATION, _CONVOLUTION = (
    Place("word", words=words) for words in (ACTIVATIONS, CONVOLUTIONS)
)
PLACES: Mapping[str, Mapping[str, Place]] = {
    "network": {
        "activation": _ACTIVATION,
        "convolution": _CONVOLUTION,
        "causal": Place("flag"),
        "positional_encoding": Place("flag"),
        "temporal_shift": Place("flag"),
    },
    "clip": {"frames": _CLIP, "resolution": _CLIP, "frame_stride": _CLIP},
    "stem": {
        "width": _WHOLE,
        "kernel": Place("kernel"),
        "stride": _STRIDE,
        "temporal": Place("whole", most=MOST_TAPS),
        "factored_width": _OMISSIBLE,
    },
    "stage": {
        "width": Place("whole", per="stage"),
        "depth": Place("whole", per="stage", most=200),
        "stride": _STRIDES,
        "temporal_stride": _STRIDES,
        "squeeze_excite": Place("flag", per="stage", layered=True),
        "squeeze_ratio": Place("number", per="stage", most=100, layered=True),
        "activation": Place(
            "word", words=("", *ACTIVATIONS), per="stage", layered=True
        ),
        "convolution": Place(
            "word", words=("", *CONVOLUTIONS), per="stage", layered=True
        ),
        "kernel": Place("kernel", per="layer", layered=True),
        "expand": Place("number", per="layer", most=1000, layered=True),
        "expand_width": Place("whole", per="layer", layered=True),
    },
    "head": {
        "width": _OMISSIBLE,
        "hidden": _OMISSIBLE,
        "hidden_bias": Place("flag"),
        "per_frame": Place("flag"),
    },
}
