"""What are a study's choices worth, and how accurate would another network be?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from vidnas.architecture.architecture import Architecture
from vidnas.budgets.budget import Budgets
from vidnas.budgets.price import Pricing
from vidnas.strategies.ladder.estimate import Estimate, estimate
from vidnas.strategies.strategy import SearchState
from vidnas.study.history import History
from vidnas.trials.choices.why import Why, why
from vidnas.trials.trial import Trial


def why_of(history: History) -> Why:
    """What a study says of its choices, by its trials at full fidelity.

    The same journal always says the same.
    """
    space, rng = history.experiment.read_space(), np.random.default_rng(0)
    return why(space, history.compared, history.front(), history.objectives, rng)


@dataclass(frozen=True, slots=True)
class NetworkEstimate:
    """How accurate a network would be after full training, by a study's own model.

    Args:
        arch_id: Identity of the network.
        label: What people call the accuracy.
        estimate: Accuracy with its interval, and how well the model foretells.
        trials: Numbers of the trials that trained this network in full.
        measured: Mean accuracy [%] that those measured; None where there are none.
    """

    arch_id: str
    label: str
    estimate: Estimate
    trials: tuple[int, ...] = ()
    measured: float | None = None

    @property
    def accuracy(self) -> float:
        """Accuracy [%]; half of such trainings would measure more."""
        return self.estimate.accuracy

    @property
    def interval(self) -> tuple[float, float]:
        """Limits [%] that hold what 95 % of such trainings would measure."""
        return self.estimate.low, self.estimate.high

    @property
    def knows_something(self) -> bool:
        """Whether the model foretells known trials better than their mean does."""
        return self.estimate.explained > 0.0

    def __repr__(self) -> str:
        one = self.estimate
        text = f"{one.accuracy:.1f} % {self.label} ({one.low:.1f} to {one.high:.1f})"
        text += f" from {one.known} networks"
        if self.knows_something:
            text += f", {100 * one.explained:.0f} % of whose variance is foretold"
        else:
            text += ", which foretell no better than their mean does"
        if self.measured is None:
            return f"<estimate {text}>"
        numbers = ", ".join(map(str, self.trials))
        return f"<estimate {text}; trained as {numbers}: {self.measured:.1f} %>"


def estimate_of(
    history: History, networks: Sequence[Architecture]
) -> list[NetworkEstimate]:
    """How accurate networks of a study's space would be.

    Args:
        history: The study.
        networks: Architectures, each in the space of the study.

    Raises:
        SpaceError: a network is not in the space; says what excludes it.
        InputError: too few networks are known to the study.
    """
    space = history.experiment.read_space()
    trials = [trial for trial in history.trials if trial.source == "trained"]
    price = Budgets((), Pricing(len(history.classes)))
    state = SearchState(space, price, trials, history.objectives)
    rows = np.array([space.encode(network) for network in networks], np.int64)
    found = estimate(state, rows, np.random.default_rng(0))
    by_network: dict[str, list[Trial]] = {}
    for trial in history.compared:
        if trial.state == "done":
            by_network.setdefault(trial.arch_id, []).append(trial)
    listed = []
    for network, one in zip(networks, found, strict=True):
        own = by_network.get(network.arch_id, [])
        mean = float(history.objectives.accuracies(own).mean()) if own else None
        numbers = tuple(trial.number for trial in own)
        label = history.accuracy.label
        listed.append(NetworkEstimate(network.arch_id, label, one, numbers, mean))
    return listed
