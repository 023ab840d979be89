"""What an experiment means where its file is silent, and what it must say."""

import math
from pathlib import Path

import pytest

from vidnas.errors import InputError
from vidnas.strategies.registry import STRATEGIES
from vidnas.study import load_experiment
from vidnas.study.experiment.named_clips import Motion
from vidnas.study.experiment.workers import Workers
from vidnas.trials import Fidelity, Recipe
from vidnas.trials.effort import Effort

SHORTEST = """schema: vidnas.experiment/v1
space: space.yaml
clips: {folder: clips}
"""


@pytest.fixture
def say(experiment_file: Path):
    """Writes an experiment beside the space and returns its file."""

    def write(text: str, name: str = "mine.yaml") -> Path:
        path = experiment_file.with_name(name)
        path.write_text(text)
        return path

    return write


def test_an_experiment_needs_its_schema_a_space_and_clips_alone(say):
    experiment = load_experiment(say(SHORTEST, "juggling.yaml"))
    assert experiment.name == "juggling"
    assert experiment.strategy == STRATEGIES["ladder"]()
    assert experiment.fidelity == Fidelity(epochs=5)
    assert experiment.recipe == Recipe()
    assert experiment.workers == Workers()
    assert (experiment.effort, experiment.seed) == (Effort(trials=48), 0)
    assert experiment.ladder is None


def test_a_part_that_is_begun_keeps_the_defaults_of_its_other_keys(say):
    more = (
        "training: {batch: 8}\neffort: {}\nfamily: {}\nfront: {reference: {top1: 40}}\n"
    )
    experiment = load_experiment(say(SHORTEST + more))
    assert experiment.fidelity.epochs == 5
    assert experiment.recipe == Recipe(batch=8)
    assert experiment.effort == Effort(trials=48)
    assert experiment.with_numbers(4).reference["top1"] == 40.0


def test_motion_clips_have_defaults_too(say):
    text = SHORTEST.replace("{folder: clips}", "{folder: clips, motion: {seed: 4}}")
    assert load_experiment(say(text)).clips.motion == Motion(4, 100, 48)


@pytest.mark.parametrize(
    ("more", "flops"),
    [
        ("budgets: {flops: 2 M}\n", 2e6),
        ("budgets: {flops: 2 M}\nfamily: {ladder: [1 M, 3 M]}\n", 3e6),
        ("family: {ladder: [1 M, 3 M]}\n", 3e6),
    ],
)
def test_the_reference_is_chance_and_the_most_that_a_network_may_cost(say, more, flops):
    experiment = load_experiment(say(SHORTEST + more))
    # Guessing between 8 classes is right once in 8.
    assert experiment.with_numbers(8).reference == {"flops": flops, "top1": 12.5}
    assert experiment.with_numbers(2).reference["top1"] == 50.0


@pytest.mark.parametrize("more", ["", "budgets: {flops: {max: 1 k, soft: true}}\n"])
def test_without_a_hard_budget_every_network_of_the_space_counts(say, more):
    experiment = load_experiment(say(SHORTEST + more))
    most = experiment.with_numbers(8).reference["flops"]
    space, price = experiment.space, experiment.limits(8).price
    dearest = tuple(len(choice.options) - 1 for choice in space.choices)
    flops = max(
        price.one(space.decode(candidate))["flops"]
        for candidate in (dearest, (*dearest[:-1], 0))
    )
    assert flops < most <= 1.1 * flops  # two digits, rounded up


def test_what_a_file_leaves_out_is_known(say):
    whole = load_experiment(say(SHORTEST))
    assert {"name", "seed", "effort.trials", "training.epochs"} <= set(whole.left_out)
    assert {"front.reference.flops", "front.reference.top1"} <= set(whole.left_out)
    stated = load_experiment(say(SHORTEST + "seed: 5\ntraining: {epochs: 2}\n"))
    assert set(whole.left_out) - set(stated.left_out) == {"seed", "training.epochs"}


def test_what_is_left_out_is_in_the_resolved_document(say):
    experiment = load_experiment(say(SHORTEST)).with_numbers(8)
    for key in experiment.left_out:
        value = experiment.to_document()
        for part in key.split("."):
            value = value[part]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "{}\n",
            "line 1: `document` must have the keys `schema`, `space` and `clips`.",
        ),
        (
            "clips: {}\n",
            "line 1: `document` must have the keys `schema`, `space` and "
            "`clips.folder`.",
        ),
        (
            "schema: vidnas.experiment/v1\nspace: space.yaml\nclips: {motion: {}}\n",
            "line 1: `document` must have the key `clips.folder`.",
        ),
        # What is there and wrong is said first: the missing word may be that one.
        ("clip: x\n", "line 1: unknown key `clip`"),
        ("clips: {foldr: x}\n", "Did you mean `folder`?"),
        (
            "schema: vidnas.experiment/v1\nclips: here\n",
            "line 2: `clips` must be a mapping, got `here`.",
        ),
        (
            SHORTEST.replace("space.yaml", "movinet-a2"),
            "line 2: `space` must be a file relative to the experiment's, or the name "
            "of a space that vidnas ships, got `movinet-a2`. Did you mean `movinet_a2`",
        ),
    ],
)
def test_every_missing_key_is_told_at_once_with_file_and_line(say, text, says):
    path = say(text)
    with pytest.raises(InputError) as refused:
        load_experiment(path)
    assert str(refused.value).startswith(f"{path}, line ")
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_space_is_named_without_a_path(say):
    text = SHORTEST.replace("space.yaml", "movinet_a0")
    assert load_experiment(say(text)).space.name == "movinet_a0"


def test_a_file_of_that_name_comes_before_what_ships(say, experiment_file):
    (experiment_file.parent / "movinet_a0").write_text(
        (experiment_file.parent / "space.yaml").read_text()
    )
    text = SHORTEST.replace("space.yaml", "movinet_a0")
    assert load_experiment(say(text)).space.name == "small"


def test_a_shipped_experiment_keeps_its_clips_in_the_current_directory(
    tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    experiment = load_experiment("quickstart")
    assert experiment.path == Path("quickstart")
    assert experiment.clips.place == tmp_path / "data" / "motion"
    with pytest.raises(InputError, match="Did you mean `quickstart`"):
        load_experiment("quickstrat")


def test_the_ladder_of_the_family_and_the_reference_are_the_ends_of_a_search(say):
    assert load_experiment(say(SHORTEST)).ends == (0.0, math.inf)
    more = "\nfamily: {ladder: [2 M, 4 M, 8 M]}\nfront: {reference: {flops: 9 M}}\n"
    assert load_experiment(say(SHORTEST + more)).ends == (2e6, 9e6)
