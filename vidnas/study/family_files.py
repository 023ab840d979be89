"""How does a family reach the disk? `a0.yaml` ... `a5.yaml`, one network each."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidnas.architecture.architecture import ARCHITECTURE_SCHEMA
from vidnas.architecture.reader import read_architecture
from vidnas.documents.quantity import rounded
from vidnas.errors import InputError, StudyError
from vidnas.files.file_kind import FOLDER, wrong_kind
from vidnas.files.no_link import require_no_link
from vidnas.files.yaml_file import dump_document, load_document
from vidnas.study.history import History
from vidnas.trials.chance import Chance, accuracy_claims
from vidnas.trials.family import Size
from vidnas.trials.trial import Trial
from vidnas.whole_file import write_whole

_NAME = re.compile(r"a[0-9]+\.yaml")


@dataclass(frozen=True, slots=True)
class FamilyFiles:
    """What became of a folder when a family was written there.

    Args:
        written: Files of the filled sizes, in order of size.
        removed: Files of earlier families of the study, which no size has now.
    """

    written: tuple[Path, ...]
    removed: tuple[Path, ...]


def write_family(history: History, sizes: Sequence[Size], folder: Path) -> FamilyFiles:
    """Writes a file per filled size; removes what the study wrote of other sizes.

    Other people's files stay as they are, and so do those of other studies and those
    that somebody edited.

    Args:
        history: The study that found the networks.
        sizes: Family of the study.
        folder: Folder that the files go to; made where absent.

    Raises:
        StudyError: no trial is done, or a file of a size's name is not this study's.
            Then nothing is written.
    """
    if not history.front().trials:
        raise StudyError(
            f"A family needs a trial done at {history.fidelity}, {history.folder} has "
            "none."
        )
    if folder.exists() and not folder.is_dir():
        raise wrong_kind(folder, FOLDER, StudyError)
    if folder.absolute().parent == history.folder.absolute():
        require_no_link(folder)
    names = {f"{size.name}.yaml" for size in sizes}
    there = sorted(file for file in _entries(folder) if _NAME.fullmatch(file.name))
    own = {file for file in there if _is_own(file, history)}
    for file in there:
        if file.name in names and file not in own:
            raise StudyError(
                f"{file} must be free or a family file of {history.folder} as it was "
                "written, it is neither. Name another folder with --to, or move it."
            )
    written = []
    for size in sizes:
        if size.trial is not None:
            path = folder / f"{size.name}.yaml"
            document = family_document(history, size, size.trial)
            write_whole(path, dump_document(document))
            written.append(path)
    removed = sorted(own - set(written))
    for file in removed:
        file.unlink()
    return FamilyFiles(tuple(written), tuple(removed))


def ladder_folder(ladder: Sequence[float]) -> str:
    """Name of the folder of a ladder's family: `family-2M-5M-10M`."""
    budgets = [_budget_text(budget) for budget in ladder]
    name = "-".join(["family", *budgets])
    if len(name) <= _LONGEST:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"family-{budgets[0]}-to-{budgets[-1]}-{digest}"


_LONGEST = 100  # characters of a folder's name


def _budget_text(budget: float) -> str:
    """The shortest text that spells the very budget: `2M`, `1500k`, `1234567`."""
    for unit, size in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        text = f"{budget / size:g}"
        if budget >= size and "e" not in text and float(text) * size == budget:
            return f"{text}{unit}"
    return f"{rounded(budget)}"


def _entries(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _is_own(file: Path, history: History) -> bool:
    """Whether the study wrote the file, and nobody changed its network since.

    Files of before name no `study_id`: they are the study's where they lie in its
    folder and hold one of its trials.
    """
    if file.is_symlink() or not file.is_file():
        return False
    try:
        node = load_document(file)
        architecture = read_architecture(node)
        found = node.need("found").value
    except InputError:
        return False
    if not isinstance(found, dict):
        return False
    if "study_id" in found:
        is_named = found["study_id"] == history.study_id
    else:
        inside = file.resolve().is_relative_to(history.folder.resolve())
        is_named = inside and found.get("study") == history.head.name
    networks: dict[Any, str] = {t.number: t.arch_id for t in history.trials}
    return is_named and networks.get(found.get("trial")) == architecture.arch_id


def family_document(history: History, size: Size, trial: Trial) -> dict[str, Any]:
    """The network, its cost, its measured accuracy, and where it came from."""
    return {
        "schema": ARCHITECTURE_SCHEMA,
        "arch_id": trial.arch_id,
        **trial.architecture.to_document(),
        "cost": {name: rounded(value) for name, value in trial.costs.items()},
        "measured": _measured(trial, history.chance),
        "found": {
            "study": history.head.name,
            "study_id": history.study_id,
            "trial": trial.number,
            **({"known": trial.taken_over_from} if trial.taken_over_from else {}),
            **_continued(trial),
            "size": size.name,
            f"budget_{size.cost}": rounded(size.budget),
            "classes": len(history.classes),
            "space": history.head.identity.space,
            "fidelity": trial.fidelity.to_document(),
            "seed": trial.seed,
            "vidnas": history.head.vidnas,
        },
    }


def _continued(trial: Trial) -> dict[str, int]:
    lower = trial.continued_from
    return {} if lower is None else {"continued_from": lower}


def _measured(trial: Trial, chance: Chance) -> dict[str, Any]:
    measured: dict[str, Any] = {k: rounded(v) for k, v in trial.measured.items()}
    accuracy = chance.accuracy
    interval = accuracy.interval(trial)
    if interval is not None:
        limits = [round(bound, 2) for bound in interval]
        measured[f"{accuracy.name}_interval"] = limits
    return measured | accuracy_claims(trial, chance)
