"""Which network does a user mean by NET? A training, a file, or a checkpoint.

Nothing is built here, and TensorFlow is loaded only to look into official checkpoints,
which do not say what they are of.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.published.catalogue import published_names
from vidnas.architecture.reader import architecture_from
from vidnas.deploy.exported.about import beside, read_about
from vidnas.deploy.exported.opening import about_exported, format_of
from vidnas.documents.node import Node
from vidnas.errors import InputError
from vidnas.files.file_kind import (
    ARCHITECTURE,
    ENSEMBLE,
    STUDY_FOLDER,
    kind_of,
    require_kind,
)
from vidnas.files.loading import load_architecture
from vidnas.files.yaml_file import load_document
from vidnas.nets.tensorflow_import import import_tensorflow
from vidnas.nets.weights.checkpoint_path import checkpoint_path, is_archive
from vidnas.trials.recipe import Evaluation, Recipe

WEIGHTS_FILE = "weights.npz"
ARCHITECTURE_FILE = "architecture.yaml"
ENSEMBLE_SCHEMA = "vidnas.ensemble/v1"
CLIP, STREAM = "clip", "stream"  # what an exported file takes
_KERAS = ".keras"


@dataclass(frozen=True, slots=True)
class NamedNetwork:
    """A network that somebody named, with all that running it takes.

    Args:
        name: Name as the user wrote it.
        architecture: Architecture, at the clip shape it was trained at.
        file: File or folder of its weights, or the exported file.
        classes: Names of its outputs; none where nothing tells them.
        multi_label: Whether a clip may have several classes; None where that is not
            known.
        margin: Share by which frames were larger in training than what was cropped.
        evaluation: Views that it was measured on.
        exported: What an exported file takes, `clip` or `stream`; "" for weights.
        members: Networks that answer as one, each seeing every n-th frame of the clip.
    """

    name: str
    architecture: Architecture
    file: Path
    classes: tuple[str, ...] = ()
    multi_label: bool | None = None
    margin: float = 0.0
    evaluation: Evaluation = field(default_factory=Evaluation)
    exported: str = ""
    members: tuple["NamedNetwork", ...] = ()

    @property
    def takes_frames(self) -> bool:
        """Whether it can answer frame by frame, with what it saw carried on."""
        if self.members:
            return all(member.takes_frames for member in self.members)
        if self.exported:
            return self.exported == STREAM
        return self.architecture.causal

    def with_labels(self, labels: Sequence[str]) -> "NamedNetwork":
        """The network with names for its outputs."""
        return replace(self, classes=tuple(labels))


def find_network(net: str, weights: Path | None = None) -> NamedNetwork:
    """The network that a user names.

    Args:
        net: Folder of a training, or its `architecture.yaml` or `weights.npz`; a family
            file of a study; an exported file; an official checkpoint; an ensemble's
            file; a published name, or any architecture file, with `weights`.
        weights: File, training folder or checkpoint with weights for the architecture
            that `net` is; None for those that belong to it.

    Raises:
        InputError: there is no such network, or nothing holds weights of it.
    """
    path = Path(net)
    if weights is None and path.is_file() and kind_of(path) == ENSEMBLE:
        return _of_ensemble(path, net)
    if net in published_names() or path.suffix in (".yaml", ".yml"):
        return _of_architecture(net, weights)
    if weights is not None:
        raise InputError(
            f"`--weights` goes with an architecture, and {net} has weights of its own."
        )
    if format_of(path):
        return _of_exported(path, net)
    if is_keras_file(path):
        return _of_keras(path, net)
    if path.is_dir() and (path / ARCHITECTURE_FILE).is_file():
        return _of_architecture(str(path / ARCHITECTURE_FILE), None, name=net)
    if path.is_file() and path.suffix == ".npz":
        return _of_weights(path, net)
    _refuse_others(path)
    return _of_checkpoint(path, net)


def is_keras_file(path: Path) -> bool:
    """Whether a file is one that Keras saves a model to."""
    return path.suffix == _KERAS and path.is_file()


def _of_ensemble(path: Path, name: str) -> NamedNetwork:
    """Networks by a file that names them, relative to its own place."""
    members = [
        find_network(str(place) if (place := path.parent / one).exists() else one)
        for one in ensemble_members(load_document(path))
    ]
    return temporal_ensemble(name, path, members)


def ensemble_members(document: Node) -> list[str]:
    """The networks that a file of an ensemble names.

    Raises:
        InputError: a key or value is wrong.
    """
    document.fields("schema", "kind", "members", "cost")
    document.need("schema").one_of(ENSEMBLE_SCHEMA)
    document.need("kind").one_of("temporal")
    return [item.text() for item in document.need("members").items()]


def temporal_ensemble(
    name: str, file: Path, members: Sequence[NamedNetwork]
) -> NamedNetwork:
    """Networks that see every n-th frame in turn, as one that sees all.

    Args:
        name: Name of the ensemble.
        file: File that names them, or that will.
        members: The n networks, trained at an n-th of the frame rate.

    Raises:
        InputError: they are too few, or do not see the same clips and classes.
    """
    if len(members) < 2:
        raise InputError(f"An ensemble must have at least 2 members, {name} has 1.")
    first, count = members[0], len(members)
    clip = first.architecture.clip
    for other in members[1:]:
        for word, own, its in (
            ("clips", clip, other.architecture.clip),
            ("classes", first.classes, other.classes),
        ):
            if own != its:
                raise InputError(
                    f"Members of an ensemble must share their {word}, {other.name} has "
                    f"{its} and {first.name} {own}."
                )
    if not clip.fps and clip.frame_stride % count:
        raise InputError(
            f"Members of a temporal ensemble must see every {count}-th frame, or a "
            f"multiple, {first.name} has a `frame_stride` of {clip.frame_stride}: "
            "`vidnas train --half-rate` trains members of 2."
        )
    whole = replace(
        clip,
        frames=clip.frames * count,
        frame_stride=clip.frame_stride if clip.fps else clip.frame_stride // count,
        fps=clip.fps * count,
    )
    views = first.evaluation
    if views.frames:
        views = replace(views, frames=views.frames * count)
    architecture = replace(first.architecture, clip=whole)
    return replace(
        first,
        name=name,
        architecture=architecture,
        file=file,
        evaluation=views,
        exported="",
        members=tuple(members),
    )


def _refuse_others(path: Path) -> None:
    """Raises for what is no network, with what would be one."""
    if not path.exists() and not path.with_name(f"{path.name}.index").is_file():
        raise InputError(
            "A network must be the folder of a training, a family file, weights, an "
            f"exported file or an official checkpoint, there is no {path}."
        )
    if path.is_dir() and (path / "training.jsonl").exists():
        raise InputError(
            f"{path} must hold a finished training, it has no {WEIGHTS_FILE} yet: "
            "`vidnas train` goes on with it."
        )
    if path.is_dir() and kind_of(path) == STUDY_FOLDER:
        first = next(iter(sorted(path.glob("family/a*.yaml"))), path / "family/a0.yaml")
        raise InputError(
            f"{path} is a study, which holds many networks: name one, such as {first}."
        )


def _of_architecture(
    file: str, weights: Path | None, *, name: str | None = None
) -> NamedNetwork:
    """A network by its architecture, with its own weights or those that are named."""
    architecture, path = load_architecture(file), Path(file)
    found = NamedNetwork(name or file, architecture, path)
    document = None
    if file not in published_names():
        require_kind(path, ARCHITECTURE)
        document = load_document(path)
        found = _as_measured(found, document, path)
    own = weights or _own_weights(path, document)
    if own is None:
        raise InputError(
            f"{file} has no weights of its own: name them with --weights, an official "
            "checkpoint or a training of it."
        )
    of_weights = _about(own)
    classes = tuple(of_weights["classes"]) if of_weights else found.classes
    if file in published_names():
        known = of_weights or {}
        found = replace(found, architecture=_of_published(file, own, known))
    return replace(found, file=own, classes=classes)


def _own_weights(path: Path, document: Node | None) -> Path | None:
    """Weights that lie beside an architecture file, or in the study that found it."""
    if document is None:
        return None
    beside = path.with_name(WEIGHTS_FILE)
    if path.name == ARCHITECTURE_FILE and beside.is_file():
        return beside
    number = _mapping(document.get("found")).get("trial")
    study = path.resolve().parent.parent
    if not isinstance(number, int) or not (study / "journal.jsonl").exists():
        return None
    kept = study / "checkpoints" / f"{number:05d}" / WEIGHTS_FILE
    if not kept.is_file():
        raise InputError(
            f"{path} is trial {number}, whose weights the study does not hold in "
            f"{kept.parent}: train it with `vidnas train {path}`, or name weights with "
            "--weights."
        )
    return kept


def _as_measured(found: NamedNetwork, document: Node, path: Path) -> NamedNetwork:
    """With what the file, or the study it lies in, says of training and measuring."""
    about = _mapping(document.get("found"))
    measured = _mapping(document.get("measured"))
    classes = about.get("class_names")
    several = "map" in measured and "top1" not in measured if measured else None
    found = replace(
        found,
        classes=tuple(map(str, classes)) if isinstance(classes, list) else (),
        multi_label=several,
    )
    recipe = _mapping(about.get("trained")).get("recipe") or _recipe_of_study(path)
    if not isinstance(recipe, dict):
        return found
    try:
        known = Recipe.from_document(recipe)
    except (TypeError, ValueError):  # of a later version
        return found
    return replace(found, margin=known.crop, evaluation=known.evaluation)


def _recipe_of_study(path: Path) -> dict[str, Any] | None:
    """What the study of a family file says of its training; None where it is none."""
    experiment = path.resolve().parent.parent / "experiment.yaml"
    if not experiment.is_file():
        return None
    training = _mapping(load_document(experiment).get("training"))
    known = {"crop", "evaluation"}
    return {key: value for key, value in training.items() if key in known}


def _mapping(value: Any) -> dict[str, Any]:
    """A document's mapping as it is; an empty one for anything else."""
    inner = value.value if isinstance(value, Node) else value
    return inner if isinstance(inner, dict) else {}


