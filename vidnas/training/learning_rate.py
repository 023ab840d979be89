"""How do the learning rate and the memory of batch norm follow the steps?"""

import numpy as np
from numpy.typing import NDArray

from vidnas.trials.recipe import COSINE

PUBLISHED_MOMENTUM = 0.99  # Model Garden, official/projects/movinet
DECAY = 0.2  # share of the steps that `stable_decay` falls over
LOOK_BACK = 0.1  # share of the steps that batch-norm statistics look back on


def learning_rates(
    steps: int, *, peak: float, warmup: float, schedule: str = COSINE
) -> NDArray[np.float32]:
    """Learning rate of every step: linear warm-up, then what the schedule does.

    Args:
        steps: Steps of the whole schedule, at least 1.
        peak: Highest rate.
        warmup: Share of the steps that rise, in [0, 1).
        schedule: Name of the schedule. `constant` stays at the peak; `stable_decay`
            does so until a fifth of the steps is left, over which it falls to zero in
            a line; the others fall as half a cosine to zero.

    Returns:
        Rates `[steps]`, the first above zero and the last too.

    Source:
        A constant rate with a decay over the last fifth: arXiv 2405.18392.
    """
    rising_steps = min(round(steps * warmup), steps - 1)
    step = np.arange(steps)
    climb = (step + 1) / max(1, rising_steps)
    progress = (step - rising_steps + 0.5) / (steps - rising_steps)
    if schedule == "constant":
        after = np.ones(steps)
    elif schedule == "stable_decay":
        after = np.minimum(1.0, (steps - step - 0.5) / max(1.0, DECAY * steps))
    else:
        after = 0.5 * (1 + np.cos(np.pi * progress))
    return (peak * np.where(step < rising_steps, climb, after)).astype(np.float32)


def norm_momentum(steps: int) -> float:
    """Momentum of batch-norm statistics for a training of so many steps.

    The published 0.99 remembers 100 steps, which in a training of 100 is mostly
    networks that were worse. A tenth of the training is remembered here, and at most
    those 100 steps.
    """
    return min(PUBLISHED_MOMENTUM, max(0.0, 1.0 - 1.0 / max(1.0, LOOK_BACK * steps)))
