"""How does a study run while somebody looks? With progress, and whole when stopped."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from vidnas.cli.output import note
from vidnas.cli.stop_signals import stop_as_by_ctrl_c
from vidnas.study.history import History
from vidnas.study.study import Study
from vidnas.study.workers.executor import Evaluate, Executor
from vidnas.trials.trial import Trial


class Shown(Protocol):
    """What shows the progress of a study."""

    def hear(self, trial: Trial) -> None:
        """Takes news of a trial."""
        ...


# What is shown of a study while it runs, as a scope.
Show = Callable[[Study], AbstractContextManager[Shown]]


def run_shown(
    study: Study, executor: Executor, evaluate: Evaluate, show: Show
) -> History:
    """Runs an opened study; says what is kept where somebody stops it.

    Args:
        study: Study that holds its journal.
        executor: Executor that runs the trials.
        evaluate: Function that trains one architecture.
        show: Function that gives what shows the progress of a study.
    """
    try:
        with stop_as_by_ctrl_c(), show(study) as shown:
            return study.run(executor, evaluate, shown.hear)
    except KeyboardInterrupt:
        own = [trial for trial in study.trials if not trial.taken_over_from]
        ended = sum(trial.state != "running" for trial in own)
        note(f"{ended} finished trials are kept; the same command goes on.")
        raise
