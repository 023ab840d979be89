"""What runs in a worker of Ray? A warm process that trains one trial after another.

Tune asks it for one result after another; each is a piece of news, so that a training
is heard while it runs, and told to end between two of them.
"""

import os
import signal
import threading
from dataclasses import asdict
from types import FrameType
from typing import Any

# First, because it sets what Ray reads when it is imported.
import vidnas.study.workers.ray_session

# isort: split
import ray
from ray import tune

from vidnas.errors import OutOfMemoryError
from vidnas.study.workers.assignment import Assignment, Outcome
from vidnas.study.workers.executor import Evaluate
from vidnas.study.workers.ray_reasons import NodeError, NoticeError
from vidnas.study.workers.training_thread import TrainingThread
from vidnas.trials.news import EpochEnd

assert vidnas.study.workers.ray_session
NOTICE_SECONDS = 20.0  # to end a training in, after a SIGTERM


class Worker(tune.Trainable):  # type: ignore[misc]
    """A warm process that carries out one assignment after another."""

    def setup(
        self,
        config: dict[str, Any],
        evaluate: Evaluate,
        gpus: dict[str, float],
        heartbeat: float,
    ) -> None:
        """Takes the first assignment.

        Args:
            config: Parameters of Tune's trial: the assignment.
            evaluate: Function that trains one architecture.
            gpus: GPUs of a worker of each group.
            heartbeat: Time after which a sign of life is due [s].
        """
        self._group = config["assignment"]["group"]
        if not gpus[self._group]:  # else all workers would fill the first GPU
            os.environ["CUDA_VISIBLE_DEVICES"] = ""
        self._heartbeat = heartbeat
        self._is_noticed = False
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self._take_notice)
        self._thread = TrainingThread(evaluate)
        self._assignment: Assignment | None = None
        self._is_placed = self._is_halted = False
        self._take(config["assignment"])

    def reset_config(self, new_config: dict[str, Any]) -> bool:
        """Takes the next assignment, if it is for this group."""
        if new_config["assignment"]["group"] != self._group:
            return False
        self._take(new_config["assignment"])
        return True

    def step(self) -> dict[str, Any]:
        """The next piece of news: the place, an epoch, the outcome, a sign of life.

        Tune ends this process with each error, and a fresh one takes the next trial: an
        allocator keeps its memory in pieces, and what failed to load stays so.

        Raises:
            OutOfMemoryError: memory ran out.
            NodeError: the surroundings broke the trial.
            NoticeError: this process was told to end.
        """
        if not self._is_placed:  # heard of first: a training may stop this process
            self._is_placed = True
            node, host = _node_id(), ray.util.get_node_ip_address()
            placed = {"node": host, "process": os.getpid(), "log": _log_file()}
            return {"placed": placed, "node": node}
        if self._assignment is not None:
            if self._is_noticed:
                raise _told_to_end()
            self._thread.begin(self._assignment)
            self._assignment = None
            if self._is_halted:
                self._thread.halt()
        news = self._thread.news(self._heartbeat)
        if isinstance(news, Outcome):
            return self._ended(news)
        told = {"epoch": asdict(news)} if isinstance(news, EpochEnd) else {}
        return {**told, "quiet": self._thread.quiet_seconds}

    def halt(self) -> None:
        """Ends the training at its next step, be it the first."""
        self._is_halted = True
        self._thread.halt()

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        """Nothing: a training keeps its own."""

    def load_checkpoint(self, checkpoint: Any) -> None:
        """Nothing."""

    def _take(self, document: dict[str, Any]) -> None:
        self._assignment = Assignment.from_document(document)
        self._is_placed = self._is_halted = False

    def _ended(self, outcome: Outcome) -> dict[str, Any]:
        if outcome.cause == "memory":
            raise OutOfMemoryError(outcome.reason)
        if outcome.cause == "surroundings":
            raise NodeError(outcome.reason, outcome.host, _node_id())
        if outcome.cause == "stopped" and self._is_noticed:
            raise _told_to_end()
        return {"outcome": asdict(outcome), "node": _node_id(), "done": True}

    def _take_notice(self, signum: int, frame: FrameType | None) -> None:
        """A SIGTERM: the node goes, or somebody wants this process to end."""
        self._is_noticed = True
        self._thread.halt()
        # A training that does not get to a step, or none at all, ends with the process.
        timer = threading.Timer(NOTICE_SECONDS, os._exit, (1,))
        timer.daemon = True
        timer.start()


def _told_to_end() -> NoticeError:
    return NoticeError("the worker was told to end")


def _log_file() -> str:
    """File that the output of this process goes to; empty where Ray does not say."""
    try:
        return str(ray._private.worker.global_worker.get_out_file_path() or "")
    except AttributeError:  # of another Ray
        return ""


def _node_id() -> str:
    return str(ray.get_runtime_context().get_node_id())
