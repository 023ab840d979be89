"""Studies of the quickstart space whose accuracy is planted."""

import numpy as np
import pytest

from vidnas.budgets import Pricing
from vidnas.trials import Fidelity, Trial
from vidnas.trials.choices.factors import factors_of

CLIPS = 400


def accuracies(space, rows, flops, planted):
    """[%]. What FLOPs give, and squeeze-excite and kernels where that is planted."""
    true = 20.0 + 50.0 * (1.0 - np.exp(-((flops / 4e6) ** 0.7)))
    if planted:
        shares = {f.name: f.shares for f in factors_of(space, rows)}
        true += shares["stage3.squeeze_excite"] @ np.array([-3.0, 3.0])
        true += shares["stage2.kernel"] @ np.array([-4.0, -1.0, 1.0, 4.0])
    return true


@pytest.fixture(scope="session")
def searched(quickstart):
    """`searched(seed, count, planted)`: trials of drawn candidates, as if trained."""

    def search(seed, count, planted):
        rng = np.random.default_rng(seed)
        many, half = quickstart.many, count // 2
        drawn = many.sample(rng, count - half), many.sample_coherent(rng, half)
        rows = np.concatenate(drawn)
        flops = Pricing(8).rows(quickstart, rows)["flops"].astype(float)
        true = accuracies(quickstart, rows, flops, planted)
        top1 = 100.0 * rng.binomial(CLIPS, true / 100.0) / CLIPS
        return [
            Trial(
                number,
                tuple(row),
                quickstart.decode(tuple(row)),
                Fidelity(epochs=1),
                0,
                {"flops": cost},
                "done",
                {"top1": accuracy, "val_clips": float(CLIPS)},
            )
            for number, (row, cost, accuracy) in enumerate(
                zip(rows.tolist(), flops.tolist(), top1.tolist(), strict=True)
            )
        ]

    return search
