"""Which trials does a journal tell of? Its records, one after another, each checked.

A record that no driver writes is damage, and named with its line. What two drivers
write on a file system without locks is not: of doubled records the first counts, and a
`done` counts before a `failed`. Events that this version does not know are passed over,
so that a later one of the same schema may add some (D132).
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast, get_args

from vidnas.architecture.reader import architecture_from
from vidnas.documents.node import Node, Origin
from vidnas.errors import InputError, JournalError, VidnasError
from vidnas.files.journal import JOURNAL_SCHEMA, Record, repair_hint
from vidnas.space.reading import read_space
from vidnas.study.experiment.recorded import read_fidelity
from vidnas.trials.attempt import Attempt
from vidnas.trials.trial import TOP1, Source, Trial

_HUGE = 2.0**63
_NOTHING = Node({}, Origin(""))
COSTS = ("flops", "parameters", "inference_bytes")  # that every version priced
_LEAST = {"train_clips": 1.0, "micro_batch": 1.0, "val_clips": 0.0}


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
        return self.node.need("trial").integer(-(10**9), 10**9)


class RecordedTrials:
    """Trials and attempts as the records so far tell them.

    Args:
        journal: Journal file, for messages.
        records: All records, the first of which may say what a candidate is.
    """

    def __init__(self, journal: Path, records: Sequence[Record] = ()) -> None:
        self.trials: dict[int, Trial] = {}
        self.attempts: dict[int, Attempt] = {}
        self._journal = journal
        self._disputed: set[int] = set()  # two networks began under one number
        self._head: Record | None = None
        self._shapes = _shapes(records)
        self._readers: dict[str, Callable[[_Recorded], str]] = {
            "study": self._take_head,
            "resumed": _take_resumed,
            "started": self._take_start,
            "known": self._take_known,
            "retried": self._take_retry,
            "interrupted": self._take_reason,
            "reopened": self._take_reopening,
            "done": self._take_done,
            "failed": self._take_failure,
            "ended": lambda recorded: _check_refused(recorded.node),
            "taken over": _check_taken_over,
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
        node = Node(record, Origin(f"{self._journal}, line {line}"))
        try:
            node.need("time").number()
            reader = self._readers.get(record["event"])
            return reader(_Recorded(record, node)) if reader else ""
        except InputError as wrong:
            raise JournalError(f"{wrong}{repair_hint(self._journal)}") from wrong

    def _take_head(self, recorded: _Recorded) -> str:
        if self._head is None:
            if self.trials:
                raise recorded.node.complaint("a study record must be the first.")
            self._head = recorded.record
            return ""
        if recorded.record != self._head:
            raise recorded.node.complaint("a study record must stand once.")
        return "it repeats the study record"

    def _take_start(self, recorded: _Recorded) -> str:
        _check_refused(recorded.node)
        return self._begin(recorded, self._trial(recorded.node))

    def _take_known(self, recorded: _Recorded) -> str:
        known = replace(
            self._trial(recorded.node),
            state="done",
            measured=_measured(recorded.node),
            taken_over_from=recorded.node.need("known").text(),
        )
        return self._begin(recorded, known)

    def _begin(self, recorded: _Recorded, trial: Trial) -> str:
        before = self.trials.get(trial.number)
        if before is None:
            self.trials[trial.number] = trial
            return ""
        same = (before.arch_id, before.fidelity) == (trial.arch_id, trial.fidelity)
        if not same and before.state == "running":
            self._disputed.add(trial.number)
        return f"trial {trial.number} is begun on an earlier line"

    def _take_reason(self, recorded: _Recorded) -> str:
        trial = self._begun(recorded)
        reason = _text(recorded.node, "reason")
        if trial.state != "running":
            return f"trial {trial.number} is {trial.state} on an earlier line"
        self.trials[trial.number] = replace(trial, reason=reason)
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
        reason = _text(recorded.node, "reason")
        if trial.state != "failed":
            return f"trial {trial.number} has not failed on an earlier line"
        self.attempts.pop(trial.number, None)
        self.trials[trial.number] = replace(
            trial, state="running", measured={}, reason=reason
        )
        return ""

    def _take_done(self, recorded: _Recorded) -> str:
        trial = self._begun(recorded)
        measured = _measured(recorded.node)
        if trial.state == "done" or trial.number in self._disputed:
            return self._end_disputed(trial)
        self.trials[trial.number] = replace(
            trial, state="done", measured=measured, reason=""
        )
        return ""

    def _take_failure(self, recorded: _Recorded) -> str:
        trial = self._begun(recorded)
        reason = _text(recorded.node, "reason")
        tried = _numbers(recorded.node.get("measured") or _NOTHING)
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

    def _trial(self, node: Node) -> Trial:
        number = node.need("trial").integer(-(10**9), 10**9)
        if number < 0:
            node.need("baseline")
        try:
            architecture = architecture_from(_mapping(node, "architecture").value)
        except VidnasError as wrong:
            raise node.complaint(str(wrong)) from wrong
        stated = node.need("arch_id")
        if stated.value != architecture.arch_id:
            raise stated.error(f"`arch_id` must be {architecture.arch_id}")
        return Trial(
            number=number,
            candidate=self._candidate(node.need("candidate"), number),
            architecture=architecture,
            fidelity=read_fidelity(_mapping(node, "fidelity")),
            seed=node.need("seed").integer(0),
            costs=_costs(node),
            baseline=node.read("baseline", Node.text, ""),
            source=node.read("source", _source, "trained"),
        )

    def _candidate(self, node: Node, number: int) -> tuple[int, ...]:
        """Option indices; none of a baseline, which no space has to hold."""
        indices = node.value
        whole = isinstance(indices, list) and all(type(i) is int for i in indices)
        if not whole or not (number < 0 or self._fits(indices)):
            raise node.error("`candidate` must be indices of options of the space")
        return tuple(indices)

    def _fits(self, indices: Sequence[int]) -> bool:
        return not self._shapes or any(
            len(indices) == len(shape)
            and all(0 <= i < n for i, n in zip(indices, shape, strict=True))
            for shape in self._shapes
        )


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


def _shapes(records: Iterable[Record]) -> list[tuple[int, ...]]:
    """Numbers of options per choice, as the study's space was first and last spelled.

    None where the space cannot be read: its own reader says why.
    """
    origin = Origin("journal")
    told: list[Any] = []
    for record in records:
        if record["event"] in ("study", "resumed"):
            with suppress(InputError):
                experiment = _mapping(Node(record, origin), "experiment")
                told.append(_mapping(experiment, "space").value)
    found = []
    for document in told[:1] + [last for last in told[-1:] if last != told[0]]:
        with suppress(VidnasError):
            space = read_space(Node(document, origin))
            found.append(tuple(len(choice.options) for choice in space.choices))
    return found


def _take_resumed(recorded: _Recorded) -> str:
    _mapping(recorded.node, "experiment")
    return ""


def _source(node: Node) -> Source:
    return cast(Source, node.one_of(*get_args(Source)))


def _check_taken_over(recorded: _Recorded) -> str:
    recorded.node.need("study").text()
    return ""


def _check_refused(node: Node) -> str:
    refused = _mapping_of(node.get("refused") or _NOTHING)
    for name in refused.value:
        refused.child(name).integer(0)
    return ""


def _costs(node: Node) -> Mapping[str, float]:
    costs = _mapping(node, "costs")
    _numbers(costs)
    for name in COSTS:
        if costs.need(name).value < 0:
            costs.child(name).number()
    costs_of: Mapping[str, float] = costs.value
    return costs_of


def _measured(node: Node) -> dict[str, float]:
    """What a done trial measured; its top-1 is a share where clips are counted."""
    measured = _mapping(node, "measured")
    values = _numbers(measured)
    top1 = measured.need(TOP1.name)
    if values.get("val_clips"):
        top1.number(0.0, 100.0)
    for name, least in _LEAST.items():
        if name in values:
            measured.child(name).number(least)
    return values


def _numbers(node: Node) -> dict[str, float]:
    values: dict[str, float] = _mapping_of(node).value
    for name, value in values.items():
        # Quick, since nearly all are sound: a 64-bit number, which no flag is.
        if type(value) not in (int, float) or not -_HUGE < value < _HUGE:
            node.child(name).number(minimum=-math.inf)
    return values


def _text(node: Node, key: str) -> str:
    found = node.need(key)
    if not isinstance(found.value, str):
        raise found.error(f"`{found.label}` must be text")
    return found.value


def _mapping(node: Node, key: str) -> Node:
    return _mapping_of(node.need(key))


def _mapping_of(node: Node) -> Node:
    if not isinstance(node.value, dict):
        raise node.error(f"`{node.label}` must be a mapping")
    return node
