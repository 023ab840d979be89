"""A study by a recipe with transforms: what is said, kept, and gone on with."""

import pytest
import yaml

from vidnas.cli import study_run
from vidnas.study import Inline

NAMED = "training: {epochs: 1, batch: 8, augmentation: movinet-kinetics"
SPELLED = (
    "training: {epochs: 1, batch: 8, flip: true, crop_area: [0.08, 1], "
    "crop_aspect: [0.5, 2], random_start: true, stride_jitter: 1, auto_augment: true"
)
VIEWS = ", evaluation: {clips: 10, crops: 3}}"


@pytest.fixture
def search(folder, vidnas, monkeypatch):
    """A search of the experiment by a recipe; the evaluation is a stand-in."""
    recipes = []

    def evaluate(architecture, *, recipe, **rest):
        recipes.append(recipe)
        return {"top1": 50.0, "val_clips": 8.0}

    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setattr(study_run, "_training", lambda workers, dataset: evaluate)
    monkeypatch.setattr(study_run, "_executor", lambda *given: Inline())
    plain = (folder / "experiment.yaml").read_text()
    assert "training: {epochs: 1, batch: 8}" in plain

    def run(training, trials):
        text = plain.replace("training: {epochs: 1, batch: 8}", training)
        (folder / "experiment.yaml").write_text(text)
        return vidnas("search", "experiment.yaml", "--trials", str(trials))

    run.recipes = recipes
    return run


def test_a_name_is_kept_as_its_fields_and_they_go_on_with_it(folder, search):
    code, _, err = search(NAMED + VIEWS, 1)
    assert code == 0, err
    assert "flip        half of the clips are mirrored and keep their labels, `" in err
    kept = yaml.safe_load((folder / "runs/small/experiment.yaml").read_text())
    assert "augmentation" not in kept["training"]
    assert kept["training"]["crop_area"] == [0.08, 1.0]
    assert kept["training"]["evaluation"] == {"clips": 10, "crops": 3}
    code, _, err = search(SPELLED + VIEWS, 2)
    assert code == 0, err
    assert len(search.recipes) == 2
    assert search.recipes[0] == search.recipes[1]
    assert search.recipes[0].evaluation.views == 30


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (NAMED + "}", "`recipe.evaluation`"),
        (NAMED + ", mixup: 0.2" + VIEWS, "`recipe.mixup`"),
    ],
)
def test_a_study_of_other_transforms_is_not_gone_on_with(search, changed, says):
    assert search(NAMED + VIEWS, 1)[0] == 0
    code, _, err = search(changed, 2)
    assert code == 2
    assert says in err.splitlines()[-1]


def test_nothing_is_said_where_nothing_is_mirrored(search):
    code, _, err = search("training: {epochs: 1, batch: 8, mixup: 0.2}", 1)
    assert code == 0
    assert "mirrored" not in err
