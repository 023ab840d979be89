"""How does a study go on without its file? From what its journal holds of it.

Nothing is proposed then: the networks are those that the study has.
"""

from vidnas.documents.node import Node, Origin
from vidnas.strategies.evolution import Evolution
from vidnas.study.experiment.experiment import Experiment
from vidnas.study.experiment.named_clips import read_clips
from vidnas.study.experiment.rungs import Rungs
from vidnas.study.experiment.workers import read_workers
from vidnas.study.history import History
from vidnas.trials.effort import Effort
from vidnas.trials.noise.repeats import Repeats


def recorded_experiment(history: History, repeats: Repeats) -> Experiment:
    """The experiment of a study that trains again what it has, and nothing else.

    Args:
        history: The study.
        repeats: Networks that are trained again.

    Raises:
        InputError: the journal's clips or workers are none.
    """
    facts, identity = history.experiment, history.head.identity
    node = Node(dict(facts.document), Origin(facts.place))
    return Experiment(
        path=history.folder / "experiment.yaml",
        name=history.head.name,
        space=facts.read_space(),
        clips=read_clips(node.need("clips"), history.folder),
        recipe=identity.recipe,
        fidelity=identity.fidelity,
        budgets=(),
        strategy=Evolution(),
        strategy_document=dict(facts.strategy),
        effort=Effort(),
        workers=read_workers(node.need("workers")),
        reference=dict(facts.reference),
        family=facts.family,
        seed=identity.seed,
        rungs=Rungs(continues=identity.continues),
        stated_objectives=history.objectives,
        repeats=repeats,
        recorded=facts.document,
    )
