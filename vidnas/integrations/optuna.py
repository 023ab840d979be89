"""How does a sampler of Optuna propose for us? From a study rebuilt of our trials.

Optuna is an extra, `vidnas[optuna]`: only who asks for its strategy imports this.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, IntDistribution
from optuna.trial import TrialState

from vidnas.budgets.budget import Budgets
from vidnas.budgets.screen import Screen
from vidnas.space.candidate import Candidate
from vidnas.space.space import Space
from vidnas.strategies.sampling import proposed, sample_admitted, screen_for
from vidnas.strategies.strategy import Proposal
from vidnas.trials.fidelity_lift import comparable
from vidnas.trials.trial import Trial

SAMPLERS = ("tpe", "nsga2", "random")
ASKED = 2  # draws of the sampler for one candidate
CHANGED = 200  # changes to the last of them, where none was admitted


@dataclass(frozen=True, slots=True)
class OptunaStrategy:
    """A sampler of Optuna over log FLOPs and top-1.

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
        self,
        space: Space,
        budgets: Budgets,
        trials: Sequence[Trial],
        rng: np.random.Generator,
        count: int,
    ) -> Proposal:
        """Up to `count` new candidates; see `Strategy`."""
        screen = screen_for(space, budgets, trials)
        kinds = _distributions(space)
        with _quiet():
            study = optuna.create_study(
                sampler=self._sampler(int(rng.integers(2**31))),
                directions=["minimize", "maximize"],
            )
            for told in self._told(space, kinds, comparable(trials)):
                study.add_trial(told)

            def candidate() -> Candidate:
                return _admitted(space, screen, study, kinds, rng)

            return proposed(candidate, count, screen)

    def _sampler(self, seed: int) -> optuna.samplers.BaseSampler:
        samplers = optuna.samplers
        if self.sampler == "tpe":
            return samplers.TPESampler(n_startup_trials=self.start, seed=seed)
        if self.sampler == "nsga2":
            return samplers.NSGAIISampler(population_size=self.population, seed=seed)
        return samplers.RandomSampler(seed=seed)

    def _told(
        self, space: Space, kinds: Mapping[str, Any], networks: Sequence[Trial]
    ) -> Iterator[optuna.trial.FrozenTrial]:
        """Trials as Optuna knows them, each of the generation it would have been of."""
        done = [trial for trial in networks if trial.state == "done"]
        known = [*done, *(trial for trial in networks if trial.state == "running")]
        rows = np.array([trial.candidate for trial in known], np.int64)
        rows = rows.reshape(len(known), len(kinds))
        tells = np.ones(rows.shape, np.bool_)
        if self.sampler == "tpe":  # which learns of each choice where it is active
            tells = space.many.active(rows)
        for number, trial in enumerate(known):
            named = [name for name, on in zip(kinds, tells[number], strict=True) if on]
            indices = dict(zip(kinds, trial.candidate, strict=True))
            ended: dict[str, Any] = {"state": TrialState.RUNNING}
            if trial.state == "done":
                values = [float(np.log(trial.value("flops"))), trial.value("top1")]
                ended = {"state": TrialState.COMPLETE, "values": values}
            yield optuna.create_trial(
                params={name: indices[name] for name in named},
                distributions={name: kinds[name] for name in named},
                system_attrs={"NSGAIISampler:generation": number // self.population},
                **ended,
            )


def _admitted(
    space: Space,
    screen: Screen,
    study: optuna.Study,
    kinds: dict[str, Any],
    rng: np.random.Generator,
) -> Candidate:
    """What the sampler draws, or what comes of it by changes."""
    if not space.choices:
        return sample_admitted(space, screen, rng)
    for _ in range(ASKED):
        drawn = study.ask(kinds)
        candidate = space.canonical([drawn.params[name] for name in kinds])
        keeps_rules = bool(space.many.meets(np.array([candidate], np.int64))[0])
        if keeps_rules and screen.admits(candidate, rng):
            return candidate
        study.tell(drawn, state=TrialState.FAIL)
    if not keeps_rules:
        candidate = space.sample(rng)
    for _ in range(CHANGED):
        candidate = space.mutate(candidate, rng)
        if screen.admits(candidate, rng):
            return candidate
    return sample_admitted(space, screen, rng)


class _Ordered(IntDistribution):
    """Indices of options that are numbers. Optuna copies it with every trial."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "_Ordered":
        return self


class _Words(CategoricalDistribution):
    """Indices of options in no order. Optuna copies it with every trial."""

    def __deepcopy__(self, memo: dict[int, Any]) -> "_Words":
        return self


def _distributions(space: Space) -> dict[str, Any]:
    """What each choice is to Optuna, by its number."""
    found: dict[str, Any] = {}
    for number, choice in enumerate(space.choices):
        size = len(choice.options)
        is_ordered = all(type(option) in (int, float) for option in choice.options)
        kind = _Ordered(0, size - 1) if is_ordered else _Words(range(size))
        found[str(number)] = kind
    return found


@contextmanager
def _quiet() -> Iterator[None]:
    """Optuna tells nobody of the studies that we make of it."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
