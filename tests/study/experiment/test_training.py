import pytest

from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError
from vidnas.study.experiment.training import read_training
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.published_recipe import PUBLISHED_RECIPES
from vidnas.trials.recipe import Evaluation, Recipe


def read_both(training):
    origin = Origin("my.yaml", {("training",): 4, ("training", "crop_area"): 5})
    return read_training(Node(training, origin, ("training",)))


def read(training):
    return read_both(training)[1]


def test_a_file_of_before_means_what_it_meant():
    assert read({}) == Recipe()
    assert read({"flip": True, "crop": 0.2}) == Recipe(flip=True, crop=0.2)


def test_every_transform_is_read():
    assert read(
        {
            "crop_area": [0.08, 1],
            "crop_aspect": [0.5, 2],
            "stride_jitter": 1,
            "random_start": True,
            "colour_jitter": [0.4, 0.4, 0.4, 0.1],
            "rand_augment": [2, 9],
            "auto_augment": True,
            "erasing": 0.25,
            "mixup": 0.8,
            "cutmix": 1,
            "evaluation": {"clips": 10, "crops": 3, "frames": 24},
        }
    ) == Recipe(
        crop_area=(0.08, 1.0),
        crop_aspect=(0.5, 2.0),
        stride_jitter=1,
        random_start=True,
        colour_jitter=(0.4, 0.4, 0.4, 0.1),
        rand_augment=(2, 9.0),
        auto_augment=True,
        erasing=0.25,
        mixup=0.8,
        cutmix=1.0,
        evaluation=Evaluation(10, 3, 24),
    )


def test_a_published_recipe_brings_its_epochs_and_frames_and_the_file_comes_first():
    fidelity, recipe = read_both({"recipe": "movinet-a3"})
    assert fidelity == Fidelity(240, frames=64)
    assert recipe == PUBLISHED_RECIPES["movinet-a3"].recipe
    fidelity, recipe = read_both(
        {"recipe": "movinet-a3", "epochs": 12, "batch": 64, "l2": 0, "flip": False}
    )
    assert fidelity == Fidelity(12, frames=64)
    assert (recipe.batch, recipe.l2, recipe.flip) == (64, 0.0, False)
    assert (recipe.clip_norm, recipe.auto_augment) == (1.0, True)
    with pytest.raises(InputError, match="Did you mean `movinet-a3`"):
        read({"recipe": "movinet-b3"})


def test_sub_clips_and_rematerialisation_are_not_both_asked_for():
    assert read({"subclip_frames": 8}).subclip_frames == 8
    with pytest.raises(InputError, match="`subclip_frames` or `rematerialise`, not"):
        read({"subclip_frames": 8, "rematerialise": True})


def test_the_schedule_and_the_validation_of_each_epoch_are_read():
    recipe = read({"schedule": "constant", "evaluation": {"each_epoch": True}})
    assert recipe == Recipe(schedule="constant", evaluation=Evaluation(each_epoch=True))


def test_the_crop_of_a_file_takes_the_place_of_that_of_a_name():
    recipe = read({"augmentation": "movinet-kinetics", "short_side": [1.1, 1.4]})
    assert recipe.crop_area is None
    assert recipe.short_side == (1.1, 1.4)
    assert recipe.auto_augment


@pytest.mark.parametrize(
    ("training", "says"),
    [
        ({"schedule": "linear"}, "schedule` must be one of cosine, cosine_of_full, "),
        ({"stride_jitter": 100_000}, "stride_jitter` must be .* from 0 to 10000, got"),
        ({"evaluation": {"clips": 10**8}}, "clips` must be .* from 1 to 100, got"),
        ({"evaluation": {"crops": 101}}, "crops` must be .* from 1 to 100, got 101"),
        ({"evaluation": {"frames": 10**9}}, "frames` must be .* from 1 to 10000, got"),
    ],
)
def test_a_slip_of_the_hand_does_not_run_for_ever(training, says):
    with pytest.raises(InputError, match=says):
        read(training)


def test_a_name_stands_for_its_fields_and_a_field_of_the_file_holds():
    recipe = read({"augmentation": "movinet-kinetics", "flip": False, "mixup": 0.1})
    assert recipe.crop_area == (0.08, 1.0)
    assert recipe.auto_augment
    assert not recipe.flip
    assert recipe.mixup == 0.1
    document = recipe.to_document()
    assert "augmentation" not in document
    assert document["crop_aspect"] == [0.5, 2.0]


@pytest.mark.parametrize(
    ("training", "says"),
    [
        ({"crop_area": [0.5, 0.1]}, "my.yaml, line 5: `training.crop_area` must rise"),
        ({"crop_area": 0.5}, r"must be \[least, largest\], got 0.5"),
        ({"crop_area": [0.5, 1.5]}, r"`training.crop_area\[1\]` must be a number from"),
        ({"crop_area": [0, 1]}, "must be a number from 0.01 to 1, got 0"),
        ({"crop_aspect": [0.5, "x"]}, "must be a number from 0.1 to 10, got `x`"),
        ({"short_side": [0.9, 1.2]}, "must be a number from 1 to 10, got 0.9"),
        (
            {"short_side": [1, 1.2], "crop_area": [0.1, 1]},
            "must have `crop_area` or `short_side`, not both",
        ),
        ({"stride_jitter": -1}, "must be a whole number from 0 to 10000, got -1"),
        ({"colour_jitter": [0.4]}, r"\[brightness, contrast, saturation, hue\]"),
        ({"colour_jitter": [0, 0, 0, 0.6]}, "must be a number from 0 to 0.5, got 0.6"),
        ({"rand_augment": [2, 11]}, "must be a number from 0 to 10, got 11"),
        ({"rand_augment": [1.5, 9]}, "must be a whole number of at least 1, got 1.5"),
        ({"rand_augment": [0, 9]}, "must be a whole number of at least 1, got 0"),
        ({"erasing": 1.5}, "must be a number from 0 to 1, got 1.5"),
        ({"mixup": -0.1}, "must be a number from 0 to 100, got -0.1"),
        ({"mixup": 1e300}, "must be a number from 0 to 100"),
        ({"class_weights": {"a": 1e300}}, "must be a number from 0 to"),
        ({"cutmix": float("nan")}, "must be a number from 0 to 100, got nan"),
        ({"auto_augment": 1}, "must be true or false, got 1"),
        ({"augmentation": "movinet-kinetic"}, "Did you mean `movinet-kinetics`"),
        ({"evaluation": {"clip": 3}}, "unknown key `clip`.*Did you mean `clips`"),
        ({"evaluation": {"crops": 0}}, "must be a whole number from 1 to 100, got 0"),
        ({"evaluation": 10}, "`training.evaluation` must be a mapping"),
        ({"mixupp": 0.1}, "unknown key `mixupp`.*Did you mean `mixup`"),
    ],
)
def test_a_wrong_transform_is_told_with_its_line(training, says):
    with pytest.raises(InputError, match=says):
        read(training)
