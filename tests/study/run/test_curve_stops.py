import json
from dataclasses import replace

import pytest

from vidnas.errors import InputError
from vidnas.study import Inline, Study, load_experiment, load_history
from vidnas.trials import Fidelity
from vidnas.trials.effort import Effort
from vidnas.trials.stopping import CurveRule

TRIALS = 40


@pytest.fixture
def stopping(experiment):
    """The small experiment, with a rule and six epochs."""
    return replace(
        experiment,
        strategy=experiment.strategy,
        stopping=CurveRule(),
        fidelity=Fidelity(6),
        effort=Effort(trials=TRIALS),
    )


def accuracy_of(architecture, seed):
    """From 40 to 60 %, whatever the size."""
    return 40.0 + int(architecture.arch_id[:6], 16) % 2000 / 100


class Trained:
    """An evaluation whose epochs are counted; it may be cut at one of them."""

    def __init__(self, cut=None):
        self.epochs, self.cut, self.told = 0, cut, []

    def __call__(
        self, architecture, *, dataset, recipe, fidelity, seed, watch, **others
    ):
        top1 = accuracy_of(architecture, seed)
        for epoch in range(1, fidelity.epochs + 1):
            self.epochs += 1
            watch.epoch(epoch, {"top1": top1 * (0.4 + epoch / 10), "loss": 1.0})
        return {"top1": top1, "val_clips": 10.0, "loss": 1.0}


def run(experiment, dataset, folder, trained):
    heard = []
    with Study(experiment, dataset, folder) as study:
        history = study.run(Inline(), trained, heard.append)
    return history, heard


def test_a_study_stops_trials_by_their_curves_only_where_asked_to(
    stopping, dataset, tmp_path
):
    history, heard = run(stopping, dataset, tmp_path / "on", on := Trained())
    plain = replace(stopping, stopping=None)
    whole, _ = run(plain, dataset, tmp_path / "off", off := Trained())
    stopped = [trial for trial in history.own if trial.state == "stopped"]
    assert len(stopped) > 3
    assert history.states["done"] + len(stopped) == TRIALS
    assert not history.states["failed"]
    assert whole.states == {"done": TRIALS}
    assert on.epochs < off.epochs == 6 * TRIALS
    assert {t.number for t in heard if t.state == "stopped"} == {
        t.number for t in stopped
    }
    for trial in stopped:
        assert "stopped by its curve after epoch 2: at most" in trial.reason
        assert max(history.curves[trial.number]) == 2
        assert not trial.measured
    front = history.front()
    for trial in stopped:  # what each would have reached is beaten at no more cost
        top1 = accuracy_of(trial.architecture, 0)
        assert any(
            t.value("flops") <= trial.value("flops") and t.value("top1") > top1
            for t in front.trials
        )


def test_the_journal_tells_the_same_and_the_study_goes_on_from_it(
    stopping, dataset, tmp_path
):
    history, _ = run(stopping, dataset, tmp_path, Trained())
    read = load_history(tmp_path)
    assert read.trials == history.trials
    again, _ = run(stopping, dataset, tmp_path, more := Trained())
    assert again.trials == history.trials
    assert not more.epochs
    assert len({t.arch_id for t in again.own}) == TRIALS
    assert read.experiment.document["stopping"]["rule"] == "curve"


def test_a_verdict_that_no_driver_recorded_is_given_again(stopping, dataset, tmp_path):
    history, _ = run(stopping, dataset, tmp_path, Trained())
    journal = tmp_path / "journal.jsonl"
    lines = journal.read_text().splitlines()
    at = next(n for n, line in enumerate(lines) if '"event":"stopped"' in line)
    stopped = json.loads(lines[at])
    journal.write_text("\n".join(lines[:at]) + "\n")  # a kill before the record
    again, _ = run(stopping, dataset, tmp_path, Trained())
    number = stopped["trial"]
    assert [t.state for t in again.trials] == [t.state for t in history.trials]
    told = [json.loads(line) for line in journal.read_text().splitlines()]
    epochs = [r for r in told if r["event"] == "epoch" and r["trial"] == number]
    assert len(epochs) == 2  # it was not trained again
    (record,) = [r for r in told if r["event"] == "stopped" and r["trial"] == number]
    assert record["reason"] == stopped["reason"]


def test_an_experiment_file_asks_for_it(experiment_file):
    text = experiment_file.read_text()
    experiment_file.write_text(text + "stopping: {rule: curve, after_epochs: 3}\n")
    experiment = load_experiment(experiment_file)
    assert experiment.stopping == CurveRule(after_epochs=3)
    assert experiment.to_document()["stopping"] == {
        "rule": "curve",
        "after_epochs": 3,
        "confidence": 0.99,
    }
    experiment_file.write_text(text + "stopping: {rule: none}\n")
    assert load_experiment(experiment_file).stopping is None
    experiment_file.write_text(text)
    assert "stopping" not in load_experiment(experiment_file).to_document()


@pytest.mark.parametrize(
    ("stated", "words"),
    [
        ("{rule: median}", "must be one of"),
        ("{after_epochs: 2}", "must have the key `rule`"),
        ("{rule: curve, confidence: 2}", "must be from 0.5 to 0.999"),
        ("{rule: curve, after: 2}", "after"),
    ],
)
def test_what_no_rule_can_be_is_refused(experiment_file, stated, words):
    experiment_file.write_text(f"{experiment_file.read_text()}stopping: {stated}\n")
    with pytest.raises(InputError, match=words):
        load_experiment(experiment_file)
