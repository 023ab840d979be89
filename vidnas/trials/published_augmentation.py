"""Which transforms did published networks train with? Recipe fields, by name.

Only what their configurations say: random crops, mirror, stride, start and policy. What
vidnas does otherwise is on its page on transforms.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from vidnas.trials.recipe import Recipe


@dataclass(frozen=True, slots=True)
class PublishedAugmentation:
    """The transforms of a published recipe.

    Args:
        source: Where they are published.
        fields: Fields of a recipe, and their values.
    """

    source: str
    fields: Mapping[str, Any]

    def applied_to(self, recipe: Recipe) -> Recipe:
        """The recipe with these transforms."""
        return replace(recipe, **self.fields)


_CROPS = {
    "flip": True,
    "crop_area": (0.08, 1.0),
    "crop_aspect": (0.5, 2.0),
    "random_start": True,
}
_GARDEN = "Model Garden, official/projects/movinet/configs/yaml"
AUGMENTATIONS: Mapping[str, PublishedAugmentation] = MappingProxyType(
    {
        "movinet-kinetics": PublishedAugmentation(
            f"{_GARDEN}: A0 to A5, and A4 and A5 as streams",
            {**_CROPS, "stride_jitter": 1, "auto_augment": True},
        ),
        "movinet-stream-kinetics": PublishedAugmentation(
            f"{_GARDEN}: A0 to A3 as streams", _CROPS
        ),
    }
)
