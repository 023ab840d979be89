from dataclasses import fields, replace

import numpy as np
import pytest

from vidnas.clips.transforms import NONE, ClipTransform, Transforms

CLIP = np.random.default_rng(0).integers(0, 256, (4, 36, 36, 3), dtype=np.uint8)
CROP = CLIP[:, 2:34, 2:34]
EACH = {
    "crop_area": Transforms(crop_area=(0.08, 1.0), crop_aspect=(0.5, 2.0)),
    "short_side": Transforms(short_side=(1.0, 1.4)),
    "colour_jitter": Transforms(colour_jitter=(0.4, 0.4, 0.4, 0.1)),
    "rand_augment": Transforms(rand_augment=(2, 9)),
    "auto_augment": Transforms(auto_augment=True),
    "erasing": Transforms(erasing=0.9),
    "all": Transforms(
        crop_area=(0.3, 1.0),
        colour_jitter=(0.2, 0.2, 0.2, 0.05),
        rand_augment=(1, 5),
        erasing=0.5,
    ),
}


def changed(transforms, key=(0, 0, 0), clip=CLIP, mirrored=False):
    crop = clip[:, 2:34, 2:34]
    return ClipTransform(transforms, key).apply(clip, crop, mirrored=mirrored)


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize("row", range(8))
def test_equal_frames_stay_equal(name, row):
    still = np.repeat(CLIP[:1], 5, axis=0)
    new = changed(EACH[name], (3, 1, row), still)
    assert new.shape == (5, 32, 32, 3)
    assert new.dtype == np.uint8
    assert (new == new[0]).all()


@pytest.mark.parametrize("name", EACH)
def test_seed_pass_and_clip_decide_what_happens_and_nothing_else(name):
    before = CLIP.copy()
    first = [changed(EACH[name], (1, 2, row)) for row in range(12)]
    for row in reversed(range(12)):  # in another order
        assert np.array_equal(changed(EACH[name], (1, 2, row)), first[row])
    others = [changed(EACH[name], (1, 3, row)) for row in range(12)]
    assert any(not np.array_equal(a, b) for a, b in zip(first, others, strict=True))
    assert any(not np.array_equal(a, first[0]) for a in first)
    assert np.array_equal(CLIP, before)


@pytest.mark.parametrize(
    "nothing",
    [
        NONE,
        Transforms(crop_area=(1.0, 1.0), crop_aspect=(1.0, 1.0)),
        Transforms(short_side=(1.0, 1.0)),
        Transforms(colour_jitter=(0.0, 0.0, 0.0, 0.0)),
        Transforms(erasing=0.0),
    ],
)
def test_at_no_strength_a_clip_stays(nothing):
    whole = CLIP[:, :32, :32]
    for row in range(4):
        new = ClipTransform(nothing, (0, 0, row)).apply(whole, whole, mirrored=False)
        assert np.array_equal(new, whole)


@pytest.mark.parametrize("name", ["crop_area", "short_side"])
def test_a_mirrored_crop_is_the_mirror_of_the_crop(name):
    plain = changed(EACH[name], (0, 0, 5))
    mirrored = changed(EACH[name], (0, 0, 5), mirrored=True)
    assert np.array_equal(mirrored, plain[:, :, ::-1])


@pytest.mark.parametrize("name", EACH)
def test_grey_clips_change_too(name):
    grey = CLIP[..., :1]
    new = changed(EACH[name], clip=grey)
    assert new.shape == (4, 32, 32, 1)


def test_nothing_is_asked_for_unless_it_is():
    assert not NONE.change_clips
    assert not Transforms(crop_aspect=(0.5, 2.0), mixup=1.0, cutmix=1.0).change_clips
    assert all(transforms.change_clips for transforms in EACH.values())
    assert Transforms(stride_jitter=1).change_clips


def test_crops_come_out_of_whole_frames_where_clips_are_decoded_in_every_pass():
    cropped = Transforms(crop_area=(0.1, 1.0))
    assert not cropped.from_whole_frames
    assert replace(cropped, random_start=True).from_whole_frames
    assert Transforms(short_side=(1.0, 1.2), stride_jitter=1).from_whole_frames
    assert not Transforms(random_start=True).from_whole_frames


def test_a_batch_is_mixed_by_its_own_draw():
    clips = np.stack([CROP, CROP[::-1], CROP[:, ::-1], CROP[:, :, ::-1]])
    targets = np.eye(4, dtype=np.float32)
    mixing = Transforms(mixup=0.8)
    first = mixing.mix(clips, targets, (0, 0, 0))
    again = mixing.mix(clips, targets, (0, 0, 0))
    other = mixing.mix(clips, targets, (0, 0, 4))
    assert np.array_equal(first[0], again[0])
    assert np.array_equal(first[1], again[1])
    assert not np.array_equal(first[1], other[1])
    same, labels = NONE.mix(clips, targets, (0, 0, 0))
    assert same is clips
    assert labels is targets


def test_every_field_is_off_or_a_range_by_default():
    off = {field.name: getattr(NONE, field.name) for field in fields(Transforms)}
    assert off.pop("crop_aspect") == (3 / 4, 4 / 3)
    assert not any(off.values())
