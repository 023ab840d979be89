"""Where does an outcome wait for a driver that died? In a folder of the study.

An outcome says which network and seed it is of, so that one of another study is never
taken for this one's; without the study's accuracy it is none. Older versions named
neither; theirs count by their number.
"""

import json
import math
import re
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeGuard

from vidnas.study.workers.assignment import Outcome
from vidnas.trials.trial import TOP1
from vidnas.whole_file import is_unfinished, write_whole

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
    outcome: Outcome, outbox: Path, *, arch_id: str = "", seed: int | None = None
) -> None:
    """Writes an outcome where the next driver finds it.

    Args:
        outcome: How a trial ended.
        outbox: Folder of the study for it; made where absent.
        arch_id: Identity of the trial's network.
        seed: Seed of the trial.
    """
    named = {} if seed is None else {"arch_id": arch_id, "seed": seed}
    text = json.dumps({**outcome.to_document(), **named}, allow_nan=False)
    write_whole(outbox / f"{outcome.number}.json", text)


def collect(outbox: Path, accuracy: str = TOP1.name) -> list[LeftOutcome]:
    """Outcomes left by workers whose driver died, in order of their trials."""
    numbers = sorted(
        int(path.stem) for path in _files(outbox) if _NAME.fullmatch(path.name)
    )
    found = (left_for(outbox, number, accuracy) for number in numbers)
    return [left for left in found if left is not None]


def foreign_files(outbox: Path, accuracy: str = TOP1.name) -> list[Path]:
    """What is no outcome at all; the outbox itself where it is no folder."""
    if outbox.exists() and not outbox.is_dir():
        return [outbox]
    sound = {f"{left.outcome.number}.json" for left in collect(outbox, accuracy)}
    return [
        path
        for path in _files(outbox)
        if path.name not in sound and not is_unfinished(path.name)
    ]


def left_for(
    outbox: Path, number: int, accuracy: str = TOP1.name
) -> LeftOutcome | None:
    """What was left of this trial; None where nothing was, or it is no outcome.

    Args:
        outbox: Folder of the study for outcomes.
        number: Number of the trial.
        accuracy: Name of the study's accuracy.
    """
    path = outbox / f"{number}.json"
    try:
        if not path.is_file():
            return None
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return _read(document, number, accuracy)


def clear(outbox: Path, number: int) -> None:
    """Removes the outcome of a trial once the journal holds it.

    What cannot be removed, such as a folder of that name, blocks nothing.
    """
    with suppress(OSError):
        (outbox / f"{number}.json").unlink()


def set_aside(outbox: Path, number: int) -> None:
    """Takes what lies under the number of a trial that only begins out of its way."""
    path = outbox / f"{number}.json"
    if path.is_file():
        with suppress(OSError):
            path.replace(outbox / f"{number}.json.foreign")


def _files(outbox: Path) -> list[Path]:
    try:
        return sorted(outbox.iterdir())
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
