"""A folder goes on with what it was begun with, whichever version began it."""

import dataclasses
import json

import pytest

from vidnas.errors import StudyError
from vidnas.files.same_facts import require_same
from vidnas.study.study import Study
from vidnas.study.workers.executor import Inline
from vidnas.trials.recipe import Recipe

REFUSAL, REMEDY = "runs/a belongs to another experiment", "Use another folder."


@pytest.mark.parametrize(
    ("before", "now", "says"),
    [
        ({"seed": 1}, {"seed": 2}, "its `seed` was 1, here it is 2."),
        (
            {"clips": {"train": 5, "val": 2}},
            {"clips": {"train": 5, "val": 3}},
            "its `clips.val` was 2, here it is 3.",
        ),
        ({"weights": None}, {"weights": "ab"}, "its `weights` was None, here it is ab"),
    ],
)
def test_the_first_fact_that_differs_is_named_with_both_values(before, now, says):
    with pytest.raises(StudyError) as refused:
        require_same(before, now, REFUSAL, REMEDY)
    assert says in str(refused.value)
    assert str(refused.value).startswith(f"{REFUSAL}: ")
    assert str(refused.value).endswith(f". {REMEDY}")


def test_a_recipe_without_a_field_that_joined_later_had_its_default():
    recipe = Recipe(stochastic_depth=0.2).to_document()
    old = {key: value for key, value in recipe.items() if key != "stochastic_depth"}
    require_same({"recipe": old}, {"recipe": Recipe().to_document()}, REFUSAL, REMEDY)
    with pytest.raises(StudyError, match=r"`recipe.stochastic_depth` was 0.0, here it"):
        require_same({"recipe": old}, {"recipe": recipe}, REFUSAL, REMEDY)
    with pytest.raises(StudyError, match=r"_depth` was 0.2, here it is 0.0"):
        require_same(
            {"recipe": recipe}, {"recipe": Recipe().to_document()}, REFUSAL, REMEDY
        )


def test_a_study_of_before_stochastic_depth_goes_on(experiment, dataset, tmp_path):
    def measured(architecture, **rest):
        return {"top1": 50.0, "val_clips": 10.0}

    def run(experiment, trials):
        with Study(experiment, dataset, tmp_path / "run", trials=trials) as study:
            return study.run(Inline(), measured, lambda trial: None)

    run(experiment, 2)
    journal = tmp_path / "run" / "journal.jsonl"
    head, *rest = journal.read_text().splitlines()
    old = json.loads(head)
    del old["identity"]["recipe"]["stochastic_depth"]
    del old["experiment"]["training"]["stochastic_depth"]
    journal.write_text("\n".join([json.dumps(old), *rest, ""]))
    assert len(run(experiment, 3).trials) == 3

    recipe = dataclasses.replace(experiment.recipe, stochastic_depth=0.2)
    changed = dataclasses.replace(experiment, recipe=recipe)
    with pytest.raises(StudyError, match=r"`recipe.stochastic_depth` was 0.0, here it"):
        run(changed, 4)
