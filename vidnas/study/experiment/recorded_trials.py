"""Which trials does a journal tell of? Its records, one after another, each checked.

A record that no driver writes is damage, and named with its line. What two drivers
write on a file system without locks is not: of doubled records the first counts, and a
`done` counts before a `failed`. Events that this version does not know are passed over,
so that a later one of the same schema may add some.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError, JournalError
from vidnas.files.journal import JOURNAL_SCHEMA, Record, repair_hint
from vidnas.study.experiment.record_lines import class_count
from vidnas.study.experiment.recorded import mapping_at
from vidnas.study.experiment.recorded_trial import (
    NOTHING,
    check_refused,
    read_measured,
    read_number,
    read_numbers,
    read_text,
    read_trial,
    space_shapes,
)
from vidnas.study.experiment.sound_records import (
    sound_done,
    sound_epoch,
    sound_place,
    sound_start,
)
from vidnas.study.experiment.stated_objectives import recorded_objectives
from vidnas.trials.attempt import Attempt
from vidnas.trials.news import Placed
from vidnas.trials.objectives import STANDARD
from vidnas.trials.trial import Trial

Curve = dict[int, Mapping[str, float]]  # reports of epochs, by epoch from 1


@dataclass(frozen=True, slots=True)
class _Recorded:
    """A record with its place.

    Args:
        record: The record.
        node: The record as a document that knows its line.
    """

    record: Record
    node: Node

    @property
    def number(self) -> int:
        return read_number(self.node)


# Of a record of an epoch, beside its numbers.
_NO_NUMBERS = ("event", "time", "trial", "epoch", "opened")


class RecordedTrials:
    """Trials and attempts as the records so far tell them.

    Args:
        journal: Journal file, for messages.
        records: All records, the first of which may say what a candidate is.
    """

    def __init__(self, journal: Path, records: Sequence[Record] = ()) -> None:
        self.trials: dict[int, Trial] = {}
        self.attempts: dict[int, Attempt] = {}
        self.curves: dict[int, Curve] = {}
        self.places: dict[int, Placed] = {}
        self._journal = journal
        self._disputed: set[int] = set()  # two networks began under one number
        self._head: Record | None = None
        self._accuracies: list[str] = []  # that the study has compared by, in order
        self._shapes = space_shapes(records)
        self._classes = class_count(records[0]) if records else None
        self._readers: dict[str, Callable[[_Recorded], str]] = {
            "study": self._take_head,
            "resumed": self._take_resumed,
            "started": self._take_start,
            "known": self._take_known,
            "placed": self._take_place,
            "epoch": self._take_epoch,
            "retried": self._take_retry,
            "interrupted": self._take_reason,
            "reopened": self._take_reopening,
            "done": self._take_done,
            "stopped": self._take_stop,
            "failed": self._take_failure,
            "ended": _check_ended,
            "taken over": _check_taken_over,
        }
        # Whether a record is sound at a glance; it is taken in then.
        self._sound: dict[str, Callable[[Record], bool]] = {
            "started": self._take_sound_start,
            "placed": self._take_sound_place,
            "epoch": self._take_sound_epoch,
            "done": self._take_sound_done,
        }

    def take(self, record: Record, line: int) -> str:
        """Takes a record in.

        Args:
            record: The record.
            line: Line of it, from 1.

        Returns:
            Why it says nothing new; empty where it does.

        Raises:
            JournalError: it is damaged, or contradicts the records before it.
        """
        sound = self._sound.get(record["event"])
        if sound is not None and sound(record):
            return ""
        node = Node(record, Origin(f"{self._journal}, line {line}"))
        try:
            node.need("time").number()
            node.read("opened", Node.number, 0.0)  # of the first record of a session
            reader = self._readers.get(record["event"])
            return reader(_Recorded(record, node)) if reader else ""
        except InputError as wrong:
            raise JournalError(f"{wrong}{repair_hint(self._journal)}") from wrong

    def _take_sound_start(self, record: Record) -> bool:
        trial = sound_start(record, self._shapes, self._classes)
        if trial is None or trial.number in self.trials:
            return False
        self.trials[trial.number] = trial
        return True

    def _take_sound_place(self, record: Record) -> bool:
        placed = sound_place(record)
        if placed is None or placed.number not in self.trials:
            return False
        self.places[placed.number] = placed
        return True

    def _take_sound_epoch(self, record: Record) -> bool:
        found = sound_epoch(record)
        if found is None or found[0] not in self.trials:
            return False
        number, epoch, report = found
        self.curves.setdefault(number, {})[epoch] = report
        return True

    def _take_sound_done(self, record: Record) -> bool:
        trial = sound_done(record, self.trials, self._accuracies)
        if trial is None or trial.number in self._disputed:
            return False
        self.trials[trial.number] = trial
        return True

    def _take_head(self, recorded: _Recorded) -> str:
        if self._head is None:
            if self.trials:
                raise recorded.node.complaint("a study record must be the first.")
            self._head = recorded.record
            self._take_objectives(recorded.node)
            return ""
        if recorded.record != self._head:
            raise recorded.node.complaint("a study record must stand once.")
        return "it repeats the study record"

    def _take_resumed(self, recorded: _Recorded) -> str:
        mapping_at(recorded.node, "experiment")
        self._take_objectives(recorded.node)
        return ""

    def _take_objectives(self, node: Node) -> None:
        """Takes note of the accuracy that an experiment compares by."""
        experiment = node.get("experiment")
        if experiment is None or not isinstance(experiment.value, dict):
            return  # the head's own reader says so
        try:
            objectives = recorded_objectives(experiment.value)
        except InputError as wrong:
            raise experiment.complaint(str(wrong)) from wrong
        self._accuracies.append(objectives.accuracy.name)

    def _measured(self, recorded: _Recorded) -> dict[str, float]:
        return read_measured(
            recorded.node, self._accuracies or [STANDARD.accuracy.name]
        )

    def _take_start(self, recorded: _Recorded) -> str:
        check_refused(recorded.node)
        return self._begin(recorded, self._trial_of(recorded))

    def _take_known(self, recorded: _Recorded) -> str:
        known = replace(
            self._trial_of(recorded),
            state="done",
            measured=self._measured(recorded),
            taken_over_from=recorded.node.need("known").text(),
        )
        return self._begin(recorded, known)

    def _trial_of(self, recorded: _Recorded) -> Trial:
        return read_trial(recorded.node, self._shapes, self._classes)

    def _begin(self, recorded: _Recorded, trial: Trial) -> str:
        before = self.trials.get(trial.number)
        if before is None:
            self.trials[trial.number] = trial
            return ""
        same = (before.arch_id, before.fidelity) == (trial.arch_id, trial.fidelity)
        if not same and before.state == "running":
            self._disputed.add(trial.number)
            return ""  # it says that nobody knows which network will be measured
        return f"trial {trial.number} is begun on an earlier line"

    def _take_reason(self, recorded: _Recorded) -> str:
        trial = self._begun(recorded)
        reason = read_text(recorded.node, "reason")
        if trial.state != "running":
            return f"trial {trial.number} is {trial.state} on an earlier line"
        self.trials[trial.number] = replace(trial, reason=reason)
        return ""

    def _take_place(self, recorded: _Recorded) -> str:
        trial, node = self._begun(recorded), recorded.node
        self.places[trial.number] = Placed(
            trial.number,
            node.read("group", Node.text, ""),
            node.read("node", Node.text, ""),
            node.read("process", Node.integer, 0),
            node.read("log", Node.text, ""),
        )
        return ""

    def _take_epoch(self, recorded: _Recorded) -> str:
        """An epoch; one that was trained again counts as the last time."""
        trial, node = self._begun(recorded), recorded.node
        epoch = node.need("epoch").integer()
        named = {k: v for k, v in recorded.record.items() if k not in _NO_NUMBERS}
        report = read_numbers(Node(named, node.origin))
        self.curves.setdefault(trial.number, {})[epoch] = report
        return ""

    def _take_retry(self, recorded: _Recorded) -> str:
        node = recorded.node
        attempt = Attempt(
            micro_batch=node.need("micro_batch").integer(),
            retries=node.need("retries").integer(),
            deaths=node.need("deaths").integer(0),
        )
        ignored = self._take_reason(recorded)
        if not ignored:
            self.attempts[recorded.number] = attempt
        return ignored

    def _take_reopening(self, recorded: _Recorded) -> str:
        trial = self._begun(recorded)
        reason = read_text(recorded.node, "reason")
        if trial.state != "failed":
            return f"trial {trial.number} has not failed on an earlier line"
        self.attempts.pop(trial.number, None)
        self._disputed.discard(trial.number)
        self.trials[trial.number] = replace(
            trial, state="running", measured={}, reason=reason
        )
        return ""

    def _take_done(self, recorded: _Recorded) -> str:
        trial = self._begun(recorded)
        measured = self._measured(recorded)
        if trial.state == "done" or trial.number in self._disputed:
            return self._end_disputed(trial)
        self.trials[trial.number] = replace(
            trial, state="done", measured=measured, reason=""
        )
        return ""

    def _take_stop(self, recorded: _Recorded) -> str:
        trial = self._begun(recorded)
        reason = read_text(recorded.node, "reason")
        recorded.node.need("epoch").integer()
        if trial.state != "running" or trial.number in self._disputed:
            return self._end_disputed(trial)
        self.trials[trial.number] = replace(trial, state="stopped", reason=reason)
        return ""

    def _take_failure(self, recorded: _Recorded) -> str:
        trial = self._begun(recorded)
        reason = read_text(recorded.node, "reason")
        tried = read_numbers(recorded.node.get("measured") or NOTHING)
        if trial.state != "running" or trial.number in self._disputed:
            return self._end_disputed(trial)
        self.trials[trial.number] = replace(
            trial, state="failed", measured=tried, reason=reason
        )
        return ""

    def _end_disputed(self, trial: Trial) -> str:
        """Of two networks under one number nobody knows which was measured."""
        if trial.state == "running":
            reason = "two searches began it with different networks at once"
            self.trials[trial.number] = replace(trial, state="failed", reason=reason)
            return ""
        return f"trial {trial.number} is {trial.state} on an earlier line"

    def _begun(self, recorded: _Recorded) -> Trial:
        trial = self.trials.get(recorded.number)
        if trial is None:
            raise recorded.node.complaint(
                f"trial {recorded.number} must be running when it is "
                f"{recorded.record['event']}; no line before begins it."
            )
        return trial


def recorded_trials(journal: Path, records: Sequence[Record]) -> RecordedTrials:
    """The trials that records tell of, those of former baselines included.

    Raises:
        JournalError: the first record is no head, is of a later version, or a record
            is damaged or contradicts another.
    """
    if records:
        require_head(journal, records[0])
    found = RecordedTrials(journal, records)
    for line, record in enumerate(records, start=1):
        found.take(record, line)
    return found


def require_head(journal: Path, record: Record) -> None:
    """Raises where a record is no head of a journal that this version reads.

    Raises:
        JournalError: it is another record, or one of a later version.
    """
    if record["event"] != "study":
        raise JournalError(
            f"{journal} must begin with a study record.{repair_hint(journal)}"
        )
    schema = record.get("schema", JOURNAL_SCHEMA)
    if schema == JOURNAL_SCHEMA:
        return
    if is_later_schema(schema):
        raise JournalError(
            f"{journal} must be of schema {JOURNAL_SCHEMA}, got {schema}: a later "
            "vidnas wrote it, and reads it."
        )
    raise JournalError(
        f"{journal}, line 1: `schema` must be {JOURNAL_SCHEMA}.{repair_hint(journal)}"
    )


def is_later_schema(schema: Any) -> bool:
    """Whether a later version names its journals so."""
    family = JOURNAL_SCHEMA.rpartition("/v")[0]
    version = str(schema).removeprefix(f"{family}/v")
    return str(schema).startswith(f"{family}/v") and version.isdigit()


def _check_ended(recorded: _Recorded) -> str:
    check_refused(recorded.node)
    return ""


def _check_taken_over(recorded: _Recorded) -> str:
    recorded.node.need("study").text()
    return ""
