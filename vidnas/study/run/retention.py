"""Which states and networks does a study keep? A bounded number, where it lies.

Of a trial that runs its last state. Of one that is done the weights, while it is on the
front, or for good where it is a baseline. Where rungs are continued, also the last
state of `WAITING` trials at each rung that may still be promoted.
"""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from vidnas.errors import StudyError
from vidnas.files.mirror import study_place
from vidnas.files.no_link import require_no_link
from vidnas.study.experiment.experiment import Experiment
from vidnas.study.ledger import Ledger
from vidnas.study.workers.assignment import Leaves
from vidnas.study.workers.checkpoints import STATE_FILE, WEIGHTS_FILE
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.front import Front
from vidnas.trials.rank_agreement import at_equal_flops
from vidnas.trials.trial import Trial
from vidnas.whole_file import is_unfinished

CHECKPOINTS = "checkpoints"  # folder of a study
WAITING = 32  # trials of a rung whose last states are kept
_NAME = re.compile(r"-?[0-9]{4,}")


class Retention:
    """The checkpoints of a study, kept as trials come and go.

    Args:
        folder: Study folder.
        experiment: Experiment of the study.
        ledger: Trials of the study.
    """

    def __init__(self, folder: Path, experiment: Experiment, ledger: Ledger) -> None:
        self._place = study_place(folder).child(CHECKPOINTS)
        self._experiment = experiment
        self._ledger = ledger
        self._front: list[Trial] = []
        self._waiting: dict[Fidelity, list[Trial]] = {}
        self._epochs: dict[str, int] = {}  # the most that a network was trained
        self._is_open = False

    def open(self) -> None:
        """Makes the folder, and removes what killed drivers left of ended trials.

        Where it cannot be made, nothing is kept, and the study goes on without. In a
        store no folder is made: a worker that cannot write there says so.
        """
        try:
            if self._place.path is not None:
                require_no_link(self._place.path)
                self._place.path.mkdir(exist_ok=True)
        except (OSError, StudyError) as wrong:
            self._ledger.notice(f"no states of trainings are kept: {wrong}")
            return
        self._is_open = True
        log = self._ledger.log
        own = (*log.baselines, *log.own, *log.repeats)
        kept = {t.number for t in own if t.state == "running"}
        done = [trial for trial in log.own if trial.state == "done"]
        needed = {t.continues for t in log.own if t.state == "running"}
        passed = {t.continues for t in log.own if t.state != "running"}
        self._front = self._best(t for t in done if self.leaves(t) == "weights")
        for trial in done:
            self._note_epochs(trial)
        for trial in done:
            if self._may_be_promoted(trial) and trial.number not in passed:
                self._waiting.setdefault(trial.fidelity, []).append(trial)
        for fidelity in self._waiting:
            self._cut(fidelity)
            kept |= {trial.number for trial in self._waiting[fidelity]}
        kept |= {number for number in needed if number is not None}
        shown = {trial.number for trial in (*self._front, *log.baselines)}
        for number in self._numbers():
            self._remove(number, weights=number not in shown, state=number not in kept)

    def folder_of(self, number: int | None) -> str:
        """Path or address of a trial's checkpoint; empty where none is kept."""
        if number is None or not self._is_open:
            return ""
        return str(self._place.child(checkpoint_name(number)))

    def leaves(self, trial: Trial) -> Leaves:
        """What is left of a trial once it is done."""
        is_own = trial.source == "trained" and not trial.taken_over_from
        if not is_own or trial.repeats is not None:
            return ""
        if trial.fidelity == self._experiment.fidelity:
            return "weights"
        return "state" if self._experiment.rungs.continues else ""

    def end(self, trial: Trial) -> None:
        """Removes what is not needed once a trial has ended."""
        if not self._is_open:
            return
        if trial.continues is not None:  # in its place
            self._drop(trial.continues)
        self._note_epochs(trial)
        leaves = self.leaves(trial) if trial.state == "done" else ""
        if leaves == "state" and self._may_be_promoted(trial):
            self._waiting.setdefault(trial.fidelity, []).append(trial)
            self._cut(trial.fidelity)
            return
        is_shown = trial.number < 0
        if leaves == "weights" and not is_shown:
            is_shown = self._join_front(trial)
        self._remove(trial.number, weights=not is_shown)

    def _note_epochs(self, trial: Trial) -> None:
        most = max(self._epochs.get(trial.arch_id, 0), trial.fidelity.epochs)
        self._epochs[trial.arch_id] = most

    def _may_be_promoted(self, trial: Trial) -> bool:
        """Whether a trial leaves a state, and its network was trained no longer yet."""
        is_longest = trial.fidelity.epochs == self._epochs[trial.arch_id]
        return self.leaves(trial) == "state" and is_longest

    def _join_front(self, trial: Trial) -> bool:
        before = [*self._front, trial]
        self._front = self._best(before)
        stay = {member.number for member in self._front}
        for beaten in before:
            if beaten.number not in stay:
                self._remove(beaten.number)
        return trial.number in stay

    def _best(self, trials: Iterable[Trial]) -> list[Trial]:
        return list(Front.of(list(trials), self._experiment.objectives.each).trials)

    def _cut(self, fidelity: Fidelity) -> None:
        """Lets go of the trials of a rung that are least likely to be promoted."""
        waiting = self._waiting[fidelity]
        if len(waiting) <= WAITING:
            return
        needed = {t.continues for t in self._running()}
        free = [trial for trial in waiting if trial.number not in needed]
        for trial in self._ranked(free)[WAITING:]:
            self._drop(trial.number)

    def _ranked(self, trials: Sequence[Trial]) -> list[Trial]:
        """Trials by their accuracy beside others of their size, the best first."""
        if not trials:
            return []
        objectives = self._experiment.objectives
        accuracies = objectives.accuracies(trials)
        beside = at_equal_flops(accuracies, objectives.sizes(trials))
        order = sorted(range(len(trials)), key=lambda n: (-beside[n], n))
        return [trials[n] for n in order]

    def _running(self) -> list[Trial]:
        return [t for t in self._ledger.log.own if t.state == "running"]

    def _drop(self, number: int) -> None:
        for waiting in self._waiting.values():
            waiting[:] = [trial for trial in waiting if trial.number != number]
        self._remove(number)

    def _numbers(self) -> list[int]:
        """Numbers of the trials that have a folder."""
        with suppress(OSError):
            return [int(n) for n in self._place.folders() if _NAME.fullmatch(n)]
        return []

    def _remove(self, number: int, *, weights: bool = True, state: bool = True) -> None:
        """Removes files of a trial that a study wrote, and its folder where empty."""
        folder = self._place.child(checkpoint_name(number))
        if folder.path is not None and folder.path.is_symlink():
            return
        gone = {STATE_FILE: state, WEIGHTS_FILE: weights}
        with suppress(OSError):
            for name in folder.names(unfinished=True):
                if gone.get(name) or is_unfinished(name):
                    with suppress(OSError):
                        folder.remove(name)
            folder.remove_folder()


def checkpoint_name(number: int) -> str:
    """Name of a trial's folder among the checkpoints: `00038`."""
    return f"{number:05d}"
