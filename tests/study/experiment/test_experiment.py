from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from vidnas.architecture.published import published
from vidnas.budgets.memory_margin import memory_factor
from vidnas.costs import cost
from vidnas.errors import InputError
from vidnas.strategies import Evolution, Random
from vidnas.study import load_experiment
from vidnas.study.experiment.named_clips import Motion
from vidnas.study.experiment.stated_budgets import limits_of_document
from vidnas.study.experiment.workers import Workers
from vidnas.trials import Fidelity, Recipe

ROOT = Path(__file__).parents[3]


def edit(path: Path, old: str, new: str) -> Path:
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))
    return path


@pytest.mark.parametrize(
    "path", sorted((ROOT / "experiments").glob("*.yaml")), ids=lambda path: path.stem
)
def test_every_experiment_that_ships_can_be_loaded(path):
    experiment = load_experiment(path)
    assert experiment.name == path.stem
    assert experiment.clips.place.is_relative_to(ROOT / "data")
    if path.stem in ("quickstart", "frame_blind"):
        assert experiment.clips.place == ROOT / "data" / "motion"
        assert isinstance(experiment.clips.motion, Motion)
    # Left and right are labels of these clips, and so is the direction of time.
    if "kinetics" not in path.stem and path.stem not in ("charades_a2", "moments_a2"):
        assert not experiment.recipe.flip
    assert not experiment.recipe.reverse


def test_what_is_not_written_has_its_default(experiment, experiment_file):
    assert experiment.recipe == Recipe(batch=8)
    assert experiment.fidelity == Fidelity(epochs=2)
    assert experiment.strategy == Evolution(start=4)
    assert experiment.workers == Workers.alike(count=2, cpus=1, gpus=0.0)
    assert experiment.clips.place == experiment_file.parent / "clips"
    assert experiment.ladder is None


def test_a_strategy_may_be_its_name_alone(experiment_file):
    edit(experiment_file, "{name: evolution, start: 4}", "random")
    assert load_experiment(experiment_file).strategy == Random()


def test_budgets_are_quantities_with_units(experiment_file):
    edit(experiment_file, "{flops: 2 M}", "{flops: 2 M, training_bytes: 64 MiB}")
    limits = {b.name: b.maximum for b in load_experiment(experiment_file).budgets}
    assert limits == {"flops": 2e6, "training_bytes": 64 * 2**20}


def test_a_budget_may_be_soft_or_what_a_network_costs(experiment_file):
    stated = "{flops: {max: movinet-a0, soft: true}, parameters: x3d-s}"
    edit(experiment_file, "{flops: 2 M}", stated)
    experiment = load_experiment(experiment_file)
    soft, hard = experiment.limits(7).limits
    assert (soft.name, soft.soft, soft.thing) == ("flops", True, "movinet-a0")
    assert soft.maximum == cost(published("movinet-a0"), 7).flops
    assert (hard.name, hard.soft) == ("parameters", False)
    assert hard.maximum == cost(published("x3d-s"), 7).parameters
    # What the journal gets, and what is read from it, are numbers.
    document = experiment.with_numbers(7).to_document()
    assert document["budgets"]["parameters"] == {"max": hard.maximum, "of": "x3d-s"}
    assert limits_of_document(document) == (soft, hard)
    assert load_experiment(experiment_file).to_document()["budgets"]["flops"] == {
        "max": "movinet-a0",
        "soft": True,
    }


def test_a_budget_may_be_a_share_of_a_gpu_or_of_a_worker(experiment_file):
    stated = "{training_bytes: 0.5 gpu, inference_bytes: {max: 1 worker, soft: true}}"
    edit(experiment_file, "{flops: 2 M}", stated)
    experiment = load_experiment(experiment_file)
    held = replace(
        experiment,
        workers=Workers.alike(memory=2.0**30),
        gpu_memory=16 * 2.0**30,
    )
    gpu, worker, _ = held.limits(2).limits
    assert str(gpu) == "training_bytes <= 8 GiB (0.5 gpu)"
    assert str(worker) == "inference_bytes <= 1 GiB (1 worker, soft)"
    with pytest.raises(InputError) as refused:
        replace(held, gpu_memory=None).limits(2)
    line = 1 + experiment_file.read_text()[
        : experiment_file.read_text().index("budgets:")
    ].count("\n")
    assert str(refused.value) == (
        f"{experiment_file}, line {line}: `budgets.training_bytes`: `0.5 gpu` needs a "
        "GPU of this machine, there is none."
    )
    with pytest.raises(InputError, match="`1 worker` needs"):
        replace(held, workers=Workers()).limits(2)


def test_filters_ask_for_scores_and_are_limits(experiment_file):
    stated = "{flops: 2 M}\nfilters: {entropy_score: {min: 40}, layers: {max: 9}}"
    edit(experiment_file, "{flops: 2 M}", stated)
    experiment = load_experiment(experiment_file)
    said = [str(limit) for limit in experiment.limits(2).limits]
    assert said == ["flops <= 2 M", "entropy_score >= 40", "layers <= 9"]
    document = experiment.to_document()
    assert document["filters"] == {"entropy_score": {"min": 40.0}, "layers": 9.0}
    assert [str(limit) for limit in limits_of_document(document)] == said


