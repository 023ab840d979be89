"""Problems that no strategy was made on: what does it do where nobody looked?

A video space with two limits, discrete tests of optimisation, and landscapes that
mislead. They have the form of those in `quality_problems.py`.

Sources: DTLZ2, Deb et al. 2002; NK landscapes, Kauffman and Levin 1987.
"""

from collections.abc import Callable

import numpy as np
from quality_clips import clips
from quality_problems import Problem, video

from vidnas.budgets.user_cost import UserPrice
from vidnas.space.choice_space import ChoiceSpace


def landscape(
    seed: int, choices: int = 24, options: int = 4, beside: int = 2
) -> Problem:
    """An NK landscape with a cost: each choice pays by itself and two others."""
    rng = np.random.default_rng([7, seed])
    others = np.array(
        [[n, *rng.choice(choices, beside, replace=False)] for n in range(choices)]
    )
    pay = rng.normal(size=(choices, options ** (beside + 1)))
    price = rng.uniform(0.2, 1.0, (choices, options)).cumsum(axis=1)
    places = options ** np.arange(beside + 1)

    def truth(rows: np.ndarray) -> np.ndarray:
        taken = rows[:, others] @ places
        paid = np.take_along_axis(pay.T, taken, axis=0).sum(axis=1)
        size = price[np.arange(choices), rows].sum(axis=1)
        return 40.0 + paid + 30.0 * (1.0 - np.exp(-size / 25.0))

    space = UserPrice(
        ChoiceSpace.of(
            f"nk-{seed}", {f"x{n}": tuple(range(options)) for n in range(choices)}
        ),
        cost_many=lambda r: {"flops": price[np.arange(choices), r].sum(axis=1)},
    )
    return Problem(f"nk-{seed}", space, 20.0, 50.0, truth, worst=30.0)


def trap(groups: int = 8, size: int = 3) -> Problem:
    """Groups of three choices that pay most all at their top, and mislead elsewhere."""
    count = groups * size

    def truth(rows: np.ndarray) -> np.ndarray:
        grouped = rows.reshape(len(rows), groups, size)
        top = (grouped == 2).all(axis=2)
        away = (2 - grouped).sum(axis=2) / (2.0 * size)
        return (
            50.0
            + 4.0 * np.where(top, 1.0, 0.6 * away).sum(axis=1)
            + (rows.sum(axis=1) * 0.2)
        )

    def cost_many(rows: np.ndarray) -> dict[str, np.ndarray]:
        return {"flops": 1.0 + rows @ np.linspace(0.5, 1.5, count)}

    options = {f"x{n}": (1, 2, 4) for n in range(count)}
    space = UserPrice(ChoiceSpace.of("trap", options), cost_many=cost_many)
    return Problem("trap", space, 4.0, 49.0, truth, worst=60.0)


