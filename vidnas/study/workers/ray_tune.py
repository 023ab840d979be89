"""Trials side by side through Ray Tune, on this machine or a running cluster.

Tune places trials, keeps workers warm from one trial to the next and notices dead
ones. It decides nothing: candidates come from the study through a searcher, and
outcomes go to the study's journal through a callback. Tune's own records are thrown
away.
"""

import logging
import os
import pickle
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

# First, because it sets what Ray reads when it is imported.
from vidnas.study.workers.ray_session import WAITING_LOGGER, Needs, Session

# isort: split
import ray
from ray import tune
from ray.tune.search import Searcher

from vidnas.errors import InputError, OutOfMemoryError, VidnasError
from vidnas.study.workers.assignment import Assignment, Outcome
from vidnas.study.workers.executor import Desk, Evaluate, carry_out
from vidnas.study.workers.keeping_watch import KeepingWatch
from vidnas.study.workers.nodes import Nodes
from vidnas.study.workers.oom_kills import OomWatch
from vidnas.study.workers.ray_reasons import NodeError, loss_of


@dataclass(frozen=True, slots=True)
class RayTune:
    """An executor with `workers` warm workers.

    Args:
        workers: Trials side by side.
        cpus: Cores of each worker.
        gpus: GPUs of each worker.
        memory: The most a training takes in each [bytes]; None where that is not known.
        clips: The most that decoded clips take in each, beside its training [bytes].
        address: A running cluster (`auto` or `HOST:PORT`), or None to start Ray on this
            machine and stop it at the end.
    """

    workers: int
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
            SurroundingsError: Ray does not start on this machine.
        """
        # Failed trials are in the journal with their reasons; Tune's log repeats them.
        # That it waits for resources is heard, where a cluster may still grow.
        logging.getLogger("ray.tune").setLevel(logging.CRITICAL)
        logging.getLogger(WAITING_LOGGER).setLevel(logging.WARNING)
        needs = Needs(self.cpus, self.gpus, self.memory, self.clips)
        with Session(self.workers, needs, self.address) as session:
            bridge = _Bridge(desk, Nodes(session.usable_nodes))
            with tempfile.TemporaryDirectory(prefix="vidnas-tune-") as scratch:
                tuner = self._tuner(bridge, needs, evaluate, scratch)
                tuner.fit()
        if bridge.error is not None:
            raise bridge.error

    def _tuner(
        self, bridge: "_Bridge", needs: Needs, evaluate: Evaluate, scratch: str
    ) -> Any:
        def resources(config: dict[str, Any]) -> tune.PlacementGroupFactory:
            return needs.on_nodes_but(config["avoided"])

        try:
            worker = tune.with_parameters(_Worker, evaluate=evaluate, gpus=self.gpus)
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
                max_concurrent_trials=self.workers,
                reuse_actors=True,
                trial_name_creator=_trial_name,
                trial_dirname_creator=_trial_name,
            ),
            run_config=tune.RunConfig(
                name="study",
                storage_path=scratch,
                callbacks=[_Outcomes(bridge)],
                failure_config=tune.FailureConfig(max_failures=0),
                verbose=0,
            ),
        )


class _Bridge:
    """Between the study and Tune, which ends a whole run when a hook of its raises.

    Args:
        desk: The study.
        nodes: Nodes that trials run on.
        kills: Watch over the kernel's kills on this machine.
    """

    def __init__(
        self,
        desk: Desk,
        nodes: Nodes,
        kills: OomWatch | None = None,
    ) -> None:
        self._desk = desk
        self._nodes = nodes
        self._kills = kills or OomWatch()
        self._numbers: dict[str, int] = {}
        self.error: VidnasError | OSError | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Nothing: Tune pickles its searcher, and nobody reads that."""
        return {}

    def next(self, trial_id: str) -> Assignment | None:
        """The next assignment; None when there are no more or something went wrong."""
        if self.error is not None:
            return None
        try:
            assignment = self._desk.next()
        except (VidnasError, OSError) as wrong:
            self.error = wrong
            return None
        if assignment is not None:
            self._numbers[trial_id] = assignment.number
            self._kills.begin(trial_id)
        return assignment

    def avoided(self) -> list[str]:
        """Ids of the nodes that the next trial is to avoid."""
        return self._nodes.avoided()

    @property
    def waiting(self) -> bool:
        """Whether a trial runs, which may have to be tried again."""
        return bool(self._numbers) and self.error is None

    def done(self, trial_id: str, outcome: Outcome, node: str = "") -> None:
        """Reports an outcome once."""
        if not outcome.reason:
            self._nodes.worked(node)
        self._report_once(trial_id, outcome)

    def lose(self, trial_id: str, error: BaseException | None) -> None:
        """Reports a trial whose worker is gone."""
        number = self._numbers.get(trial_id)
        if number is None:
            return
        loss = loss_of(error)
        outcome = Outcome(number, {}, loss.reason, loss.cause, loss.host)
        if loss.cause == "killed" and loss.host in ("", *_own_addresses()):
            if self._kills.rose(trial_id):
                reason = "out of memory on the host: the kernel stopped the worker"
                outcome = replace(outcome, reason=reason, cause="memory")
        elif loss.cause == "surroundings":
            node = loss.node or loss.host
            outcome = replace(outcome, is_elsewhere=self._nodes.broke(node))
        self._report_once(trial_id, outcome)

    def _report_once(self, trial_id: str, outcome: Outcome) -> None:
        if self._numbers.pop(trial_id, None) is None:
            return
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


