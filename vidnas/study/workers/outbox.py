"""Where does an outcome wait for a driver that died? In a folder of the study."""

import json
from pathlib import Path

from vidnas.study.workers.assignment import Outcome
from vidnas.whole_file import write_whole


def leave(outcome: Outcome, outbox: Path) -> None:
    """Writes an outcome where the next driver finds it."""
    text = json.dumps(outcome.to_document(), allow_nan=False)
    write_whole(outbox / f"{outcome.number}.json", text)


def collect(outbox: Path) -> list[Outcome]:
    """Outcomes left by workers whose driver died, in order of their trials."""
    numbers = sorted(int(path.stem) for path in outbox.glob("*.json"))
    found = (left_for(outbox, number) for number in numbers)
    return [outcome for outcome in found if outcome is not None]


def left_for(outbox: Path, number: int) -> Outcome | None:
    """The outcome that a worker left of this trial, or None."""
    try:
        text = (outbox / f"{number}.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    return Outcome(**json.loads(text))


def clear(outbox: Path, number: int) -> None:
    """Removes the outcome of a trial once the journal holds it."""
    (outbox / f"{number}.json").unlink(missing_ok=True)
