"""How does a family reach the disk? `a0.yaml` ... `a5.yaml`, one network each."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vidnas.architecture.architecture import ARCHITECTURE_SCHEMA
from vidnas.documents.quantity import rounded
from vidnas.files.yaml_file import dump_document
from vidnas.study.history import History
from vidnas.trials.chance import Chance, accuracy_claims
from vidnas.trials.family import Size
from vidnas.trials.trial import Trial, top1_interval
from vidnas.whole_file import write_whole


def write_family(history: History, sizes: Sequence[Size], folder: Path) -> list[Path]:
    """Writes a file per filled size and removes those of sizes that are now empty.

    Args:
        history: The study that found the networks.
        sizes: Family of the study.
        folder: Folder that the files go to; made where absent.

    Returns:
        The files, in order of size.
    """
    written = []
    for size in sizes:
        path = folder / f"{size.name}.yaml"
        if size.trial is None:
            path.unlink(missing_ok=True)
            continue
        write_whole(path, dump_document(family_document(history, size, size.trial)))
        written.append(path)
    return written


def family_document(history: History, size: Size, trial: Trial) -> dict[str, Any]:
    """The network, its cost, its measured accuracy, and where it came from."""
    return {
        "schema": ARCHITECTURE_SCHEMA,
        "arch_id": trial.arch_id,
        **trial.architecture.to_document(),
        "cost": {name: int(value) for name, value in trial.costs.items()},
        "measured": _measured(trial, history.chance),
        "found": {
            "study": history.head.name,
            "trial": trial.number,
            **({"known": trial.taken_over_from} if trial.taken_over_from else {}),
            "size": size.name,
            "budget_flops": rounded(size.budget),
            "classes": len(history.classes),
            "space": history.head.identity.space,
            "fidelity": trial.fidelity.to_document(),
            "seed": trial.seed,
            "vidnas": history.head.vidnas,
        },
    }


def _measured(trial: Trial, chance: Chance) -> dict[str, Any]:
    measured: dict[str, Any] = {k: rounded(v) for k, v in trial.measured.items()}
    interval = top1_interval(trial)
    if interval is not None:
        measured["top1_interval"] = [round(bound, 2) for bound in interval]
    return measured | accuracy_claims(trial, chance)
