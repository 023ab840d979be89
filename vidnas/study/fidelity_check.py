"""May a cheap fidelity stand for full training? A small study at both says so.

Its candidates are spread over FLOPs and each is trained at every fidelity, by the same
workers, into a journal like any other: it goes on where it was stopped, and asking for
one more fidelity later trains nothing again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from vidnas.costs.network_cost import cost
from vidnas.errors import InputError
from vidnas.strategies.evolution import Evolution
from vidnas.study.experiment.experiment import Experiment
from vidnas.study.experiment.rungs import AXES, Rungs, fidelity_of, require_clips
from vidnas.study.history import History
from vidnas.trials.effort import Effort
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.fidelity_lift import done_at
from vidnas.trials.promotion import is_below
from vidnas.trials.rank_agreement import Ranking, rank_agreement
from vidnas.trials.trial import Trial


@dataclass(frozen=True, slots=True)
class Proxy:
    """How a cheap fidelity did.

    Args:
        fidelity: Cheap fidelity.
        ranking: Agreement of its ranking with that of full training.
        epochs: Epochs at this fidelity, as a share of full training's.
        work: Epochs times FLOPs of the clips trained on, as a share.
        seconds: Measured time of its trials, as a share; None where it is not known.
    """

    fidelity: Fidelity
    ranking: Ranking
    epochs: float
    work: float
    seconds: float | None

    def to_document(self) -> dict[str, Any]:
        """The facts as plain data; what could not be estimated is None."""
        return {
            "fidelity": self.fidelity.to_document(),
            "sample": self.ranking.sample,
            "tau": self.ranking.overall.to_document(),
            "tau_at_equal_flops": self.ranking.equal.to_document(),
            "epochs_share": self.epochs,
            "work_share": self.work,
            "seconds_share": self.seconds,
            "recommended": self.ranking.is_recommended,
            "verdict": self.ranking.verdict,
        }


def parse_fidelity(text: str, experiment: Experiment) -> Fidelity:
    """The fidelity that `epochs=2,frames=4` says; what is left out is the full one's.

    Raises:
        InputError: it says something else, or is not cheaper than full training.
    """
    given: dict[str, int] = {}
    for part in text.split(","):
        axis, _, value = part.partition("=")
        if axis not in AXES or axis in given or not value.isdecimal() or not int(value):
            raise InputError(
                "`--fidelity` must be such as epochs=2,frames=4 of "
                f"{', '.join(AXES)}, got `{text}`."
            )
        given[axis] = int(value)
    full = experiment.fidelity
    fidelity = fidelity_of(given, full)
    if not is_below(fidelity, full):
        raise InputError(
            f"`--fidelity` must be cheaper than full training ({full}), got `{text}`."
        )
    for axis in ("frames", "resolution"):
        if axis in given:
            require_clips(axis, given[axis], experiment.space)
    return fidelity


def proxy_experiment(
    experiment: Experiment, fidelities: Sequence[Fidelity], sample: int
) -> Experiment:
    """The experiment that trains a sample of candidates at all these fidelities."""
    below = tuple(sorted(set(fidelities), key=lambda fidelity: fidelity.order))
    return replace(
        experiment,
        name=f"{experiment.name}-proxy",
        # It spreads its first candidates over log FLOPs, and none come after them.
        strategy=Evolution(start=sample),
        strategy_document={"name": "evolution", "start": sample},
        effort=Effort(trials=sample),
        rungs=Rungs(below, probe=sample),
        baselines=(),
    )


def assess(history: History, fidelity: Fidelity) -> Proxy:
    """How a fidelity ranks what was trained at it and in full."""
    cheap = done_at(history.trials, fidelity)
    full = done_at(history.trials, history.fidelity)
    names = [name for name in full if name in cheap]
    few, all_ = [cheap[name] for name in names], [full[name] for name in names]
    ranking = rank_agreement(
        history.objectives.accuracies(few),
        history.objectives.accuracies(all_),
        history.objectives.sizes(all_),
        np.random.default_rng(0),
    )
    work = sum(map(_work, all_))
    return Proxy(
        fidelity,
        ranking,
        fidelity.epochs / history.fidelity.epochs,
        sum(map(_work, few)) / work if work else 1.0,
        _seconds_share(few, all_),
    )


def _seconds_share(few: Sequence[Trial], all_: Sequence[Trial]) -> float | None:
    if not few or any("seconds" not in t.measured for t in (*few, *all_)):
        return None
    return float(_values(few, "seconds").sum() / _values(all_, "seconds").sum())


def _work(trial: Trial) -> float:
    fidelity = trial.fidelity
    clip = trial.architecture.at(fidelity.frames, fidelity.resolution)
    return float(fidelity.epochs * cost(clip).flops)


def _values(trials: Sequence[Trial], name: str) -> np.ndarray:
    return np.array([trial.value(name) for trial in trials], dtype=np.float64)
