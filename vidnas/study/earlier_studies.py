"""What do earlier studies of the same task know? Trials that a study takes over.

A network that was trained in full on the same clips, by the same recipe, is not trained
again: its trial is written into the journal, so that the earlier study is needed once.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from vidnas.budgets.budget import Budgets
from vidnas.errors import SpaceError, StudyError
from vidnas.files.journal import Record
from vidnas.files.mirror import study_path
from vidnas.files.place import is_address
from vidnas.files.same_clips import with_common_digests
from vidnas.files.same_facts import require_same
from vidnas.space.candidate import Candidate
from vidnas.space.space import Space
from vidnas.study.experiment.earlier import Earlier
from vidnas.study.experiment.pricing import recorded_costs
from vidnas.study.history import JOURNAL_FILE, History, load_history
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.objectives import STANDARD, Objectives
from vidnas.trials.trial import Trial

TASK = ("clips", "recipe", "fidelity")  # of a study's identity


@dataclass(frozen=True, slots=True)
class TakenOver:
    """What an earlier study gives.

    Args:
        named: Folder of the earlier study, as the experiment spells it.
        trials: Trials done in full and held by the space, with their numbers there.
        left_out: Number of the trials that it does not give, by reason.
    """

    named: str
    trials: tuple[Trial, ...]
    left_out: Mapping[str, int]

    @property
    def words(self) -> str:
        """`9 trials of runs/other; left out: 3 not in the space`."""
        count = len(self.trials)
        given = f"{count} trial{'s' if count != 1 else ''} of {self.named}"
        reasons = ", ".join(f"{n} {reason}" for reason, n in self.left_out.items())
        return f"{given}; left out: {reasons}" if reasons else given


def require_earlier_studies(
    studies: Sequence[Earlier], task: Mapping[str, Any], records: Sequence[Record]
) -> tuple[tuple[str, History], ...]:
    """The earlier studies that are there, each by the name it has in the experiment.

    Args:
        studies: Studies that the experiment names under `known`.
        task: Identity of the study that asks; see `TASK`.
        records: Journal of that study. What it has taken over may be gone.

    Raises:
        StudyError: a study is absent, or is one of another task.
        JournalError: its journal is damaged.
    """
    before = taken_before(records)
    found = []
    for earlier in studies:
        folder = earlier.folder
        if is_address(earlier.named):
            folder = study_path(earlier.named)
        if not (folder / JOURNAL_FILE).exists():
            if earlier.named in before:
                continue
            raise StudyError(
                f"{earlier.place}: a study that is `known` must be a folder with "
                f"{JOURNAL_FILE}, {earlier.named} has none."
            )
        history = load_history(folder)
        there = history.head.identity.to_document()
        require_same(
            {name: with_common_digests(there, task)[name] for name in TASK},
            with_common_digests(task, there),
            f"{earlier.place}: {earlier.named} is a study of another task",
            "Take it out of `known`.",
        )
        found.append((earlier.named, history))
    return tuple(found)


def taken_before(records: Sequence[Record]) -> set[str]:
    """Earlier studies that a journal has taken over, as its experiment spelled them."""
    return {record["study"] for record in records if record["event"] == "taken over"}


def take_over(
    earlier: Sequence[tuple[str, History]],
    space: Space,
    budgets: Budgets,
    trials: Sequence[Trial],
    objectives: Objectives = STANDARD,
    costs: Sequence[str] = (),
) -> tuple[TakenOver, ...]:
    """What earlier studies know of networks that a study has not tried in full.

    Of a network that several know, the first counts. Budgets on what a worker holds
    refuse none, since nothing is trained.

    Args:
        earlier: Studies of the same task by name; see `require_earlier_studies`.
        space: Space of the study that asks.
        budgets: Limits of the study that asks, and how it prices.
        trials: Trials of the study that asks.
        objectives: What that study improves.
        costs: Names of further costs that its families need.
    """
    accuracy = objectives.accuracy.name
    trained = (trial for trial in trials if trial.source == "trained")
    tried = {(trial.arch_id, trial.fidelity) for trial in trained}
    found = []
    for named, history in earlier:
        kept: list[Trial] = []
        left_out: Counter[str] = Counter()
        for trial in _full_trials(history, history.fidelity):
            if (trial.arch_id, trial.fidelity) in tried:
                continue
            candidate = _candidate(space, trial, history)
            broken = set(budgets.broken(trial.architecture)) - {"workers.memory"}
            if candidate is None:
                left_out["not in the space"] += 1
            elif broken:
                left_out["beyond a budget"] += 1
            elif accuracy not in trial.measured:
                left_out[f"without `{accuracy}`"] += 1
            else:
                tried.add((trial.arch_id, trial.fidelity))
                kept.append(
                    replace(
                        trial,
                        candidate=candidate,
                        costs=recorded_costs(
                            budgets.price,
                            trial.architecture,
                            (*objectives.costs, *costs),
                        ),
                        taken_over_from=trial.taken_over_from
                        or f"{history.head.name}/{trial.number}",
                        baseline="",
                        continues=None,
                    )
                )
        found.append(TakenOver(named, tuple(kept), left_out))
    return tuple(found)


def _full_trials(history: History, full: Fidelity) -> list[Trial]:
    """Trials of candidates that were trained in full, and done."""
    return [
        trial
        for trial in history.trials
        if trial.state == "done" and trial.fidelity == full
        if trial.source == "trained"
    ]


def _candidate(space: Space, trial: Trial, history: History) -> Candidate | None:
    """The candidate that is the trial's network in a space; None where none is."""
    if history.head.identity.space == space.space_hash:
        return trial.candidate
    try:
        return space.encode(trial.architecture)
    except SpaceError:
        return None
