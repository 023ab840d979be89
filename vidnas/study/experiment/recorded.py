"""What does the head of a journal say? Whose study it is, and what it searches."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vidnas.budgets.budget import Budget
from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError, JournalError
from vidnas.files.journal import Record, repair_hint
from vidnas.space.reading import read_space
from vidnas.space.space import Space
from vidnas.study.experiment.named_clips import FOLDER, FORMS
from vidnas.study.experiment.stated_budgets import limits_of_document
from vidnas.study.experiment.stated_effort import recorded_effort
from vidnas.study.experiment.stated_family import StatedFamily, read_family
from vidnas.study.experiment.stated_objectives import (
    recorded_objectives,
    recorded_score,
)
from vidnas.trials.effort import Effort
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.objectives import STANDARD, Objectives
from vidnas.trials.recipe import Recipe

CONTINUES = "rungs.continue"  # in an identity, where it is on
SCORE = "score"  # in an identity, where nothing is trained
_MAY_LACK = ("cache", "reading", "digest", "content")  # of the facts of clips


@dataclass(frozen=True, slots=True)
class ClipFacts:
    """The clips of a study, wherever they lie.

    Args:
        classes: Names in label order.
        train: Number of training clips.
        val: Number of validation clips.
        cache: What the clips of the cache are that it was begun with; empty for none.
        reading: Rule by which folders were read and split, where it decides; else 0.
        digest: Digest of class, name and size of every clip; empty in older journals.
        content: Digest of their content; empty where it was not asked for.
    """

    classes: tuple[str, ...]
    train: int
    val: int
    cache: str = ""
    reading: int = 0
    digest: str = ""
    content: str = ""

    def to_document(self) -> dict[str, Any]:
        """The facts as plain data; those that say nothing are left out."""
        told = {name: getattr(self, name) for name in _MAY_LACK}
        return {
            "classes": list(self.classes),
            "train": self.train,
            "val": self.val,
            **{name: value for name, value in told.items() if value},
        }


@dataclass(frozen=True, slots=True)
class FoundClips:
    """Clips of which one thing was found when a study or a training began.

    Args:
        kind: Kind of finding, such as `unreadable` or `short`.
        clips: Number of clips.
        words: What they are, after their number: `shorter than the window of 8 frames`.
    """

    kind: str
    clips: int
    words: str

    def __str__(self) -> str:
        return f"{self.clips} {self.words}"

    def to_document(self) -> dict[str, Any]:
        """The finding as plain data."""
        return {"kind": self.kind, "clips": self.clips, "words": self.words}


@dataclass(frozen=True, slots=True)
class Identity:
    """What decides the meaning of a trial, and never changes in a study.

    Args:
        space: Hash of the space.
        recipe: Recipe of every candidate; fields that joined later have defaults.
        fidelity: Full training.
        seed: Seed of proposals, weights and data order.
        clips: Clips that are trained on.
        continues: Whether promoted candidates go on from their cheaper training.
        score: Name of the score in place of a training; empty where there is one.
    """

    space: str
    recipe: Recipe
    fidelity: Fidelity
    seed: int
    clips: ClipFacts
    continues: bool = False
    score: str = ""

    def to_document(self) -> dict[str, Any]:
        """The identity as plain data."""
        return {
            "space": self.space,
            "recipe": self.recipe.to_document(),
            "fidelity": self.fidelity.to_document(),
            "seed": self.seed,
            "clips": self.clips.to_document(),
            **({CONTINUES: True} if self.continues else {}),
            **({SCORE: self.score} if self.score else {}),
        }


@dataclass(frozen=True, slots=True)
class ComparedNetwork:
    """A baseline as an experiment names it.

    Args:
        name: Name of the network in figures and tables.
        arch_id: Identity of the network.
    """

    name: str
    arch_id: str


@dataclass(frozen=True, slots=True)
class ExperimentFacts:
    """An experiment as the journal holds it, as last run.

    Args:
        document: Whole document, as `Experiment.to_document` wrote it.
        space: Document of the space.
        reference: Worst values of the objectives that count in the hypervolume.
        family: Ladder of the family, and what stands beside its sizes.
        limits: Budgets, then filters.
        baselines: Networks trained for comparison.
        effort: What the study may spend.
        clips: Document of the dataset, its kind first; empty where there is none.
        strategy: Name and options of the strategy.
        workers: Number and share of the workers.
        training: Full training and recipe, as the file has them.
        rungs: Lists by axis, `keep` and `probe`; empty where there are no rungs.
        place: Journal and line that it stands on, for errors.
        objectives: What the study improves.
    """

    document: Mapping[str, Any]
    space: Mapping[str, Any]
    reference: Mapping[str, float]
    family: StatedFamily
    limits: tuple[Budget, ...]
    baselines: tuple[ComparedNetwork, ...]
    effort: Effort
    clips: Mapping[str, Any]
    strategy: Mapping[str, Any]
    workers: Mapping[str, Any]
    training: Mapping[str, Any]
    rungs: Mapping[str, Any]
    place: str
    objectives: Objectives = STANDARD

    @property
    def ladder(self) -> tuple[float, ...] | None:
        """Budgets of the family on the first cost; None where they are no numbers."""
        return self.family.ladder.of_cost(self.objectives.cost)

    @property
    def clips_place(self) -> str:
        """Folder or file of the clips; empty where a study by a score has none."""
        return str(next(iter(self.clips.values()), ""))

    def read_space(self) -> Space:
        """The space that is searched."""
        return read_space(Node(dict(self.space), Origin(self.place)))


@dataclass(frozen=True, slots=True)
class Head:
    """The first record of a journal, with the experiment as last run.

    Args:
        name: Name of the experiment.
        identity: Facts that decide the meaning of a trial.
        experiment: Facts that may change while the study goes on.
        classes: Names of the classes, in label order.
        vidnas: Version that began the study.
        val_counts: Validation clips of each class; empty in older journals.
        found: What was found about the clips when the study began, worst first; None in
            older journals.
        multi_label: Whether a clip may have several classes, or none.
        versions: Versions of the libraries of the driver that began the study, by name;
            empty in older journals.
    """

    name: str
    identity: Identity
    experiment: ExperimentFacts
    classes: tuple[str, ...]
    vidnas: str
    val_counts: tuple[int, ...] = ()
    found: tuple[FoundClips, ...] | None = None
    multi_label: bool = False
    versions: Mapping[str, str] = field(default_factory=dict)


def read_head(record: Record, resumed: Any, journal: str, line: int = 1) -> Head:
    """The head that a journal's first record is.

    Args:
        record: First record.
        resumed: Document of the experiment as last run; None where that is the first.
        journal: File name, for errors.
        line: Line of the record that holds the experiment as last run.

    Raises:
        JournalError: a fact is missing or of another kind.
    """
    whole = dict(record) if resumed is None else {**record, "experiment": resumed}
    node = Node(whole, Origin(journal, {(): 1, ("experiment",): line}))
    try:
        return Head(
            name=node.need("name").text(),
            identity=_identity(mapping_at(node, "identity")),
            experiment=read_experiment_facts(node),
            classes=_texts(node.need("classes")),
            vidnas=node.need("vidnas").text(),
            val_counts=node.read("val_counts", _counts, ()),
            found=node.read("found", _found, None),
            multi_label=node.read("multi_label", Node.flag, False),
            versions=node.read("versions", _versions, {}),
        )
    except InputError as wrong:
        raise JournalError(f"{wrong}{repair_hint(Path(journal))}") from wrong


def _identity(node: Node) -> Identity:
    return Identity(
        space=node.need("space").text(),
        recipe=_recipe(mapping_at(node, "recipe")),
        fidelity=read_fidelity(mapping_at(node, "fidelity")),
        seed=node.need("seed").integer(minimum=0),
        clips=_clips(mapping_at(node, "clips")),
        continues=node.read(CONTINUES, Node.flag, False),
        score=recorded_score(node.value),
    )


def read_clip_facts(value: Any) -> ClipFacts:
    """The clips that an identity names.

    Raises:
        InputError: a fact is missing or of another kind.
    """
    return _clips(mapping_of(Node(value, Origin("clips"))))


def _clips(node: Node) -> ClipFacts:
    return ClipFacts(
        _texts(node.need("classes")),
        node.need("train").integer(minimum=0),
        node.need("val").integer(minimum=0),
        node.read("cache", Node.text, ""),
        node.read("reading", Node.integer, 0),
        node.read("digest", Node.text, ""),
        node.read("content", Node.text, ""),
    )


def read_experiment_facts(record: Node) -> ExperimentFacts:
    """The experiment that a record holds.

    Raises:
        InputError: a fact is missing or of another kind.
    """
    node = mapping_at(record, "experiment")
    front, clips = mapping_at(node, "front"), mapping_at(node, "clips")
    reference = mapping_at(front, "reference")
    try:
        objectives = recorded_objectives(mapping_of(node).value)
    except InputError as wrong:
        raise node.complaint(str(wrong)) from wrong
    for name in objectives.names:
        reference.need(name)
    family = mapping_at(node, "family", optional=True)
    return ExperimentFacts(
        document=mapping_of(node).value,
        space=mapping_at(node, "space").value,
        reference={name: reference.child(name).number() for name in reference.value},
        family=read_family(family, objectives.cost),
        limits=_limits(node),
        baselines=node.read("baselines", _baselines, ()),
        effort=recorded_effort(mapping_at(node, "effort")),
        clips=_source(clips),
        strategy=mapping_at(node, "strategy").value,
        workers=mapping_at(node, "workers", optional=True).value,
        training=mapping_at(node, "training").value,
        rungs=mapping_at(node, "rungs", optional=True).value,
        place=node.origin.place(node.path),
        objectives=objectives,
    )


def _source(clips: Node) -> Mapping[str, Any]:
    """The dataset that a record names, without the motion clips in it."""
    if not clips.value:
        return {}
    kind = next((key for key in clips.value if key in FORMS), FOLDER)
    options = {k: v for k, v in clips.value.items() if k not in (kind, "motion")}
    return {kind: clips.need(kind).text(), **options}


def _recipe(node: Node) -> Recipe:
    try:
        return Recipe.from_document(node.value)
    except TypeError as wrong:
        raise node.complaint(f"`{node.label}` must be a recipe: {wrong}.") from wrong


def read_fidelity(node: Node) -> Fidelity:
    """The fidelity that a record spells."""
    return Fidelity(
        epochs=node.need("epochs").integer(minimum=0),
        frames=node.read("frames", Node.integer, None),
        resolution=node.read("resolution", Node.integer, None),
    )


def _limits(node: Node) -> tuple[Budget, ...]:
    for key in ("budgets", "filters"):
        mapping_at(node, key, optional=True)
    try:
        return limits_of_document(node.value)
    except (TypeError, ValueError) as wrong:
        raise node.complaint(
            f"`{node.label}` must have budgets in numbers: {wrong}."
        ) from wrong


def _baselines(node: Node) -> tuple[ComparedNetwork, ...]:
    if node.value == []:
        return ()
    named = [mapping_of(item) for item in node.items()]
    return tuple(
        ComparedNetwork(one.need("name").text(), one.need("arch_id").text())
        for one in named
    )


def _counts(node: Node) -> tuple[int, ...]:
    return tuple(item.integer(minimum=0) for item in node.items())


def _found(node: Node) -> tuple[FoundClips, ...]:
    named = [mapping_of(item) for item in node.items()] if node.value else []
    return tuple(
        FoundClips(
            one.need("kind").text(),
            one.need("clips").integer(minimum=1),
            one.need("words").text(),
        )
        for one in named
    )


def _versions(node: Node) -> dict[str, str]:
    return {name: node.need(name).text() for name in mapping_of(node).value}


def _texts(node: Node) -> tuple[str, ...]:
    return tuple(item.text() for item in node.items())


def mapping_at(node: Node, key: str, *, optional: bool = False) -> Node:
    """The mapping under `key`; an empty one where it may be absent and is."""
    if optional and key not in mapping_of(node).value:
        return Node({}, node.origin, (*node.path, key))
    return mapping_of(mapping_of(node).need(key))


def mapping_of(node: Node) -> Node:
    """The node, which must be a mapping."""
    if not isinstance(node.value, dict):
        raise node.error(f"`{node.label}` must be a mapping")
    return node
