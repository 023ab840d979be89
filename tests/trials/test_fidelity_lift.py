"""Trials of several fidelities, as strategies see them."""

from dataclasses import replace

import numpy as np
import pytest

from vidnas.budgets.budget import Budgets
from vidnas.budgets.price import Pricing
from vidnas.costs.network_cost import cost
from vidnas.space.choice_space import ChosenValues
from vidnas.strategies.evolution import Evolution
from vidnas.strategies.strategy import SearchState
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.fidelity_lift import Lift, comparable, one_each
from vidnas.trials.trial import Trial

LOW, HIGH = Fidelity(1), Fidelity(5)


def trial(number, network, fidelity, top1=None, flops=1e6, state="done"):
    return Trial(
        number=number,
        candidate=(network,),
        architecture=ChosenValues({"network": network}),
        fidelity=fidelity,
        seed=number,
        costs={"flops": flops},
        state=state,
        measured={} if top1 is None else {"top1": top1},
    )


def test_fidelities_sort_from_cheap_to_full_and_say_what_they_are():
    own, short = Fidelity(5), Fidelity(5, frames=4)
    small = Fidelity(5, frames=4, resolution=16)
    assert sorted((own, LOW, short, small), key=lambda f: f.order) == [
        LOW,
        small,
        short,
        own,
    ]
    assert [str(f) for f in (LOW, small)] == ["1 epoch", "5 epochs, 4 frames, 16 px"]


def test_trials_of_one_fidelity_come_back_as_they_are():
    trials = [trial(0, 0, LOW, 5.0), trial(1, 1, LOW, state="running")]
    assert comparable(trials) == one_each(trials) == trials


def test_a_network_stands_with_its_highest_fidelity():
    trials = [
        trial(0, 0, LOW, 10.0),
        trial(1, 1, LOW, 20.0),
        trial(2, 2, LOW, state="failed"),
        trial(3, 3, LOW, state="running"),
        trial(4, 4, LOW, 15.0),
        trial(5, 0, HIGH, 50.0),
        trial(6, 1, HIGH, state="running"),
        trial(7, 4, HIGH, state="failed"),
    ]
    standing = one_each(trials)
    assert [(t.candidate[0], t.number, t.state) for t in standing] == [
        (0, 5, "done"),
        (1, 1, "done"),  # its promotion runs, its low rung is known
        (2, 2, "failed"),
        (3, 3, "running"),
        (4, 7, "failed"),  # it cannot be trained in full
    ]


def test_accuracies_are_predicted_at_the_highest_fidelity_and_say_so():
    # 20 points more at the top, whatever the network.
    trials = [trial(n, n, LOW, 10.0 + n) for n in range(8)]
    trials += [trial(8 + n, n, HIGH, 30.0 + n) for n in range(4)]
    seen = comparable(trials)
    assert [t.source for t in seen] == ["trained"] * 4 + ["predicted"] * 4
    assert [t.value("top1") for t in seen] == pytest.approx(
        [30.0 + n for n in range(8)]
    )
    assert [t.fidelity for t in seen[4:]] == [LOW] * 4


def test_a_low_fidelity_that_ranks_the_wrong_way_round_predicts_no_order():
    trials = [trial(n, n, LOW, 10.0 + n) for n in range(20)]
    trials += [trial(20 + n, n, HIGH, 80.0 - 3 * n) for n in range(16)]
    assert Lift.of(trials, LOW, HIGH).slope == 0.0
    predicted = {t.value("top1") for t in comparable(trials)[16:]}
    assert len(predicted) == 1


def test_without_a_network_at_both_the_means_are_made_equal():
    trials = [trial(n, n, LOW, 10.0 + n) for n in range(3)]
    trials.append(trial(3, 3, HIGH, 61.0))
    assert [t.value("top1") for t in comparable(trials)] == [60.0, 61.0, 62.0, 61.0]


def test_a_prediction_is_a_percentage():
    trials = [trial(n, n, LOW, 30.0 * n) for n in range(4)]
    trials += [trial(4, 0, HIGH, 60.0), trial(5, 1, HIGH, 90.0)]
    assert max(t.value("top1") for t in comparable(trials)) == 100.0


def test_what_flops_explain_is_learned_beside_the_accuracy():
    rng = np.random.default_rng(0)
    sizes = rng.uniform(0, 3, 40)
    taste = rng.normal(0, 2, 40)
    trials = [
        trial(n, n, LOW, 20 + taste[n], flops=np.exp(sizes[n])) for n in range(40)
    ]
    trials += [
        trial(40 + n, n, HIGH, 50 + taste[n] + 5 * sizes[n], flops=np.exp(sizes[n]))
        for n in range(30)
    ]
    lift = Lift.of(trials, LOW, HIGH)
    assert lift.slope == pytest.approx(1.0, abs=0.1)
    assert lift.trend == pytest.approx(5.0, abs=0.5)


def test_evolution_compares_no_accuracies_of_two_fidelities(quickstart):
    """Low accuracies that are all 20 points less say the same."""

    def proposed(shift):
        draws = np.random.default_rng(0)
        trials = []
        for n in range(40):
            candidate = quickstart.sample(draws)
            network = quickstart.decode(candidate)
            made = trial(n, n, LOW, draws.uniform(40, 60) - shift, cost(network).flops)
            trials.append(replace(made, candidate=candidate, architecture=network))
        high = [
            replace(
                made,
                number=40 + n,
                fidelity=HIGH,
                measured={"top1": made.value("top1") + shift + 10},
            )
            for n, made in enumerate(trials[:12])
        ]
        budgets = Budgets((), Pricing())
        rng = np.random.default_rng(1)
        return Evolution().propose(
            SearchState(quickstart, budgets, [*trials, *high]), rng, 4
        )

    assert proposed(0.0).candidates == proposed(20.0).candidates
