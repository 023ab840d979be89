"""How is a damaged journal mended? What it still holds is written anew.

What is left out is named line by line; nothing is renumbered and nothing is made up.
"""

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError, JournalError, StudyError, VidnasError
from vidnas.files.journal import (
    JOURNAL_SCHEMA,
    Record,
    locked_journal,
    read_journal,
    record_text,
)
from vidnas.files.journal_line import without_long_lines
from vidnas.files.rescued_journal import rescued_files
from vidnas.files.salvage import DamagedLine, FoundRecord, salvage
from vidnas.files.yaml_file import load_document
from vidnas.study.experiment.recorded import (
    ClipFacts,
    ExperimentFacts,
    read_clip_facts,
    read_experiment_facts,
    read_head,
)
from vidnas.study.experiment.recorded_trials import RecordedTrials, is_later_schema
from vidnas.study.history import JOURNAL_FILE, require_study
from vidnas.trials.recipe import Recipe
from vidnas.trials.trial import Trial
from vidnas.version import __version__
from vidnas.whole_file import write_whole

EXPERIMENT_FILE = "experiment.yaml"
CountClips = Callable[[Mapping[str, Any]], ClipFacts]


@dataclass(frozen=True, slots=True)
class Repair:
    """What was done to a journal.

    Args:
        kept: Number of records in the journal now.
        left_out: What was left out, by line.
        trials: Trials that the journal tells of now.
        damaged: Copy of the journal as it was, or the place of its objects; None where
            nothing had to be done.
        head: Where the study record comes from, if it was lost; else empty.
        notices: What else the user should hear, a sentence each.
    """

    kept: int
    left_out: tuple[DamagedLine, ...]
    trials: tuple[Trial, ...]
    damaged: Path | str | None
    head: str = ""
    notices: tuple[str, ...] = ()


def repair_study(folder: Path, count_clips: CountClips) -> Repair:
    """Writes a study's journal anew from what it still holds.

    The journal as it was stays beside it under a name of its own.

    Args:
        folder: Study folder.
        count_clips: Function that counts the clips of a dataset, asked only where the
            study record is lost.

    Raises:
        StudyError: there is no journal, or a search is writing to it.
        JournalError: nothing of a study is left, or a later version wrote it.
    """
    journal = folder / JOURNAL_FILE
    if not rescued_files(journal):
        require_study(folder)
    with locked_journal(journal) as told:
        notices = tuple(told)
        with journal.open("rb") as file:
            raw, long = without_long_lines(file)
        found, damaged = salvage(raw)
        damaged += [DamagedLine(line, "is longer than any record") for line in long]
        # Half a first record is as good as none: a search begins the study anew.
        if not found and (b"\n" not in raw or not raw.strip(b"\x00\r\n ")):
            return Repair(0, (), (), None, notices=notices)
        head, words = _head(folder, found, count_clips)
        kept, left_out, trials = _sort_out(journal, head, found)
        text = "".join(record_text(record) for record in kept)
        left_out = tuple(sorted((*damaged, *left_out), key=lambda one: one.line))
        if not left_out and not words and _is_whole(journal, raw, kept):
            return Repair(len(kept), (), trials, None, notices=notices)
        copy = _keep_copy(journal)
        write_whole(journal, text)
    return Repair(len(kept), left_out, trials, copy, words, notices)


def _is_whole(journal: Path, raw: bytes, kept: list[Record]) -> bool:
    """Whether a journal reads as these very records."""
    try:
        return raw.endswith(b"\n") and read_journal(journal) == kept
    except JournalError:
        return False


def _sort_out(
    journal: Path, head: Record, found: list[FoundRecord]
) -> tuple[list[Record], tuple[DamagedLine, ...], tuple[Trial, ...]]:
    """The records that tell something, in an order in which they can be read.

    One that comes before the record that it follows on is put behind that.
    """
    told = RecordedTrials(journal, [head])
    told.take(head, 1)
    kept: list[tuple[float, Record]] = [(0.0, head)]
    left_out: list[DamagedLine] = []
    begun: dict[int, float] = {}
    waiting = [one for one in found if one.record is not head]
    while waiting:
        again: list[tuple[FoundRecord, str]] = []
        for one in waiting:
            try:
                record_text(one.record)
                ignored = told.take(one.record, one.line)
                if one.record["event"] == "resumed":
                    read_head(head, one.record["experiment"], str(journal), one.line)
            except (JournalError, ValueError) as wrong:
                again.append((one, _reason(wrong, journal, one.line)))
                continue
            if ignored:
                left_out.append(DamagedLine(one.line, ignored))
                continue
            number = one.record.get("trial")
            place = float(one.line)
            if isinstance(number, int):
                place = max(begun.get(number, 0.0), place)
            if one.record["event"] in ("started", "known") and isinstance(number, int):
                begun.setdefault(number, place)
            kept.append((place, one.record))
        if len(again) == len(waiting):
            left_out += [DamagedLine(one.line, reason) for one, reason in again]
            break
        waiting = [one for one, _ in again]
    kept.sort(key=lambda pair: pair[0])
    numbers = sorted(told.trials)
    trials = tuple(told.trials[number] for number in numbers)
    return [record for _, record in kept], tuple(left_out), trials


