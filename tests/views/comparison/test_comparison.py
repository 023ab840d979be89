from dataclasses import replace

import numpy as np
import pytest

import vidnas
from vidnas.errors import InputError
from vidnas.study import Dataset, load_history
from vidnas.trials import Front
from vidnas.views.comparison.comparison import BEYOND, INSIDE, UNKNOWN


def verdicts(comparison, measure):
    return {
        frozenset((one.ours, one.theirs)): (one.ours, one.verdict)
        for one in comparison.differences
        if one.measure == measure
    }


def test_what_was_planted_is_beyond_the_noise_and_what_was_not_is_inside(three_groups):
    found = vidnas.compare(three_groups).comparison
    for measure in ("hypervolume", "ladder"):
        told = verdicts(found, measure)
        assert told[frozenset(("better", "plain"))] == ("better", BEYOND)
        assert told[frozenset(("better", "equal"))] == ("better", BEYOND)
        assert told[frozenset(("plain", "equal"))][1] == INSIDE
        assert found.beaten(measure, "plain")
        assert not found.beaten(measure, "better")
    (lifted,) = (
        one
        for one in found.differences
        if one.measure == "ladder" and {one.ours, one.theirs} == {"better", "plain"}
    )
    low, high = lifted.mean.limits
    assert low < 20.0 < high


def test_seeds_of_one_search_are_a_group_called_by_what_tells_it_apart(three_groups):
    folders = [folder for some in three_groups.values() for folder in some]
    found = vidnas.compare(folders).comparison
    assert [group.label for group in found.groups] == ["batch 8", "batch 16", "batch 4"]
    assert [group.seeds for group in found.groups] == [(0, 1, 2), (0, 1, 2), (3, 4, 5)]
    assert found.notes[0] == "groups differ in training.batch: 8, 16, 4"
    alone = vidnas.compare(three_groups["plain"]).comparison
    assert [group.label for group in alone.groups] == ["random"]
    assert alone.differences == ()


def test_numbers_of_a_study_are_those_of_its_own_front(three_groups):
    found = vidnas.compare(three_groups).comparison
    budgets = np.geomspace(found.budgets[0], found.budgets[-1], 48)
    for group in found.groups:
        for number, study in enumerate(group.studies):
            history = study.history
            volume = history.front().hypervolume(found.reference)
            here = found.per_study["hypervolume"][group.label][number]
            assert here == pytest.approx(volume, rel=1e-12)
            done = [t for t in history.trials if t.state == "done"]
            best = [
                max([50.0, *(t.value("top1") for t in done if t.value("flops") <= b)])
                for b in budgets
            ]
            ladder = found.per_study["ladder"][group.label][number]
            assert ladder == pytest.approx(np.mean(best), rel=1e-12)


def test_all_are_compared_at_the_effort_of_the_least(studies):
    short, long = studies(0), studies(1, trials=9)
    found = vidnas.compare([short, long]).comparison
    assert (found.by, found.at) == ("trials", 6)
    assert "compared at 6 trials; studies have spent 6 to 9" in found.notes
    history = load_history(long)
    first = Front.of(history.trials[:6], history.objectives.each)
    volume = found.per_study["hypervolume"]["random"][1]
    assert volume == pytest.approx(first.hypervolume(found.reference), rel=1e-12)
    at_3 = vidnas.compare([short, long], at=3).comparison
    three = Front.of(history.trials[:3], history.objectives.each)
    volume = at_3.per_study["hypervolume"]["random"][1]
    assert volume == pytest.approx(three.hypervolume(found.reference), rel=1e-12)


def test_effort_is_counted_in_trials_epochs_and_hours(studies):
    both = [studies(0), studies(1)]
    for by, at in (("trials", 6), ("epochs", 12), ("hours", 6)):
        found = vidnas.compare(both, by=by).comparison
        assert (found.by, found.at) == (by, pytest.approx(at))
        efforts, volumes = found.progress(found.groups[0])
        assert (efforts[0], efforts[-1]) == (0, pytest.approx(at))
        assert (np.diff(volumes, axis=1) >= 0).all()
        ends = found.per_study["hypervolume"]["random"]
        assert volumes[:, -1].tolist() == ends.tolist()


def test_cheap_rungs_count_by_their_epochs(studies):
    rungs = "rungs: {epochs: [1], keep: 2, probe: 0}"
    found = vidnas.compare([studies(s, more=rungs) for s in range(2)]).comparison
    assert found.by == "epochs"
    for study in found.studies:
        full = sum(t.fidelity.epochs == 2 for t in study.history.trials)
        cheap = len(study.history.trials) - full
        assert study.spent["epochs"] == 2 * full + cheap
        assert cheap > 0


def test_attainment_lies_between_the_best_and_the_worst_seed(three_groups):
    found = vidnas.compare(three_groups).comparison
    for group in found.groups:
        budgets, attained = found.attainment(group)
        assert attained.shape == (3, len(budgets))
        assert (np.diff(attained, axis=0) <= 0).all()
        assert (np.diff(attained, axis=1) >= 0).all()
        assert budgets[-1] == found.reference["flops"]
        each = found.best(group, budgets)
        assert attained.sum() == pytest.approx(each.sum())


