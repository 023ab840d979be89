"""How is an experiment file read, every error with its line?"""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

from vidnas.budgets.price import LATENCY
from vidnas.documents.node import Node
from vidnas.files.file_kind import EXPERIMENT, require_kind
from vidnas.files.loading import load_latency, load_space
from vidnas.files.yaml_file import load_document
from vidnas.space.space import Space
from vidnas.strategies.starting_networks import StartingNetworks
from vidnas.study.experiment.baselines import read_baselines
from vidnas.study.experiment.earlier import read_earlier
from vidnas.study.experiment.experiment import (
    AUTO,
    EXPERIMENT_SCHEMA,
    Clips,
    Experiment,
    Motion,
    Workers,
)
from vidnas.study.experiment.named_strategy import read_strategy
from vidnas.study.experiment.rungs import Rungs, read_rungs
from vidnas.study.experiment.starting_networks import (
    StartingNetwork,
    read_starting_networks,
)
from vidnas.study.experiment.stated_budgets import read_budgets, read_filters
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.recipe import OPTIMIZERS, PRECISIONS, Recipe

KEYS = (
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


def load_experiment(path: str | Path) -> Experiment:
    """The experiment in a YAML file; paths in it are relative to the file.

    Raises:
        InputError: a key or value is wrong; the message names file and line.
        SpaceError: the same in its space.
    """
    path = Path(path)
    require_kind(path, EXPERIMENT)
    node = load_document(path).fields(*KEYS)
    node.need("schema").one_of(EXPERIMENT_SCHEMA)
    space = _space(node.need("space"), path)
    strategy, strategy_document = read_strategy(node.need("strategy"), space)
    fidelity, recipe = _training(node.need("training"))
    none: tuple[StartingNetwork, ...] = ()
    first = node.read(
        "seeds", lambda named: read_starting_networks(named, space, path.parent), none
    )
    if first:
        strategy = StartingNetworks(strategy, tuple(one.candidate for one in first))
    latency_file = _latency_file(node, path)
    return Experiment(
        path=path,
        name=node.need("name").name(),
        space=space,
        clips=_clips(node.need("clips"), path),
        recipe=recipe,
        fidelity=fidelity,
        rungs=node.read(
            "rungs", lambda listed: read_rungs(listed, fidelity, space), Rungs()
        ),
        baselines=node.read(
            "baselines", lambda listed: read_baselines(listed, path.parent), ()
        ),
        starting_networks=first,
        earlier_studies=node.read(
            "known", lambda named: read_earlier(named, path.parent), ()
        ),
        budgets=node.read(
            "budgets", lambda stated: read_budgets(stated, path.parent), ()
        ),
        filters=node.read("filters", read_filters, ()),
        latency=None if latency_file is None else load_latency(latency_file),
        latency_file=latency_file,
        strategy=strategy,
        strategy_document=strategy_document,
        trials=node.need("effort").fields("trials").need("trials").integer(),
        workers=node.read("workers", _workers, Workers()),
        reference=_reference(node.need("front")),
        ladder=node.read("family", _ladder, None),
        seed=node.need("seed").integer(minimum=0),
    )


def _latency_file(node: Node, path: Path) -> Path | None:
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
        _unless_auto(node, "memory", Node.byte_count, None),
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