def dtlz2(seed: int = 0) -> Problem:
    """DTLZ2 of two objectives, 12 variables of 8 levels, the optimum moved.

    Every variable but one is a matter of being close; that one turns along a quarter of
    a circle. The cost grows with the distance too, so a bad network is also dear.
    """
    levels, variables = 8, 12
    optimum = np.random.default_rng([seed, 2]).integers(levels, size=variables - 1)

    def objectives(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        away = (rows[:, 1:] - optimum) / (levels - 1)
        radius = 1 + (away**2).sum(axis=1)
        angle = 0.5 * np.pi * rows[:, 0] / (levels - 1)
        return radius * np.sin(angle), radius * np.cos(angle)

    def cost_many(rows: np.ndarray) -> dict[str, np.ndarray]:
        return {"flops": np.asarray(1.0 + 9 * objectives(rows)[0])}

    space = UserPrice(
        ChoiceSpace.of(
            f"dtlz2-{seed}", {f"x{at}": tuple(range(levels)) for at in range(variables)}
        ),
        cost_many=cost_many,
    )
    return Problem(
        name=f"dtlz2-{seed}",
        space=space,
        low=1.0,
        high=10.0,
        truth=lambda rows: 90.0 - 10.0 * objectives(rows)[1],
        worst=90.0 - 10.0 * variables,
    )


def words(seed: int = 0) -> Problem:
    """An NK landscape of 24 words, each judged with two others.

    Options are words, so no order helps; each adds a cost of its own to the network,
    and dear options are no better than cheap ones on the whole.
    """
    rng = np.random.default_rng([seed, 3])
    variables, words = 24, 4
    partners = np.array(
        [
            [at, *rng.choice(np.delete(np.arange(variables), at), 2, replace=False)]
            for at in range(variables)
        ]
    )
    tables = rng.normal(0.0, 1.0, (variables, words**3))
    prices = np.exp(rng.normal(0.0, 1.0, (variables, words)))
    every = np.arange(variables)

    def truth(rows: np.ndarray) -> np.ndarray:
        taken = rows[:, partners] @ np.array([words**2, words, 1])
        return 60.0 + 20.0 * tables[every, taken].mean(axis=1)

    space = UserPrice(
        ChoiceSpace.of(
            f"words-{seed}", {f"word{at}": tuple("abcd") for at in range(variables)}
        ),
        cost_many=lambda rows: {"flops": prices[every, rows].sum(axis=1)},
    )
    drawn = prices[every, rng.integers(words, size=(4000, variables))].sum(axis=1)
    return Problem(
        name=f"words-{seed}",
        space=space,
        low=float(np.quantile(drawn, 0.01)),
        high=float(np.quantile(drawn, 0.95)),
        truth=truth,
        worst=40.0,
    )


def kernels(seed: int = 0) -> Problem:
    """A trap of kernel patterns, in 8 blocks of 3 kernels and a width.

    More of the large kernel is worse, until all three of a block are large: then it is
    best. Widths cost, and help with diminishing returns. What a block's one change
    shows therefore points away from its best pattern.
    """
    rng = np.random.default_rng([seed, 4])
    blocks = 8
    gains = rng.uniform(1.0, 3.0, blocks)
    options: dict[str, tuple[int, ...]] = {}
    for block in range(blocks):
        options |= {f"block{block}.kernel{at}": (3, 5) for at in range(3)}
        options[f"block{block}.width"] = (8, 16, 24, 32, 48)
    widths = np.array([8, 16, 24, 32, 48])

    def parts(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        shaped = rows.reshape(len(rows), blocks, 4)
        large = shaped[:, :, :3].sum(axis=2)
        return large, widths[shaped[:, :, 3]].astype(np.float64)

    def truth(rows: np.ndarray) -> np.ndarray:
        large, width = parts(rows)
        trap = np.where(large == 3, 1.0, 0.6 - 0.3 * large)
        capacity = 30.0 * (1 - np.exp(-np.log(width / 4).mean(axis=1)))
        return np.asarray(40.0 + capacity + (trap * gains).sum(axis=1))

    def cost_many(rows: np.ndarray) -> dict[str, np.ndarray]:
        large, width = parts(rows)
        return {"flops": (width * (width + 9 * (3 - large) + 25 * large)).sum(axis=1)}

    space = UserPrice(ChoiceSpace.of(f"kernels-{seed}", options), cost_many=cost_many)
    ends = np.array([[0] * 4 * blocks, [1, 1, 1, 4] * blocks])
    low, high = cost_many(ends)["flops"]
    return Problem(
        name=f"kernels-{seed}",
        space=space,
        low=float(low) * 1.2,
        high=float(high) * 0.8,
        truth=truth,
        worst=40.0,
    )


HELD_OUT: dict[str, Callable[[], Problem]] = {
    "video-7": lambda: video(7),
    "clips-0": lambda: clips(0),
    "nk-0": lambda: landscape(0),
    "nk-1": lambda: landscape(1),
    "trap": trap,
    "dtlz2-0": lambda: dtlz2(0),
    "words-0": lambda: words(0),
    "kernels-0": lambda: kernels(0),
}