def test_one_seed_of_each_tells_no_noise(studies):
    found = vidnas.compare({"a": [studies(0)], "b": [studies(1, batch=4)]}).comparison
    assert {one.verdict for one in found.differences} == {UNKNOWN}
    assert "one seed alone shows no noise: a, b" in found.notes


def test_what_weakens_a_comparison_is_said(studies):
    twice = vidnas.compare([studies(0), studies(0, copy=1), studies(1)]).comparison
    assert any("has seed 0 twice" in note for note in twice.notes)
    mixed = vidnas.compare({"x": [studies(0), studies(1, batch=4)]}).comparison
    assert any("differ in more than their seed: training" in n for n in mixed.notes)
    wide = vidnas.compare(
        [studies(0), studies(1, point="flops: 2 M, top1: 0")]
    ).comparison
    assert wide.reference["flops"] == 2e6
    assert any("reference points differ" in note for note in wide.notes)
    recipes = vidnas.compare([studies(0), studies(1, batch=4)]).comparison
    assert any(note.startswith("recipes differ") for note in recipes.notes)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {
                "more": "objectives: [parameters, top1]",
                "point": "parameters: 1 M, top1: 0",
            },
            "same objectives",
        ),
        (
            {"more": "objectives: [flops, top5]", "point": "flops: 1 M, top5: 0"},
            "same objectives",
        ),
        (
            {"dataset": Dataset("c", ("left", "right"), 20, 101, (50, 51))},
            "same number of validation clips",
        ),
        (
            {"dataset": Dataset("c", ("left", "right"), 20, 100, (60, 40))},
            "same chance",
        ),
        ({"dataset": Dataset("c", ("left", "up"), 20, 100, (50, 50))}, "same classes"),
    ],
    ids=["costs", "accuracies", "clips", "chance", "classes"],
)
def test_studies_of_other_tasks_are_not_compared(studies, changes, said):
    with pytest.raises(InputError, match=said):
        vidnas.compare([studies(0), studies(1, **changes)])


def test_what_is_asked_must_be_had(studies):
    both = [studies(0), studies(1)]
    with pytest.raises(InputError, match="at least 2 studies, got 1"):
        vidnas.compare(both[:1])
    with pytest.raises(InputError, match="must stand once"):
        vidnas.compare([both[0], both[0]])
    with pytest.raises(InputError, match="at most 6 trials"):
        vidnas.compare(both, at=7)
    with pytest.raises(InputError, match="must be one of trials, epochs, hours"):
        vidnas.compare(both, by="days")
    with pytest.raises(InputError, match="must name flops, top1, got `parameters`"):
        vidnas.compare(both, reference={"parameters": 1.0})
    with pytest.raises(InputError, match="must rise from budget to budget"):
        vidnas.compare(both, ladder=["2 M", "1 M"])
    with pytest.raises(InputError, match="must be a number or a quantity"):
        vidnas.compare(both, ladder=["2 X"])


def test_reference_and_ladder_are_as_they_are_asked_for(studies):
    view = vidnas.compare(
        [studies(0), studies(1)],
        reference={"flops": "500 k"},
        ladder=["100k", 2e5],
    )
    found = view.comparison
    assert found.reference == {"flops": 5e5, "top1": 0.0}
    assert found.budgets == (1e5, 2e5)
    history = found.studies[0].history
    volume = history.front().hypervolume({"flops": 5e5, "top1": 0.0})
    here = found.per_study["hypervolume"]["random"][0]
    assert here == pytest.approx(volume, rel=1e-12)


def test_studies_are_given_by_folder_address_or_as_opened(studies):
    folders = [studies(0), studies(1)]
    by_name = vidnas.compare(map(str, folders)).comparison
    opened = vidnas.compare(map(vidnas.open_study, folders)).comparison
    stored = vidnas.compare([f"file://{folder}" for folder in folders]).comparison
    for other in (opened, stored):
        assert other.mean("ladder", "random") == by_name.mean("ladder", "random")


def test_a_study_by_a_score_is_no_study_of_trainings(studies):
    study = vidnas.open_study(studies(0))
    identity = replace(study.history.head.identity, score="entropy_score")
    head = replace(study.history.head, identity=identity)
    study.history = replace(study.history, head=head)
    with pytest.raises(InputError, match=r"must be of trainings, .* score entropy"):
        vidnas.compare([study, studies(1)])


def test_repeats_cost_effort_and_are_said(studies):
    study = vidnas.open_study(studies(0))
    study.history = replace(study.history, repeats=study.history.trials[:2])
    found = vidnas.compare([study, studies(1)], by="epochs").comparison
    assert [one.spent["epochs"] for one in found.studies] == [16, 12]
    assert [one.spent["trials"] for one in found.studies] == [6, 6]
    assert any("repeated networks are means" in note for note in found.notes)
