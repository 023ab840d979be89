"""What does the file of a trained network say? The network, its cost, its accuracy."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from vidnas.architecture.architecture import ARCHITECTURE_SCHEMA, Architecture
from vidnas.budgets.price import Pricing
from vidnas.documents.quantity import rounded
from vidnas.errors import JournalError
from vidnas.files.yaml_file import load_document
from vidnas.trials.chance import Chance
from vidnas.trials.objectives import ACCURACIES, Accuracy, objectives_for
from vidnas.version import __version__

_TOLD = ("val_clips", "epochs", "seconds")
_OF_EPOCHS = ("val_loss", "loss", "seconds")


def require_told(
    measured: Mapping[str, Any], path: Path, *, multi_label: bool = False
) -> None:
    """Raises where a record of a finished training lacks what it measured.

    Args:
        measured: What the record tells.
        path: File that it is in.
        multi_label: Whether a clip may have several classes, or none.

    Raises:
        JournalError: it does; the message names `path`.
    """
    name = objectives_for(multi_label).accuracy.name
    own = (name, f"{name}_interval", *(() if multi_label else ("top5",)))
    _require(measured, (*own, *_TOLD), path, "done")


def require_whole_epochs(
    epochs: Sequence[Mapping[str, Any]], path: Path, *, multi_label: bool = False
) -> None:
    """Raises where a record of an epoch lacks what it measured.

    Args:
        epochs: What the records tell.
        path: File that they are in.
        multi_label: Whether a clip may have several classes, or none.

    Raises:
        JournalError: it does; the message names `path`.
    """
    name = objectives_for(multi_label).accuracy.name
    own = (name, *(() if multi_label else ("top5", "train_top1")))
    for epoch in epochs:
        _require(epoch, (*own, *_OF_EPOCHS), path, "epoch")


def _require(
    told: Mapping[str, Any], names: Sequence[str], path: Path, event: str
) -> None:
    for name in names:
        if name not in told:
            raise JournalError(
                f"{path}: the record `{event}` must have the key `{name}`. Give the "
                "training a new folder with --out."
            )


def measured_over(
    epochs: Sequence[Mapping[str, float]],
    counts: Mapping[str, float],
    chance: Chance,
) -> dict[str, Any]:
    """What a training measured: its last epoch, and the time of all.

    Args:
        epochs: Reports of the epochs, at least one.
        counts: Whole numbers such as `val_clips`, by name.
        chance: What guessing reaches on the validation clips, by the accuracy that
            comes first.
    """
    last = epochs[-1]
    first = chance.accuracy
    interval = first.interval_of({**last, "val_clips": counts["val_clips"]})
    low, high = interval or (last[first.name], last[first.name])
    train = {"train_top1": last["train_top1"]} if "train_top1" in last else {}
    return {
        first.name: last[first.name],
        f"{first.name}_interval": [low, high],
        "chance": round(chance.level, 2),
        "above_chance": low > chance.level,
        **_other_accuracies(last, first),
        "loss": last["val_loss"],
        "train_loss": last["loss"],
        **train,
        "seconds": sum(epoch["seconds"] for epoch in epochs),
        "epochs": len(epochs),
        **{name: int(count) for name, count in counts.items()},
    }


def _other_accuracies(last: Mapping[str, float], first: Accuracy) -> dict[str, Any]:
    """Every other accuracy of an epoch, with its interval where there is one."""
    found: dict[str, Any] = {}
    for accuracy in ACCURACIES.values():
        if accuracy == first or accuracy.name not in last:
            continue
        found[accuracy.name] = last[accuracy.name]
        interval = accuracy.interval_of(last)
        if interval is not None:
            found[f"{accuracy.name}_interval"] = list(interval)
    return found


def class_rows(
    classes: Sequence[str], per_class: Mapping[str, Sequence[float | None]]
) -> list[dict[str, Any]]:
    """A row per class: its name, and its numbers [%]; None without a clip."""
    return [
        {"class": name, **{key: values[n] for key, values in per_class.items()}}
        for n, name in enumerate(classes)
    ]


def trained_document(
    architecture: Architecture,
    *,
    classes: Sequence[str],
    pricing: Pricing,
    measured: Mapping[str, Any],
    training: Mapping[str, Any],
) -> dict[str, Any]:
    """The architecture file of a trained network, at the clip shape it was trained at.

    Args:
        architecture: Architecture that was trained.
        classes: Names in the order of the outputs.
        pricing: Pricing at the batch and precision of the training.
        measured: Numbers that the training measured.
        training: Facts of the training, as plain data; `architecture` among them is the
            name or file it came from.
    """
    source = origin_of(str(training["architecture"]))
    cost = pricing.cost(architecture)
    return {
        "schema": ARCHITECTURE_SCHEMA,
        "arch_id": architecture.arch_id,
        **architecture.to_document(),
        "cost": cost.to_document(),
        "measured": {name: _readable(value) for name, value in measured.items()},
        "found": {
            "classes": len(classes),
            "class_names": list(classes),
            "trained": dict(training),
            **({"searched": source} if source else {}),
            "vidnas": __version__,
        },
    }


def origin_of(name_or_file: str) -> dict[str, Any]:
    """Where the architecture in a file came from; nothing for a published one."""
    path = Path(name_or_file)
    if not path.is_file():
        return {}
    found = load_document(path).get("found")
    return dict(found.value) if found and isinstance(found.value, dict) else {}


def _readable(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    if isinstance(value, list):
        return [round(item, 2) for item in value]
    return rounded(value)
