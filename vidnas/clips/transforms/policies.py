"""Which operations does a policy put a clip through? RandAugment and AutoAugment."""

from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from vidnas.clips.transforms import tables
from vidnas.clips.transforms.colour import ColourChange
from vidnas.clips.transforms.warp import rotated, sharpened, sheared, shifted

Clip = NDArray[np.uint8]
Operation = Callable[[Clip, float, np.random.Generator], Clip]  # clip, strength, rng
MAGNITUDES = 10  # strength 1
_TRANSLATE_PUBLISHED = 250 / 224  # pixels at strength 1, of the 224 of an image
_TRANSLATE = 100 / 224


def _sign(rng: np.random.Generator) -> int:
    return 1 if rng.random() < 0.5 else -1


def _same(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    return clip


def _invert(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    return tables.apply_table(clip, tables.inverted())


def _autocontrast(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    return tables.apply_table(clip, tables.stretched(clip))


def _equalise(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    return tables.apply_table(clip, tables.equalised(clip))


def _rotate(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    return rotated(clip, 30 * strength * _sign(rng))


def _shear(
    clip: Clip, strength: float, rng: np.random.Generator, *, down: bool
) -> Clip:
    return sheared(clip, 0.3 * strength * _sign(rng), down=down)


def _translate(
    clip: Clip, strength: float, rng: np.random.Generator, *, down: bool, most: float
) -> Clip:
    side = clip.shape[1 if down else 2]
    return shifted(clip, round(most * strength * side) * _sign(rng), down=down)


def _nearer_or_farther(strength: float, rng: np.random.Generator) -> float:
    """A factor from 0.1 to 1.9, the farther from 1 the greater the strength."""
    return 1 + 0.9 * strength * _sign(rng)


def _colour(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    factor = _nearer_or_farther(strength, rng)
    return ColourChange(saturation=factor).apply(clip)


def _contrast(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    return ColourChange(contrast=_nearer_or_farther(strength, rng)).apply(clip)


def _brightness(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    return ColourChange(brightness=_nearer_or_farther(strength, rng)).apply(clip)


def _sharpness(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    return sharpened(clip, _nearer_or_farther(strength, rng))


def _posterise(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    return tables.apply_table(clip, tables.posterised(8 - round(4 * strength)))


def _solarise(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    return tables.apply_table(clip, tables.solarised(round(256 * (1 - strength))))


# The operations of RandAugment, arXiv 1909.13719. All but three grow with the strength
# and do nothing at 0, unlike AutoAugment's, some of which are strongest there.
OPERATIONS: dict[str, Operation] = {
    "identity": _same,
    "autocontrast": _autocontrast,
    "equalise": _equalise,
    "rotate": _rotate,
    "solarise": _solarise,
    "colour": _colour,
    "posterise": _posterise,
    "contrast": _contrast,
    "brightness": _brightness,
    "sharpness": _sharpness,
    "shear_x": partial(_shear, down=False),
    "shear_y": partial(_shear, down=True),
    "translate_x": partial(_translate, down=False, most=_TRANSLATE),
    "translate_y": partial(_translate, down=True, most=_TRANSLATE),
}


def rand_augmented(
    clip: Clip, operations: int, magnitude: float, rng: np.random.Generator
) -> Clip:
    """A clip after random operations, one after another.

    Args:
        clip: Frames `[T, H, W, C]`; not changed.
        operations: Number of operations, N in the paper.
        magnitude: Strength of each, from 0 to 10, M in the paper.
        rng: Generator of the clip.

    Source:
        RandAugment, arXiv 1909.13719.
    """
    chosen = list(OPERATIONS.values())
    for n in rng.integers(0, len(chosen), operations):
        clip = chosen[n](clip, magnitude / MAGNITUDES, rng)
    return clip


def _published_colour(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    return ColourChange(saturation=0.1 + 1.8 * strength).apply(clip)


def _published_solarise(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    return tables.apply_table(clip, tables.solarised(int(256 * strength)))


def _published_posterise(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    # Strength 0.2 keeps no bit as published; here one stays.
    return tables.apply_table(clip, tables.posterised(int(4 * strength)))


def _solarise_add(clip: Clip, strength: float, rng: np.random.Generator) -> Clip:
    return tables.apply_table(clip, tables.brightened_below(int(110 * strength)))


_PUBLISHED: dict[str, Operation] = {
    **OPERATIONS,
    "invert": _invert,
    "colour": _published_colour,
    "solarise": _published_solarise,
    "solarise_add": _solarise_add,
    "posterise": _published_posterise,
    "translate_y": partial(_translate, down=True, most=_TRANSLATE_PUBLISHED),
}
# Operation, probability, magnitude; policy `v0` of Model Garden, official/vision/ops/
# augment.py, which its MoViNet configurations name `autoaug`.
AUTO_AUGMENT: tuple[tuple[tuple[str, float, int], ...], ...] = (
    (("equalise", 0.8, 1), ("shear_y", 0.8, 4)),
    (("colour", 0.4, 9), ("equalise", 0.6, 3)),
    (("colour", 0.4, 1), ("rotate", 0.6, 8)),
    (("solarise", 0.8, 3), ("equalise", 0.4, 7)),
    (("solarise", 0.4, 2), ("solarise", 0.6, 2)),
    (("colour", 0.2, 0), ("equalise", 0.8, 8)),
    (("equalise", 0.4, 8), ("solarise_add", 0.8, 3)),
    (("shear_x", 0.2, 9), ("rotate", 0.6, 8)),
    (("colour", 0.6, 1), ("equalise", 1.0, 2)),
    (("invert", 0.4, 9), ("rotate", 0.6, 0)),
    (("equalise", 1.0, 9), ("shear_y", 0.6, 3)),
    (("colour", 0.4, 7), ("equalise", 0.6, 0)),
    (("posterise", 0.4, 6), ("autocontrast", 0.4, 7)),
    (("solarise", 0.6, 8), ("colour", 0.6, 9)),
    (("solarise", 0.2, 4), ("rotate", 0.8, 9)),
    (("rotate", 1.0, 7), ("translate_y", 0.8, 9)),
    (("shear_x", 0.0, 0), ("solarise", 0.8, 4)),
    (("shear_y", 0.8, 0), ("colour", 0.6, 4)),
    (("colour", 1.0, 0), ("rotate", 0.6, 2)),
    (("equalise", 0.8, 4), ("equalise", 0.0, 8)),
    (("equalise", 1.0, 4), ("autocontrast", 0.6, 2)),
    (("shear_y", 0.4, 7), ("solarise_add", 0.6, 7)),
    (("posterise", 0.8, 2), ("solarise", 0.6, 10)),
    (("solarise", 0.6, 8), ("equalise", 0.6, 1)),
    (("colour", 0.8, 6), ("rotate", 0.4, 5)),
)


def auto_augmented(clip: Clip, rng: np.random.Generator) -> Clip:
    """A clip after one of the 25 pairs of operations of AutoAugment.

    Args:
        clip: Frames `[T, H, W, C]`; not changed.
        rng: Generator of the clip.

    Source:
        AutoAugment, arXiv 1805.09501, as MoViNets were trained with.
    """
    for name, probability, magnitude in AUTO_AUGMENT[
        rng.integers(0, len(AUTO_AUGMENT))
    ]:
        if rng.random() < probability:
            clip = _PUBLISHED[name](clip, magnitude / MAGNITUDES, rng)
    return clip
