"""How do training clips change from pass to pass? One idea a file.

* `view`: crops, mirrors, time orders; the views of an evaluation
* `transforms`: what else happens to a clip, in which order, drawn from what
* `crop`, `resize`: boxes of random shape, brought to one size
* `colour`, `tables`, `warp`: colours, new values of pixels, turned and shifted frames
* `policies`: RandAugment and AutoAugment
* `erasing`, `mixing`: a hidden part; two clips in one

Every change is the same for all frames of a clip.
"""

from vidnas.clips.transforms.transforms import NONE, ClipTransform, Transforms
from vidnas.clips.transforms.view import (
    Source,
    View,
    random_views,
    spread_views,
    transformed_views,
)

__all__ = [
    "NONE",
    "ClipTransform",
    "Source",
    "Transforms",
    "View",
    "random_views",
    "spread_views",
    "transformed_views",
]
