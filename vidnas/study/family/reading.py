"""Which family do files hold? Sizes and streams that the study wrote, as they are."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.reader import read_architecture
from vidnas.errors import InputError
from vidnas.files.yaml_file import load_document
from vidnas.study.family.documents import SCALED, TWIN_OF
from vidnas.study.family.networks import Twin
from vidnas.study.history import History
from vidnas.trials.family import Size, empty_sizes
from vidnas.trials.filling import Filling
from vidnas.trials.ladders.ladder import Ladder
from vidnas.trials.ladders.stated import StatedBudgets, StatedLadder

FAMILY_FOLDER = "family"
_NAME = re.compile(r"a[0-9]+(\.stream)?\.yaml")


@dataclass(frozen=True, slots=True)
class OwnFile:
    """What a family file of a study holds.

    Args:
        architecture: The network.
        found: Facts on where it is from.
        costs: Costs of it by name.
    """

    architecture: Architecture
    found: Mapping[str, Any]
    costs: Mapping[str, float]

    @property
    def arch_id(self) -> str:
        """Identity of the network."""
        return self.architecture.arch_id


def named_files(folder: Path) -> list[Path]:
    """Files of a folder that have names of sizes or of their twins, in order."""
    entries = folder.iterdir() if folder.is_dir() else ()
    found = [file for file in entries if _NAME.fullmatch(file.name)]
    return sorted(found, key=lambda file: int(file.name[1:].partition(".")[0]))


def own_network(file: Path, history: History) -> OwnFile | None:
    """What a file holds that the study wrote and nobody changed since; else None.

    Files of before name no `study_id`: they are the study's where they lie in its
    folder and hold one of its trials.
    """
    if file.is_symlink() or not file.is_file():
        return None
    try:
        node = load_document(file)
        architecture = read_architecture(node)
        found = node.need("found").value
    except InputError:
        return None
    if not isinstance(found, dict):
        return None
    if "study_id" in found:
        is_named = found["study_id"] == history.study_id
    else:
        inside = file.resolve().is_relative_to(history.folder.resolve())
        is_named = inside and found.get("study") == history.head.name
    if {SCALED, TWIN_OF} & found.keys():  # the reader has compared its `arch_id`
        is_whole = "arch_id" in node.value
    else:
        networks: dict[Any, str] = {t.number: t.arch_id for t in history.trials}
        is_whole = networks.get(found.get("trial")) == architecture.arch_id
    costs = node.value.get("cost", {})
    return OwnFile(architecture, found, costs) if is_named and is_whole else None


@dataclass(frozen=True, slots=True)
class FamilyThere:
    """A family as its files hold it.

    Args:
        folder: Folder of the files.
        sizes: Sizes of the ladder; those without a file are empty.
        twins: Streaming twins among the files.
        changes: What the study would write there now instead, in words, a size each.
    """

    folder: Path
    sizes: tuple[Size, ...]
    twins: tuple[Twin, ...] = ()
    changes: tuple[str, ...] = ()


def families_there(history: History) -> tuple[FamilyThere, ...]:
    """The families that files of a study's folder hold, that of its own ladder first.

    Args:
        history: The study.
    """
    folders = sorted(
        (path for path in history.folder.glob(f"{FAMILY_FOLDER}*") if path.is_dir()),
        key=lambda path: (path.name != FAMILY_FOLDER, path.name),
    )
    found = (family_there(history, folder) for folder in folders)
    return tuple(one for one in found if one is not None)


def family_there(history: History, folder: Path) -> FamilyThere | None:
    """The family that the files of one folder hold; None where they hold none.

    Args:
        history: The study.
        folder: Folder of family files.
    """
    files = {
        file.stem: own
        for file in named_files(folder)
        if (own := own_network(file, history)) is not None
    }
    found = {name: own for name, own in files.items() if TWIN_OF not in own.found}
    if not found:
        return None
    sizes = tuple(
        _filled(size, found[size.name], history) if size.name in found else size
        for size in _sizes(found, history)
    )
    by_name = {size.name: size for size in sizes}
    twins = tuple(
        Twin(name, by_name[of], own.architecture, own.costs)
        for name, own in files.items()
        if (of := name.partition(".")[0]) in by_name and name not in found
    )
    changes = _changes(history, sizes, is_own=folder.name == FAMILY_FOLDER)
    return FamilyThere(folder, sizes, twins, changes)


def _sizes(found: Mapping[str, OwnFile], history: History) -> tuple[Size, ...]:
    """The sizes of the ladder that files say; of older ones, their own budgets."""
    first = next(iter(found.values())).found
    ladder = first.get("ladder")
    if isinstance(ladder, Mapping):
        with suppress(InputError, TypeError, ValueError):
            return empty_sizes(Ladder.together(ladder))
    cost = history.objectives.cost
    above, sizes = 0.0, []
    for name, own in found.items():
        budget = own.found.get(f"budget_{cost}", own.costs.get(cost, 0))
        sizes.append(Size(name, above, float(budget), None, cost=cost))
        above = float(budget)
    return tuple(sizes)


def _filled(size: Size, own: OwnFile, history: History) -> Size:
    trials = {trial.number: trial for trial in history.trials}
    scaled = own.found.get(SCALED)
    if scaled is None:
        return replace(size, trial=trials[own.found["trial"]])
    facts = dict(scaled)
    of, trial = str(facts.pop("of", "")), trials.get(facts.pop("trial", None))
    if trial is None:
        return size
    network = replace(own.architecture, classes=len(history.classes))
    return replace(size, filling=Filling(network, own.costs, of, trial, facts))


def _changes(
    history: History, sizes: Sequence[Size], *, is_own: bool
) -> tuple[str, ...]:
    """What has changed since the files were written, a size each."""
    try:
        stated = _stated(sizes) if not is_own else None
        now = history.family(stated)
    except InputError:  # a ladder of what no trial has any more
        return ()
    before = {size.name: size for size in sizes}
    changes = []
    for size in now:
        was = before.get(size.name)
        numbers = [one and one.trial and one.trial.number for one in (was, size)]
        if numbers[0] != numbers[1]:
            label = size.trial.label if size.trial else None
            changes.append(f"{size.name}: {f'trial {label}' if label else 'empty'}")
    return tuple(changes)


def _stated(sizes: Sequence[Size]) -> StatedLadder:
    """The ladder of sizes, in numbers."""
    return StatedLadder(
        tuple(
            StatedBudgets(cost, tuple(size.limits[at].budget for size in sizes))
            for at, cost in enumerate(sizes[0].costs)
        )
    )
