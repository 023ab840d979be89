"""What is a search of video networks like? A space as MoViNet's, accuracy made up.

Costs are those of real networks; accuracy is a formula with what makes such a search
hard, drawn anew for every seed:

- capacity, resolution and frames pay with diminishing returns,
- stages complement one another: the weakest decides,
- every stage likes other kernels and expansions, alone, together and in a row,
- what a network sees along time should match its clip,
- pairs of choices add what nothing explains.

It proves an optimiser, not a network.
"""

from typing import Any

import numpy as np
from quality_problems import Problem

from vidnas.architecture.columns import Columns
from vidnas.architecture.temporal_reach import temporal_reach
from vidnas.budgets.budget import Budget
from vidnas.budgets.price import Pricing
from vidnas.documents.node import Node, Origin
from vidnas.space.reading import read_space
from vidnas.space.space import Space

STAGES, LAYERS = 5, 8
WIDTHS = (16, 40, 72, 72, 144)
STRIDES = (2, 2, 2, 1, 2)
KERNELS = ("1x3x3", "1x5x5", "3x1x1", "3x3x3", "5x1x1", "5x3x3")
EXPANDS = (1.5, 2.0, 2.5, 3.0, 3.5, 4.0)
PAIRS = 60
DRAWN = 4000  # candidates that place the limits


def clips_space() -> Space:
    """92 choices: a clip, and widths, depths, kernels and expansions of five stages."""
    stages: list[dict[str, Any]] = [
        {
            "width": {"base": width, "multiplier": [0.5, 0.75, 1.0, 1.25]},
            "depth": {"from": 1, "to": LAYERS},
            "stride": stride,
            "kernel": list(KERNELS),
            "expand": list(EXPANDS),
        }
        for width, stride in zip(WIDTHS, STRIDES, strict=True)
    ]
    clip = {
        "frames": [4, 8, 12, 16, 24, 32, 48],
        "resolution": [96, 112, 128, 144, 160, 176, 192, 224],
        "frame_stride": 2,
    }
    document = {
        "schema": "vidnas.space/v1",
        "name": "clips",
        "clip": clip,
        "stem": {"width": 16, "kernel": "1x3x3", "stride": 2},
        "stages": stages,
        "head": {"width": 384, "hidden": 512},
        "activation": "swish",
    }
    return read_space(Node(document, Origin("the clips problem")))


class Accuracy:
    """The accuracy of a video network, made up by a seed.

    Args:
        space: `clips_space()`.
        seed: Of everything that is drawn.
    """

    def __init__(self, space: Space, seed: int) -> None:
        rng = np.random.default_rng([seed, 5])
        self.space, self.many = space, space.many
        kinds, sizes = len(KERNELS), len(EXPANDS)
        self.kernels = rng.normal(0.0, 0.7, (STAGES, kinds))
        self.expands = rng.normal(0.0, 0.4, (STAGES, sizes))
        self.both = rng.normal(0.0, 0.4, (STAGES, kinds, sizes))
        self.in_a_row = rng.normal(0.0, 0.5, (kinds, kinds))
        self.rates = rng.uniform(0.6, 1.0, STAGES)
        self.seen = float(rng.uniform(0.6, 1.2))  # of the clip's frames, at best
        options = self.many.sizes
        pairs = [
            rng.choice(len(options), 2, replace=False).tolist() for _ in range(PAIRS)
        ]
        self.pairs = [
            (a, b, rng.normal(0.0, 0.12, (options[a], options[b]))) for a, b in pairs
        ]
        self.kernel_at, self.expand_at = (
            np.array(
                [at for name, at in space.positions.items() if name.endswith(kind)]
            ).reshape(STAGES, LAYERS)
            for kind in (".kernel", ".expand")
        )

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        """`[N]` of candidates `[N, 92]`, in points."""
        columns = self.space.columns(rows)
        return np.asarray(
            100.0 * self._size(columns)
            + self._taste(rows, columns.active.reshape(-1, STAGES, LAYERS))
            - self._mismatch(columns)
            + self._unexplained(rows)
        )

    def _size(self, columns: Columns) -> np.ndarray:
        """`[N]` in [0, 1]: of what the clip shows, what the stages can hold."""
        held = columns.active * columns.width * columns.expand_width
        held = held.reshape(-1, STAGES, LAYERS).sum(axis=2) / np.square(WIDTHS)
        grown = 1 - np.exp(-self.rates * np.log1p(held))
        weakest = np.mean(grown**-3.0, axis=1) ** (-1 / 3.0)
        shown = (1 - np.exp(-columns.resolution / 80)) * (
            1 - 0.4 * np.exp(-columns.frames / 10)
        )
        return np.asarray(weakest * shown)

    def _taste(self, rows: np.ndarray, active: np.ndarray) -> np.ndarray:
        """`[N]` points: of kernels and expansions, means over the layers of a stage."""
        kernel, expand = rows[:, self.kernel_at], rows[:, self.expand_at]
        stage = np.arange(STAGES)[:, None]
        liked = self.kernels[stage, kernel] + self.expands[stage, expand]
        liked = liked + self.both[stage, kernel, expand]
        points = (liked * active).sum(axis=2) / active.sum(axis=2)
        rowed = self.in_a_row[kernel[:, :, :-1], kernel[:, :, 1:]] * active[:, :, 1:]
        points += rowed.sum(axis=2) / np.maximum(active[:, :, 1:].sum(axis=2), 1)
        return np.asarray(points.sum(axis=1))

    def _mismatch(self, columns: Columns) -> np.ndarray:
        """`[N]` points lost where too few or too many of the frames are seen."""
        off = np.log2(temporal_reach(columns) / (self.seen * columns.frames))
        return np.asarray(5.0 * (1 - np.exp(-(off**2))))

    def _unexplained(self, rows: np.ndarray) -> np.ndarray:
        """`[N]` points of pairs of choices; choices without effect count at 0."""
        points = np.zeros(len(rows))
        for first, second, table in self.pairs:
            points += table[rows[:, first], rows[:, second]]
        return points


def clips(seed: int = 0) -> Problem:
    """The problem that a seed draws.

    Hard limits are the medians, over uniform draws, of multiply-adds and of memory.
    """
    space = clips_space()
    many = space.many
    drawn = many.sample(np.random.default_rng(0), DRAWN)
    costs = Pricing().many(space.columns(drawn))
    flops, memory = costs["flops"], costs["inference_bytes"]
    high = float(np.median(flops))
    return Problem(
        name=f"clips-{seed}",
        space=space,
        low=high / 12,
        high=high,
        truth=Accuracy(space, seed),
        worst=20.0,
        also=(Budget("inference_bytes", float(np.median(memory))),),
    )