@pytest.mark.parametrize(
    ("stated", "says"),
    [
        ("{flops: movinet-a9}", "a published network, or an architecture file, got"),
        ("{flops: 1 gpu}", "`budgets.flops` is no memory and must be a quantity"),
        ("{flops: {soft: true}}", "`budgets.flops` must have the key `max`"),
        ("{flops: {max: 2 M, soft: maybe}}", "true or false, got `maybe`"),
        ("{entropy_score: 3}", "unknown key `entropy_score` in `budgets`"),
        ("{flops: 2 M}\nfilters: {top1: {min: 3}}", "unknown key `top1` in `filters`"),
        ("{flops: 2 M}\nfilters: {layers: {}}", "must have `min` or `max`"),
        ("{flops: 2 M}\nfilters: {layers: {min: 4, max: 2}}", "at most its `max`"),
    ],
)
def test_a_wrong_budget_or_filter_is_named_with_its_line(experiment_file, stated, says):
    edit(experiment_file, "{flops: 2 M}", stated)
    with pytest.raises(InputError) as refused:
        load_experiment(experiment_file)
    assert says in str(refused.value)
    assert f"{experiment_file}, line " in str(refused.value)


def test_what_may_change_is_not_part_of_the_identity(experiment_file):
    before = load_experiment(experiment_file).identity()
    edit(experiment_file, "{trials: 10}", "{trials: 99}")
    edit(experiment_file, "{flops: 2 M}", "{flops: 9 M}")
    edit(experiment_file, "{name: evolution, start: 4}", "random")
    assert load_experiment(experiment_file).identity() == before
    edit(experiment_file, "epochs: 2", "epochs: 3")
    assert load_experiment(experiment_file).identity() != before


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("epochs: 2", "epoch: 2", "unknown key `epoch` in `training`"),
        ("epochs: 2", "epochs: two", "whole number of at least 1, got `two`"),
        ("epochs: 2", "epochs: 2, flip: yes", "must be true or false, got `yes`"),
        ("epochs: 2", "epochs: 2, warmup: 1.5", "from 0 to 0.99, got 1.5"),
        ("name: evolution", "name: evolutoin", "Did you mean `evolution`?"),
        ("start: 4", "strat: 4", "Did you mean `start`?"),
        ("ladder: spread", "ladder: [2 M, 1 M]", "`spread` or rising FLOP budgets"),
        ("space: space.yaml", "space: gone.yaml", "`space` must be a file relative"),
        ("v1\nname", "v9\nname", "must be one of vidnas.experiment/v1"),
    ],
)
def test_a_wrong_value_is_named_with_its_line(experiment_file, old, new, says):
    edit(experiment_file, old, new)
    with pytest.raises(InputError) as refused:
        load_experiment(experiment_file)
    assert says in str(refused.value)
    assert f"{experiment_file}, line " in str(refused.value)


def test_what_a_worker_gets_may_be_left_to_the_machine(experiment_file):
    left = "{count: 2, cpus: 1, gpus: auto, memory: auto}"
    edit(experiment_file, "{count: 2, cpus: 1}", left)
    experiment = load_experiment(experiment_file)
    assert experiment.workers == Workers.alike(gpus=None, memory=None)
    assert experiment.to_document()["workers"]["gpus"] == "auto"
    edit(experiment_file, "memory: auto", "memory: 2 GiB")
    assert load_experiment(experiment_file).workers.memory == 2 * 2**30


def test_a_workers_memory_is_a_budget_with_room_for_error(experiment_file):
    edit(experiment_file, "{count: 2, cpus: 1}", "{count: 2, memory: 1 GiB}")
    *_, held = load_experiment(experiment_file).limits(2).limits
    assert held.maximum == pytest.approx(2**30 / memory_factor([]))
    assert str(held).endswith(" MiB (workers.memory)")
    assert held.label == "workers.memory"


def test_training_memory_is_priced_at_the_clip_that_is_trained_on(experiment_file):
    own = load_experiment(experiment_file)
    edit(experiment_file, "epochs: 2", "epochs: 2, frames: 4, resolution: 16")
    cheaper = load_experiment(experiment_file)
    space = own.space
    rows = space.many.sample(np.random.default_rng(0), 20)
    priced = cheaper.limits(2).price.many(space.columns(rows))
    for row, candidate in enumerate(rows):
        architecture = space.decode(tuple(int(index) for index in candidate))
        one = cheaper.limits(2).price.cost(architecture)
        assert priced.row(row) == one
        assert one.flops == own.limits(2).price.one(architecture)["flops"]
        small = own.limits(2).price.cost(architecture.at(4, 16))
        assert one.training_bytes == small.training_bytes


def test_training_memory_is_priced_by_the_recipe(experiment_file):
    own = load_experiment(experiment_file)
    assert not own.recipe.rematerialise
    edit(
        experiment_file,
        "epochs: 2",
        "epochs: 2, precision: mixed_bfloat16, rematerialise: true",
    )
    changed = load_experiment(experiment_file)
    assert changed.recipe.rematerialise
    architecture = own.space.decode(own.space.sample(np.random.default_rng(0)))
    before, after = (one.limits(2).price.cost(architecture) for one in (own, changed))
    priced = cost(
        architecture,
        2,
        own.recipe.batch,
        precision="mixed_bfloat16",
        rematerialise=True,
    )
    assert after == priced
    assert after.training_bytes < before.training_bytes
    assert replace(after, training_bytes=before.training_bytes) == before
