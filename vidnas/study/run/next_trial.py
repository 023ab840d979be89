"""Which trial comes next? A baseline, an interrupted one, a promotion, a candidate."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from vidnas.arrays import Floats
from vidnas.budgets.budget import Budget, Budgets
from vidnas.errors import EvaluationError
from vidnas.space.candidate import Candidate
from vidnas.strategies.starting_networks import without_starting_networks
from vidnas.strategies.strategy import Promising, SearchState
from vidnas.study.experiment.experiment import Experiment
from vidnas.study.experiment.pricing import recorded_costs
from vidnas.study.ledger import Ledger
from vidnas.study.memory_record import MemoryRatios
from vidnas.study.run.baseline_trials import BaselineTrials
from vidnas.study.run.broken_surroundings import BrokenSurroundings
from vidnas.study.run.proposals import Proposals
from vidnas.study.workers.assignment import Outcome
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.noise.repeats import with_repeats
from vidnas.trials.promotion import Job, Promise, is_below
from vidnas.trials.trial import Source, Trial

MEMORY = "training_bytes"
HOPELESS = 6  # so many failures in a run, and never a trial done, stop the study


class NextTrial:
    """Begins one trial of a study after the other.

    Args:
        experiment: Experiment of the study, its budgets in numbers.
        ledger: Trials of the study so far.
        classes: Number of classes of its clips.
        source: Source of the accuracies of its trials.
    """

    def __init__(
        self, experiment: Experiment, ledger: Ledger, *, classes: int, source: Source
    ) -> None:
        self._experiment = experiment
        self._ledger = ledger
        self._classes = classes
        self._source: Source = source
        self._price = experiment.limits(classes).price
        self.baselines = BaselineTrials(experiment, ledger, self._price)
        log = ledger.log
        begun = log.repeats if experiment.repeats.are_alone else log.visible
        self._interrupted = [t.number for t in begun if t.state == "running"]
        if not experiment.repeats.are_alone:
            again = (t.number for t in log.repeats if t.state == "running")
            self._interrupted += again
        self._set_aside: list[int] = []  # broken again, so others are tried first
        self._broken = BrokenSurroundings()
        self._failed_before = log.states["failed"]
        self._is_used_up = False  # no new candidate is left
        self._proposals = Proposals(experiment, ledger, self._state)
        self._ratios = MemoryRatios(classes, experiment.recipe)

    def begin(self, most: float | None = None) -> Trial | None:
        """The next trial, begun; None while, or because, there is none to begin.

        Baselines come first, then what was interrupted, then what the rungs promote,
        then a new candidate, then, once all of these have ended, repeats, and last
        what the surroundings broke twice in a row.

        Args:
            most: The most training memory that a promotion or a new candidate may be
                predicted to take [bytes]; None for what the budgets allow.
        """
        if self._broken.stop_the_study:
            return None
        if self._experiment.effort.runs_out(self._ledger.spent()):
            return None
        are_alone = self._experiment.repeats.are_alone
        baseline = None if are_alone else self.baselines.next()
        if baseline is not None:
            return baseline
        if self._is_hopeless():
            return None
        interrupted = self._pop_running(self._interrupted)
        return (
            interrupted
            or (None if are_alone else self._begin_next(most))
            or self._begin_repeat(most)
            or self._pop_running(self._set_aside)
        )

    def judge(self, outcome: Outcome) -> Outcome:
        """Takes note of an outcome before it is recorded; see `BrokenSurroundings`."""
        outcome = self._broken.judge(outcome)
        if not outcome.reason:
            self._interrupted += self._set_aside
            self._set_aside.clear()
        return outcome

    def try_again(self, trial: Trial) -> None:
        """Puts a trial that runs on among those that were interrupted."""
        repeated = self._broken.is_repeated(trial.number)
        (self._set_aside if repeated else self._interrupted).append(trial.number)

    def budgets(self) -> Budgets:
        """The budgets now: what trials took so far corrects what is promised to fit."""
        if self._experiment.workers.memory is None:
            return self._experiment.limits(self._classes)
        return self._experiment.limits(self._classes, self.ratios())

    def ratios(self) -> list[float]:
        """Measured over predicted training memory of the trials so far."""
        log = self._ledger.log
        return self._ratios.of((*log.baselines, *log.trials))

    def require_hope(self) -> None:
        """Raises where the study was stopped because nothing works.

        Raises:
            SurroundingsError: they broke trial after trial.
            EvaluationError: trial after trial failed and none was ever done.
        """
        log = self._ledger.log
        done = sum(trial.state == "done" for trial in (*log.baselines, *log.own))
        self._broken.require_sound(done)
        if self._is_hopeless():
            last = [t for t in self._ledger.log.trials if t.state == "failed"][-1]
            raise EvaluationError(
                f"{HOPELESS} trials failed and none was ever done, so the study was "
                f"stopped. The last reason: {last.reason}"
            )

    def _pop_running(self, waiting: list[int]) -> Trial | None:
        while waiting:
            trial = self._ledger[waiting.pop(0)]
            if trial.state == "running":  # not ended meanwhile
                return trial
        return None

    def _begin_next(self, most: float | None) -> Trial | None:
        """The trial that the rungs or the strategy have next."""
        schedule = self._experiment.schedule
        climbing = self._ledger.log.climbing
        job = schedule.next_job(climbing, self._promise())
        if job.promoted is not None:
            if self._fits(job.promoted, most):
                return self._begin(job, job.promoted.candidate, {})
            job = Job(schedule.in_use(climbing)[0])  # it waits for a larger worker
        return self._begin_candidate(job, most)

    def _begin_repeat(self, most: float | None) -> Trial | None:
        """The next repeat; None while candidates run that may change the front."""
        asked, log = self._experiment.repeats, self._ledger.log
        if asked.seeds < 2 or self._source != "trained":
            return None
        if not asked.are_alone and any(t.repeats is None for t in log.running):
            return None
        full = [t for t in log.visible if t.fidelity == self._experiment.fidelity]
        told = with_repeats(full, log.repeats)
        first = asked.next(told, log.repeats, self._experiment.objectives)
        if first is None or not self._fits(first, most):
            return None
        number = log.next_number
        seed = _trial_seed(self._experiment.seed, number)
        again = replace(
            self._ledger[first.number],
            number=number,
            seed=seed,
            state="running",
            measured={},
            continues=None,
            taken_over_from="",
            repeats=first.number,
        )
        return self._ledger.begin(again, {})

    def _fits(self, trial: Trial, most: float | None) -> bool:
        if most is None:
            return True
        return self._price.one(trial.architecture, [MEMORY])[MEMORY] <= most

    def _is_hopeless(self) -> bool:
        """Whether nothing ever worked; what failed in earlier runs may be mended."""
        states = self._ledger.log.states
        return not states["done"] and states["failed"] - self._failed_before >= HOPELESS

    def _promise(self) -> Promise | None:
        """How the strategy judges who goes on; None where it leaves that to rungs."""
        strategy = without_starting_networks(self._experiment.strategy)
        climbs = len(self._experiment.schedule.rungs) > 1
        if not climbs or not isinstance(strategy, Promising):
            return None

        def promise(waiting: Sequence[Trial], fidelity: Fidelity) -> Floats:
            log = self._ledger.log
            return strategy.promise(
                self._state(),
                np.random.default_rng([self._experiment.seed, len(log.trials), 3]),
                waiting,
                fidelity,
            )

        return promise

    def _state(self, most: float | None = None) -> SearchState:
        """What the strategy sees of the search now, within so much training memory."""
        space, log = self._experiment.space, self._ledger.log
        objectives, budgets = self._experiment.objectives, self.budgets()
        if most is not None:
            free = Budget(MEMORY, most, origin="free workers")
            budgets = replace(budgets, limits=(*budgets.limits, free))
        seed, ends = self._experiment.seed, self._experiment.ends
        return SearchState(space, budgets, log.visible, objectives, seed, ends)

    def _begin_candidate(self, job: Job, limit: float | None) -> Trial | None:
        """The trial of a new candidate; None once the effort or the space is spent."""
        log = self._ledger.log
        most = self._experiment.effort.trials
        if self._is_used_up or (most is not None and log.networks >= most):
            return None
        if limit is not None:
            found = self._proposals.within(self._state(limit))
            return None if found is None else self._begin(job, found, {})
        candidate, refused = self._proposals.next()
        if candidate is None:
            why = "no new candidate is left"
            self._ledger.append("ended", refused=refused, reason=why)
            self._is_used_up = True
            return None
        return self._begin(job, candidate, refused)

    def _begin(
        self, job: Job, candidate: Candidate, refused: Mapping[str, int]
    ) -> Trial:
        """The trial of a candidate, new or promoted, with a number of its own.

        A promoted candidate starts anew with a seed of its own: the luck of the seed
        that it was chosen by does not go on with it. Where rungs are continued it does.
        """
        number = self._ledger.log.next_number
        architecture = self._experiment.space.decode(candidate)
        trial = Trial(
            number=number,
            candidate=candidate,
            architecture=architecture,
            fidelity=job.fidelity,
            seed=_trial_seed(self._experiment.seed, number),
            costs=recorded_costs(self._price, architecture, self._experiment.costs),
            source=self._source,
        )
        lower = self._lower(trial)
        if lower is not None:
            trial = replace(trial, seed=lower.seed, continues=lower.number)
        twin = self.baselines.twin(trial)
        if twin is not None:
            trial = replace(trial, seed=twin.seed, continues=None)
        return self._ledger.begin(trial, refused)

    def _lower(self, trial: Trial) -> Trial | None:
        """The longest cheaper trial of the same network, where rungs are continued."""
        if not self._experiment.rungs.continues or trial.source != "trained":
            return None
        lower = [
            other
            for other in self._ledger.log.own
            if other.arch_id == trial.arch_id
            and other.state == "done"
            and is_below(other.fidelity, trial.fidelity)
        ]
        return max(lower, key=lambda other: other.fidelity.epochs, default=None)


def _trial_seed(seed: int, number: int) -> int:
    """Seed of a trial's weights and data order, apart from its proposal's."""
    return int(np.random.default_rng([seed, number, 1]).integers(2**31))
