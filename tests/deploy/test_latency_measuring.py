import numpy as np
import pytest

import vidnas
from vidnas.costs.latency.operators import operators_of_one
from vidnas.deploy.latency_measuring import TableMeasurement
from vidnas.errors import EvaluationError, InputError
from vidnas.files.loading import load_table
from vidnas.study.experiment.reader import load_experiment


class Counting:
    """A timer that takes 1, 2, 3 ... ms."""

    reference_ms = 1.0

    def __init__(self, fails=()):
        self.count, self.fails = 0, fails

    def facts(self):
        facts = dict.fromkeys(("processor", "tensorflow", "date"), "-")
        return {"name": "cpu-1t", "runtime": "tensorflow", "threads": 1, **facts}

    def time_operators(self, operators):
        if any(o.kind in self.fails for o in operators):
            raise EvaluationError("no such operator here")
        return self.time_networks(operators)

    def time_networks(self, networks):
        self.count += len(networks)
        return list(np.arange(self.count - len(networks), self.count) + 1.0)


@pytest.fixture
def network(pytestconfig):
    space = vidnas.load_space(pytestconfig.rootpath / "search_spaces/quickstart.yaml")
    return space.decode(space.sample(np.random.default_rng(0)))


@pytest.fixture
def operators(network):
    return list({o.shape: o for o in operators_of_one(network, 8)}.values())


def test_an_interrupted_measuring_goes_on(tmp_path, network, operators):
    path = tmp_path / "t.json"
    assert len(operators) > 10
    measuring = TableMeasurement(path, operators, [(network, 8)])
    assert measuring.load_existing("cpu-1t", "tensorflow") is None
    next(measuring.run(Counting(), None))
    some = load_table(path)
    assert 0 < len(some.operators) < len(operators)

    second, timer = TableMeasurement(path, operators, [(network, 8)]), Counting()
    *_, table = second.run(timer, second.load_existing("cpu-1t", "tensorflow"))
    assert timer.count == len(operators) + 1 - len(some.operators) - len(some.networks)
    assert table.operators[: len(some.operators)] == some.operators
    assert {o.shape for o in table.operators} == {
        tuple(map(int, o.shape)) for o in operators
    }
    assert load_table(path).to_document() == table.to_document()


def test_what_cannot_be_run_is_left_out_and_named(tmp_path, network, operators):
    measuring = TableMeasurement(tmp_path / "t.json", operators, [])
    *_, table = measuring.run(Counting(fails=("dense",)), None)
    assert {o.kind for o in table.operators} == {o.kind for o in operators} - {"dense"}
    assert set(measuring.skip_reasons) == {"no such operator here"}


def test_a_table_of_another_device_is_not_gone_on_with(tmp_path, operators):
    path = tmp_path / "t.json"
    measuring = TableMeasurement(path, operators, [])
    next(measuring.run(Counting(), None))
    with pytest.raises(InputError, match=r"must be a table of cpu-2t with tensorflow"):
        measuring.load_existing("cpu-2t", "tensorflow")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (None, r"cannot be read: No such file"),
        ("{\n1", r"line 2 is not JSON, as a latency table must be: Expecting"),
        ("[]", r"`document` must be a mapping, got \[\]"),
    ],
)
def test_a_file_that_is_no_table_is_answered_in_one_line(tmp_path, text, told):
    path = tmp_path / "t.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match=told) as caught:
        load_table(path)
    assert "\n" not in str(caught.value)


def test_an_experiment_budgets_latency_by_a_table(tmp_path, pytestconfig, operators):
    root = pytestconfig.rootpath
    measuring = TableMeasurement(tmp_path / "t.json", operators, [])
    list(measuring.run(Counting(), None))
    text = (root / "experiments/quickstart.yaml").read_text()
    text = text.replace("../search_spaces", str(root / "search_spaces"))
    file = tmp_path / "e.yaml"

    assert "budgets: {" in text
    text = text.replace("budgets: {", "budgets: {latency_ms: 9, ")
    file.write_text(text)
    with pytest.raises(InputError, match=r"`budgets.latency_ms` needs `latency`"):
        load_experiment(file)

    file.write_text(text + "\nlatency: nothing.json\n")
    with pytest.raises(InputError, match=r"`latency` must be a file relative to the"):
        load_experiment(file)

    file.write_text(text + "\nlatency: t.json\n")
    experiment = load_experiment(file)
    limits = experiment.limits(8)
    assert "latency_ms <= 9 ms" in map(str, limits.limits)
    assert experiment.to_document()["latency"] == str(tmp_path / "t.json")
