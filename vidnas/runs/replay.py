"""What does a journal tell? Its records back to a head and trials, and nothing else."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vidnas.core.errors import JournalError
from vidnas.core.family import Rung, select_family, spread_ladder
from vidnas.core.front import Front
from vidnas.core.trial import FLOPS, TOP1, Fidelity, Objective, Trial
from vidnas.runs.journal import Record, read_journal
from vidnas.runs.work import architecture_from

JOURNAL_FILE = "journal.jsonl"
OBJECTIVES: tuple[Objective, ...] = (FLOPS, TOP1)


@dataclass(frozen=True, slots=True)
class History:
    """A study as its journal tells it.

    Args:
        folder: Study folder.
        head: First record: experiment, identity, classes and clip counts.
        trials: In order of their numbers.
        refused: Candidates that each budget refused before anything was built.
        seconds: Wall time between the first and the last record, breaks included.
    """

    folder: Path
    head: dict[str, Any]
    trials: tuple[Trial, ...]
    refused: Counter[str]
    seconds: float

    @property
    def experiment(self) -> dict[str, Any]:
        """The experiment document as last run."""
        return dict(self.head["experiment"])

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in label order."""
        return tuple(self.head["classes"])

    @property
    def reference(self) -> dict[str, float]:
        """The hypervolume's reference point by objective name."""
        return dict(self.head["experiment"]["front"]["reference"])

    @property
    def finished(self) -> tuple[Trial, ...]:
        """Done and failed trials."""
        return tuple(t for t in self.trials if t.state != "running")

    def front(self, objectives: Sequence[Objective] = OBJECTIVES) -> Front:
        """The front of the done trials."""
        return Front.of(self.trials, objectives)

    def family(self, ladder: Sequence[float] | None = None) -> tuple[Rung, ...]:
        """One rung per budget; by default those of the experiment.

        Members are front trials better than the reference point: one that is no better
        than chance is no network to take away.
        """
        at = self.reference
        front = [
            trial
            for trial in self.front().trials
            if trial.value("flops") < at["flops"] and trial.value("top1") > at["top1"]
        ]
        if ladder is None:
            stated = self.head["experiment"]["family"]["ladder"]
            ladder = spread_ladder(front, at["flops"]) if stated == "spread" else stated
        return select_family(front, ladder)


def load_history(folder: Path) -> History:
    """The study in a folder.

    Raises:
        StudyError: the folder holds no journal.
        JournalError: the journal is damaged.
    """
    path = folder / JOURNAL_FILE
    return replay(folder, read_journal(path))


def replay(folder: Path, records: Sequence[Record]) -> History:
    """The history that these records tell.

    Raises:
        JournalError: the first record is no head, or a record contradicts another.
    """
    if not records or records[0]["event"] != "study":
        raise JournalError(f"{folder / JOURNAL_FILE} must begin with a study record.")
    head = dict(records[0])
    for record in records:
        if record["event"] == "resumed":
            head["experiment"] = record["experiment"]
    return History(
        folder=folder,
        head=head,
        trials=_trials(records, folder),
        refused=_refused(records),
        seconds=records[-1]["time"] - records[0]["time"],
    )


def _trials(records: Iterable[Record], folder: Path) -> tuple[Trial, ...]:
    trials: dict[int, Trial] = {}
    for record in records:
        event = record["event"]
        if event == "started":
            trials[record["trial"]] = _started(record)
        elif event in ("done", "failed"):
            trial = trials.get(record["trial"])
            if trial is None or trial.state != "running":
                raise JournalError(
                    f"{folder / JOURNAL_FILE}: trial {record['trial']} must be running "
                    f"when it is {event}."
                )
            trials[trial.number] = replace(
                trial,
                state=event,
                measured=record.get("measured", {}),
                reason=record.get("reason", ""),
            )
    return tuple(trials[number] for number in sorted(trials))


def _started(record: Record) -> Trial:
    return Trial(
        number=record["trial"],
        candidate=tuple(record["candidate"]),
        architecture=architecture_from(record["architecture"]),
        fidelity=Fidelity(**record["fidelity"]),
        seed=record["seed"],
        costs=record["costs"],
    )


def _refused(records: Iterable[Record]) -> Counter[str]:
    refused: Counter[str] = Counter()
    for record in records:
        if record["event"] in ("started", "ended"):
            refused.update(record.get("refused", {}))
    return refused
