"""What do a study and Tune tell each other? A bridge that raises nothing.

Tune ends a whole run when a hook of its raises, so what goes wrong in the study is kept
until the run has ended.
"""

from collections import Counter
from dataclasses import replace
from typing import Any

# First, because it sets what Ray reads when it is imported.
import vidnas.study.workers.ray_session

# isort: split
import ray

from vidnas.errors import VidnasError
from vidnas.study.experiment.workers import Workers
from vidnas.study.workers.assignment import Assignment, Outcome
from vidnas.study.workers.executor import Desk
from vidnas.study.workers.nodes import Nodes
from vidnas.study.workers.oom_kills import OomWatch
from vidnas.study.workers.ray_reasons import Loss, loss_of
from vidnas.study.workers.running_trials import RunningTrials
from vidnas.trials.news import EpochEnd, Placed

assert vidnas.study.workers.ray_session
NODE_LOSSES = 5  # of a trial, without an epoch between them, that are its own fault


class Bridge:
    """Between a study and the hooks of Tune.

    Args:
        desk: The study.
        nodes: Nodes that trials run on.
        workers: Workers of all groups, and limits of a trial.
        kills: Watch over the kernel's kills on this machine.
    """

    def __init__(
        self,
        desk: Desk,
        nodes: Nodes,
        workers: Workers | None = None,
        kills: OomWatch | None = None,
    ) -> None:
        self._desk = desk
        self._nodes = nodes
        self._kills = kills or OomWatch()
        self.running = RunningTrials(workers or Workers())
        self._losses = Counter[int]()  # nodes lost under a trial since its last epoch
        self.error: VidnasError | OSError | None = None
        self.is_stuck = False  # what is left waits for workers, and is to end

    def __getstate__(self) -> dict[str, Any]:
        """Nothing: Tune pickles its searcher, and nobody reads that."""
        return {}

    def next(self, trial_id: str) -> Assignment | None:
        """The next assignment; None when there are no more or something went wrong."""
        free = self.running.free()
        if self.error is not None or not free:
            return None
        try:
            assignment = self._desk.next(free)
        except (VidnasError, OSError) as wrong:
            self.error = wrong
            return None
        if assignment is not None:
            self.running.add(trial_id, assignment.number, assignment.group)
            self._kills.begin(trial_id)
        return assignment

    def avoided(self) -> list[str]:
        """Ids of the nodes that the next trial is to avoid."""
        return self._nodes.avoided()

    @property
    def waiting(self) -> bool:
        """Whether a trial runs, which may have to be tried again."""
        return bool(self.running) and self.error is None

    def placed(self, trial_id: str, node: str, process: int, log: str = "") -> None:
        """Tells the study which worker has taken a trial, and where its output goes."""
        if trial_id not in self.running:
            return
        trial = self.running[trial_id]
        trial.is_placed = True
        try:
            self._desk.placed(Placed(trial.number, trial.group, node, process, log))
        except (VidnasError, OSError) as wrong:
            self.error = self.error or wrong

    def hear(self, trial_id: str, quiet: float, epoch: EpochEnd | None) -> bool:
        """Takes a sign of life, or an epoch; whether the training is to go on."""
        if trial_id not in self.running:
            return False
        self.running.hear(trial_id, quiet)
        if epoch is None:
            return True
        del self._losses[epoch.number]
        try:
            return self._desk.hear(epoch)
        except (VidnasError, OSError) as wrong:
            self.error = self.error or wrong
            return False

    def to_halt(self) -> list[str]:
        """Trials to be told to end now that the study is over, or cannot go on."""
        try:
            is_over = self.error is not None or self._desk.is_over()
        except (VidnasError, OSError) as wrong:
            self.error = wrong
            is_over = True
        self.is_stuck = self.running.wait_in_vain
        return self.running.halt_all() if is_over else []

    def must_leave(self, node: str) -> bool:
        """Whether trials are to leave a node, because it will go."""
        return node in self._nodes.draining()

    def done(self, trial_id: str, outcome: Outcome, node: str = "") -> None:
        """Reports an outcome once."""
        if not outcome.reason:
            self._nodes.worked(node)
        self._report_once(trial_id, outcome)

    def lose(self, trial_id: str, error: BaseException | None, node: str = "") -> None:
        """Reports a trial whose worker is gone, with its node perhaps."""
        if trial_id not in self.running:
            return
        loss, trial = loss_of(error), self.running[trial_id]
        if loss.cause == "killed" and self._nodes.is_lost(node):
            loss = self._loss_of_node(trial.number, loss.host)
        elif not trial.is_placed and (trial.is_killed or loss.cause == "killed"):
            reason = trial.reason or loss.reason  # nothing of it was tried
            loss = Loss(f"{reason}, before it took a trial", "surroundings", loss.host)
        outcome = Outcome(trial.number, {}, loss.reason, loss.cause, loss.host)
        if loss.cause == "surroundings":
            broken = loss.node or self._nodes.at(loss.host)
            outcome = replace(outcome, is_elsewhere=self._nodes.broke(broken))
        elif trial.is_killed:  # by us, so it says nothing of the trial
            outcome = Outcome(trial.number, {}, "stopped by the study", "stopped")
        elif (
            loss.cause == "killed"
            and loss.host in ("", *_own_addresses())
            and self._kills.rose(trial_id)
        ):
            reason = "out of memory on the host: the kernel stopped the worker"
            outcome = replace(outcome, reason=reason, cause="memory")
        self._report_once(trial_id, outcome)

    def _loss_of_node(self, number: int, host: str) -> Loss:
        """A lost node is nobody's fault, unless a trial takes one after another down.

        Where a container is a node, memory that runs out does so.
        """
        self._losses[number] += 1
        times = self._losses[number]
        if times < NODE_LOSSES:
            return Loss("its node was lost", "preempted", host)
        del self._losses[number]
        return Loss(f"its node was lost {times} times without an epoch", "", host)

    def _report_once(self, trial_id: str, outcome: Outcome) -> None:
        trial = self.running.end(trial_id)
        if trial is None:
            return
        if trial.reason and outcome.cause == "stopped":  # it broke a limit
            outcome = replace(outcome, reason=trial.reason, cause="")
        elif trial.leaves and outcome.cause == "stopped":
            outcome = replace(outcome, reason="its node is drained", cause="preempted")
        if not outcome.seconds:
            outcome = replace(outcome, seconds=self.running.seconds(trial))
        try:
            self._desk.report(outcome)
        except (VidnasError, OSError) as wrong:  # the outcome waits in the outbox
            self.error = self.error or wrong


def _own_addresses() -> tuple[str, ...]:
    return (ray.util.get_node_ip_address(), "127.0.0.1")
