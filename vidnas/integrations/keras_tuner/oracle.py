"""How does one of our strategies drive a Keras Tuner search? As its Oracle.

The trials of Keras Tuner are all that is remembered: they are read back into trials as
strategies know them, so a reloaded search goes on as if it had never stopped.
"""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras_tuner
import numpy as np

from vidnas.budgets.budget import Budgets
from vidnas.budgets.feasibility import feasibility
from vidnas.errors import StudyError
from vidnas.integrations.keras_tuner.tensorboard import allow_missing_tensorboard
from vidnas.integrations.keras_tuner.values import candidate_of, declaration, values_of
from vidnas.space.candidate import Candidate
from vidnas.space.choice_space import ChoiceSpace
from vidnas.space.searchable import Searchable
from vidnas.space.space import Space
from vidnas.strategies.sampling import sample_admitted
from vidnas.strategies.strategy import SearchState, Strategy
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.front import Front
from vidnas.trials.objectives import STANDARD
from vidnas.trials.trial import State, Trial

# What a trial trained for is known to `tuner.search` only; no strategy asks.
FIDELITY = Fidelity(epochs=1)
SAMPLES = 100  # candidates of an opaque space priced to find one within budgets
STATES: Mapping[str, State] = {"COMPLETED": "done", "FAILED": "failed"}


class StrategyOracle(keras_tuner.Oracle):
    """Asks a strategy for every trial; for `keras_tuner.Tuner(oracle, hypermodel)`.

    Nothing that breaks a rule or a budget is ever proposed, and nothing twice. Each
    trial is measured by one objective and priced in FLOPs, and strategies trade the
    two: `get_best_trials` gives the trials that no other dominates.

    Args:
        strategy: Strategy to ask, such as `Evolution()`; others are in
            `vidnas.strategies.registry`.
        space: Space of the `SpaceHyperModel`, or what `read_hypermodel` gives.
        budgets: Budgets of the search: `hypermodel.budgets`, or a `UserPrice`'s.
        max_trials: Effort of the search, in trials.
        seed: Seed of the proposals.
        objective: Metric of Keras, or a `keras_tuner.Objective`.
        **options: More arguments of `keras_tuner.Oracle`, such as
            `max_retries_per_trial`.

    Raises:
        InfeasibleError: the space holds nothing within the budgets.
    """

    def __init__(
        self,
        strategy: Strategy,
        space: Searchable,
        budgets: Budgets,
        *,
        max_trials: int,
        seed: int,
        objective: Any = "val_accuracy",
        **options: Any,
    ) -> None:
        self._strategy = strategy
        self._space = space
        self._budgets = budgets
        self._translation = _translation_of(space)
        _require_any(space, budgets)
        super().__init__(
            objective=objective,
            max_trials=max_trials,
            hyperparameters=self._translation.hyperparameters,
            tune_new_entries=False,
            seed=seed,
            **options,
        )
        self.seed = seed  # Keras Tuner draws another in place of 0
        allow_missing_tensorboard()

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Values of the next trial, or the end of a search that has seen all."""
        proposal = self._strategy.propose(
            SearchState(self._space, self._budgets, self.strategy_trials),
            np.random.default_rng([self.seed, len(self.trials)]),
            1,
        )
        if not proposal.candidates:
            return {"status": "STOPPED"}
        return {
            "status": "RUNNING",
            "values": self._translation.values(proposal.candidates[0]),
        }

    @property
    def strategy_trials(self) -> tuple[Trial, ...]:
        """The trials as strategies know them, running ones included, by number."""
        names = sorted(self.trials)
        return tuple(self._trial(n, self.trials[name]) for n, name in enumerate(names))

    @property
    def front(self) -> Front:
        """The trials that no other dominates in FLOPs and the objective."""
        return Front.of(self.strategy_trials, STANDARD.each)

    def get_best_trials(self, num_trials: int | None = 1) -> list[Any]:
        """Trials of the front, the most accurate first; all of them for None."""
        names = sorted(self.trials)
        best = [self.trials[names[trial.number]] for trial in self.front.trials]
        best.reverse()  # FLOPs rise along a front, and so does accuracy
        return best[:num_trials]

    def get_state(self) -> dict[str, Any]:
        """What Keras Tuner writes down of the search."""
        return {**super().get_state(), "space": self._space.space_hash}

    def set_state(self, state: dict[str, Any]) -> None:
        """Goes on from what was written down.

        Raises:
            StudyError: it was a search of another space.
        """
        space_hash = state.get("space")
        hashes = getattr(self._space, "hashes", (self._space.space_hash,))
        if space_hash not in hashes:
            raise StudyError(
                f"A reloaded search must be of space '{self._space.name}' "
                f"({self._space.space_hash}), got {space_hash or 'none'}. Choose "
                "another `project_name`, or pass `overwrite=True`."
            )
        super().set_state(state)

    def _trial(self, number: int, trial: Any) -> Trial:
        candidate = self._translation.candidate(trial.hyperparameters.values)
        architecture = self._space.decode(candidate)
        state = STATES.get(trial.status, "running")  # one that is retried runs again
        return Trial(
            number=number,
            candidate=candidate,
            architecture=architecture,
            fidelity=FIDELITY,
            seed=self.seed,
            costs=self._budgets.price.one(architecture),
            state=state,
            measured=self._measured(trial.score) if state == "done" else {},
        )

    def _measured(self, score: float) -> dict[str, float]:
        """The score as the accuracy that strategies maximise [%], whatever it is."""
        return {STANDARD.accuracy.name: self._accuracy(score)}

    def _accuracy(self, score: float) -> float:
        return 100.0 * score if self.objective.direction == "max" else -score


@dataclass(frozen=True, slots=True)
class _Translation:
    """How the candidates of a space are hyperparameters, there and back."""

    hyperparameters: keras_tuner.HyperParameters
    values: Callable[[Candidate], dict[str, Any]]
    candidate: Callable[[Mapping[str, Any]], Candidate]


def _translation_of(space: Searchable) -> _Translation:
    if isinstance(space, ChoiceSpace):
        hyperparameters = _hyperparameters(copy.deepcopy(dict(space.hyperparameters)))
        return _Translation(hyperparameters, space.values, space.candidate)
    assert isinstance(space, Space), "Keras Tuner is told of these two"
    return _Translation(
        _hyperparameters(declaration(space)),
        lambda candidate: values_of(space, candidate),
        lambda values: candidate_of(space, values),
    )


def _hyperparameters(config: dict[str, Any]) -> keras_tuner.HyperParameters:
    """The hyperparameters at their defaults, as a tuner explores them first."""
    hyperparameters = keras_tuner.HyperParameters()
    hyperparameters.merge(keras_tuner.HyperParameters.from_config(config))
    return hyperparameters


def _require_any(space: Searchable, budgets: Budgets) -> None:
    """Raises unless a candidate within the budgets is found."""
    rng = np.random.default_rng(0)
    if isinstance(space, ChoiceSpace):
        screen = SearchState(space, budgets, ()).screen()
        sample_admitted(space, screen, rng, SAMPLES)
    elif budgets.limits:
        feasibility(space, budgets, rng)
