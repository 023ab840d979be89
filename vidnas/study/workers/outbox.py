"""Where does an outcome wait for a driver that died? In a place of the study.

It is a folder on a disk, or one in the store that the study lies in.

An outcome says which network and seed it is of, so that one of another study is never
taken for this one's; without the study's accuracy it is none. Older versions named
neither; theirs count by their number.
"""

import json
import math
import os
import re
from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any, TypeGuard

from vidnas.files.place import Place
from vidnas.study.workers.assignment import Outcome
from vidnas.trials.trial import TOP1
from vidnas.whole_file import is_unfinished

Outbox = Place | str | os.PathLike[str]  # a path, or an address
_NAME = re.compile(r"(0|-?[1-9][0-9]*)\.json")


@dataclass(frozen=True, slots=True)
class LeftOutcome:
    """An outcome in the outbox.

    Args:
        outcome: The outcome itself.
        arch_id: Identity of its network; empty where an older version wrote it.
        seed: Seed of its trial; None where an older version wrote it.
    """

    outcome: Outcome
    arch_id: str = ""
    seed: int | None = None

    def is_of(self, arch_id: str, seed: int) -> bool:
        """Whether it may be the outcome of a trial of that network and seed."""
        return self.arch_id in ("", arch_id) and self.seed in (None, seed)


def leave(
    outcome: Outcome, outbox: Outbox, *, arch_id: str = "", seed: int | None = None
) -> None:
    """Writes an outcome where the next driver finds it.

    Args:
        outcome: How a trial ended.
        outbox: Place of the study for it; made where absent.
        arch_id: Identity of the trial's network.
        seed: Seed of the trial.

    Raises:
        OSError: the place does not take it.
        StudyError: the outbox is a symbolic link.
    """
    named = {} if seed is None else {"arch_id": arch_id, "seed": seed}
    text = json.dumps({**outcome.to_document(), **named}, allow_nan=False)
    Place.of(outbox).write(f"{outcome.number}.json", text.encode())


def collect(outbox: Outbox, accuracy: str = TOP1.name) -> list[LeftOutcome]:
    """Outcomes left by workers whose driver died, in order of their trials.

    Raises:
        OSError: a store does not say what it holds.
    """
    numbers = sorted(
        int(name.removesuffix(".json"))
        for name in _names(Place.of(outbox))
        if _NAME.fullmatch(name)
    )
    found = (left_for(outbox, number, accuracy) for number in numbers)
    return [left for left in found if left is not None]


def foreign_files(outbox: Outbox, accuracy: str = TOP1.name) -> list[str]:
    """Names of what is no outcome at all; the outbox itself where it is no folder.

    Raises:
        OSError: a store does not say what it holds.
    """
    place = Place.of(outbox)
    if place.path is not None and place.path.exists() and not place.path.is_dir():
        return [place.path.name]
    names = [name for name in _names(place) if not is_unfinished(name)]
    if not names:
        return []
    sound = {f"{left.outcome.number}.json" for left in collect(place, accuracy)}
    return [name for name in names if name not in sound]


def left_for(
    outbox: Outbox, number: int, accuracy: str = TOP1.name
) -> LeftOutcome | None:
    """What was left of this trial; None where nothing was, or it is no outcome.

    Args:
        outbox: Place of the study for outcomes.
        number: Number of the trial.
        accuracy: Name of the study's accuracy.
    """
    place, name = Place.of(outbox), f"{number}.json"
    try:
        # A pipe of that name would never end.
        if place.path is not None and not (place.path / name).is_file():
            return None
        document = json.loads(place.read(name).decode())
    except (OSError, ValueError, RecursionError):
        return None
    return _read(document, number, accuracy)


def clear(outbox: Outbox, number: int) -> None:
    """Removes the outcome of a trial once the journal holds it.

    What cannot be removed, such as a folder of that name, blocks nothing.
    """
    with suppress(OSError):
        Place.of(outbox).remove(f"{number}.json")


def set_aside(outbox: Outbox, number: int) -> None:
    """Takes what lies under the number of a trial that only begins out of its way."""
    place, name = Place.of(outbox), f"{number}.json"
    if place.path is None or (place.path / name).is_file():
        with suppress(OSError):
            place.rename(name, f"{name}.foreign")


def _names(place: Place) -> list[str]:
    """Names of all that lies in an outbox; on a disk of folders and pipes too."""
    if place.path is None:
        return place.names()
    try:
        return sorted(entry.name for entry in place.path.iterdir())
    except OSError:
        return []


def _read(document: Any, number: int, accuracy: str) -> LeftOutcome | None:
    if not isinstance(document, dict) or document.get("number") != number:
        return None
    arch_id, seed = document.get("arch_id", ""), document.get("seed")
    known = {field.name for field in fields(Outcome)}
    facts = {name: value for name, value in document.items() if name in known}
    measured, reason = facts.get("measured"), facts.get("reason", "")
    texts = (arch_id, reason, facts.get("cause", ""))
    if not _is_measured(measured) or not all(isinstance(text, str) for text in texts):
        return None
    if not (seed is None or isinstance(seed, int)) or not (
        reason or accuracy in measured
    ):
        return None
    return LeftOutcome(Outcome(**facts), arch_id, seed)


def _is_measured(value: Any) -> TypeGuard[dict[str, float]]:
    return isinstance(value, dict) and all(
        isinstance(number, int | float)
        and not isinstance(number, bool)
        and math.isfinite(number)
        for number in value.values()
    )
