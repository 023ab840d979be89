"""How is an experiment file read, every error with its line?"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from vidnas.budgets.price import LATENCY
from vidnas.documents.node import Node
from vidnas.documents.suggestion import nearest
from vidnas.documents.visible_text import name_fault
from vidnas.files.file_kind import EXPERIMENT, require_kind
from vidnas.files.loading import load_latency, load_space
from vidnas.files.shipped import (
    EXPERIMENTS,
    SPACES,
    require_no_name,
    shipped,
    shipped_file,
)
from vidnas.files.yaml_file import load_document
from vidnas.space.space import Space
from vidnas.strategies.starting_networks import StartingNetworks
from vidnas.study.experiment.baselines import read_baselines
from vidnas.study.experiment.defaults import (
    SEED,
    STRATEGY,
    keys_left_out,
)
from vidnas.study.experiment.earlier import read_earlier
from vidnas.study.experiment.experiment import EXPERIMENT_SCHEMA, Experiment
from vidnas.study.experiment.named_clips import (
    FOLDER,
    Clips,
    read_clips,
    require_known_keys,
)
from vidnas.study.experiment.named_strategy import read_strategy
from vidnas.study.experiment.rungs import Rungs, read_rungs
from vidnas.study.experiment.starting_networks import (
    StartingNetwork,
    read_starting_networks,
)
from vidnas.study.experiment.stated_budgets import read_budgets, read_filters
from vidnas.study.experiment.stated_effort import DEFAULT, read_effort
from vidnas.study.experiment.stated_family import StatedFamily, read_family
from vidnas.study.experiment.stated_objectives import (
    read_objectives,
    read_reference,
    scored_objectives,
)
from vidnas.study.experiment.stated_score import (
    StatedScore,
    read_score,
    require_untrained,
)
from vidnas.study.experiment.stopping import read_stopping
from vidnas.study.experiment.training import read_training
from vidnas.study.experiment.workers import Workers, read_workers
from vidnas.trials.noise.repeats import Repeats
from vidnas.trials.objectives import STANDARD, Objectives

_OF_TRAINING = ("training.", "workers.", "objectives")

KEYS = (
    "schema",
    "name",
    "space",
    "score",
    "clips",
    "training",
    "rungs",
    "stopping",
    "repeats",
    "baselines",
    "known",
    "seeds",
    "budgets",
    "filters",
    "latency",
    "objectives",
    "strategy",
    "effort",
    "workers",
    "front",
    "family",
    "seed",
)


def load_experiment(path: str | Path) -> Experiment:
    """The experiment in a YAML file, or one that vidnas ships, by its name.

    Paths in a file are relative to it. A shipped experiment keeps its clips and its
    study in the current directory, wherever its file lies.

    Raises:
        InputError: a key or value is wrong; the message names file and line.
        SpaceError: the same in its space.
    """
    path = Path(path)
    file, folder = experiment_file(path)
    require_kind(file, EXPERIMENT)
    node = load_document(file).fields(*KEYS)
    if "schema" in node.value:  # a document of another kind lacks everything else
        node.child("schema").one_of(EXPERIMENT_SCHEMA)
    _require_clips(node)
    experiment = _experiment(node, path, folder)
    resolved = experiment.to_document()
    point = dict.fromkeys(experiment.objectives.names, "known with the clips")
    resolved["front"] = {"reference": point}
    left_out = keys_left_out(node.value, resolved)
    if experiment.score is not None:  # what it trains by, and where, says nothing
        left_out = tuple(k for k in left_out if not k.startswith(_OF_TRAINING))
    return replace(experiment, left_out=left_out)


def _require_clips(node: Node) -> None:
    """Raises where an experiment lacks a key; by a score, it may lack its clips."""
    if "score" in node.value and "clips" not in node.value:
        node.require("schema", "space")
        return
    kind = ""
    if "clips" in node.value:
        kind = require_known_keys(node.child("clips"))
    node.require("schema", "space", "clips", f"clips.{kind or FOLDER}")


def experiment_file(path: Path) -> tuple[Path, Path]:
    """The file of an experiment, and the folder that its relative paths begin at.

    Args:
        path: Experiment file, or the name of one that vidnas ships.

    Raises:
        InputError: it can only be meant as a shipped one, and is none.
    """
    named = None if path.is_file() else shipped_file(EXPERIMENTS, str(path))
    if named is not None:
        return named, Path.cwd() / EXPERIMENTS
    if not path.exists():
        require_no_name(EXPERIMENTS, str(path), "experiment")
    return path, path.parent


def _experiment(node: Node, path: Path, folder: Path) -> Experiment:
    space = _space(node.need("space"), folder)
    strategy, strategy_document = read_strategy(_or(node, "strategy", STRATEGY), space)
    fidelity, recipe = read_training(_or(node, "training", {}))
    score = _score(node)
    fidelity = replace(fidelity, epochs=0) if score else fidelity
    none: tuple[StartingNetwork, ...] = ()
    first = node.read(
        "seeds", lambda named: read_starting_networks(named, space, folder), none
    )
    if first:
        strategy = StartingNetworks(strategy, tuple(one.candidate for one in first))
    latency_file = _latency_file(node, folder)
    objectives = _objectives(node, latency_file is not None, score)
    front = _or(node, "front", {}).fields("reference")
    return Experiment(
        path=path,
        name=node.read("name", Node.name, None) or _name_of_file(node, path),
        space=space,
        clips=node.read("clips", lambda named: read_clips(named, folder), Clips({})),
        score=score,
        recipe=recipe,
        fidelity=fidelity,
        rungs=node.read(
            "rungs",
            lambda listed: read_rungs(listed, fidelity, space, recipe.schedule),
            Rungs(),
        ),
        stopping=node.read("stopping", read_stopping, None),
        repeats=node.read("repeats", lambda n: _repeats(n, node), Repeats()),
        baselines=node.read(
            "baselines", lambda listed: read_baselines(listed, folder), ()
        ),
        starting_networks=first,
        earlier_studies=node.read(
            "known", lambda named: read_earlier(named, folder), ()
        ),
        budgets=node.read("budgets", lambda stated: read_budgets(stated, folder), ()),
        filters=node.read("filters", read_filters, ()),
        latency=None if latency_file is None else load_latency(latency_file),
        latency_file=latency_file,
        strategy=strategy,
        strategy_document=strategy_document,
        effort=node.read("effort", read_effort, DEFAULT),
        workers=node.read("workers", read_workers, Workers()),
        reference=read_reference(_or(front, "reference", {}), objectives),
        stated_objectives=objectives,
        family=_family(node, objectives or STANDARD),
        seed=_or(node, "seed", SEED).integer(minimum=0),
    )


def _score(node: Node) -> StatedScore | None:
    score = node.read("score", read_score, None)
    if score is not None:
        require_untrained(node, score)
    return score


def _objectives(
    node: Node, has_latency: bool, score: StatedScore | None
) -> Objectives | None:
    named = score.name if score else ""
    return node.read(
        "objectives",
        lambda listed: read_objectives(listed, has_latency, named),
        scored_objectives(named) if named else None,
    )


def _or(node: Node, key: str, default: Any) -> Node:
    """The value under `key`, or `default` where the file leaves it out."""
    found = node.get(key)
    return Node(default, node.origin, (*node.path, key)) if found is None else found


def _repeats(node: Node, experiment: Node) -> Repeats:
    """`repeats: 3`: trainings of each network of the front, in all."""
    effort = experiment.get("effort")
    if effort is not None and "trials" not in (effort.value or {}):
        raise node.complaint(
            "`repeats` needs `effort.trials`: they are trained once so many candidates "
            "were. `vidnas repeat` trains them at any time."
        )
    return Repeats(node.integer(minimum=2))


def _family(node: Node, objectives: Objectives) -> StatedFamily:
    stated = _or(node, "family", {})
    family = read_family(stated, objectives.cost)
    if LATENCY in family.ladder.costs and node.get("latency") is None:
        raise stated.child("ladder").complaint(
            f"a ladder of `{LATENCY}` needs `latency`, the table of a device that "
            "`vidnas latency measure` wrote."
        )
    return family


def _latency_file(node: Node, folder: Path) -> Path | None:
    stated, budgets = node.get("latency"), node.get("budgets")
    if stated is None:
        if budgets and LATENCY in budgets.value:
            raise budgets.child(LATENCY).complaint(
                f"`budgets.{LATENCY}` needs `latency`, the table of a device that "
                "`vidnas latency measure` wrote."
            )
        return None
    file = (folder / Path(stated.text()).expanduser()).resolve()
    if not file.is_file():
        raise stated.error("`latency` must be a file relative to the experiment's")
    return file


def _name_of_file(node: Node, path: Path) -> str:
    """The name of an experiment that says none."""
    fault = name_fault(path.stem)
    if fault:
        raise node.complaint(
            f"`name` is left out, so the name of the file {fault}, got `{path.stem}`."
        )
    return path.stem


def _space(node: Node, folder: Path) -> Space:
    if isinstance(node.value, dict):  # as in the `experiment.yaml` of a study
        raise node.complaint(
            "`space` must be a file or the name of a space that vidnas ships, it is a "
            "space itself. `vidnas search` takes the file that a study was begun with, "
            "not the study's own `experiment.yaml`."
        )
    stated = folder / node.text()
    file = stated if stated.is_file() else shipped_file(SPACES, node.text())
    if file is None:
        raise node.error(
            "`space` must be a file relative to the experiment's, or the name of a "
            "space that vidnas ships",
            hint=nearest(node.text(), shipped(SPACES)),
        )
    return load_space(file)
