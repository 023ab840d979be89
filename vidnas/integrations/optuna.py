"""How does a sampler of Optuna propose for us? From a study rebuilt of our trials.

Optuna is an extra, `vidnas[optuna]`: only who asks for its strategy imports this.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, IntDistribution
from optuna.trial import TrialState

from vidnas.budgets.screen import Screen
from vidnas.space.candidate import Candidate
from vidnas.space.searchable import Searchable
from vidnas.strategies.sampling import propose_up_to, sample_admitted
from vidnas.strategies.strategy import Proposal, SearchState
from vidnas.trials.objectives import Objectives
from vidnas.trials.trial import Trial

SAMPLERS = ("tpe", "nsga2", "random")
DRAWS = 2  # draws of the sampler for one candidate
CHANGES = 200  # changes to the last of them, where none was admitted


@dataclass(frozen=True, slots=True)
class OptunaStrategy:
    """A sampler of Optuna over log costs and the study's accuracy.

    It knows neither costs ahead of training nor what the study has seen: of what it
    draws, what breaks a budget or is no news is drawn again, then changed.

    Args:
        sampler: Name of the sampler, one of `SAMPLERS`.
        start: Trials drawn at random before `tpe` looks at them.
        population: Trials in a generation of `nsga2`.
    """

    sampler: str = field(default="tpe", metadata={"words": SAMPLERS})
    start: int = 10
    population: int = 20

    def propose(
        self, state: SearchState, rng: np.random.Generator, count: int
    ) -> Proposal:
        """Up to `count` new candidates; see `Strategy`."""
        space, screen = state.space, state.screen()
        kinds = _distributions(space)
        with _silence_optuna():
            study = optuna.create_study(
                sampler=self._sampler(int(rng.integers(2**31))),
                directions=[
                    "maximize" if objective.maximise else "minimize"
                    for objective in state.objectives.each
                ],
            )
            for trial in self._frozen_trials(state, kinds):
                study.add_trial(trial)

            def candidate() -> Candidate:
                return _draw_admitted(space, screen, study, kinds, rng)

            return propose_up_to(count, candidate, screen)

    def _sampler(self, seed: int) -> optuna.samplers.BaseSampler:
        samplers = optuna.samplers
        if self.sampler == "tpe":
            return samplers.TPESampler(n_startup_trials=self.start, seed=seed)
        if self.sampler == "nsga2":
            return samplers.NSGAIISampler(population_size=self.population, seed=seed)
        return samplers.RandomSampler(seed=seed)

    def _frozen_trials(
        self, state: SearchState, kinds: Mapping[str, Any]
    ) -> Iterator[optuna.trial.FrozenTrial]:
        """Trials as Optuna knows them, each of the generation it would have been of."""
        running = [trial for trial in state.networks if trial.state == "running"]
        ours = [*state.done, *running]
        rows = np.array([trial.candidate for trial in ours], np.int64)
        rows = rows.reshape(len(ours), len(kinds))
        tells = np.ones(rows.shape, np.bool_)
        if self.sampler == "tpe":  # which learns of each choice where it is active
            tells = state.space.many.active(rows)
        for number, trial in enumerate(ours):
            names = [name for name, on in zip(kinds, tells[number], strict=True) if on]
            indices = dict(zip(kinds, trial.candidate, strict=True))
            outcome: dict[str, Any] = {"state": TrialState.RUNNING}
            if trial.state == "done":
                values = _values(trial, state.objectives)
                outcome = {"state": TrialState.COMPLETE, "values": values}
            yield optuna.create_trial(
                params={name: indices[name] for name in names},
                distributions={name: kinds[name] for name in names},
                system_attrs={"NSGAIISampler:generation": number // self.population},
                **outcome,
            )


def _values(trial: Trial, objectives: Objectives) -> list[float]:
    """Costs, by their logarithm where they have one, then the accuracy."""
    costs = [trial.value(name) for name in objectives.costs]
    spread = [float(np.log(cost)) if cost > 0.0 else 0.0 for cost in costs]
    return [*spread, trial.value(objectives.accuracy.name)]


def _draw_admitted(
    space: Searchable,
    screen: Screen,
    study: optuna.Study,
    kinds: dict[str, Any],
    rng: np.random.Generator,
) -> Candidate:
    """What the sampler draws, or what comes of it by changes."""
    if not space.choices:
        return sample_admitted(space, screen, rng)
    for _ in range(DRAWS):
        draw = study.ask(kinds)
        candidate = space.canonical([draw.params[name] for name in kinds])
        keeps_rules = bool(space.many.meets(np.array([candidate], np.int64))[0])
        if keeps_rules and screen.admits(candidate, rng):
            return candidate
        study.tell(draw, state=TrialState.FAIL)
    if not keeps_rules:
        candidate = space.sample(rng)
    for _ in range(CHANGES):
        candidate = space.mutate(candidate, rng)
        if screen.admits(candidate, rng):
            return candidate
    return sample_admitted(space, screen, rng)


class _NumberIndices(IntDistribution):
    """Indices of options that are numbers. Optuna copies it with every trial."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "_NumberIndices":
        return self


class _WordIndices(CategoricalDistribution):
    """Indices of options in no order. Optuna copies it with every trial."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "_WordIndices":
        return self


def _distributions(space: Searchable) -> dict[str, Any]:
    """What each choice is to Optuna, by its number."""
    distributions: dict[str, Any] = {}
    for number, choice in enumerate(space.choices):
        size = len(choice.options)
        is_ordered = all(type(option) in (int, float) for option in choice.options)
        kind = _NumberIndices(0, size - 1) if is_ordered else _WordIndices(range(size))
        distributions[str(number)] = kind
    return distributions


@contextmanager
def _silence_optuna() -> Iterator[None]:
    """Keeps Optuna from logging the studies that we make in it."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
