import json
from dataclasses import replace

import pytest

from vidnas.trials.recipe import LATER, Evaluation, Recipe

FULL = Recipe(
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
    evaluation=Evaluation(clips=10, crops=3, frames=24),
)


def test_a_recipe_without_transforms_is_written_as_before_there_were_any():
    document = Recipe().to_document()
    assert not document.keys() & set(LATER)
    assert document["crop"] == 0.125
    assert Recipe.from_document(document) == Recipe()


@pytest.mark.parametrize("recipe", [FULL, replace(FULL, short_side=(1.1, 1.4))])
def test_a_recipe_comes_back_from_json(recipe):
    document = recipe.to_document()
    assert Recipe.from_document(json.loads(json.dumps(document))) == recipe
    assert json.loads(json.dumps(document)) == document


def test_a_schedule_and_measuring_each_epoch_are_said_where_they_are_not_usual():
    recipe = Recipe(schedule="constant", evaluation=Evaluation(each_epoch=True))
    document = recipe.to_document()
    assert document["schedule"] == "constant"
    assert document["evaluation"] == {"clips": 1, "crops": 1, "each_epoch": True}
    assert Recipe.from_document(document) == recipe
    views = Recipe(evaluation=Evaluation(clips=2)).to_document()
    assert views["evaluation"] == {"clips": 2, "crops": 1}
    assert "schedule" not in views


def test_the_aspect_is_said_where_it_counts():
    assert "crop_aspect" in Recipe(crop_area=(0.2, 1.0)).to_document()
    assert "crop_aspect" not in Recipe(short_side=(1.0, 1.2)).to_document()


def test_views_are_clips_times_crops():
    assert Evaluation().views == 1
    assert Evaluation(clips=10, crops=3).views == 30


def test_what_shows_other_moments_is_decoded_in_every_pass():
    assert not replace(FULL, stride_jitter=0, random_start=False).needs_decoding
    assert Recipe(stride_jitter=1).needs_decoding
    assert Recipe(random_start=True).needs_decoding
