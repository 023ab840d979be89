"""What makes a search hard in real life? One problem each, drawn anew for every seed.

A network of stages has a clip (resolution, frames) and for every stage a depth, a width
and, layer by layer, a kernel and an expansion; layers beyond the depth are no choices.
Its accuracy (`Stages`) is drawn by the seed: what every stage needs, what the clip
gives, which kernels and expansions each stage likes, and what pairs of choices add.
Over it, one trouble at a time:

    smooth      none: the yardstick
    crashing    a region crashes: deep early stage, long clips, wide late stage
    faults      one training in ten crashes, whatever it is
    diverging   one in twenty diverges and is recorded at 2 %
    noisy       small networks are noisy (deviation 4), large ones are not (0.2)
    limits      memory binds as well as FLOPs
    deceptive   more resolution or more frames alone lose, both together win
    large       150 choices: seven stages of up to ten layers
    ratios      20 numbers whose ratios decide, and none alone
    unordered   24 words: no option is between two others

It proves an optimiser, not a network.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from quality_problems import Problem

from vidnas.budgets import Budget, UserPrice
from vidnas.space import ChoiceSpace

SIDES = (96, 112, 128, 160, 192, 224)
FRAMES = (4, 6, 8, 12, 16, 24, 32)
KERNELS = ("1x3x3", "3x1x1", "3x3x3", "5x3x3")
TAPS = np.array([9, 3, 27, 45])
EXPANDS = (1.5, 2.0, 3.0, 4.0, 6.0)
WIDTHS = np.array([0.5, 0.75, 1.0, 1.25, 1.5])
DRAWN = 4000  # candidates that place limits and regions


@dataclass(frozen=True, eq=False)
class Stages:
    """Networks of stages: their choices, their costs, their accuracy.

    Args:
        seed: Seed of everything that is drawn.
        stages: Number of stages.
        layers: Most layers of one.
    """

    seed: int
    stages: int = 4
    layers: int = 5

    @cached_property
    def space(self) -> ChoiceSpace:
        """The choices, layers beyond a depth switched off."""
        options: dict[str, tuple] = {"clip.resolution": SIDES, "clip.frames": FRAMES}
        when = {}
        for stage in range(self.stages):
            options[f"stage{stage}.depth"] = tuple(range(1, self.layers + 1))
            options[f"stage{stage}.width"] = tuple(WIDTHS.tolist())
            for layer in range(self.layers):
                for kind, values in (("kernel", KERNELS), ("expand", EXPANDS)):
                    name = f"stage{stage}.layer{layer}.{kind}"
                    options[name] = values
                    if layer:
                        when[name] = f"stage{stage}.depth > {layer}"
        return ChoiceSpace.of(f"stages-{self.seed}", options, when)

    @cached_property
    def drawn(self) -> dict[str, np.ndarray]:
        """Parameters of the accuracy."""
        rng = np.random.default_rng([self.seed, 31])
        stages, kinds = self.stages, len(KERNELS)
        count = len(self.space.choices)
        return {
            "need": rng.uniform(0.5, 1.1, stages),
            "weight": rng.dirichlet(np.full(stages, 4.0)),
            "side": rng.uniform(60.0, 110.0, 1),
            "frames": rng.uniform(4.0, 12.0, 1),
            "kernel": rng.normal(0.0, 1.0, (stages, kinds)),
            "expand": rng.uniform(0.0, len(EXPANDS) - 1.0, stages),
            "row": rng.normal(0.0, 0.5, (kinds, kinds)),
            "pairs": np.array([rng.choice(count, 2, replace=False) for _ in range(40)]),
            "tables": rng.normal(0.0, 0.1, (40, 10, 10)),
        }

    def parts(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """Of candidates: numbers `[N]` of the clip, `[N, S]`, `[N, S, L]` of stages."""
        shaped = rows[:, 2:].reshape(len(rows), self.stages, 2 + 2 * self.layers)
        depth = shaped[:, :, 0] + 1
        return {
            "side": np.array(SIDES)[rows[:, 0]],
            "frames": np.array(FRAMES)[rows[:, 1]],
            "depth": depth,
            "width": WIDTHS[shaped[:, :, 1]],
            "kernel": shaped[:, :, 2::2],
            "expand": shaped[:, :, 3::2],
            "on": np.arange(self.layers) < depth[:, :, None],
        }

    def costs(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """`[N]` each: multiply-adds and bytes of the largest activation."""
        p = self.parts(rows)
        stage = np.arange(self.stages)
        width = p["width"] * 24.0 * 2.0 ** np.minimum(stage, 3)
        area = (p["side"][:, None] / 2.0 ** np.minimum(stage + 2, 5)) ** 2
        volume = area * p["frames"][:, None]
        middle = width[:, :, None] * np.array(EXPANDS)[p["expand"]]
        each = middle * (2.0 * width[:, :, None] + TAPS[p["kernel"]])
        flops = ((each * p["on"]).sum(axis=2) * volume).sum(axis=1)
        held = (middle * p["on"]).max(axis=2) * volume
        return {"flops": flops, "bytes": 4.0 * held.max(axis=1)}

    def accuracy(self, rows: np.ndarray) -> np.ndarray:
        """`[N]`, in percent."""
        p, drawn = self.parts(rows), self.drawn
        on = p["on"]
        held = (np.sqrt(np.array(EXPANDS)[p["expand"]]) * on).sum(axis=2) * p["width"]
        grown = 1.0 - np.exp(-drawn["need"] * np.log1p(held))
        whole = np.exp(np.log(grown) @ drawn["weight"]) * grown.min(axis=1) ** 0.3
        shown = (1.0 - np.exp(-p["side"] / drawn["side"])) * (
            1.0 - 0.6 * np.exp(-p["frames"] / drawn["frames"])
        )
        at = np.arange(self.stages)[:, None]
        off = p["expand"] - drawn["expand"][:, None]
        liked = drawn["kernel"][at, p["kernel"]] - 0.15 * off**2
        points = ((liked * on).sum(axis=2) / p["depth"]).sum(axis=1)
        rowed = drawn["row"][p["kernel"][:, :, :-1], p["kernel"][:, :, 1:]]
        later = on[:, :, 1:]
        points += ((rowed * later).sum(axis=2) / np.maximum(later.sum(axis=2), 1)).sum(
            axis=1
        )
        for table, (first, second) in zip(drawn["tables"], drawn["pairs"], strict=True):
            points += table[rows[:, first], rows[:, second]]
        return np.clip(10.0 + 85.0 * whole * shown + points, 1.0, 99.5)

    @cached_property
    def middling(self) -> np.ndarray:
        """`[DRAWN, C]`: uniform candidates, of which limits are quantiles."""
        return self.space.many.sample(np.random.default_rng([self.seed, 2]), DRAWN)

    def problem(self, name: str, **changed: object) -> Problem:
        """The problem; what is changed of the yardstick is given."""
        flops = self.costs(self.middling)["flops"]
        high = float(np.quantile(flops, 0.8))
        facts: dict = {
            "low": high / 30.0,
            "high": high,
            "truth": self.accuracy,
            "worst": 20.0,
        }
        price = UserPrice(self.space, cost_many=self.costs)
        return Problem(f"{name}-{self.seed}", price, **(facts | changed))


def smooth(seed: int) -> Problem:
    """The yardstick."""
    return Stages(seed).problem("smooth")


def crashing(seed: int) -> Problem:
    """A tenth to a quarter of what is drawn crashes: large in three ways at once."""
    stages = Stages(seed)
    rng = np.random.default_rng([seed, 32])
    early, late = int(rng.integers(2)), int(rng.integers(2, 4))

    def size(rows: np.ndarray) -> np.ndarray:
        p = stages.parts(rows)
        three = (
            p["depth"][:, early] / stages.layers,
            np.log(p["frames"]) / np.log(FRAMES[-1]),
            p["width"][:, late] / WIDTHS[-1],
        )
        return np.min(three, axis=0)

    most = float(np.quantile(size(stages.middling), 1.0 - rng.uniform(0.12, 0.25)))
    return stages.problem(
        "crashing",
        fails=lambda rows, _: size(rows) >= most,
        # What always crashes is attainable for nobody.
        truth=lambda rows: np.where(size(rows) >= most, 1.0, stages.accuracy(rows)),
    )


def faults(seed: int) -> Problem:
    """One training in ten crashes."""

    def fails(rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return rng.random(len(rows)) < 0.1

    return Stages(seed).problem("faults", fails=fails)


def diverging(seed: int) -> Problem:
    """One training in twenty gives 2 %."""
    stages = Stages(seed)

    def observe(rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        measured = stages.accuracy(rows) + 0.3 * rng.normal(size=len(rows))
        return np.where(rng.random(len(rows)) < 0.05, 2.0, measured)

    return stages.problem("diverging", observe=observe)


def noisy(seed: int) -> Problem:
    """The deviation of a measurement falls from 4 at the low end to 0.2 at the high."""
    stages = Stages(seed)
    high = float(np.quantile(stages.costs(stages.middling)["flops"], 0.8))

    def observe(rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        flops = stages.costs(rows)["flops"]
        share = np.clip(np.log(flops * 30.0 / high) / np.log(30.0), 0.0, 1.0)
        deviation = 4.0 * (0.2 / 4.0) ** share
        noise = deviation * rng.normal(size=len(rows))
        return np.clip(stages.accuracy(rows) + noise, 0.0, 100.0)

    return stages.problem("noisy", observe=observe)


def limits(seed: int) -> Problem:
    """The largest activation may be that of the median at most."""
    stages = Stages(seed)
    held = stages.costs(stages.middling)["bytes"]
    rng = np.random.default_rng([seed, 33])
    most = float(np.quantile(held, rng.uniform(0.2, 0.5)))
    return stages.problem("limits", also=(Budget("bytes", most),))


def deceptive(seed: int) -> Problem:
    """The clip pays in both directions together, and in neither alone."""
    stages = Stages(seed)
    rng = np.random.default_rng([seed, 34])
    gain = rng.uniform(5.0, 9.0)

    def truth(rows: np.ndarray) -> np.ndarray:
        side = rows[:, 0] / (len(SIDES) - 1.0)
        frames = rows[:, 1] / (len(FRAMES) - 1.0)
        both = (side > 0.55) & (frames > 0.55)
        return np.where(
            both, 1.3 * gain, -gain * np.abs(side + frames - 0.4)
        ) + stages.accuracy(rows)

    return stages.problem("deceptive", truth=truth)


def large(seed: int) -> Problem:
    """150 choices and a few more."""
    return Stages(seed, stages=7, layers=10).problem("large")


def ratios(seed: int, count: int = 20) -> Problem:
    """Numbers in a row: each wants to be a multiple of the one before."""
    rng = np.random.default_rng([seed, 35])
    levels = tuple(2.0 ** (step / 2.0) for step in range(9))
    wanted = rng.normal(0.0, 0.6, count - 1)
    weight = rng.uniform(0.5, 1.5, count - 1)
    price = rng.dirichlet(np.full(count, 3.0))
    logs = np.log(np.array(levels))

    def cost_many(rows: np.ndarray) -> dict[str, np.ndarray]:
        return {"flops": np.exp(logs[rows] @ price * 2.0)}

    def truth(rows: np.ndarray) -> np.ndarray:
        off = np.diff(logs[rows], axis=1) - wanted
        lost = (weight * np.minimum(off**2, 4.0)).sum(axis=1) * 2.0
        grown = 1.0 - np.exp(-0.5 - logs[rows] @ price / 1.2)
        return 35.0 + 60.0 * grown - lost

    names = {f"size{at}": levels for at in range(count)}
    space = ChoiceSpace.of(f"ratios-{seed}", names)
    drawn = space.many.sample(np.random.default_rng([seed, 2]), DRAWN)
    ends = np.quantile(cost_many(drawn)["flops"], (0.02, 0.9))
    low, high = float(ends[0]), float(ends[1])
    told = UserPrice(space, cost_many=cost_many)
    return Problem(f"ratios-{seed}", told, low, high, truth, worst=20.0)


def unordered(seed: int, count: int = 24, words: int = 5) -> Problem:
    """Words with a cost; each pays by itself and less so beside one other."""
    rng = np.random.default_rng([seed, 36])
    own = rng.normal(0.0, 1.0, (count, words))
    every = np.arange(count)
    beside = np.array([rng.choice(np.delete(every, n)) for n in range(count)])
    pairs = rng.normal(0.0, 0.5, (count, words, words))
    prices = np.exp(rng.normal(0.0, 0.8, (count, words)))

    def truth(rows: np.ndarray) -> np.ndarray:
        paid = own[every, rows] + pairs[every, rows, rows[:, beside]]
        return 60.0 + paid.sum(axis=1)

    def cost_many(rows: np.ndarray) -> dict[str, np.ndarray]:
        return {"flops": prices[every, rows].sum(axis=1)}

    options = {f"word{n}": tuple("abcdefgh"[:words]) for n in range(count)}
    space = ChoiceSpace.of(f"unordered-{seed}", options)
    drawn = space.many.sample(np.random.default_rng([seed, 2]), DRAWN)
    low, high = np.quantile(cost_many(drawn)["flops"], (0.02, 0.9)).tolist()
    told = UserPrice(space, cost_many=cost_many)
    return Problem(f"unordered-{seed}", told, low, high, truth, worst=35.0)


HARD: dict[str, Callable[[int], Problem]] = {
    make.__name__: make
    for make in (
        smooth,
        crashing,
        faults,
        diverging,
        noisy,
        limits,
        deceptive,
        large,
        ratios,
        unordered,
    )
}
