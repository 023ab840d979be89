"""`vidnas cost --calibration`: how well training memory was predicted."""

import json

import pytest

from vidnas.budgets.memory_margin import MARGIN
from vidnas.costs import cost
from vidnas.study import Dataset, Inline, Study, load_experiment


@pytest.fixture
def measured_study(folder):
    """Nine trials, which took 0.8, 0.9, ... 1.6 times what was predicted."""
    ratios = iter(range(8, 17))

    def evaluate(architecture, **rest):
        predicted = cost(architecture, classes=8, batch=8).training_bytes
        return {"top1": 50.0, "peak_bytes": predicted * next(ratios) / 10}

    dataset = Dataset("clips", tuple("abcdefgh"), 16, 8)
    experiment = load_experiment(folder / "experiment.yaml")
    with Study(experiment, dataset, folder / "run", trials=9) as study:
        study.run(Inline(), evaluate, lambda trial: None)
    return folder / "run"


def test_the_error_of_the_prediction_is_told(measured_study, vidnas):
    code, out, _ = vidnas("cost", "movinet-a0", "--calibration", measured_study)
    assert code == 0
    table = out.splitlines()[-6:]
    assert table[0].split() == [
        "predicted",
        "trials",
        "median",
        "5",
        "%",
        "95",
        "%",
        "worst",
    ]
    assert [row.split()[-5] for row in table[1:5]] == ["3", "3", "3", "9"]
    # The median of 0.8 ... 1.6 is 1.2; 5 % from either end lie 0.84 and 1.56.
    assert table[4].split()[-4:] == ["1.20", "0.84", "1.56", "1.60"]
    assert f"{1.6 * MARGIN:.2f} times what is predicted" in table[5]


def test_several_studies_are_told_as_one(measured_study, vidnas):
    arguments = ["--json", "--calibration", measured_study, measured_study]
    _, out, _ = vidnas("cost", "movinet-a0", *arguments)
    told = json.loads(out)["calibration"]
    assert told["all"]["count"] == 18
    assert told["all"]["median"] == pytest.approx(1.2)
    assert told["factor"] == pytest.approx(1.6 * MARGIN)


def test_a_study_without_measured_memory_is_named(study, vidnas):
    code, _, err = vidnas("cost", "movinet-a0", "--calibration", study)
    assert code == 2
    assert "`--calibration` needs a done trial with `peak_bytes`" in err
