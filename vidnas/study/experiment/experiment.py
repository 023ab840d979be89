"""What does an experiment file say? One question, as data.

Space, clips, recipe and fidelity, seed, and whether rungs are continued decide what a
trial means: they are the experiment's identity. Rungs, baselines, earlier studies,
stopping, budgets, strategy, effort, workers and ladder may change while it goes on.
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vidnas.budgets.budget import Budget, Budgets
from vidnas.budgets.memory_margin import memory_factor
from vidnas.budgets.price import Pricing
from vidnas.costs.latency.model import LatencyModel
from vidnas.errors import InputError
from vidnas.space.space import Space
from vidnas.strategies.strategy import Strategy
from vidnas.study.experiment.baselines import Baseline
from vidnas.study.experiment.defaults import most_costly
from vidnas.study.experiment.earlier import Earlier
from vidnas.study.experiment.named_clips import Clips
from vidnas.study.experiment.pricing import pricing_of
from vidnas.study.experiment.recorded import CONTINUES, SCORE
from vidnas.study.experiment.rungs import Rungs
from vidnas.study.experiment.scaled_baselines import scaled_baselines
from vidnas.study.experiment.starting_networks import StartingNetwork
from vidnas.study.experiment.stated_budgets import StatedBudget
from vidnas.study.experiment.stated_family import STATED_FAMILY, StatedFamily
from vidnas.study.experiment.stated_score import StatedScore
from vidnas.study.experiment.stopping import stopping_document
from vidnas.study.experiment.workers import Workers
from vidnas.trials.chance import Chance
from vidnas.trials.effort import Effort
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.noise.repeats import Repeats
from vidnas.trials.objectives import (
    STANDARD,
    Objectives,
    objectives_for,
    require_measurable,
)
from vidnas.trials.promotion import Schedule
from vidnas.trials.recipe import Recipe
from vidnas.trials.stopping import CurveRule

EXPERIMENT_SCHEMA = "vidnas.experiment/v1"


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment file, resolved.

    Args:
        path: Experiment file.
        name: Name of the experiment, and of its study folder.
        space: Space that is searched.
        clips: Videos that are trained on.
        recipe: Recipe that every candidate is trained by.
        fidelity: Full training, which fronts and families compare.
        budgets: The most a candidate may cost, hard or soft.
        strategy: Strategy that proposes candidates.
        strategy_document: The strategy as the file spells it.
        effort: What the study may spend.
        workers: Groups of workers, what each holds, and limits of a trial.
        reference: Worst values of the objectives that count in the hypervolume, as far
            as stated; `with_numbers` has all.
        seed: Seed of proposals, weights and data order.
        baselines: Networks trained for comparison.
        filters: Least and most that a candidate may score.
        gpu_memory: Memory of a GPU of the workers [bytes], where there is one.
        rungs: Cheaper fidelities that candidates are tried at first.
        earlier_studies: Earlier studies of the same task.
        starting_networks: Networks that `strategy` proposes first.
        latency: Model that predicts `latency_ms` on a device, or None.
        latency_file: Table that the model was read from, or None.
        stated_objectives: Objectives of the file; None where the clips decide.
        stopping: Rule that stops trials by their curves; None for none.
        repeats: Networks that are trained again at the end.
        recorded: Document that a journal holds of the experiment; None where it was
            read from its file.
        score: Score that stands in place of a training; None where networks are
            trained.
        left_out: Keys that the file leaves to their defaults, as `training.warmup`.
        family: Ladder of the family, and what stands beside its sizes.
    """

    path: Path
    name: str
    space: Space
    clips: Clips
    recipe: Recipe
    fidelity: Fidelity
    budgets: tuple[StatedBudget, ...]
    strategy: Strategy
    strategy_document: dict[str, Any]
    effort: Effort
    workers: Workers
    reference: dict[str, float]
    seed: int
    baselines: tuple[Baseline, ...] = ()
    filters: tuple[StatedBudget, ...] = ()
    gpu_memory: float | None = None
    rungs: Rungs = field(default_factory=Rungs)
    earlier_studies: tuple[Earlier, ...] = ()
    starting_networks: tuple[StartingNetwork, ...] = ()
    latency: LatencyModel | None = None
    latency_file: Path | None = None
    stated_objectives: Objectives | None = None
    stopping: CurveRule | None = None
    repeats: Repeats = field(default_factory=Repeats)
    recorded: Mapping[str, Any] | None = None
    score: StatedScore | None = None
    left_out: tuple[str, ...] = ()
    family: StatedFamily = STATED_FAMILY

    @property
    def ladder(self) -> tuple[float, ...] | None:
        """Budgets of the family on the first cost; None where they are no numbers."""
        return self.family.ladder.of_cost(self.objectives.cost)

    @property
    def objectives(self) -> Objectives:
        """What the study improves; FLOPs and top-1 while nothing else is decided."""
        return self.stated_objectives or STANDARD

    @property
    def costs(self) -> tuple[str, ...]:
        """Names of the costs that its fronts and families need."""
        return tuple(dict.fromkeys((*self.objectives.costs, *self.family.ladder.costs)))

    @property
    def schedule(self) -> Schedule:
        """How candidates climb the rungs; bands of cost are those of the family."""
        rungs = (*self.rungs.below, self.fidelity)
        keep, probe = self.rungs.keep, self.rungs.probe
        return Schedule(rungs, keep, probe, self.ladder, self.objectives)

    def identity(self) -> dict[str, Any]:
        """What decides the meaning of a trial, as plain data."""
        return {
            "space": self.space.space_hash,
            "recipe": self.recipe.to_document(),
            "fidelity": self.fidelity.to_document(),
            "seed": self.seed,
            **({CONTINUES: True} if self.rungs.continues else {}),
            **({SCORE: self.score.name} if self.score else {}),
        }

    def to_document(self) -> dict[str, Any]:
        """The experiment as resolved: the space inline, every default written out."""
        if self.recorded is not None:
            return dict(self.recorded)
        clips: dict[str, Any] = dict(self.clips.source)
        if self.clips.motion is not None:
            clips["motion"] = dataclasses.asdict(self.clips.motion)
        # Those of every study before there were others go without saying.
        named = self.objectives != STANDARD
        return {
            "schema": EXPERIMENT_SCHEMA,
            "name": self.name,
            "space": self.space.to_document(),
            **({SCORE: self.score.to_document()} if self.score else {}),
            "clips": clips,
            "training": {
                **self.fidelity.to_document(),
                **self.recipe.to_document(),
            },
            **self.rungs.to_document(),
            **stopping_document(self.stopping),
            **({"repeats": self.repeats.seeds} if self.repeats.seeds > 1 else {}),
            "baselines": [baseline.to_document() for baseline in self.baselines],
            "seeds": [one.to_document() for one in self.starting_networks],
            "known": [str(earlier.folder) for earlier in self.earlier_studies],
            **({"latency": str(self.latency_file)} if self.latency_file else {}),
            **({"objectives": list(self.objectives.names)} if named else {}),
            "budgets": {stated.name: stated.to_document() for stated in self.budgets},
            "filters": {stated.name: stated.to_document() for stated in self.filters},
            "strategy": self.strategy_document,
            "effort": self.effort.to_document(),
            "workers": self.workers.to_document(),
            "front": {"reference": self.reference},
            "family": self.family.to_document(self.objectives.cost),
            "seed": self.seed,
        }

    def limits(self, classes: int, ratios: Sequence[float] = ()) -> Budgets:
        """The budgets, and the worker's memory where it has a limit.

        Args:
            classes: Outputs of the classifier that is priced.
            ratios: Ratios of measured to predicted training memory, one a trial.
        """
        pricing = self._pricing(classes)
        stated = (*self._numbered(classes).budgets, *self.filters)
        limits = tuple(budget.limit() for budget in stated)
        if self.workers.memory is None:
            return Budgets(limits, pricing)
        most = self.workers.memory / memory_factor(ratios)
        held = Budget("training_bytes", most, origin="workers.memory")
        return Budgets((*limits, held), pricing)

    def with_numbers(
        self, classes: int, *, multi_label: bool = False, chance: Chance | None = None
    ) -> "Experiment":
        """The experiment with objectives, budgets, ladder and reference in numbers.

        Args:
            classes: Outputs of the classifier that is priced.
            multi_label: Whether clips have several classes, or none.
            chance: What guessing reaches; None where classes count as equal.

        Raises:
            InputError: a budget names a thing that is not there, such as a GPU, or the
                clips have no such accuracy.
        """
        objectives = self.stated_objectives or objectives_for(multi_label)
        require_measurable(objectives.accuracy, multi_label)
        price = self._pricing(classes)
        try:
            family = self.family.with_numbers(price.cost_of)
            baselines = scaled_baselines(self.baselines, family.ladder, price)
        except InputError as wrong:
            raise InputError(f"{self.path}: {wrong}") from wrong
        numbered = dataclasses.replace(
            self._numbered(classes),
            stated_objectives=objectives,
            family=family,
            baselines=baselines,
        )
        for name in numbered.reference:
            if name not in objectives.names:
                raise InputError(
                    f"{self.path}: `front.reference` must name "
                    f"{', '.join(objectives.names)}, got `{name}`."
                )
        guessing = chance or Chance(classes)
        return dataclasses.replace(
            numbered,
            reference={
                name: numbered.reference[name]
                if name in numbered.reference
                else guessing.of(name)
                if name == objectives.accuracy.name
                else numbered._most(name, classes)
                for name in objectives.names
            },
        )

    @property
    def ends(self) -> tuple[float, float]:
        """Lowest and highest budget of the first cost that a network is asked for.

        The family's ladder begins with the lowest; beyond the reference point nothing
        counts.
        """
        highest = self.reference.get(self.objectives.cost, math.inf)
        return (min(self.ladder) if self.ladder else 0.0), highest

    def _most(self, cost: str, classes: int) -> float:
        """Cost of the reference point, where the file states none."""
        limits = [b.limit() for b in self.budgets if b.name == cost]
        ladder = self.ladder if cost == self.objectives.cost else None
        return most_costly(self.space, self._pricing(classes), limits, ladder, cost)

    def _numbered(self, classes: int) -> "Experiment":
        price, memory = self._pricing(classes), self.workers.memory
        budgets = (b.with_number(price, memory, self.gpu_memory) for b in self.budgets)
        return dataclasses.replace(self, budgets=tuple(budgets))

    def _pricing(self, classes: int) -> Pricing:
        # Training memory is that of one GPU, which has its part of a batch.
        batch = max(1, self.recipe.batch // self.workers.gpus_of_a_training)
        recipe = dataclasses.replace(self.recipe, batch=batch)
        return pricing_of(classes, recipe, self.fidelity, self.latency)
