"""The head of a journal is read once, whichever version wrote it, or refused."""

import copy
from dataclasses import replace

import pytest

from vidnas.errors import InputError, JournalError
from vidnas.study import Experiment, Study, load_history
from vidnas.study.experiment.recorded import FoundClips, read_head
from vidnas.trials import Recipe


@pytest.fixture
def record(experiment: Experiment, dataset, tmp_path):
    """The first record of a study."""
    with Study(experiment, dataset, tmp_path / "run") as study:
        return study._ledger.records[0]


def test_a_head_is_what_the_experiment_said(experiment, record, dataset):
    head = read_head(record, None, "journal.jsonl")
    assert head.name == "small"
    assert head.identity.to_document() == {
        **experiment.identity(),
        "clips": dataset.identity(),
    }
    assert head.experiment.document == experiment.to_document()
    assert head.experiment.reference == {"flops": 2e6, "top1": 0.0}
    assert head.experiment.ladder is None
    assert head.experiment.limits == tuple(b.limit() for b in experiment.budgets)
    assert (head.experiment.effort.trials, head.classes) == (10, ("left", "right"))


def test_the_experiment_is_that_of_the_last_run(experiment, record):
    resumed = experiment.to_document() | {"effort": {"trials": 30}}
    assert read_head(record, resumed, "journal.jsonl").experiment.effort.trials == 30


def test_what_joined_later_has_defaults(record):
    old = copy.deepcopy(record)
    for key in ("baselines", "seeds", "known", "filters", "workers", "family"):
        del old["experiment"][key]
    for key in ("stochastic_depth", "precision", "rematerialise"):
        del old["identity"]["recipe"][key]
    head = read_head(old, None, "journal.jsonl")
    assert head.identity.recipe == Recipe(batch=8)
    facts = head.experiment
    assert (facts.baselines, facts.workers, facts.rungs) == ((), {}, {})
    assert facts.ladder is None


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("name",), None, "`document` must have the key `name`."),
        (("identity",), 3, "`identity` must be a mapping, got 3."),
        (("identity", "clips", "train"), "x", "must be a whole number"),
        (("identity", "recipe", "colour"), 1, "`identity.recipe` must be a recipe"),
        (("identity", "fidelity"), None, "must have the key `fidelity`."),
        (("experiment", "front"), None, "must have the key `front`."),
        (("experiment", "budgets", "flops"), "many", "must have budgets in numbers"),
        (("experiment", "family", "ladder"), [], "`experiment.family.ladder` must"),
        (("experiment", "baselines"), ["x"], "must be a mapping, got `x`."),
    ],
)
def test_a_damaged_head_is_one_line(record, path, value, says):
    damaged = copy.deepcopy(record)
    *above, last = path
    place = damaged
    for key in above:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    with pytest.raises(JournalError) as refused:
        read_head(damaged, None, "runs/a/journal.jsonl")
    assert says in str(refused.value)
    assert str(refused.value).startswith("runs/a/journal.jsonl, line 1: ")
    assert "\n" not in str(refused.value)


def test_a_study_whose_head_is_damaged_is_not_opened(record, tmp_path):
    journal = tmp_path / "run" / "journal.jsonl"
    journal.write_text('{"event": "study", "time": 0}\n')
    with pytest.raises(JournalError, match="must have the key `name`"):
        load_history(tmp_path / "run")


def test_a_damaged_space_is_told_with_its_line(record):
    record["experiment"]["space"]["stages"][0]["depth"] = [True]
    facts = read_head(record, None, "run/journal.jsonl").experiment
    with pytest.raises(InputError, match=r"^run/journal\.jsonl, line 1: `stages\[0\]"):
        facts.read_space()


def test_what_was_found_about_the_clips_is_read_as_it_was_told(
    experiment, dataset, tmp_path
):
    found = (
        FoundClips("still_broken", 3, "still because their file is broken"),
        FoundClips("short", 2, "shorter than the window of 16 frames"),
    )
    looked = replace(dataset, found=found)
    with Study(experiment, looked, tmp_path / "run") as study:
        (record,) = study._ledger.records
    assert record["found"][1] == {
        "kind": "short",
        "clips": 2,
        "words": "shorter than the window of 16 frames",
    }
    head = read_head(record, None, "journal.jsonl")
    assert head.found == found
    assert str(head.found[0]) == "3 still because their file is broken"
    assert "found" not in record["identity"]["clips"]
    # Another time other clips may be short: it is the same study.
    with Study(experiment, replace(dataset, found=()), tmp_path / "run") as study:
        assert study.history.head.found == found


def test_journals_of_before_tell_nothing_of_their_clips(record):
    assert "found" not in record
    assert read_head(record, None, "journal.jsonl").found is None
    assert read_head(record | {"found": []}, None, "journal.jsonl").found == ()


@pytest.mark.parametrize("found", [3, [3], [{"kind": "short", "clips": 0}]])
def test_a_damaged_finding_is_named(record, found):
    with pytest.raises(JournalError, match=r"journal.jsonl, line 1.*found"):
        read_head(record | {"found": found}, None, "journal.jsonl")
