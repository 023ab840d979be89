"""What the command line says of a search; workers are a loop, training a stand-in."""

import json

import pytest

from vidnas.cli import study_run
from vidnas.cli.study_run import defaults_in_words
from vidnas.study import Inline, load_experiment, load_history

SIX_LINES = """schema: vidnas.experiment/v1
space: space.yaml
clips: {folder: clips}
training: {epochs: 2, batch: 8}
budgets: {flops: 2 M}
effort: {trials: 4}
"""


@pytest.fixture
def searching(monkeypatch):
    """A search whose evaluation is the given function."""

    def use(evaluate):
        monkeypatch.setattr(study_run, "_training", lambda workers, dataset: evaluate)
        monkeypatch.setattr(study_run, "_executor", lambda *given: Inline())

    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    return use


def works(architecture, *, seed, **rest):
    return {"top1": 50.0 + seed % 40, "val_clips": 8.0}


def test_broken_surroundings_end_in_one_line_and_the_same_command_goes_on(
    folder, vidnas, searching
):
    calls = []

    def broken(architecture, **rest):
        calls.append(architecture)
        if len(calls) > 1:
            raise PermissionError(13, "Permission denied", "clips")
        return works(architecture, **rest)

    searching(broken)
    code, _, err = vidnas("search", "experiment.yaml")
    assert code == 1
    (last,) = [line for line in err.splitlines() if line.startswith("error: ")]
    assert "3 times in a row" in last
    assert "PermissionError: [Errno 13] Permission denied: 'clips'" in last
    assert "1 done trials are safe; the same command goes on" in last

    searching(works)
    code, out, _ = vidnas("search", "experiment.yaml")
    assert code == 0
    assert "4 trials: 4 done, 0 failed" in out


def test_what_failed_before_is_tried_again_when_asked_for(folder, vidnas, searching):
    searching(works)
    assert vidnas("search", "experiment.yaml")[0] == 0
    journal = folder / "runs" / "small" / "journal.jsonl"
    records = [json.loads(line) for line in journal.read_text().splitlines()]
    reasons = ["ClipError: gone (folders.py, line 61)", "loss became NaN at step 3"]
    for record in records:
        del record["crc"]
        if record["event"] == "done" and reasons:
            record.update(event="failed", reason=reasons.pop(0))
    journal.write_text("".join(json.dumps(record) + "\n" for record in records))

    code, out, err = vidnas("search", "experiment.yaml", "--retry-failed")
    assert code == 0
    assert (
        "again       1 failed trials that the surroundings broke; 1 more failed by "
        "themselves" in err
    )
    assert "4 trials: 3 done, 1 failed" in out
    trials = load_history(folder / "runs" / "small").trials
    assert [t.state for t in trials].count("failed") == 1


def test_an_evaluation_of_ones_own_that_returns_nonsense_fails_its_trials_only(
    folder, vidnas, searching
):
    returned = iter([{"top1": 50.0}, None, {"loss": 1.0}, {"top1": "high"}])
    searching(lambda architecture, **rest: next(returned))
    code, out, err = vidnas("search", "experiment.yaml")
    assert code == 0
    assert "4 trials: 1 done, 3 failed" in out
    assert "`evaluate` must return a mapping of names to numbers" in err
    for command in ("front", "family", "report"):
        assert vidnas(command, "runs/small")[0] == 0


def test_more_workers_than_cores_are_said_in_the_header(
    folder, vidnas, searching, monkeypatch
):
    text = (folder / "experiment.yaml").read_text()
    many = text.replace("{count: 2, cpus: 1}", "{count: 8, cpus: 2}")
    (folder / "experiment.yaml").write_text(many)
    monkeypatch.setattr(study_run, "machine_cores", lambda: 4)
    searching(works)
    code, _, err = vidnas("search", "experiment.yaml")
    assert code == 0
    assert "workers     2 at once, 8 were asked for: each takes 2 of this" in err


def test_a_worker_of_more_cores_than_the_machine_is_wrong_input(
    folder, vidnas, searching, monkeypatch
):
    text = (folder / "experiment.yaml").read_text()
    large = text.replace("{count: 2, cpus: 1}", "{count: 8, cpus: 4}")
    (folder / "experiment.yaml").write_text(large)
    monkeypatch.setattr(study_run, "machine_cores", lambda: 2)
    searching(works)
    code, _, err = vidnas("search", "experiment.yaml")
    assert code == 2
    assert err.splitlines()[-1] == (
        "error: `workers.cpus` must be at most the 2 cores of this machine, got 4."
    )
    # A cluster has cores of its own.
    monkeypatch.setenv("RAY_ADDRESS", "10.0.0.1:6379")
    code, _, err = vidnas("search", "experiment.yaml")
    assert code == 0
    assert "cluster     10.0.0.1:6379" in err


def test_the_header_shows_each_default_that_is_taken(folder):
    (folder / "six.yaml").write_text(SIX_LINES)
    words = defaults_in_words(load_experiment(folder / "six.yaml").with_numbers(8))
    assert words.startswith("name six, seed 0; training optimizer adamw, learning_rate")
    assert "; strategy name ladder; workers count 2, cpus 1," in words
    assert "; front reference flops 2 M, top1 12.5; family ladder spread" in words
    for stated in ("epochs", "batch", "budgets", "effort"):
        assert stated not in words
    assert "flip no" in words
