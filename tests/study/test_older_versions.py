"""A study goes on with what it was begun with, whichever version began it."""

import dataclasses
import json

import pytest

from vidnas.errors import StudyError
from vidnas.study import Inline, Study


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
    del old["crc"]
    del old["identity"]["recipe"]["stochastic_depth"]
    del old["experiment"]["training"]["stochastic_depth"]
    journal.write_text("\n".join([json.dumps(old), *rest, ""]))
    assert len(run(experiment, 3).trials) == 3

    recipe = dataclasses.replace(experiment.recipe, stochastic_depth=0.2)
    changed = dataclasses.replace(experiment, recipe=recipe)
    with pytest.raises(StudyError, match=r"`recipe.stochastic_depth` was 0.0, here it"):
        run(changed, 4)
