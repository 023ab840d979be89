"""Trials side by side through Ray Tune, on this machine or a running cluster.

Tune places trials, keeps workers warm from one trial to the next and notices dead
ones. It decides nothing: candidates come from the study through a searcher, and
outcomes go to the study's journal through a callback. Tune's own records are thrown
away.
"""

import logging
import os
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# Read by Ray in each worker: one that asked for no GPU sees none, so that two workers
# on the CPU do not both fill the first GPU.
_WORKER_ENVIRONMENT = {"RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "1"}
# Read by Ray when it is imported or started, so set before either.
_ENVIRONMENT = {
    "RAY_worker_niceness": "0",  # workers at nice 15 starve on a shared machine
    **_WORKER_ENVIRONMENT,
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AIR_NEW_OUTPUT": "0",
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # Ctrl-C is the study's: it loses nothing
    "TUNE_PRINT_ALL_TRIAL_ERRORS": "0",
    "TUNE_GLOBAL_CHECKPOINT_S": "86400",  # the journal is the truth, not Tune's pickle
    "TUNE_WARN_THRESHOLD_S": "60",
}
for _name, _value in _ENVIRONMENT.items():
    os.environ.setdefault(_name, _value)

import ray  # noqa: E402
from ray import tune  # noqa: E402
from ray.tune.search import Searcher  # noqa: E402

from vidnas.errors import InputError, OutOfMemoryError, VidnasError  # noqa: E402
from vidnas.study.workers.assignment import Assignment, Outcome  # noqa: E402
from vidnas.study.workers.executor import (  # noqa: E402
    Evaluate,
    Report,
    Supply,
    carry_out,
)
from vidnas.trials.attempt import Cause  # noqa: E402

_WAITING_LOGGER = "ray.tune.execution.insufficient_resources_manager"
PROCESS_BYTES = 2**30  # of a worker beside its training: TensorFlow, decoded clips
OBJECT_STORE_BYTES = 256 * 2**20  # assignments and outcomes are small; clips stay out


@dataclass(frozen=True, slots=True)
class RayTune:
    """An executor with `workers` warm workers.

    Args:
        workers: Trials side by side.
        cpus: Cores of each worker.
        gpus: GPUs of each worker.
        memory: The most a training takes in each [bytes]; None where that is not known.
        address: A running cluster (`auto` or `HOST:PORT`), or None to start Ray on this
            machine and stop it at the end.
    """

    workers: int
    cpus: int = 1
    gpus: float = 0.0
    memory: float | None = None
    address: str | None = None

    def run(self, supply: Supply, report: Report, evaluate: Evaluate) -> None:
        """Carries out assignments on the workers; see `Executor`.

        Raises:
            InputError: no cluster answers at `address`, or this machine has too few
                GPUs for one worker.
        """
        # Failed trials are in the journal with their reasons; Tune's log repeats them.
        # That it waits for resources is heard, where a cluster may still grow.
        logging.getLogger("ray.tune").setLevel(logging.CRITICAL)
        logging.getLogger(_WAITING_LOGGER).setLevel(logging.WARNING)
        self._connect()
        bridge = _Bridge(supply, report)
        try:
            with tempfile.TemporaryDirectory(prefix="vidnas-tune-") as scratch:
                self._tuner(bridge, evaluate, scratch).fit()
        finally:
            ray.shutdown()
        if bridge.error is not None:
            raise bridge.error

    def _connect(self) -> None:
        quiet = {"log_to_driver": False, "logging_level": "ERROR"}
        if self.address is None:
            # "local": another study's Ray on this machine is left alone.
            ray.init(
                address="local",
                num_cpus=self.workers * self.cpus,
                include_dashboard=False,
                object_store_memory=OBJECT_STORE_BYTES,
                **self._local_memory(),
                **quiet,
            )
            self._require_gpus()
            return
        _require_answer(self.address)
        try:
            runtime_env = {"env_vars": _WORKER_ENVIRONMENT}
            ray.init(address=self.address, runtime_env=runtime_env, **quiet)
        except (ConnectionError, RuntimeError, ValueError) as wrong:
            raise _no_cluster(self.address, wrong) from wrong

    def _memory(self) -> dict[str, float]:
        """What Ray sets aside for a worker on its node: none for one on a GPU."""
        if self.memory is None or self.gpus:
            return {}
        return {"memory": float(int(self.memory) + PROCESS_BYTES)}

    def _local_memory(self) -> dict[str, int]:
        """Memory that a Ray of our own counts with: that of all workers, as promised.

        Ray would count with what is free at this moment and might wait for ever.
        """
        wanted = self._memory().get("memory", 0.0)
        return {"_memory": self.workers * int(wanted)} if wanted else {}

    def _require_gpus(self) -> None:
        """This machine does not grow: Tune would wait for its GPUs for ever."""
        found = ray.cluster_resources().get("GPU", 0.0)
        if found < self.gpus:
            ray.shutdown()
            raise InputError(
                f"`workers.gpus` must be at most the {found:g} GPUs of this machine, "
                f"got {self.gpus:g}."
            )

    def _tuner(self, bridge: "_Bridge", evaluate: Evaluate, scratch: str) -> Any:
        resources = {"cpu": self.cpus, "gpu": self.gpus, **self._memory()}
        worker = tune.with_parameters(_Worker, evaluate=evaluate)
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
        supply: The study's next assignment.
        report: The study's ear for outcomes.
    """

    def __init__(self, supply: Supply, report: Report) -> None:
        self._supply = supply
        self._report = report
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
            assignment = self._supply()
        except (VidnasError, OSError) as wrong:
            self.error = wrong
            return None
        if assignment is not None:
            self._numbers[trial_id] = assignment.number
        return assignment

    @property
    def waiting(self) -> bool:
        """Whether a trial runs, which may have to be tried again."""
        return bool(self._numbers) and self.error is None

    def done(self, trial_id: str, outcome: Outcome) -> None:
        """Reports an outcome once."""
        if self._numbers.pop(trial_id, None) is None:
            return
        try:
            self._report(outcome)
        except (VidnasError, OSError) as wrong:  # the outcome waits in the outbox
            self.error = self.error or wrong

    def lose(self, trial_id: str, reason: str, cause: Cause) -> None:
        """Reports a trial whose worker is gone."""
        number = self._numbers.get(trial_id)
        if number is not None:
            self.done(trial_id, Outcome(number, {}, reason, cause))


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
        return {"assignment": assignment.to_document()}

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
        self._bridge.done(trial.trial_id, Outcome(**result["outcome"]))

    def on_trial_error(
        self, iteration: int, trials: Any, trial: Any, **info: Any
    ) -> None:
        """A worker that died or could not be started."""
        self._bridge.lose(trial.trial_id, *_reason(_error(trial)))


class _Worker(tune.Trainable):  # type: ignore[misc]
    """A warm process that carries out one assignment after another."""

    def setup(self, config: dict[str, Any], evaluate: Evaluate) -> None:
        """Takes the first assignment."""
        self._evaluate = evaluate
        self._document = config["assignment"]

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Takes the next assignment."""
        self._document = new_config["assignment"]
        return True

    def step(self) -> dict[str, Any]:
        """Trains.

        Raises:
            OutOfMemoryError: memory ran out. Tune then ends this process, and a fresh
                one takes the next trial: an allocator keeps its memory in pieces.
        """
        outcome = carry_out(Assignment.from_document(self._document), self._evaluate)
        if outcome.cause == "memory":
            raise OutOfMemoryError(outcome.reason)
        return {"outcome": outcome.to_document(), "done": True}

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        """Nothing: an interrupted trial is trained again."""

    def load_checkpoint(self, checkpoint: Any) -> None:
        """Nothing."""


def _require_answer(address: str) -> None:
    """Asks HOST:PORT for an answer; Ray itself would wait for minutes.

    Raises:
        InputError: nothing listens there.
    """
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():  # `auto`: Ray knows at once
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()
    except (OSError, OverflowError) as wrong:
        raise _no_cluster(address, wrong) from wrong


def _no_cluster(address: str, wrong: Exception) -> InputError:
    return InputError(
        f"`--address` must be a running Ray cluster, {address} does not answer: "
        f"{next(iter(str(wrong).splitlines()), type(wrong).__name__)}."
    )


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


def _reason(error: BaseException | None) -> tuple[str, Cause]:
    """One line for the journal on why a worker is gone, and whether to try again."""
    if error is None:
        return "the worker ended without a word", "killed"
    if isinstance(error, OutOfMemoryError):
        return str(error.args[0] if error.args else error), "memory"
    if isinstance(error, ray.exceptions.OutOfMemoryError):
        return "out of memory on the host: Ray's monitor stopped the worker", "memory"
    if isinstance(error, ray.exceptions.RayActorError):
        return "the worker was killed", "killed"
    lines = [line for line in str(error).splitlines() if line.strip()]
    return f"{type(error).__name__}: {lines[-1] if lines else ''}", ""
