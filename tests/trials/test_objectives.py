"""What a study improves, and what each accuracy knows of itself."""

from dataclasses import replace

import numpy as np
import pytest

from vidnas.errors import EvaluationError, InputError
from vidnas.statistics.proportion import wilson
from vidnas.trials import ACCURACIES, FLOPS, TOP1, Front, Objectives, select_family
from vidnas.trials.chance import Chance, accuracy_claims
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.fidelity_lift import comparable
from vidnas.trials.ladders.spread import spread_ladder
from vidnas.trials.measured import checked_numbers
from vidnas.trials.objectives import STANDARD, objectives_for, require_measurable
from vidnas.trials.promotion import Schedule

COSTS = ("flops", "parameters", "inference_bytes")
BALANCED = Objectives(accuracy=ACCURACIES["balanced_accuracy"])
MAP = Objectives(("parameters",), ACCURACIES["map"])


def test_the_standard_objectives_are_flops_and_top1():
    assert Objectives.named(["top1", "flops"], COSTS) == STANDARD
    assert STANDARD.each == (FLOPS, TOP1)
    assert objectives_for(multi_label=False) == STANDARD
    assert objectives_for(multi_label=True).names == ("flops", "map")


@pytest.mark.parametrize(
    ("names", "says"),
    [
        (
            ["flops", "top-1"],
            r"one of flops, parameters.*got `top-1`\. Did you mean `top1`",
        ),
        (["flops", "mAP"], "Did you mean `map`"),
        (["flops"], "one accuracy and at least one cost, each once, got flops"),
        (["top1"], "at least one cost"),
        (["flops", "top1", "map"], "one accuracy"),
        (["flops", "flops", "top1"], "each once"),
        ([], "got none"),
    ],
)
def test_what_cannot_be_traded_off_is_refused(names, says):
    with pytest.raises(InputError, match=says):
        Objectives.named(names, COSTS)


def test_clips_of_several_classes_have_no_top1():
    for accuracy in ACCURACIES.values():
        require_measurable(accuracy, multi_label=False)
    require_measurable(ACCURACIES["map"], multi_label=True)
    with pytest.raises(InputError, match=r"must be map where .* got `top1`"):
        require_measurable(ACCURACIES["top1"], multi_label=True)


def test_a_share_of_clips_has_wilsons_interval_and_others_the_measured_one(make_trial):
    measured = {
        "top1": 50.0,
        "val_clips": 100.0,
        "map": 40.0,
        "map_low": 33.0,
        "map_high": 46.0,
        "macro_f1": 30.0,
    }
    trial = make_trial(measured=measured)
    assert ACCURACIES["top1"].interval(trial) == wilson(50.0, 100)
    assert ACCURACIES["map"].interval(trial) == (33.0, 46.0)
    assert ACCURACIES["macro_f1"].interval(trial) is None
    assert ACCURACIES["top5"].interval(trial) is None
    assert ACCURACIES["map"].columns(trial) == {
        "map": 40.0,
        "map_low": 33.0,
        "map_high": 46.0,
    }


def test_chance_is_what_naming_the_largest_class_reaches():
    counts = (6, 3, 1, 0)  # a class that no validation clip shows counts nowhere
    of = Chance(4, counts).of
    assert of("top1") == 60.0
    assert of("top5") == 100.0
    assert of("balanced_accuracy") == pytest.approx(100 / 3)
    # Precision 0.6 and recall 1 of one class, nothing of the others.
    assert of("macro_f1") == pytest.approx(100 * (2 * 0.6 / 1.6) / 3)
    assert of("map") == pytest.approx(100 * (0.6 + 0.3 + 0.1) / 3)
    assert Chance(4).of("balanced_accuracy") == 25.0


def test_chance_of_several_classes_a_clip_is_their_mean_prevalence():
    chance = Chance(3, (5, 3, 0), ACCURACIES["map"], clips=10)
    # (0.5 + 0.3) / 2: the class without a positive is left out
    assert chance.level == pytest.approx(40.0)
    assert chance.words == "the mean prevalence (40 %)"
    assert chance.few_clips(5) == ""


def test_an_accuracy_is_above_chance_by_its_own_interval(make_trial):
    chance = Chance(2, (5, 5), ACCURACIES["balanced_accuracy"])
    measured = {"balanced_accuracy": 60.0, "balanced_accuracy_high": 70.0}
    above = make_trial(measured={**measured, "balanced_accuracy_low": 51.0})
    unsure = make_trial(measured={**measured, "balanced_accuracy_low": 49.0})
    assert chance.is_beaten(above) is True
    assert accuracy_claims(unsure, chance) == {"chance": 50.0, "above_chance": False}
    assert chance.mark(unsure) == "not above chance (50 %)"
    assert chance.is_beaten(make_trial(measured=measured)) is None


