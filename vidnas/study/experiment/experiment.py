"""What does an experiment file say? One question, as data.

Space, clips, recipe and fidelity, and seed decide what a trial means: they are the
experiment's identity. Rungs, baselines, earlier studies, budgets, strategy, effort,
workers and ladder may change while a study goes on.
"""

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from vidnas.budgets.budget import Budget, Budgets
from vidnas.budgets.memory_margin import memory_factor
from vidnas.budgets.price import LATENCY, Pricing
from vidnas.deploy.latency_measuring import load_latency
from vidnas.documents.node import Node
from vidnas.files.yaml_file import load_document, load_space
from vidnas.space.space import Space
from vidnas.strategies.sampling import Strategy
from vidnas.strategies.starting_networks import Seeded
from vidnas.study.earlier_studies import Earlier, read_earlier
from vidnas.study.experiment.baselines import Baseline, read_baselines
from vidnas.study.experiment.named_strategy import read_strategy
from vidnas.study.experiment.rungs import Rungs, read_rungs
from vidnas.study.experiment.starting_networks import Seed, read_seeds
from vidnas.study.experiment.stated_budgets import (
    StatedBudget,
    read_budgets,
    read_filters,
)
from vidnas.trials.promotion import Schedule
from vidnas.trials.recipe import OPTIMIZERS, PRECISIONS, Recipe
from vidnas.trials.trial import Fidelity

EXPERIMENT_SCHEMA = "vidnas.experiment/v1"
AUTO = "auto"  # what the machine gives


@dataclass(frozen=True, slots=True)
class Motion:
    """Motion clips to generate into the clips folder where they are absent.

    Args:
        seed: Of the generator.
        train_per_class: Training clips per class.
        val_per_class: Validation clips per class.
    """

    seed: int
    train_per_class: int
    val_per_class: int


@dataclass(frozen=True, slots=True)
class Clips:
    """Where the videos are: class folders, with or without splits.

    Args:
        folder: Absolute path.
        motion: What to generate there, or None for the user's own videos.
    """

    folder: Path
    motion: Motion | None


@dataclass(frozen=True, slots=True)
class Workers:
    """How many workers train side by side, and what each holds.

    Args:
        count: Workers.
        cpus: Cores of each.
        gpus: GPUs of each; a fraction shares one. None for what the machine has.
        memory: The most a training may take in each [bytes], of the GPU where it has
            one; None for its share of the machine.
    """

    count: int = 2
    cpus: int = 1
    gpus: float | None = 0.0
    memory: float | None = None

    def to_document(self) -> dict[str, Any]:
        """The workers as plain data."""
        facts = dataclasses.asdict(self)
        return {key: AUTO if value is None else value for key, value in facts.items()}


