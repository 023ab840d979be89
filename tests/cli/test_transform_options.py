"""Transforms and views of an evaluation as flags of `vidnas train`."""

import argparse

import pytest

from vidnas.cli.train_options import FROM_SCRATCH, add_options
from vidnas.cli.transform_options import with_transforms
from vidnas.errors import InputError
from vidnas.files.journal import read_journal
from vidnas.trials.recipe import Evaluation, Recipe


def asked(*flags, recipe=FROM_SCRATCH):
    command = argparse.ArgumentParser()
    add_options(command)
    return with_transforms(recipe, command.parse_args(["movinet-a0", *flags]))


def test_no_flag_changes_nothing():
    assert asked() == FROM_SCRATCH
    full = Recipe(mixup=0.3, evaluation=Evaluation(clips=4))
    assert asked(recipe=full) == full


def test_flags_are_the_recipe_s_own_fields():
    recipe = asked(
        *("--crop-area", "0.08", "1", "--crop-aspect", "0.5", "2"),
        *("--stride-jitter", "1", "--random-start", "--erasing", "0.25"),
        *("--colour-jitter", "0.4", "0.4", "0.4", "0.1", "--rand-augment", "2", "9"),
        *("--auto-augment", "--mixup", "0.8", "--cutmix", "1"),
        *("--eval-clips", "10", "--eval-crops", "3", "--eval-frames", "24"),
        recipe=Recipe(),
    )
    assert recipe == Recipe(
        crop_area=(0.08, 1.0),
        crop_aspect=(0.5, 2.0),
        stride_jitter=1,
        random_start=True,
        erasing=0.25,
        colour_jitter=(0.4, 0.4, 0.4, 0.1),
        rand_augment=(2, 9.0),
        auto_augment=True,
        mixup=0.8,
        cutmix=1.0,
        evaluation=Evaluation(10, 3, 24),
    )


def test_a_flag_changes_one_of_the_views():
    recipe = asked("--eval-crops", "3", recipe=Recipe(evaluation=Evaluation(clips=4)))
    assert recipe.evaluation == Evaluation(clips=4, crops=3)


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--crop-area", "0.5", "0.1"), "vidnas train: `crop_area` must rise"),
        (("--rand-augment", "2", "30"), r"`rand_augment\[1\]` must be a number from 0"),
        (("--rand-augment", "1.5", "3"), r"`rand_augment\[0\]` must be a whole number"),
        (("--erasing", "2"), "`erasing` must be a number from 0 to 1, got 2"),
        (("--short-side", "1", "nan"), r"`short_side\[1\]` must be a number from 1"),
        (
            ("--short-side", "1", "1.2", "--crop-area", "0.1", "1"),
            "`crop_area` or `short_side`, not both",
        ),
    ],
)
def test_a_number_out_of_its_limits_is_told(flags, says):
    with pytest.raises(InputError, match=says):
        asked(*flags)


@pytest.mark.keras
def test_a_training_of_all_of_it_says_what_a_mirror_does(folder, tiny_file, vidnas):
    tiny_file()
    code, _, err = vidnas(
        *("train", "tiny.yaml", "--clips", "clips", "--epochs", "1", "--batch", "8"),
        *("--augmentation", "movinet-kinetics", "--rand-augment", "1", "5"),
        *("--mixup", "0.2", "--cutmix", "1", "--erasing", "0.2", "--cpus", "1"),
        *("--eval-clips", "2", "--eval-crops", "3", "--eval-frames", "3"),
    )
    assert code == 0, err
    assert "flip        half of the clips are mirrored and keep their labels, `" in err
    (head, epoch, _) = read_journal(folder / "runs/train/tiny/training.jsonl")
    recipe = Recipe.from_document(head["identity"]["recipe"])
    assert recipe.crop_area == (0.08, 1.0)
    assert recipe.evaluation == Evaluation(2, 3, 3)
    assert recipe.flip
    assert 0.0 <= epoch["top1"] <= 100.0
    assert epoch["val_loss"] > 0.0