def test_an_evaluation_returns_the_accuracy_of_its_study():
    assert checked_numbers({"map": 12.5}, "map") == {"map": 12.5}
    with pytest.raises(EvaluationError, match=r"measured `map` must be among .* top1"):
        checked_numbers({"top1": 50.0}, "map")
    with pytest.raises(EvaluationError, match="`map_low` must be within 0 and 100 %"):
        checked_numbers({"map": 12.5, "map_low": -1.0}, "map")


def sized(make_trial, number, parameters, accuracy):
    return make_trial(
        number,
        costs={"flops": 1.0, "parameters": parameters},
        measured={"map": accuracy},
    )


def test_a_family_has_budgets_of_the_first_cost(make_trial):
    trials = [
        sized(make_trial, n, parameters, accuracy)
        for n, (parameters, accuracy) in enumerate([(1e3, 20.0), (3e3, 30.0)])
    ]
    front = Front.of(trials, MAP.each).trials
    sizes = select_family(front, (1e3, 2e3, 4e3), objectives=MAP)
    assert [size.trial and size.trial.number for size in sizes] == [0, None, 1]
    assert sizes[1].emptiness == (
        "a1 is empty: no front trial between 1 k and 2 k parameters"
    )
    assert spread_ladder(front, 8e3, sizes=3, cost="parameters")[0] == 1e3


def test_of_three_objectives_a_size_takes_the_most_accurate(make_trial):
    objectives = Objectives(("flops", "parameters"), ACCURACIES["top1"])
    dear = make_trial(0, top1=50.0, costs={"flops": 9.0, "parameters": 1.0})
    accurate = make_trial(1, top1=60.0, costs={"flops": 8.0, "parameters": 5.0})
    front = Front.of([dear, accurate], objectives.each).trials
    assert len(front) == 2
    (size,) = select_family(front, (10.0,), objectives=objectives)
    assert size.trial == accurate


def test_a_reference_point_holds_every_objective():
    reference = {"flops": 10.0, "parameters": 5.0, "top1": 20.0}
    objectives = Objectives(("flops", "parameters"), ACCURACIES["top1"])
    assert objectives.point_text(reference) == "10 FLOPs, 5 parameters and 20 % top-1"


def test_cheap_accuracies_are_lifted_in_the_studys_own(make_trial):
    def trial(number, name, epochs, accuracy):
        return replace(
            make_trial(number, flops=10.0 ** (number % 4 + 3)),
            architecture=name,
            fidelity=Fidelity(epochs),
            measured={"balanced_accuracy": accuracy, "top1": 1.0},
        )

    class Named:
        def __init__(self, name):
            self.arch_id = name

    names = [Named(str(n)) for n in range(4)]
    cheap = [trial(n, names[n], 1, 20.0 + 5 * n) for n in range(4)]
    full = [trial(n + 4, names[n], 5, 40.0 + 5 * n) for n in range(3)]
    found = comparable([*cheap, *full], BALANCED)
    predicted = found[3]
    assert predicted.source == "predicted"
    assert predicted.measured["balanced_accuracy"] == pytest.approx(55.0, abs=2.0)
    assert predicted.measured["top1"] == 1.0


def test_promotions_are_by_the_studys_accuracy(make_trial):
    rungs = (Fidelity(1), Fidelity(5))
    trials = [
        make_trial(
            n,
            flops=1e6 + n,
            architecture=replace(make_trial().architecture, activation=activation),
            measured={"top1": 90.0 - n, "balanced_accuracy": 10.0 + n},
        )
        for n, activation in enumerate(("relu", "swish", "hard_swish"))
    ]
    by_top1 = Schedule(rungs, probe=0).due(trials)
    by_recall = Schedule(rungs, probe=0, objectives=BALANCED).due(trials)
    assert by_top1.promoted.number == 0
    assert by_recall.promoted.number == 2


def test_the_sizes_of_trials_are_their_first_cost(make_trial):
    trials = [sized(make_trial, 0, 7.0, 1.0), sized(make_trial, 1, 8.0, 2.0)]
    assert np.array_equal(MAP.sizes(trials), [7.0, 8.0])
    assert np.array_equal(MAP.accuracies(trials), [1.0, 2.0])
