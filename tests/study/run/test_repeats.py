"""Repeats in a study: trained last, averaged, resumed, and unknown to the search."""

import dataclasses
import json

import pytest

from vidnas.errors import InputError
from vidnas.study import Inline, Study, load_experiment, load_history
from vidnas.study.recorded_experiment import recorded_experiment
from vidnas.study.status.reader import StatusReader, read_status
from vidnas.trials.effort import Effort
from vidnas.trials.noise.repeats import Repeats


def trained(architecture, *, fidelity, seed, **rest):
    """Larger is better, and a seed moves it by up to 4 points."""
    luck = seed % 1000 / 125.0 - 4.0
    top1 = 40.0 + 2.0 * architecture.depth + architecture.stem.width / 4 + luck
    return {"top1": top1, "val_clips": 400.0, "seconds": 1.0}


@pytest.fixture
def small(experiment):
    return dataclasses.replace(experiment, effort=Effort(trials=6))


def run(experiment, dataset, folder, evaluate=trained, heard=None):
    hear = (heard if heard is not None else []).append
    with Study(experiment, dataset, folder, clock=lambda: 0.0) as study:
        return study.run(Inline(), evaluate, hear)


def records(folder):
    lines = (folder / "journal.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture
def repeated(small, dataset, tmp_path):
    wanted = dataclasses.replace(small, repeats=Repeats(3))
    return run(wanted, dataset, tmp_path / "study")


def test_the_front_has_so_many_seeds_each_and_means_over_them(repeated):
    counts = {t.number: t.measured.get("seeds") for t in repeated.front().trials}
    assert set(counts.values()) == {3.0}
    assert len(repeated.trials) == 6
    begun = records(repeated.folder)
    told = {r["trial"]: r["measured"]["top1"] for r in begun if r["event"] == "done"}
    for trial in repeated.front().trials:
        mine = [r.number for r in repeated.repeats if r.repeats == trial.number]
        tops = [told[number] for number in (trial.number, *mine)]
        assert len(tops) == 3
        assert trial.measured["top1"] == pytest.approx(sum(tops) / 3)
        assert len({repeated.repeats[n - 6].seed for n in mine} | {trial.seed}) == 3


def test_repeats_come_last_and_the_search_never_hears_of_them(
    repeated, small, dataset, tmp_path
):
    plain = run(small, dataset, tmp_path / "plain")
    begun = [r for r in records(repeated.folder) if r["event"] == "started"]
    again = ["repeats" in record for record in begun]
    assert again == sorted(again)
    assert repeated.spent.trials == repeated.candidates == 6
    # More candidates later are those that a study without repeats proposes.
    more = dataclasses.replace(small, effort=Effort(trials=9))
    longer = run(more, dataset, tmp_path / "plain")
    wanted = dataclasses.replace(more, repeats=Repeats(3))
    both = run(wanted, dataset, repeated.folder)
    assert [t.arch_id for t in plain.trials] == [t.arch_id for t in both.trials[:6]]
    assert [t.arch_id for t in longer.trials] == [t.arch_id for t in both.trials]


def test_one_that_is_cut_goes_on_to_the_same_end(small, dataset, tmp_path):
    wanted = dataclasses.replace(small, repeats=Repeats(3))
    whole = run(wanted, dataset, tmp_path / "whole")
    calls = []

    def cut(*architecture, **rest):
        calls.append(rest["seed"])
        if len(calls) == 9:  # a repeat
            raise KeyboardInterrupt
        return trained(*architecture, **rest)

    with pytest.raises(KeyboardInterrupt):
        run(wanted, dataset, tmp_path / "cut", cut)
    ended = run(wanted, dataset, tmp_path / "cut")
    assert ended.trials == whole.trials
    assert ended.repeats == whole.repeats


def test_the_journal_alone_says_how_to_train_again(small, dataset, tmp_path):
    folder = tmp_path / "study"
    history = run(small, dataset, folder)
    first = records(folder)
    only = recorded_experiment(history, Repeats(2, (1, 3), are_alone=True))
    after = run(only, dataset, folder)
    assert [trial.repeats for trial in after.repeats] == [1, 3]
    assert [trial.number for trial in after.repeats] == [6, 7]
    # The experiment stays as it was last run, and the same command does nothing.
    assert after.experiment.document == history.experiment.document
    assert not [r for r in records(folder)[len(first) :] if r["event"] == "resumed"]
    assert run(only, dataset, folder).repeats == after.repeats
    # And the study can still be extended.
    more = dataclasses.replace(small, effort=Effort(trials=7))
    assert [t.number for t in run(more, dataset, folder).trials][-1] == 8


def test_a_candidate_that_waits_is_not_trained_by_repeats(small, dataset, tmp_path):
    folder, calls = tmp_path / "study", []

    def cut(*architecture, **rest):
        calls.append(rest["seed"])
        if len(calls) == 4:
            raise KeyboardInterrupt
        return trained(*architecture, **rest)

    with pytest.raises(KeyboardInterrupt):
        run(small, dataset, folder, cut)
    history = load_history(folder)
    only = recorded_experiment(history, Repeats(2, are_alone=True))
    after = run(only, dataset, folder)
    assert after.repeats
    assert after.states["done"] == 3
    assert run(small, dataset, folder).states["done"] == 6


def test_status_counts_no_repeats_and_has_the_front_of_the_means(repeated):
    status = read_status(repeated.folder)
    assert status.trials["done"] == 6
    assert status.front == len(repeated.front())
    assert status.hypervolume == pytest.approx(
        repeated.front().hypervolume(repeated.reference)
    )
    assert StatusReader(repeated.folder).read()[-1].repeats is not None


def test_every_done_trial_has_a_probability_and_every_size_its_doubt(repeated):
    first = repeated.front().trials[0]
    assert all(trial.repeats is None for trial in repeated.trials)
    assert first.number in repeated.on_front
    assert set(repeated.on_front) == {t.number for t in repeated.trials}
    sizes = repeated.family()
    doubts = repeated.doubts(sizes)
    assert [doubt.name for doubt in doubts] == [size.name for size in sizes]


def test_an_experiment_says_how_often(experiment_file):
    text = experiment_file.read_text()
    experiment_file.write_text(text + "repeats: 3\n")
    read = load_experiment(experiment_file)
    assert read.repeats == Repeats(3)
    assert read.to_document()["repeats"] == 3
    experiment_file.write_text(text)
    assert "repeats" not in load_experiment(experiment_file).to_document()


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ("repeats: 1\n", "`repeats` must be a whole number of at least 2, got 1"),
        ("repeats: 3\n", "`repeats` needs `effort.trials`"),
    ],
)
def test_wrong_repeats_are_one_line(experiment_file, more, error):
    text = experiment_file.read_text()
    if "needs" in error:
        text = text.replace("{trials: 10}", "{hours: 1}")
    experiment_file.write_text(text + more)
    with pytest.raises(InputError, match=error):
        load_experiment(experiment_file)
