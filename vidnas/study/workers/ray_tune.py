"""Trials side by side through Ray Tune, on this machine or a running cluster.

Tune places trials, keeps workers warm from one trial to the next and notices dead
ones. It decides nothing: candidates come from the study through a searcher, and
outcomes go to the study's journal through a callback. Tune's own records are thrown
away.
"""

import logging
import pickle
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

# First, because it sets what Ray reads when it is imported.
from vidnas.study.workers.ray_session import WAITING_LOGGER, Session, needs_of

# isort: split
import ray
from ray import tune
from ray.tune.search import Searcher

from vidnas.errors import InputError, SurroundingsError, VidnasError
from vidnas.study.experiment.workers import Workers
from vidnas.study.workers.assignment import Assignment, Outcome
from vidnas.study.workers.engine_thread import Door, EngineThread
from vidnas.study.workers.executor import Desk, Evaluate
from vidnas.study.workers.nodes import Nodes
from vidnas.study.workers.oom_kills import OomWatch
from vidnas.study.workers.ray_creation import Creations
from vidnas.study.workers.ray_head import Head
from vidnas.study.workers.ray_reasons import Loss, loss_of
from vidnas.study.workers.ray_worker import Worker
from vidnas.study.workers.running_trials import RunningTrials
from vidnas.trials.news import EpochEnd, Placed


@dataclass(frozen=True, slots=True)
class RayTune:
    """An executor with warm workers.

    Args:
        workers: Workers of all groups, or a number of workers that are alike.
        cpus: Cores of each, where `workers` is a number.
        gpus: GPUs of each, where `workers` is a number.
        memory: The most a training takes in each [bytes], where `workers` is a number;
            None where that is not known.
        clips: The most that decoded clips take in each, beside its training [bytes].
        address: A running cluster (`auto` or `HOST:PORT`), or None to start Ray on this
            machine and stop it at the end.
    """

    workers: int | Workers
    cpus: int = 1
    gpus: float = 0.0
    memory: float | None = None
    clips: float = 0.0
    address: str | None = None

    def run(self, desk: Desk, evaluate: Evaluate) -> None:
        """Carries out assignments on the workers; see `Executor`.

        Raises:
            InputError: no cluster answers at `address`, this machine has too few cores
                or GPUs for one worker, or `evaluate` cannot be carried to workers.
            SurroundingsError: Ray does not start on this machine, or the head of its
                cluster is lost.
        """
        # Failed trials are in the journal with their reasons; Tune's log repeats them.
        # That it waits for resources is heard, where a cluster may still grow.
        logging.getLogger("ray.tune").setLevel(logging.CRITICAL)
        logging.getLogger(WAITING_LOGGER).setLevel(logging.WARNING)
        workers = self._groups()
        with (
            Session(needs_of(workers, self.clips), self.address) as session,
            Head() as head,
            tempfile.TemporaryDirectory(
                prefix="vidnas-tune-", ignore_cleanup_errors=True
            ) as scratch,
        ):
            door = Door(desk)
            nodes = Nodes(
                lambda: session.usable_nodes(head.nodes()), head.draining, head.answers
            )
            bridge = _Bridge(door, nodes, workers)
            tuner = _tuner(bridge, session, workers, evaluate, scratch)
            engine = EngineThread(tuner.fit, door)
            try:
                engine.wait(lambda: bool(head.lost) or bridge.is_stuck)
            except Exception:  # of Ray, which may hear of its head first
                head.ask(is_patient=False)
                if not head.lost:
                    raise
        if head.lost:
            raise SurroundingsError(head.lost)
        if bridge.error is not None:
            raise bridge.error

    def _groups(self) -> Workers:
        if isinstance(self.workers, Workers):
            return self.workers
        return Workers.alike(
            count=self.workers, cpus=self.cpus, gpus=self.gpus, memory=self.memory
        )


def _tuner(
    bridge: "_Bridge",
    session: Session,
    workers: Workers,
    evaluate: Evaluate,
    scratch: str,
) -> Any:
    needs, gpus = session.needs, {g.name: g.gpus or 0.0 for g in workers.groups}
    heartbeat = bridge.running.heartbeat_seconds

    def resources(config: dict[str, Any]) -> tune.PlacementGroupFactory:
        group = config["assignment"]["group"]
        return needs[group].on_nodes_but(config["avoided"])

    try:
        worker = tune.with_parameters(
            Worker, evaluate=evaluate, gpus=gpus, heartbeat=heartbeat
        )
    except (TypeError, pickle.PicklingError) as wrong:
        raise InputError(
            "`evaluate` must be a function that pickle can carry to the workers: "
            f"{str(wrong).partition(chr(10))[0].rstrip(' :.')}."
        ) from wrong
    return tune.Tuner(
        tune.with_resources(worker, resources),
        tune_config=tune.TuneConfig(
            search_alg=_Proposals(bridge),
            num_samples=-1,  # until the searcher is finished
            max_concurrent_trials=workers.count,
            reuse_actors=True,
            trial_name_creator=_trial_name,
            trial_dirname_creator=_trial_name,
        ),
        run_config=tune.RunConfig(
            name="study",
            storage_path=scratch,
            callbacks=[_News(bridge)],
            failure_config=tune.FailureConfig(max_failures=0),
            verbose=0,
        ),
    )


