"""Where can something be decided? The places of a space, and what may stand there.

A place takes a value, a choice or an expression. `vidnas.space.space` puts places
together; `PLACES` says of each what kind of value it must get.
"""

from collections.abc import Mapping

from vidnas.architecture.architecture import ACTIVATIONS, CONVOLUTIONS
from vidnas.space.language.value_kinds import MOST_TAPS, ValueKind

_WHOLE, _OMISSIBLE = ValueKind("whole"), ValueKind("whole", 0)
_CLIP, _STRIDE = ValueKind("whole", most=10_000), ValueKind("whole", most=100)
_STRIDES = ValueKind("whole", per="stage", most=100, layered=True)
FACTOR = ValueKind("number", per="stage", most=1000)  # of a base width
_ACTIVATION, _CONVOLUTION = (
    ValueKind("word", words=words) for words in (ACTIVATIONS, CONVOLUTIONS)
)
PLACES: Mapping[str, Mapping[str, ValueKind]] = {
    "network": {
        "activation": _ACTIVATION,
        "convolution": _CONVOLUTION,
        "causal": ValueKind("flag"),
        "positional_encoding": ValueKind("flag"),
        "temporal_shift": ValueKind("flag"),
    },
    "clip": {"frames": _CLIP, "resolution": _CLIP, "frame_stride": _CLIP},
    "stem": {
        "width": _WHOLE,
        "kernel": ValueKind("kernel"),
        "stride": _STRIDE,
        "temporal": ValueKind("whole", most=MOST_TAPS),
        "factored_width": _OMISSIBLE,
    },
    "stage": {
        "width": ValueKind("whole", per="stage"),
        "depth": ValueKind("whole", per="stage", most=200),
        "stride": _STRIDES,
        "temporal_stride": _STRIDES,
        "squeeze_excite": ValueKind("flag", per="stage", layered=True),
        "squeeze_ratio": ValueKind("number", per="stage", most=100, layered=True),
        "activation": ValueKind(
            "word", words=("", *ACTIVATIONS), per="stage", layered=True
        ),
        "convolution": ValueKind(
            "word", words=("", *CONVOLUTIONS), per="stage", layered=True
        ),
        "kernel": ValueKind("kernel", per="layer", layered=True),
        "expand": ValueKind("number", per="layer", most=1000, layered=True),
        "expand_width": ValueKind("whole", per="layer", layered=True),
    },
    "head": {
        "width": _OMISSIBLE,
        "hidden": _OMISSIBLE,
        "hidden_bias": ValueKind("flag"),
        "per_frame": ValueKind("flag"),
    },
}