def _of_weights(path: Path, name: str) -> NamedNetwork:
    """A network by its weights file, which says what it is of."""
    beside = path.with_name(ARCHITECTURE_FILE)
    if beside.is_file():
        return _of_architecture(str(beside), path, name=name)
    about = _about(path) or {}
    architecture = architecture_from(
        about["architecture"], len(about["classes"]) or None
    )
    return NamedNetwork(name, architecture, path, tuple(about["classes"]))


def _about(path: Path) -> dict[str, Any] | None:
    """Architecture and classes of a weights file; None for an official checkpoint.

    Raises:
        InputError: the file is damaged.
    """
    own = path / WEIGHTS_FILE if path.is_dir() else path
    if own.suffix != ".npz" or not own.is_file():
        return None
    import_tensorflow()
    from vidnas.nets.weights.weights_file import read_weights

    weights = read_weights(own)
    return {"architecture": weights.architecture, "classes": weights.classes}


def _of_exported(path: Path, name: str) -> NamedNetwork:
    """A network by an exported file, which says what it is of."""
    about = about_exported(path)
    return NamedNetwork(
        name,
        replace(about.architecture, classes=about.outputs),
        path,
        about.classes,
        about.multi_label,
        about.margin,
        exported=STREAM if about.stream else CLIP,
    )


