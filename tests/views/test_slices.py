"""What-if budgets, reference points, single trials, the best one."""

from dataclasses import replace

import pytest

from vidnas.budgets.price import FILTERED, LATENCY
from vidnas.errors import InputError
from vidnas.trials import FLOPS, TOP1, Front, Objective
from vidnas.trials.trial import Trial
from vidnas.views.charts.objectives import OBJECTIVES_BY_NAME
from vidnas.views.notebook import StudyView
from vidnas.views.slices import Bound, bounds_of, bounds_text


@pytest.fixture(scope="module")
def study(history):
    return StudyView(history)


@pytest.fixture(scope="module")
def beside(compared):
    return StudyView(compared)


def done(study):
    return [trial for trial in study.history.compared if trial.state == "done"]


def middle(study, name):
    values = sorted(trial.value(name) for trial in done(study))
    return values[len(values) // 2]


def test_whatever_can_be_budgeted_or_filtered_can_be_an_objective_of_a_front():
    assert {*FILTERED, LATENCY} <= OBJECTIVES_BY_NAME.keys()


def test_a_front_within_budgets_is_that_of_the_trials_that_keep_to_them(study):
    most, few = middle(study, "flops"), middle(study, "parameters")
    front = study.front().within(flops=most, parameters=few)
    fitting = [
        t
        for t in done(study)
        if t.value("flops") <= most and t.value("parameters") <= few
    ]
    assert 0 < len(fitting) < len(done(study))
    assert tuple(front) == Front.of(fitting, (FLOPS, TOP1)).trials
    # Budgets add up, whichever came first.
    apart = study.front().within(parameters=few).within(flops=most)
    assert tuple(apart) == tuple(front)
    assert f"trials with {bounds_text(front.bounds)}>" in repr(front)
    drawn = front.plot().to_dict()
    assert drawn["title"]["subtitle"][-1] == bounds_text(front.bounds)
    # The step ends with the front: dearer trials lie above where it would go on.
    (line,) = [layer for layer in drawn["layer"] if layer["mark"]["type"] == "line"]
    corners = drawn["datasets"][line["data"]["name"]]
    assert [corner["x"] for corner in corners] == [t.value("flops") for t in front]


def test_a_budget_lets_in_trials_that_only_dearer_ones_beat(study):
    dear, light = done(study)[:2]
    dear = replace(
        dear,
        costs={**dear.costs, "flops": 1e6, "parameters": 9.0},
        measured={**dear.measured, "top1": 50.0},
    )
    light = replace(
        light,
        costs={**light.costs, "flops": 2e6, "parameters": 1.0},
        measured={**light.measured, "top1": 40.0},
    )
    view = StudyView(replace(study.history, trials=(dear, light)))
    assert list(view.front()) == [dear]
    assert list(view.front().within(parameters=5)) == [light]


def test_a_limit_of_an_accuracy_or_score_is_the_least(study):
    least = middle(study, "top1")
    front = study.front("parameters", "top1").within(top1=least)
    assert len(front) > 0
    assert min(trial.value("top1") for trial in front) >= least
    (bound,) = bounds_of({"top1": least})
    assert str(bound) == f"top1 >= {least:.4g} %"
    assert bounds_text(bounds_of({"flops": "50 M", "layers": 9})) == (
        "flops <= 50 M and layers >= 9"
    )


def test_a_trial_without_a_number_is_within_no_limit_of_it(study):
    trial = done(study)[0]
    assert not Bound(Objective(LATENCY, maximise=False), 1e9).holds(trial)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (
            {"flop": 1},
            r"limit must be on one of flops, .*`flop`\. Did you mean `flops`",
        ),
        (
            {"flops": "many"},
            r"limit of `flops` must be such as `20 M` or 2e7, got 'man",
        ),
        ({"top1": "good"}, r"limit of `top1` must be a number, got 'good'"),
        ({"training_bytes": "2 M"}, r"must be such as `64 MiB` or 2e7, got '2 M'"),
    ],
)
def test_a_wrong_limit_is_answered_in_words(study, limits, said):
    with pytest.raises(InputError, match=said):
        study.front().within(**limits)


def test_a_front_within_budgets_makes_no_family_and_names_no_sizes(study):
    front = study.front().within(flops=middle(study, "flops"))
    with pytest.raises(InputError, match="front of all trials, this one has flops <= "):
        front.family()
    assert "A0" not in str(front.plot().to_dict())


def test_a_front_is_read_like_a_list(study):
    front = study.front()
    assert all(isinstance(trial, Trial) for trial in front)
    assert front[0] is next(iter(front))
    assert front[-2:] == tuple(front)[-2:]
    assert front.knee() in front
    assert all(trial in front for trial in front.knees())


def test_without_a_reference_chance_and_the_largest_budgets_count(study):
    front, history = study.front(), study.history
    assert front.reference == history.reference
    assert front.hypervolume() == front.hypervolume(history.reference)
    other = study.front("parameters", "entropy_score", "top5")
    at = other.reference
    most = max(trial.value("parameters") for trial in done(study))
    budgets = [b.maximum for b in history.experiment.limits if b.name == "parameters"]
    assert at["parameters"] == max(budgets, default=at["parameters"])
    assert at["parameters"] >= most
    assert at["top5"] == pytest.approx(100 * 5 / 8)  # five of eight equal classes
    least = min(trial.value("entropy_score") for trial in done(study))
    assert at["entropy_score"] == least
    assert other.hypervolume() == other.hypervolume(at) > 0
    seconds = study.front("seconds", "top1").reference["seconds"]
    assert seconds > max(trial.value("seconds") for trial in done(study))


def test_a_trial_is_found_by_its_number_and_a_baseline_by_its_name(study, beside):
    assert study.trial(7).number == 7
    assert study.trial("7") is study.trial(7)
    assert beside.trial("t0").baseline == "t0"
    with pytest.raises(InputError, match=r"one of trials 0 to 39, got `40`"):
        study.trial(40)
    with pytest.raises(InputError, match=r"39 and small .*, t0, xs, got `t1`\."):
        beside.trial("t1")


def test_the_best_trial_is_the_most_accurate_within_limits(study):
    every = done(study)
    assert study.best().value("top1") == max(t.value("top1") for t in every)
    most = middle(study, "flops")
    best = study.best(flops=most)
    fitting = [t for t in every if t.value("flops") <= most]
    assert best.value("top1") == max(t.value("top1") for t in fitting)
    assert best.value("flops") <= most
    cheapest = study.best("flops")
    assert cheapest.value("flops") == min(t.value("flops") for t in every)
    with pytest.raises(InputError, match=r"has flops <= 1 in .*; the least flops is "):
        study.best(flops=1)
    with pytest.raises(
        InputError, match=r"has flops <= .* and top1 >= 100 % in .*; the best top1 is"
    ):
        study.best(flops=1e12, top1=100)


def test_of_equally_accurate_trials_the_cheapest_is_the_best(study):
    trials = done(study)[:5]
    equal = [replace(t, measured={**t.measured, "top1": 50.0}) for t in trials]
    view = StudyView(replace(study.history, trials=tuple(equal)))
    assert view.best().value("flops") == min(t.value("flops") for t in equal)


def test_a_study_without_a_done_trial_has_no_best_and_an_empty_front(unfinished):
    view = StudyView(unfinished)
    with pytest.raises(InputError, match=r"No trial is done at .* epochs"):
        view.best()
    front = view.front().within(flops="1 M")
    assert len(front) == 0
    assert front.knee() is None
    assert front.hypervolume() == 0.0
