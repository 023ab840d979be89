"""Which group of workers is a trial for? The cheapest whose memory holds it.

While only groups are free that are too small for a trial, it waits. Not more wait than
there are workers that could hold them: then candidates are asked for that fit a free
group, so that no worker is idle.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from vidnas.budgets.memory_margin import memory_factor
from vidnas.study.experiment.experiment import Experiment
from vidnas.study.experiment.pricing import pricing_of
from vidnas.study.experiment.workers import WorkerGroup
from vidnas.study.ledger import Ledger
from vidnas.study.memory_record import training_bytes
from vidnas.study.run.next_trial import NextTrial
from vidnas.trials.trial import Trial


class Backlog:
    """Trials of a run that wait for a worker large enough.

    Args:
        experiment: Experiment of the study, its workers with their memory.
        ledger: Trials of the study.
        next_trial: Begins one trial after the other.
        classes: Number of classes of the clips.
    """

    def __init__(
        self,
        experiment: Experiment,
        ledger: Ledger,
        next_trial: NextTrial,
        *,
        classes: int,
    ) -> None:
        self._experiment = experiment
        self._ledger = ledger
        self._next = next_trial
        self._classes = classes
        self._groups = sorted(experiment.workers.groups, key=_expense)
        self._waiting: list[int] = []
        self._group_of: dict[int, WorkerGroup] = {}
        self._outgrown: dict[int, float] = {}  # memory that was too little [bytes]

    def next(self, free: Sequence[str]) -> tuple[Trial, str] | None:
        """The next trial and its group; None while, or because, there is none.

        Args:
            free: Names of the groups with a free worker.
        """
        if len(self._groups) == 1:
            alone = self._next.begin()
            return None if alone is None else self._given(alone, self._groups[0])
        groups = [group for group in self._groups if group.name in free]
        for number in tuple(self._waiting):
            trial = self._ledger[number]
            found = self._found(trial, groups)
            if found is not None or trial.state != "running":
                self._waiting.remove(number)
            if found is not None and trial.state == "running":
                return self._given(trial, found)
        while groups and (begun := self._begin(groups)) is not None:
            found = self._found(begun, groups)
            if found is not None:
                return self._given(begun, found)
            self._waiting.append(begun.number)
        return None

    def outgrows(self, number: int) -> bool:
        """Whether a trial whose memory ran out goes to a larger worker from now on.

        Batch norm then sees what it saw in every other trial; micro-batches are for
        what the largest worker does not hold.
        """
        group = self._group_of.get(number)
        if group is None or group.memory is None:
            return False
        if not any(_memory(other) > group.memory for other in self._groups):
            return False
        self._outgrown[number] = group.memory
        return True

    def devices_of(self, number: int) -> int:
        """Devices that share a batch of a trial; 0 where its group is not known."""
        group = self._group_of.get(number)
        return 0 if group is None else max(1, int(group.gpus or 0.0))

    def _begin(self, free: Sequence[WorkerGroup]) -> Trial | None:
        """The next trial, of those that fit a free group where too many wait."""
        smallest = max(map(_memory, free))
        larger = [group for group in self._groups if _memory(group) > smallest]
        if len(self._waiting) < sum(group.count for group in larger):
            return self._next.begin()
        if math.isinf(smallest):
            return self._next.begin()
        return self._next.begin(smallest / self._factor())

    def _found(self, trial: Trial, free: Sequence[WorkerGroup]) -> WorkerGroup | None:
        """The cheapest free group that holds a trial; the largest where none does."""
        needed = self._training_bytes(trial)
        least = self._outgrown.get(trial.number, 0.0)
        holding = [
            group
            for group in self._groups
            if _memory(group) >= needed and _memory(group) > least
        ]
        holding = holding or [max(self._groups, key=_memory)]
        return next((group for group in holding if group in free), None)

    def _given(self, trial: Trial, group: WorkerGroup) -> tuple[Trial, str]:
        self._group_of[trial.number] = group
        return trial, group.name

    def _training_bytes(self, trial: Trial) -> float:
        """What the training is to take of each GPU or worker, as measured so far."""
        recipe = self._experiment.recipe
        batch = self._ledger.attempt(trial.number).micro_batch
        batch = max(1, batch // self._experiment.workers.gpus_of_a_training)
        pricing = pricing_of(
            self._classes, replace(recipe, batch=batch), trial.fidelity
        )
        return training_bytes(pricing, trial.architecture) * self._factor()

    def _factor(self) -> float:
        return memory_factor(self._next.ratios())


def _memory(group: WorkerGroup) -> float:
    return math.inf if group.memory is None else group.memory


def _expense(group: WorkerGroup) -> tuple[float, ...]:
    """What groups are sorted by: stated prices, then what a worker has."""
    price = math.inf if group.hourly_cost is None else group.hourly_cost
    return (price, group.gpus or 0.0, _memory(group), group.cpus)
