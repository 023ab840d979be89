"""Whether a score ranks as trainings do, and says nothing where it does not."""

from dataclasses import replace

import numpy as np
import pytest

from vidnas.costs import cost
from vidnas.costs.entropy import entropy_score
from vidnas.trials import Fidelity, Trial
from vidnas.trials.objectives import STANDARD
from vidnas.trials.score_agreement import MOST, score_agreement
from vidnas.trials.untrained import Scoring


@pytest.fixture(scope="module")
def networks(quickstart):
    rows = quickstart.many.sample(np.random.default_rng(0), 60).tolist()
    found = [quickstart.decode(tuple(row)) for row in rows]
    flops = np.array([cost(one, 8).flops for one in found], np.float64)
    return found, flops, np.array([entropy_score(one) for one in found])


def trials_of(networks, accuracies):
    found, flops, _ = networks
    return [
        Trial(
            number=number,
            candidate=(),
            architecture=architecture,
            fidelity=Fidelity(epochs=1),
            seed=0,
            costs={"flops": float(size)},
            state="done",
            measured={"top1": float(accuracy)},
        )
        for number, (architecture, size, accuracy) in enumerate(
            zip(found, flops, accuracies, strict=False)
        )
    ]


def test_accuracies_that_follow_the_score_are_found_at_equal_cost_too(networks):
    _, _, scores = networks
    found = score_agreement(trials_of(networks, scores), STANDARD, "entropy_score")
    assert found.ranking.overall.tau == 1.0
    assert found.ranking.equal.low > 0.9
    assert found.cost_alone.tau < 0.9
    assert found.verdict == "it tells better from worse networks of equal FLOPs"
    assert found.words.startswith(
        "entropy_score against 60 trainings: Kendall's tau 1.00 (1.00 to 1.00), at "
        "equal FLOPs 1.00"
    )


def test_accuracies_that_follow_cost_alone_are_no_merit_of_the_score(networks):
    _, flops, _ = networks
    luck = np.random.default_rng(1).normal(size=60)
    trials = trials_of(networks, 10.0 * np.log(flops) - 100.0 + 0.5 * luck)
    found = score_agreement(trials, STANDARD, "entropy_score")
    # The score grows with cost, so it agrees overall, as cost itself does better.
    assert found.ranking.overall.low > 0.0
    assert found.cost_alone.tau > found.ranking.overall.tau
    assert found.ranking.equal.low < 0.0 < found.ranking.equal.high
    assert found.verdict == "at equal FLOPs it is not shown to say anything"


def test_a_score_that_prefers_the_worse_says_so(networks):
    _, _, scores = networks
    trials = trials_of(networks, 90.0 - scores)
    found = score_agreement(trials, STANDARD, "entropy_score")
    assert found.verdict == "at equal FLOPs it prefers the worse networks"


def test_few_trainings_and_estimates_say_nothing(networks):
    _, _, scores = networks
    trials = trials_of(networks, scores)
    assert score_agreement(trials[:7], STANDARD, "entropy_score") is None
    assert score_agreement(trials[:8], STANDARD, "entropy_score").ranking.sample == 8
    estimated = [replace(trial, source="estimated") for trial in trials]
    failed = [replace(trial, state="failed", measured={}) for trial in trials]
    assert score_agreement(estimated, STANDARD, "entropy_score") is None
    assert score_agreement(failed, STANDARD, "entropy_score") is None


def test_equal_accuracies_are_unknown_in_words_and_in_documents(networks):
    found = score_agreement(trials_of(networks, np.ones(60)), STANDARD, "layers")
    assert "Kendall's tau unknown, as all are alike" in found.words
    document = found.to_document()
    assert document["tau"] == {"tau": None, "low": None, "high": None}
    assert document["tau_at_equal_flops"]["tau"] is None
    assert found.verdict == "at equal FLOPs it is not shown to say anything"


def test_of_very_many_trainings_every_so_many_is_compared(networks):
    _, _, scores = networks
    trials = trials_of(networks, scores) * 7
    found = score_agreement(trials, STANDARD, "layers")
    assert 100 < found.ranking.sample <= MOST


def test_a_scoring_asks_nothing_but_the_architecture(networks):
    network = networks[0][0]
    evaluate = Scoring("entropy_score")
    told = evaluate(network, dataset={}, recipe=None, fidelity=None, seed=3)
    assert told == {"entropy_score": entropy_score(network)}