def _of_keras(path: Path, name: str) -> NamedNetwork:
    """A network by a file that Keras saved, with what lies beside it, if anything."""
    import_tensorflow()
    from vidnas.deploy.running.keras_runner import KerasStream, open_keras_file

    runner, architecture = open_keras_file(path)
    takes = STREAM if isinstance(runner, KerasStream) else CLIP
    found = NamedNetwork(name, architecture, path, exported=takes)
    if not beside(path).is_file():
        return found
    about = read_about(path)
    return replace(
        found,
        classes=about.classes,
        multi_label=about.multi_label,
        margin=about.margin,
    )


def _of_checkpoint(path: Path, name: str) -> NamedNetwork:
    """A network by an official checkpoint, told by its tensors."""
    if not is_archive(path):
        checkpoint_path(path)  # says what is wrong with a path that is none
    import_tensorflow()
    from vidnas.nets.weights.official_network import official_network

    return NamedNetwork(name, official_network(path), path)


def _of_published(name: str, weights: Path, about: dict[str, Any]) -> Architecture:
    """The published network in the form, base or stream, that the weights have.

    Raises:
        InputError: the weights are another network's.
    """
    import_tensorflow()
    from vidnas.nets.weights.official_network import official_network, released_forms

    if not about:
        return official_network(weights, (name,))
    own = architecture_from(about["architecture"], len(about["classes"]) or None)
    if not any(replace(form, clip=own.clip) == own for form in released_forms(name)):
        raise InputError(
            f"{weights} must hold weights of {name}, they are another network's."
        )
    return own