class _Outcomes(tune.Callback):  # type: ignore[misc]
    """Tune's news of trials, to the study."""

    def __init__(self, bridge: _Bridge) -> None:
        self._bridge = bridge

    def on_trial_result(
        self, iteration: int, trials: Any, trial: Any, result: Any, **info: Any
    ) -> None:
        """A worker's outcome."""
        outcome = Outcome(**result["outcome"])
        self._bridge.done(trial.trial_id, outcome, result["node"])

    def on_trial_error(
        self, iteration: int, trials: Any, trial: Any, **info: Any
    ) -> None:
        """A worker that died or could not be started."""
        self._bridge.lose(trial.trial_id, _error(trial))


class _Worker(tune.Trainable):  # type: ignore[misc]
    """A warm process that carries out one assignment after another."""

    def setup(self, config: dict[str, Any], evaluate: Evaluate, gpus: float) -> None:
        """Takes the first assignment."""
        if not gpus:  # else all workers on the CPU would fill the first GPU
            os.environ["CUDA_VISIBLE_DEVICES"] = ""
        self._evaluate = evaluate
        self._document = config["assignment"]

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Takes the next assignment."""
        self._document = new_config["assignment"]
        return True

    def step(self) -> dict[str, Any]:
        """Trains.

        Tune ends this process with each error, and a fresh one takes the next trial: an
        allocator keeps its memory in pieces, and what failed to load stays so.

        Raises:
            OutOfMemoryError: memory ran out.
            NodeError: the surroundings broke the trial.
        """
        assignment = Assignment.from_document(self._document)
        watch = KeepingWatch(assignment, in_background=True)
        outcome = carry_out(assignment, self._evaluate, watch)
        node = ray.get_runtime_context().get_node_id()
        if outcome.cause == "memory":
            raise OutOfMemoryError(outcome.reason)
        if outcome.cause == "surroundings":
            raise NodeError(outcome.reason, outcome.host, node)
        told = {**outcome.to_document(), "notice": outcome.notice}
        return {"outcome": told, "node": node, "done": True}

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        """Nothing: an interrupted trial is trained again."""

    def load_checkpoint(self, checkpoint: Any) -> None:
        """Nothing."""


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
