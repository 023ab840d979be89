"""A latency table is read when the experiment is, and never again."""

import numpy as np
import pytest

from vidnas.costs import LatencyTable
from vidnas.costs.latency.operators import operators_of_one
from vidnas.costs.latency.table import TimedOperator
from vidnas.files import loading
from vidnas.files.loading import load_space, save_table
from vidnas.study import Inline, Study, load_experiment
from vidnas.study.family.networks import whole_family

DEVICE = dict.fromkeys(
    ("name", "runtime", "processor", "threads", "tensorflow", "date"), "-"
)


@pytest.fixture
def reads(experiment_file, monkeypatch):
    """The experiment with a table and a budget on it; which tables were read."""
    space = load_space(experiment_file.parent / "space.yaml")
    shapes = {
        (operator.kind, tuple(map(int, operator.shape)))
        for row in space.many.sample(np.random.default_rng(0), 100).tolist()
        for operator in operators_of_one(space.decode(tuple(row)), 2)
    }
    operators = tuple(TimedOperator(*shape, 1.0) for shape in sorted(shapes))
    save_table(LatencyTable(DEVICE, 1.0, operators), experiment_file.parent / "t.json")
    text = experiment_file.read_text()
    budgets = "budgets: {flops: 2 M, parameters: movinet-a0, latency_ms: 1000}"
    text = text.replace("budgets: {flops: 2 M}", f"latency: t.json\n{budgets}")
    experiment_file.write_text(text.replace("cpus: 1}", "cpus: 1, memory: 1 GiB}"))
    read = []
    whole = loading.load_table

    def counted(path):
        read.append(path)
        return whole(path)

    monkeypatch.setattr(loading, "load_table", counted)
    return read


def test_a_whole_study_reads_its_latency_table_once(
    experiment_file, dataset, tmp_path, reads
):
    experiment = load_experiment(experiment_file)
    assert reads == [tmp_path / "t.json"]
    for _ in range(5):
        budgets = experiment.limits(2)
    assert budgets.price.latency is experiment.latency
    assert [limit.name for limit in budgets.limits] == [
        "flops",
        "parameters",
        "latency_ms",
        "training_bytes",
    ]

    def measured(architecture, **rest):
        return {"top1": 50.0, "val_clips": 10.0, "peak_bytes": 1e6}

    with Study(experiment, dataset, tmp_path / "run") as study:
        history = study.run(Inline(), measured, lambda trial: None)
    assert len(history.trials) == 10
    assert history.experiment.document["latency"] == str(tmp_path / "t.json")
    assert reads == [tmp_path / "t.json"]


@pytest.mark.parametrize(
    "strategy", ["{name: ladder, start: 3, rounds: 1}", "{name: evolution, start: 3}"]
)
def test_a_latency_may_be_what_a_study_lowers(
    experiment_file, dataset, tmp_path, reads, strategy
):
    text = experiment_file.read_text()
    text = text.replace("{name: evolution, start: 4}", strategy)
    text = text.replace("front: {reference: {flops: 2 M, top1: 0}}", "front: {}")
    experiment_file.write_text(f"{text}objectives: [latency_ms, top1]\n")
    experiment = load_experiment(experiment_file)

    def measured(architecture, **rest):
        return {"top1": 50.0 + architecture.depth, "peak_bytes": 1e6}

    with Study(experiment, dataset, tmp_path / "run") as study:
        history = study.run(Inline(), measured, lambda trial: None)
    assert len(history.finished) == 10
    assert all(trial.costs["latency_ms"] > 0.0 for trial in history.trials)
    assert history.reference == {"latency_ms": 1000.0, "top1": 50.0}
    cheapest = min(trial.costs["latency_ms"] for trial in history.trials)
    assert history.front().trials[0].value("latency_ms") == cheapest
    assert {size.cost for size in history.family()} == {"latency_ms"}


def test_a_ladder_may_be_of_a_latency_that_the_study_does_not_lower(
    experiment_file, dataset, tmp_path, reads
):
    text = experiment_file.read_text()
    text = text.replace("family: {ladder: spread}\n", "")
    experiment_file.write_text(
        f"{text}family: {{fill: true, ladder: {{latency_ms: spread, flops: [1M, 9M]}}}}"
    )
    experiment = load_experiment(experiment_file)

    def measured(architecture, **rest):
        return {"top1": 50.0 + architecture.depth, "peak_bytes": 1e6}

    with Study(experiment, dataset, tmp_path / "run") as study:
        history = study.run(Inline(), measured, lambda trial: None)
    assert all(trial.costs["latency_ms"] > 0.0 for trial in history.trials)
    small, large = whole_family(history).sizes
    assert small.costs == ("latency_ms", "flops")
    assert small.trial.value("latency_ms") <= small.budget
    assert small.trial.value("flops") <= 1e6
    twins = whole_family(history, streams=True).twins
    # The table knows no temporal convolution; of a stream with one nothing is said.
    frames = [
        layer.kernel.frames for twin in twins for layer in twin.architecture.layers
    ]
    assert max(frames) > 1
    for twin in twins:
        sees_time = any(layer.kernel.frames > 1 for layer in twin.architecture.layers)
        assert ("latency_ms" in twin.costs) != sees_time
    assert large.network is not None