@dataclass(frozen=True, slots=True)
class Experiment:
    """An experiment file, resolved.

    Args:
        path: The file.
        name: Names the study folder.
        space: What is searched.
        clips: What is trained on.
        recipe: How every candidate is trained.
        fidelity: Full training, which fronts and families compare.
        budgets: The most a candidate may cost, hard or soft.
        strategy: Who proposes.
        strategy_document: The strategy as the file spells it.
        trials: Effort of the study: candidates, each with its promotions.
        workers: Who trains.
        reference: Worst FLOPs and top-1 [%] that count in the hypervolume.
        ladder: FLOP budgets of the family, or None to spread them over the front.
        seed: Of proposals, weights and data order.
        baselines: Networks trained for comparison.
        filters: What a candidate must score.
        gpu_memory: Of a GPU of the workers [bytes], where there is one.
        rungs: Cheaper fidelities that candidates are tried at first.
        known: Earlier studies of the same task.
        seeds: Networks that `strategy` proposes first.
        latency: Table of the device that `latency_ms` is budgeted for, or None.
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
    trials: int
    workers: Workers
    reference: dict[str, float]
    ladder: tuple[float, ...] | None
    seed: int
    baselines: tuple[Baseline, ...] = ()
    filters: tuple[StatedBudget, ...] = ()
    gpu_memory: float | None = None
    rungs: Rungs = field(default_factory=Rungs)
    known: tuple[Earlier, ...] = ()
    seeds: tuple[Seed, ...] = ()
    latency: Path | None = None

    @property
    def schedule(self) -> Schedule:
        """How candidates climb the rungs; bands of FLOPs are those of the family."""
        rungs = (*self.rungs.below, self.fidelity)
        return Schedule(rungs, self.rungs.keep, self.rungs.probe, self.ladder)

    def identity(self) -> dict[str, Any]:
        """What decides the meaning of a trial, as plain data."""
        return {
            "space": self.space.space_hash,
            "recipe": self.recipe.to_document(),
            "fidelity": self.fidelity.to_document(),
            "seed": self.seed,
        }

    def to_document(self) -> dict[str, Any]:
        """The experiment as resolved: the space inline, every default written out."""
        clips: dict[str, Any] = {"folder": str(self.clips.folder)}
        if self.clips.motion is not None:
            clips["motion"] = dataclasses.asdict(self.clips.motion)
        return {
            "schema": EXPERIMENT_SCHEMA,
            "name": self.name,
            "space": self.space.to_document(),
            "clips": clips,
            "training": {
                **self.fidelity.to_document(),
                **self.recipe.to_document(),
            },
            **self.rungs.to_document(),
            "baselines": [baseline.to_document() for baseline in self.baselines],
            "seeds": [seed.to_document() for seed in self.seeds],
            "known": [str(earlier.folder) for earlier in self.known],
            **({"latency": str(self.latency)} if self.latency else {}),
            "budgets": {stated.name: stated.to_document() for stated in self.budgets},
            "filters": {stated.name: stated.to_document() for stated in self.filters},
            "strategy": self.strategy_document,
            "effort": {"trials": self.trials},
            "workers": self.workers.to_document(),
            "front": {"reference": self.reference},
            "family": {"ladder": list(self.ladder) if self.ladder else "spread"},
            "seed": self.seed,
        }

    def limits(self, classes: int, ratios: Sequence[float] = ()) -> Budgets:
        """The budgets, and the worker's memory where it has a limit.

        Args:
            classes: Outputs of the classifier that is priced.
            ratios: Measured over predicted training memory, of trials so far.
        """
        pricing = self._pricing(classes)
        stated = (*self.settled(classes).budgets, *self.filters)
        limits = tuple(budget.limit() for budget in stated)
        if self.workers.memory is None:
            return Budgets(limits, pricing)
        most = self.workers.memory / memory_factor(ratios)
        held = Budget("training_bytes", most, origin="workers.memory")
        return Budgets((*limits, held), pricing)

    def settled(self, classes: int) -> "Experiment":
        """The same with every budget in numbers, whatever thing it names.

        Raises:
            InputError: the thing is not there, such as a GPU.
        """
        price, memory = self._pricing(classes), self.workers.memory
        budgets = (b.settled(price, memory, self.gpu_memory) for b in self.budgets)
        return dataclasses.replace(self, budgets=tuple(budgets))

    def _pricing(self, classes: int) -> Pricing:
        pricing = Pricing.of(classes, self.recipe, self.fidelity)
        if self.latency is None:
            return pricing
        return dataclasses.replace(pricing, latency=load_latency(self.latency))


def load_experiment(path: str | Path) -> Experiment:
    """The experiment in a YAML file; paths in it are relative to the file.

    Raises:
        InputError: a key or value is wrong; the message names file and line.
        SpaceError: the same in its space.
    """
    path = Path(path)
    node = load_document(path).fields(
        "schema",
        "name",
        "space",
        "clips",
        "training",
        "rungs",
        "baselines",
        "known",
        "seeds",
        "budgets",
        "filters",
        "latency",
        "strategy",
        "effort",
        "workers",
        "front",
        "family",
        "seed",
    )
    node.need("schema").one_of(EXPERIMENT_SCHEMA)
    space = _space(node.need("space"), path)
    strategy, strategy_document = read_strategy(node.need("strategy"), space)
    fidelity, recipe = _training(node.need("training"))
    none: tuple[Seed, ...] = ()
    seeds = node.read(
        "seeds", lambda named: read_seeds(named, space, path.parent), none
    )
    if seeds:
        strategy = Seeded(strategy, tuple(seed.candidate for seed in seeds))
    return Experiment(
        path=path,
        name=node.need("name").text(),
        space=space,
        clips=_clips(node.need("clips"), path),
        recipe=recipe,
        fidelity=fidelity,
        rungs=node.read(
            "rungs", lambda told: read_rungs(told, fidelity, space), Rungs()
        ),
        baselines=node.read(
            "baselines", lambda listed: read_baselines(listed, path.parent), ()
        ),
        seeds=seeds,
        known=node.read("known", lambda named: read_earlier(named, path.parent), ()),
        budgets=node.read(
            "budgets", lambda stated: read_budgets(stated, path.parent), ()
        ),
        filters=node.read("filters", read_filters, ()),
        latency=_latency(node, path),
        strategy=strategy,
        strategy_document=strategy_document,
        trials=node.need("effort").fields("trials").need("trials").integer(),
        workers=node.read("workers", _workers, Workers()),
        reference=_reference(node.need("front")),
        ladder=node.read("family", _ladder, None),
        seed=node.need("seed").integer(minimum=0),
    )


def _latency(node: Node, path: Path) -> Path | None:
    stated, budgets = node.get("latency"), node.get("budgets")
    if stated is None:
        if budgets and LATENCY in budgets.value:
            raise budgets.child(LATENCY).complaint(
                f"`budgets.{LATENCY}` needs `latency`, the table of a device that "
                "`vidnas latency measure` wrote."
            )
        return None
    file = (path.parent / Path(stated.text()).expanduser()).resolve()
    if not file.is_file():
        raise stated.error("`latency` must be a file relative to the experiment's")
    load_latency(file)  # a wrong table is told before anything runs
    return file


def _space(node: Node, path: Path) -> Space:
    file = path.parent / node.text()
    if not file.exists():
        raise node.error("`space` must be a file relative to the experiment's")
    return load_space(file)


def _clips(node: Node, path: Path) -> Clips:
    node.fields("folder", "motion")
    folder = (path.parent / Path(node.need("folder").text()).expanduser()).resolve()
    motion = node.get("motion")
    if motion is None:
        return Clips(folder, None)
    motion.fields("seed", "train_per_class", "val_per_class")
    return Clips(
        folder,
        Motion(
            motion.need("seed").integer(minimum=0),
            motion.need("train_per_class").integer(),
            motion.need("val_per_class").integer(),
        ),
    )


def _training(node: Node) -> tuple[Fidelity, Recipe]:
    defaults = Recipe()
    readers = {
        "optimizer": lambda n: n.one_of(*OPTIMIZERS),
        "learning_rate": Node.number,
        "warmup": lambda n: n.number(maximum=0.99),
        "weight_decay": Node.number,
        "label_smoothing": lambda n: n.number(maximum=0.99),
        "batch": Node.integer,
        "dropout": lambda n: n.number(maximum=0.99),
        "stochastic_depth": lambda n: n.number(maximum=0.99),
        "crop": lambda n: n.number(maximum=1.0),
        "flip": Node.flag,
        "reverse": Node.flag,
        "shuffle_frames": Node.flag,
        "precision": lambda n: n.one_of(*PRECISIONS),
        "rematerialise": Node.flag,
    }
    node.fields("epochs", "frames", "resolution", *readers)
    values: dict[str, Any] = {
        key: node.read(key, reader, getattr(defaults, key))
        for key, reader in readers.items()
    }
    fidelity = Fidelity(
        epochs=node.need("epochs").integer(),
        frames=node.read("frames", Node.integer, None),
        resolution=node.read("resolution", Node.integer, None),
    )
    return fidelity, Recipe(**values)


def _workers(node: Node) -> Workers:
    node.fields("count", "cpus", "gpus", "memory")
    return Workers(
        node.read("count", Node.integer, 2),
        node.read("cpus", Node.integer, 1),
        _unless_auto(node, "gpus", Node.number, 0.0),
        _unless_auto(node, "memory", Node.quantity, None),
    )


def _unless_auto(
    node: Node, key: str, reader: Callable[[Node], float], default: float | None
) -> float | None:
    found = node.get(key)
    if found is None:
        return default
    return None if found.value == AUTO else reader(found)


def _reference(node: Node) -> dict[str, float]:
    point = node.fields("reference").need("reference").fields("flops", "top1")
    return {
        "flops": point.need("flops").quantity(),
        "top1": point.need("top1").number(maximum=100.0),
    }


def _ladder(node: Node) -> tuple[float, ...] | None:
    ladder = node.fields("ladder").need("ladder")
    if ladder.value == "spread":
        return None
    budgets = tuple(item.quantity() for item in ladder.items())
    if any(low >= high for low, high in pairwise(budgets)):
        raise ladder.error("`family.ladder` must be `spread` or rising FLOP budgets")
    return budgets
