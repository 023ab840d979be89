"""How does a Keras Tuner search climb rungs? Its trials know their epochs.

Keras Tuner's own Hyperband tells a tuner what to train by three values beside the
hyperparameters. The same three are used here, so its tuners understand our oracle.
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import keras_tuner

from vidnas.errors import InputError
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.objectives import Objectives
from vidnas.trials.promotion import ENOUGH, Schedule

EPOCHS, BEGUN, BEFORE = "tuner/epochs", "tuner/initial_epoch", "tuner/trial_id"
# What a trial trained for is known to `tuner.search` only, where there are no rungs.
UNKNOWN = Fidelity(epochs=1)


def schedule_of(
    epochs: Sequence[int], keep: int, probe: int, objectives: Objectives
) -> Schedule:
    """The rungs of a search.

    Args:
        epochs: Epochs at each rung, the last of which is full training; none where
            every trial is trained alike.
        keep: One of so many goes on to the next rung.
        probe: So many first networks are trained at every rung, to judge the rungs.
        objectives: What the search improves.

    Raises:
        InputError: epochs do not rise, or a number is too small.
    """
    if not epochs:
        return Schedule((UNKNOWN,), objectives=objectives)
    if min(epochs) < 1 or any(low >= high for low, high in pairwise(epochs)):
        raise InputError(
            f"`rungs` must be rising epochs, full training last, got {list(epochs)}."
        )
    if keep < 2 or (probe and probe < ENOUGH):
        raise InputError(
            f"`keep` must be at least 2 and `probe` 0 or at least {ENOUGH}, got {keep} "
            f"and {probe}."
        )
    rungs = tuple(Fidelity(epochs=count) for count in epochs)
    return Schedule(rungs, keep=keep, probe=probe, objectives=objectives)


def rung_values(
    fidelity: Fidelity, before: str = "", begun: int = 0
) -> dict[str, int | str]:
    """What a trial says of its rung beside its hyperparameters.

    Args:
        fidelity: Fidelity that it is trained at.
        before: Trial of Keras Tuner that it goes on from; empty where it is new.
        begun: Epochs that this one was trained for.
    """
    goes_on = {BEFORE: before} if before else {}
    return {EPOCHS: fidelity.epochs, BEGUN: begun, **goes_on}


def fidelity_of(values: Mapping[str, Any]) -> Fidelity:
    """The fidelity of a trial by its values."""
    return Fidelity(epochs=values[EPOCHS]) if EPOCHS in values else UNKNOWN


class RungTuner(keras_tuner.Hyperband):
    """Trains each trial for the epochs of its rung, on from where it stood below.

    Keras Tuner's Hyperband with another oracle: epochs and the checkpoint that a
    promoted trial begins with come from the trial.

    Args:
        oracle: Oracle whose trials say their rungs: a `StrategyOracle` with `rungs`.
        hypermodel: HyperModel of the user, or a `SpaceHyperModel`.
        **options: More arguments of `keras_tuner.Tuner`, such as `directory`.
    """

    def __init__(
        self, oracle: keras_tuner.Oracle, hypermodel: Any = None, **options: Any
    ) -> None:
        keras_tuner.Tuner.__init__(
            self, oracle=oracle, hypermodel=hypermodel, **options
        )
