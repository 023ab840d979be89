"""Trials side by side through Ray Tune, on this machine or a running cluster.

Tune places trials, keeps workers warm from one trial to the next and notices dead
ones. It decides nothing: candidates come from the study through a searcher, and
outcomes go to the study's journal through a callback. Tune's own records are thrown
away.
"""

import logging
import pickle
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# First, because it sets what Ray reads when it is imported.
from vidnas.study.workers.ray_session import WAITING_LOGGER, Session, needs_of

# isort: split
import ray
from ray import tune
from ray.tune.search import Searcher

from vidnas.errors import InputError, SurroundingsError
from vidnas.study.experiment.workers import Workers
from vidnas.study.workers.assignment import Outcome
from vidnas.study.workers.engine_thread import Door, EngineThread
from vidnas.study.workers.executor import Desk, Evaluate
from vidnas.study.workers.nodes import Nodes
from vidnas.study.workers.ray_bridge import Bridge
from vidnas.study.workers.ray_creation import Creations
from vidnas.study.workers.ray_head import Head
from vidnas.study.workers.ray_worker import Worker
from vidnas.trials.news import EpochEnd


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
            bridge = Bridge(door, nodes, workers)
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
    bridge: Bridge,
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


class _Proposals(Searcher):  # type: ignore[misc]
    """The study's proposals, as Tune asks for them."""

    def __init__(self, bridge: Bridge) -> None:
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

    def __init__(self, bridge: Bridge) -> None:
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