def _reason(wrong: Exception, journal: Path, line: int) -> str:
    text = str(wrong).removeprefix(f"{journal}, line {line}: ")
    return text.partition(" `vidnas repair")[0].rstrip(".")


def _head(
    folder: Path, found: list[FoundRecord], count_clips: CountClips
) -> tuple[Record, str]:
    """The study record, and where it comes from if it was lost.

    Raises:
        JournalError: it is lost, and what it said is not known; or it is later's.
    """
    journal = folder / JOURNAL_FILE
    heads = [one.record for one in found if one.record["event"] == "study"]
    for head in heads:
        schema = head.get("schema", JOURNAL_SCHEMA)
        if schema != JOURNAL_SCHEMA and is_later_schema(schema):
            raise JournalError(
                f"{journal} must be of schema {JOURNAL_SCHEMA}, got {schema}: a later "
                "vidnas wrote it, and repairs it."
            )
    for head in heads:
        try:
            read_head(head, None, str(journal))
            if head.get("schema") == JOURNAL_SCHEMA:
                RecordedTrials(journal).take(head, 1)
                return head, ""
        except JournalError:
            continue
    return _rebuild(folder, found, heads, count_clips)


def _rebuild(
    folder: Path, found: list[FoundRecord], heads: list[Record], count: CountClips
) -> tuple[Record, str]:
    """The study record as the resolved experiment in the folder says it."""
    path, journal = folder / EXPERIMENT_FILE, folder / JOURNAL_FILE
    try:
        document = load_document(path).value
        resumed = {"event": "study", "experiment": document}
        experiment = read_experiment_facts(Node(resumed, Origin(str(path))))
        clips = _recorded_clips(heads) or count(experiment.clips)
        head = {
            "event": "study",
            "time": _first_time(found),
            "schema": JOURNAL_SCHEMA,
            "vidnas": __version__,
            "name": document["name"],
            "identity": _identity(experiment, document, clips),
            "experiment": document,
            "classes": list(clips.classes),
        }
        read_head(head, None, str(path))
    except (VidnasError, OSError, KeyError, TypeError) as wrong:
        raise JournalError(
            f"{journal} has lost its study record, and {EXPERIMENT_FILE} does not "
            f"replace it: {wrong}"
        ) from wrong
    return head, f"the study record was lost and is now that of {path}"


def _identity(
    experiment: ExperimentFacts, document: Mapping[str, Any], clips: ClipFacts
) -> dict[str, Any]:
    """What decides the meaning of a trial, as a search would record it."""
    training = experiment.training
    names = {field.name for field in fields(Recipe)}
    return {
        "space": experiment.read_space().space_hash,
        "recipe": {name: training[name] for name in training if name in names},
        "fidelity": {name: training[name] for name in training if name not in names},
        "seed": document["seed"],
        "clips": clips.to_document(),
    }


def _first_time(found: list[FoundRecord]) -> float:
    times = (one.record.get("time") for one in found)
    return next((time for time in times if isinstance(time, int | float)), 0.0)


def _recorded_clips(heads: list[Record]) -> ClipFacts | None:
    """The clips as a study record that is damaged elsewhere names them."""
    for head in heads:
        identity = head.get("identity")
        if isinstance(identity, Mapping):
            try:
                return read_clip_facts(identity.get("clips"))
            except InputError:
                continue
    return None


def _keep_copy(journal: Path) -> Path:
    """Writes the damaged journal to a file that was not there before."""
    for number in range(1, 10_000):
        copy = journal.with_name(f"{journal.stem}.damaged-{number}.jsonl")
        try:
            file = os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        except FileExistsError:
            continue
        with os.fdopen(file, "wb") as content, journal.open("rb") as before:
            shutil.copyfileobj(before, content)
            content.flush()
            os.fsync(content.fileno())
        return copy
    raise StudyError(f"{journal.parent} must not hold 10,000 damaged journals.")