class _Bridge:
    """Between the study and Tune, which ends a whole run when a hook of its raises.

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
            loss = Loss("its node was lost", "preempted", loss.host)
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


class _Proposals(Searcher):  # type: ignore[misc]
    """The study's proposals, as Tune asks for them."""

    def __init__(self, bridge: _Bridge) -> None:
        # Tune insists on a metric that every result carries; nobody reads it.
        super().__init__(metric="training_iteration", mode="max")
        self._bridge = bridge

    def suggest(self, trial_id: str) -> Any:
        """Tune's question for the next trial's parameters."""
        assignment = self._bridge.next(trial_id)
        if assignment is None:  # for now, while a trial may come back
            return None if self._bridge.waiting else Searcher.FINISHED
        avoided = self._bridge.avoided()
        return {"assignment": assignment.to_document(), "avoided": avoided}

    def on_trial_complete(
        self, trial_id: str, result: Any = None, error: bool = False
    ) -> None:
        """Nothing: the callback reports."""

    def save(self, checkpoint_path: str) -> None:
        """Nothing: the journal is the memory."""

    def restore(self, checkpoint_path: str) -> None:
        """Nothing: the journal is the memory."""


class _News(tune.Callback):  # type: ignore[misc]
    """Tune's news of trials, to the study; and the study's word, to the workers."""

    def __init__(self, bridge: _Bridge) -> None:
        self._bridge = bridge
        self._workers: dict[str, Any] = {}  # actors, from when they have a trial
        self._nodes: dict[str, str] = {}  # ids, from when they have said so
        self._creations = Creations()

    def on_trial_result(
        self, iteration: int, trials: Any, trial: Any, result: Any, **info: Any
    ) -> None:
        """A worker's news."""
        name = trial.trial_id
        if "placed" in result:
            self._begin(trial)
            placed = result["placed"]
            self._nodes[name] = result["node"]
            self._bridge.placed(name, placed["node"], placed["process"], placed["log"])
            if self._bridge.running.is_halted(name):
                self._halt(name)  # while it waited for this worker
        elif "outcome" in result:
            self._forget(name)
            self._bridge.done(name, Outcome(**result["outcome"]), result["node"])
        else:
            epoch = EpochEnd(**result["epoch"]) if "epoch" in result else None
            goes_on = self._bridge.hear(name, result["quiet"], epoch)
            if not goes_on and self._bridge.running.halt(name):
                self._halt(name)

    def on_trial_error(
        self, iteration: int, trials: Any, trial: Any, **info: Any
    ) -> None:
        """A worker that died or could not be started."""
        node = self._forget(trial.trial_id)
        self._bridge.lose(trial.trial_id, _error(trial), node)

    def on_step_end(self, iteration: int, trials: Any, **info: Any) -> None:
        """Several times a second: who must end, and who does not?"""
        self._note_silent(trials)
        for name in self._bridge.to_halt():
            self._halt(name)
        for name, node in self._nodes.items():
            if self._bridge.must_leave(node) and self._bridge.running.leave(name):
                self._halt(name)
        for name, verdict in self._bridge.running.overdue():
            if verdict == "halt":
                self._halt(name)
            else:  # it may be stopped or hang; Ray sends SIGKILL after some seconds
                ray.kill(self._workers[name])

    def _note_silent(self, trials: Any) -> None:
        """Finds workers that have a trial and may never say so."""
        waiting = set(self._bridge.running.waiting())
        self._creations.end_overdue(bool(waiting))
        for trial in reversed(trials):  # the last ones wait
            if not waiting:
                return
            if trial.trial_id in waiting:
                waiting.remove(trial.trial_id)
                self._begin(trial)

    def _begin(self, trial: Any) -> None:
        actor = trial.temporary_state.ray_actor  # Tune's, once there is one
        if actor is not None:
            self._workers[trial.trial_id] = actor
            self._bridge.running.begin(trial.trial_id)

    def _forget(self, name: str) -> str:
        """Drops the worker of a trial that has ended; the id of its node, if known."""
        self._workers.pop(name, None)
        return self._nodes.pop(name, "")

    def _halt(self, name: str) -> None:
        if name in self._workers:  # answered between two pieces of news
            self._workers[name].halt.remote()


def _trial_name(trial: Any) -> str:
    # A trial that is tried again needs a folder of its own.
    return f"trial-{trial.config['assignment']['number']:05d}-{trial.trial_id}"


def _error(trial: Any) -> BaseException | None:
    """What ended the trial; Tune leaves it pickled in the driver's scratch folder.

    `trial.get_pickled_error` looks where the file is copied to only later.
    """
    path = trial.pickled_error_file
    if path is None or not Path(path).exists():
        return None
    with Path(path).open("rb") as file:
        error = ray.cloudpickle.load(file)
    return error if isinstance(error, BaseException) else None


def _own_addresses() -> tuple[str, ...]:
    return (ray.util.get_node_ip_address(), "127.0.0.1")
