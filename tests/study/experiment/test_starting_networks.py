"""Networks that a search begins with, as an experiment names them."""

import numpy as np
import pytest

from vidnas.errors import InfeasibleError, InputError
from vidnas.files.yaml_file import dump_document
from vidnas.study.experiment.reader import load_experiment
from vidnas.study.experiment.starting_networks import require_within
from vidnas.study.study import Study
from vidnas.study.workers.executor import Inline


@pytest.fixture
def seeded(experiment_file, experiment, tmp_path):
    """An experiment with two architecture files as seeds; the seeds."""
    rng = np.random.default_rng(7)
    limits = experiment.limits(2)
    networks = []
    while len(networks) < 2:
        network = experiment.space.decode(experiment.space.sample(rng))
        if not limits.broken(network) and network not in networks:
            networks.append(network)
    for name, network in zip(("first", "second"), networks, strict=True):
        schema = {"schema": "vidnas.architecture/v1"}
        text = dump_document({**schema, **network.to_document()})
        (tmp_path / f"{name}.yaml").write_text(text)
    text = experiment_file.read_text()
    experiment_file.write_text(f"{text}seeds: [second.yaml, first.yaml]\n")
    return load_experiment(experiment_file), networks[::-1]


def test_a_study_tries_its_seeds_first(seeded, dataset, tmp_path):
    experiment, networks = seeded
    with Study(experiment, dataset, tmp_path / "run", trials=4) as study:
        history = study.run(Inline(), lambda a, **_: {"top1": 50.0}, lambda trial: None)
    assert [trial.architecture for trial in history.trials[:2]] == networks
    assert len({trial.arch_id for trial in history.trials}) == 4
    assert [seed["name"] for seed in history.experiment.document["seeds"]] == [
        "second",
        "first",
    ]


def test_a_seed_beyond_a_hard_budget_is_an_error_with_its_line(seeded):
    experiment, networks = seeded
    costs = [experiment.limits(2).price.one(network)["flops"] for network in networks]
    text = experiment.path.read_text()
    text = text.replace("flops: 2 M}\nstrategy", f"flops: {max(costs) - 1}}}\nstrategy")
    experiment.path.write_text(text)
    tight = load_experiment(experiment.path)
    name = ("second", "first")[int(np.argmax(costs))]
    line = len(text.splitlines())
    with pytest.raises(InfeasibleError) as wrong:
        require_within(tight.starting_networks, tight.limits(2))
    assert str(wrong.value) == (
        f"{tight.path}, line {line}: starting network {name} must be within the "
        "budgets, it breaks flops."
    )
    # As it was, it fits.
    require_within(experiment.starting_networks, experiment.limits(2))


def test_a_network_that_the_space_does_not_hold_is_an_error_with_its_line(
    experiment_file,
):
    text = experiment_file.read_text()
    experiment_file.write_text(f"{text}seeds: [movinet-a0]\n")
    line = len(experiment_file.read_text().splitlines())
    with pytest.raises(
        InputError,
        match=rf"line {line}: `seeds\[0\]` must be a network of the space\. \S.*\.$",
    ):
        load_experiment(experiment_file)


def test_a_seed_must_be_a_network(experiment_file):
    text = experiment_file.read_text()
    experiment_file.write_text(f"{text}seeds: [nothing]\n")
    with pytest.raises(InputError, match=r"`seeds\[0\]` must be a published network"):
        load_experiment(experiment_file)
