"""How does one of our strategies drive a Keras Tuner search? As its Oracle.

The trials of Keras Tuner are all that is remembered: they are read back into trials as
strategies know them, so a reloaded search goes on as if it had never stopped.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import keras_tuner
import numpy as np

from vidnas.arrays import Floats
from vidnas.budgets.budget import Budgets
from vidnas.budgets.feasibility import feasibility
from vidnas.errors import InputError, StudyError
from vidnas.integrations.keras_tuner.rungs import fidelity_of, rung_values, schedule_of
from vidnas.integrations.keras_tuner.tensorboard import allow_missing_tensorboard
from vidnas.integrations.keras_tuner.values import candidate_of, declaration, values_of
from vidnas.space.candidate import Candidate
from vidnas.space.choice_space import ChoiceSpace
from vidnas.space.searchable import Searchable
from vidnas.space.space import Space
from vidnas.strategies.sampling import sample_admitted
from vidnas.strategies.strategy import Promising, SearchState, Strategy
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.front import Front
from vidnas.trials.objectives import STANDARD, Objectives
from vidnas.trials.promotion import KEEP, PROBE, Promise
from vidnas.trials.trial import State, Trial

SAMPLES = 100  # candidates of an opaque space priced to find one within budgets
STATES: Mapping[str, State] = {"COMPLETED": "done", "FAILED": "failed"}


class StrategyOracle(keras_tuner.Oracle):
    """Asks a strategy for every trial; for `keras_tuner.Tuner(oracle, hypermodel)`.

    Nothing that breaks a rule or a budget is ever proposed, and nothing twice. Each
    trial is measured by one objective and priced, and strategies trade the two:
    `get_best_trials` gives the trials that no other dominates.

    Args:
        strategy: Strategy to ask, such as `Evolution()`; others are in
            `vidnas.strategies.registry`.
        space: Space of the `SpaceHyperModel`, or what `read_hypermodel` gives.
        budgets: Budgets of the search: `hypermodel.budgets`, or a `UserPrice`'s.
        max_trials: Effort of the search, in trials; each training at a rung is one.
        seed: Seed of the proposals.
        objective: Metric of Keras, or a `keras_tuner.Objective`.
        costs: Names of the costs that are traded for it, such as `parameters`; the
            first is the one that ladders and bands go by.
        rungs: Rising epochs, the last of which is full training: candidates begin with
            the fewest, and those that promise most go on. Needs a `RungTuner`.
        keep: One of so many candidates goes on from a rung to the next.
        probe: So many first candidates are trained at every rung, and a rung that ranks
            them badly is left out; 0 to trust all.
        **options: More arguments of `keras_tuner.Oracle`, such as
            `max_retries_per_trial`.

    Raises:
        InfeasibleError: the space holds nothing within the budgets.
        InputError: a cost has no such name, or epochs do not rise.
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
        costs: Sequence[str] = STANDARD.costs,
        rungs: Sequence[int] = (),
        keep: int = KEEP,
        probe: int = PROBE,
        **options: Any,
    ) -> None:
        self._strategy = strategy
        self._space = space
        self._budgets = budgets
        self._translation = _translation_of(space)
        self._objectives = Objectives(tuple(costs), STANDARD.accuracy)
        self._schedule = schedule_of(rungs, keep, probe, self._objectives)
        self._wrong: Exception | None = None
        _require_any(space, budgets)
        _require_costs(space, budgets, self._objectives)
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

    def create_trial(self, tuner_id: str) -> Any:
        """The next trial of a tuner; tuners of several threads may ask.

        Raises:
            VidnasError: the strategy could not propose one.
        """
        trial = super().create_trial(tuner_id)
        wrong, self._wrong = self._wrong, None
        if wrong is not None:
            raise wrong
        return trial

    def populate_space(self, trial_id: str) -> dict[str, Any]:
        """Values of the next trial, or the end of a search that has seen all."""
        try:
            values = self._next_values()
        except Exception as wrong:  # an error here would leave Keras Tuner locked
            self._wrong = wrong
            values = None
        if values is None:
            return {"status": "STOPPED"}
        return {"status": "RUNNING", "values": values}

    @property
    def strategy_trials(self) -> tuple[Trial, ...]:
        """The trials as strategies know them, running ones included, by number."""
        return tuple(
            self._trial(number, self.trials[name])
            for number, name in enumerate(self._names)
        )

    @property
    def front(self) -> Front:
        """The trials, fully trained, that no other dominates in costs and objective."""
        full = [t for t in self.strategy_trials if t.fidelity == self._schedule.top]
        return Front.of(full, self._objectives.each)

    def get_best_trials(self, num_trials: int | None = 1) -> list[Any]:
        """Trials of the front, the most accurate first; all of them for None."""
        names = self._names
        accuracy = self._objectives.accuracy.name
        ranked = sorted(
            self.front.trials, key=lambda t: (-t.value(accuracy), self._sizes(t))
        )
        return [self.trials[names[trial.number]] for trial in ranked][:num_trials]

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

    def _next_values(self) -> dict[str, Any] | None:
        """Values of a due promotion, else of a new candidate; None at the end."""
        trials = self.strategy_trials
        state = SearchState(
            self._space, self._budgets, trials, self._objectives, self.seed
        )
        job = self._schedule.next_job(trials, self._promise(state))
        if job.promoted is not None:
            candidate = job.promoted.candidate
            before = self._names[job.promoted.number]
            begun = job.promoted.fidelity.epochs
            rung = rung_values(job.fidelity, before, begun)
        else:
            proposal = self._strategy.propose(state, self._rng(), 1)
            if not proposal.candidates:
                return None
            candidate = proposal.candidates[0]
            rung = rung_values(job.fidelity)
        values = self._translation.values(candidate)
        return values | rung if self._has_rungs else values

    @property
    def _names(self) -> list[str]:
        """Names of the trials, in order; they get longer as `max_trials` does."""
        return sorted(self.trials, key=int)

    @property
    def _has_rungs(self) -> bool:
        return len(self._schedule.rungs) > 1

    def _rng(self, *of: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, len(self.trials), *of])

    def _promise(self, state: SearchState) -> Promise | None:
        """How the strategy judges who goes on; None where it leaves that to rungs."""
        strategy = self._strategy
        if not (self._has_rungs and isinstance(strategy, Promising)):
            return None

        def promise(waiting: Sequence[Trial], fidelity: Fidelity) -> Floats:
            return strategy.promise(state, self._rng(3), waiting, fidelity)

        return promise

    def _sizes(self, trial: Trial) -> tuple[float, ...]:
        return tuple(trial.value(name) for name in self._objectives.costs)

    def _trial(self, number: int, trial: Any) -> Trial:
        values = trial.hyperparameters.values
        candidate = self._translation.candidate(values)
        architecture = self._space.decode(candidate)
        state = STATES.get(trial.status, "running")  # one that is retried runs again
        if state == "done" and trial.score is None:
            state = "running"  # a tuner in another thread is about to end it
        return Trial(
            number=number,
            candidate=candidate,
            architecture=architecture,
            fidelity=fidelity_of(values),
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


def _require_costs(space: Searchable, budgets: Budgets, objectives: Objectives) -> None:
    """Raises unless every candidate has a cost by each of these names."""
    first = space.canonical([0] * len(space.choices))
    known = budgets.price.one(space.decode(first))
    for name in objectives.costs:
        if name not in known:
            raise InputError(f"`costs` must be among {', '.join(known)}, got `{name}`.")
