"""How does a family reach the disk? `a0.yaml` ... `a5.yaml`, one network each."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidnas.documents.quantity import rounded
from vidnas.errors import StudyError
from vidnas.files.file_kind import FOLDER, wrong_kind
from vidnas.files.no_link import require_no_link
from vidnas.files.yaml_file import dump_document
from vidnas.study.family.documents import size_document, twin_document
from vidnas.study.family.networks import Twin
from vidnas.study.family.reading import named_files, own_network
from vidnas.study.history import History
from vidnas.trials.family import Size
from vidnas.trials.ladders.spread import FAMILY_SIZES
from vidnas.trials.ladders.stated import SPREAD, StatedLadder
from vidnas.whole_file import write_whole


@dataclass(frozen=True, slots=True)
class FamilyFiles:
    """What became of a folder when a family was written there.

    Args:
        written: Files of the filled sizes and of their twins, in order of size.
        removed: Files of earlier families of the study, which no size has now.
        replaced: Files among those written that held another network before, and its
            `arch_id`.
    """

    written: tuple[Path, ...]
    removed: tuple[Path, ...]
    replaced: tuple[tuple[Path, str], ...] = ()


def write_family(
    history: History,
    sizes: Sequence[Size],
    folder: Path,
    twins: Sequence[Twin] = (),
) -> FamilyFiles:
    """Writes a file per filled size; removes what the study wrote of other sizes.

    Other people's files stay as they are, and so do those of other studies and those
    that somebody edited.

    Args:
        history: The study that found the networks.
        sizes: Family of the study.
        folder: Folder that the files go to; made where absent.
        twins: Streaming twins of the sizes; each has a file beside its size's.

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
    documents = _documents(history, sizes, twins)
    names = {f"{name}.yaml" for name in documents}
    names |= {f"{size.name}.yaml" for size in sizes}
    there = named_files(folder)
    own = {f: found for f in there if (found := own_network(f, history)) is not None}
    for file in there:
        if file.name in names and file not in own:
            raise StudyError(
                f"{file} must be free or a family file of {history.folder} as it was "
                "written, it is neither. Name another folder with --to, or move it."
            )
    written, replaced = [], []
    for name, document in documents.items():
        path = folder / f"{name}.yaml"
        write_whole(path, dump_document(document))
        written.append(path)
        if path in own and own[path].arch_id != document["arch_id"]:
            replaced.append((path, own[path].arch_id))
    removed = sorted(own.keys() - set(written))
    for file in removed:
        file.unlink()
    return FamilyFiles(tuple(written), tuple(removed), tuple(replaced))


def _documents(
    history: History, sizes: Sequence[Size], twins: Sequence[Twin]
) -> dict[str, dict[str, Any]]:
    """Documents by the name of a size, or of a twin that is a network of its own."""
    beside = {twin.size.name: twin for twin in twins if not twin.is_found}
    found: dict[str, dict[str, Any]] = {}
    for size in sizes:
        document = size_document(history, size, sizes)
        if document is not None:
            found[size.name] = document
            if size.name in beside:
                twin = beside[size.name]
                found[twin.name] = twin_document(history, twin)
    return found


def stated_folder(ladder: StatedLadder, cost: str) -> str:
    """Name of the folder of a ladder's family: `family-2M-5M-10M`, `family-movinet`.

    Args:
        ladder: Ladder as stated, its networks priced or not.
        cost: First cost of the study's objectives, which goes without saying.
    """
    words = ["family"]
    for column in ladder.columns:
        words += [] if ladder.costs == (cost,) else [column.cost]
        if column.is_spread:
            words += [SPREAD]
            words += [] if column.sizes == FAMILY_SIZES else [str(column.sizes)]
        elif column.family:
            words += [column.family]
        else:
            words += [
                one if isinstance(one, str) else _budget_text(one)
                for one in column.budgets
            ]
    return _short(words)


def _short(words: Sequence[str]) -> str:
    name = "-".join(words)
    if len(name) <= _LONGEST:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{words[0]}-{words[1]}-to-{words[-1]}-{digest}"


_LONGEST = 100  # characters of a folder's name


def _budget_text(budget: float) -> str:
    """The shortest text that spells the very budget: `2M`, `1500k`, `1234567`."""
    for unit, size in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        text = f"{budget / size:g}"
        if budget >= size and "e" not in text and float(text) * size == budget:
            return f"{text}{unit}"
    return f"{rounded(budget)}"
