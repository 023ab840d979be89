"""What happens to a clip of a training, and in which order?

A crop of random shape and the mirror first, on the fewest pixels; then colours, a
policy, and what is hidden. All is drawn once for a clip, from a generator of its own
that seed, pass and clip decide: threads and the order of clips change nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vidnas.clips.transforms.colour import Jitter, random_colours
from vidnas.clips.transforms.crop import Range, random_box, short_side_box
from vidnas.clips.transforms.erasing import erased
from vidnas.clips.transforms.mixing import Batch, mixed
from vidnas.clips.transforms.policies import auto_augmented, rand_augmented
from vidnas.clips.transforms.resize import Box, resized
from vidnas.clips.transforms.warp import mirrored as mirror

# What a generator is for: an own number keeps its draws apart from all others, and one
# above 0 from those of `[seed, epoch]`, which numpy pads with zeros.
_PIXELS, _BATCH, _STRIDE = 1, 2, 3

Key = tuple[int, int, int]  # seed, pass, clip (or batch)


@dataclass(frozen=True, slots=True)
class Transforms:
    """Random changes of training clips, each of them off unless asked for.

    Args:
        crop_area: Least and largest share of the frame that a crop of random shape
            takes; None for the crop of fixed size.
        crop_aspect: Least and largest width over height of such a crop.
        short_side: Least and largest short side, over that of the crop, that frames are
            as if resized to before a square crop; None for the fixed one.
        stride_jitter: The most by which the stride between frames differs.
        random_start: Whether clips begin at a random moment, and so are decoded in
            every pass.
        colour_jitter: Largest change of brightness, contrast, saturation and hue.
        rand_augment: Number of operations and their magnitude, from 0 to 10.
        auto_augment: Whether clips go through a pair of operations of AutoAugment.
        erasing: Share of clips that a box of noise hides a part of.
        mixup: Parameter of the Beta distribution of mixup; 0 for none.
        cutmix: Parameter of the Beta distribution of CutMix; 0 for none.
    """

    crop_area: Range | None = None
    crop_aspect: Range = (3 / 4, 4 / 3)
    short_side: Range | None = None
    stride_jitter: int = 0
    random_start: bool = False
    colour_jitter: Jitter | None = None
    rand_augment: tuple[int, float] | None = None
    auto_augment: bool = False
    erasing: float = 0.0
    mixup: float = 0.0
    cutmix: float = 0.0

    @property
    def change_clips(self) -> bool:
        """Whether anything is asked for that happens to single clips."""
        return bool(
            self.crop_area
            or self.short_side
            or self.stride_jitter
            or self.colour_jitter
            or self.rand_augment
            or self.auto_augment
            or self.erasing
        )

    @property
    def from_whole_frames(self) -> bool:
        """Whether crops come out of whole frames, not of the square in their middle.

        Only where clips are decoded in every pass anyhow: what is held is squares.
        """
        crops = self.crop_area or self.short_side
        return bool(crops and (self.random_start or self.stride_jitter))

    def draw_stride(self, stride: int, key: Key) -> int | None:
        """Source frames between the frames of one clip; None for the set's own.

        Args:
            stride: Stride of the set.
            key: Seed, pass and clip.
        """
        if not self.stride_jitter:
            return None
        rng = _generator(key, _STRIDE)
        low, high = max(1, stride - self.stride_jitter), stride + self.stride_jitter
        return int(rng.integers(low, high, endpoint=True))

    def mix(
        self, clips: NDArray[np.uint8], targets: NDArray[np.float32], key: Key
    ) -> Batch:
        """The clips of a batch mixed as asked, and their targets.

        Args:
            clips: Clips `[B, T, H, W, C]`.
            targets: Share of each class `[B, K]`.
            key: Seed, pass and number of the batch.
        """
        if not self.mixup and not self.cutmix:
            return clips, targets
        rng = _generator(key, _BATCH)
        return mixed(clips, targets, rng, mixup=self.mixup, cutmix=self.cutmix)

    def _box(self, clip: NDArray[np.uint8], rng: np.random.Generator) -> Box | None:
        height, width = clip.shape[1:3]
        if self.crop_area:
            return random_box(
                height, width, rng, area=self.crop_area, aspect=self.crop_aspect
            )
        if self.short_side:
            return short_side_box(height, width, rng, short_side=self.short_side)
        return None

    def change(
        self,
        clip: NDArray[np.uint8],
        crop: NDArray[np.uint8],
        rng: np.random.Generator,
        *,
        mirrored: bool,
    ) -> NDArray[np.uint8]:
        """The clip as a training step sees it.

        Args:
            clip: Frames as decoded `[T, H, W, C]`; not changed.
            crop: The crop of fixed size `[T, side, side, C]`, which also says the size.
            rng: Generator of the clip.
            mirrored: Whether left and right change places.
        """
        box = self._box(clip, rng)
        if box is not None:
            crop = resized(clip, box, crop.shape[1], mirrored=mirrored)
        elif mirrored:
            crop = mirror(crop)
        if self.colour_jitter:
            crop = random_colours(self.colour_jitter, rng).apply(crop)
        if self.auto_augment:
            crop = auto_augmented(crop, rng)
        if self.rand_augment:
            crop = rand_augmented(crop, *self.rand_augment, rng)
        return erased(crop, self.erasing, rng) if self.erasing else crop


NONE = Transforms()


@dataclass(frozen=True, slots=True)
class ClipTransform:
    """What happens to one clip in one pass.

    Args:
        transforms: Transforms of the recipe.
        key: Seed, pass and clip, which decide all that is drawn.
    """

    transforms: Transforms
    key: Key

    def apply(
        self, clip: NDArray[np.uint8], crop: NDArray[np.uint8], *, mirrored: bool
    ) -> NDArray[np.uint8]:
        """The clip as a training step sees it, in the order of its own frames.

        Args:
            clip: Frames as decoded `[T, H, W, C]`.
            crop: The crop of fixed size.
            mirrored: Whether left and right change places.
        """
        rng = _generator(self.key, _PIXELS)
        return self.transforms.change(clip, crop, rng, mirrored=mirrored)


def _generator(key: Key, purpose: int) -> np.random.Generator:
    return np.random.default_rng([*key, purpose])
