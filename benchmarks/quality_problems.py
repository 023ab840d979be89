"""Problems with a known truth, on which search strategies are compared.

Costs are known and free, accuracy is measured with noise. Each problem has a space, the
limits of its cost, a true accuracy and the best that is attainable for each budget.
"""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from quality_accel import accel_flops, accel_options, accel_rows

from vidnas.architecture import Columns
from vidnas.architecture.temporal_reach import temporal_reach
from vidnas.budgets import Budget, Budgets, Pricing, Screen, UserPrice
from vidnas.files.loading import load_space
from vidnas.space import ChoiceSpace

BUDGETS = 48  # of the ladder gap
VIDEO = Path(__file__).parent / "quality_video.yaml"
BESIDE = Path(__file__).parents[2] / "shared"
SHARED = Path(os.environ.get("VIDNAS_SHARED", BESIDE)) / "benchmarks"


@dataclass(frozen=True)
class Problem:
    """A space with a true accuracy.

    Args:
        name: For people.
        space: The candidates' space, or a `UserPrice` of one.
        low: Lowest budget of the ladder gap.
        high: Highest; nothing dearer may be handed over.
        truth: True accuracies [N] of candidates `[N, C]`.
        worst: Accuracy that counts where nothing fits a budget.
        noise: Deviation of a measurement; or `observe` below.
        observe: Measured accuracies of candidates, with a generator.
        also: Further hard limits.
        fails: Which trainings of candidates crash, with a generator; None for none.
    """

    name: str
    space: Any
    low: float
    high: float
    truth: Callable[[np.ndarray], np.ndarray]
    worst: float
    noise: float = 0.3
    observe: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None
    also: tuple[Budget, ...] = ()
    fails: Callable[[np.ndarray, np.random.Generator], np.ndarray] | None = None
    limits: Budgets = field(init=False)

    def __post_init__(self) -> None:
        limits = (Budget("flops", self.high), *self.also)
        if isinstance(self.space, UserPrice):
            budgets = self.space.budgets(*limits)
            object.__setattr__(self, "space", self.space.space)
        else:
            budgets = Budgets(limits, Pricing())
        object.__setattr__(self, "limits", budgets)

    def costs(self, rows: np.ndarray) -> np.ndarray:
        """[N]. Costs of candidates `[N, C]`."""
        screen = Screen(self.space, self.limits, set())
        return np.asarray(screen.price_many(rows)["flops"], np.float64)

    def excess(self, rows: np.ndarray) -> np.ndarray:
        """[N, limits]. By what share each hard limit is broken, 0 where it holds."""
        costs = Screen(self.space, self.limits, set()).price_many(rows)
        return np.stack([b.excess(costs[b.name]) for b in self.limits.hard], axis=1)

    def measured(self, rows: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """[N]. Accuracies as trainings would give them."""
        if self.observe is not None:
            return self.observe(rows, rng)
        return self.truth(rows) + self.noise * rng.normal(size=len(rows))

    @cached_property
    def budgets(self) -> np.ndarray:
        """[48]. Budgets, even in their logarithm."""
        return np.geomspace(self.low, self.high, BUDGETS)

    @cached_property
    def best(self) -> np.ndarray:
        """[48]. Best true accuracy within each budget, as far as it is known.

        Of a listed space exact; else of a long evolution that sees the truth.
        """
        many = self.space.many
        if np.prod(many.sizes.astype(float)) <= 10_000:
            whole = np.indices(tuple(many.sizes)).reshape(len(many.sizes), -1).T
            costs, truth = self.costs(whole), self.truth(whole)
            return np.array([truth[costs <= b].max() for b in self.budgets])
        rng = np.random.default_rng(0)
        rows = np.concatenate([many.sample(rng, 1500), many.sample_coherent(rng, 1500)])
        for generation in range(GENERATIONS):
            rows = rows[(self.excess(rows) == 0.0).all(axis=1)]
            costs, truth = self.costs(rows), self.truth(rows)
            kept = self._leading(costs, truth)
            rows, costs, truth = rows[kept], costs[kept], truth[kept]
            if generation == GENERATIONS - 1:
                break
            first, second = rng.integers(len(rows), size=(2, CHILDREN))
            crossed = many.cross(rows[first], rows[second], rng)
            apart = np.where(
                (rng.random(CHILDREN) < 0.5)[:, None], crossed, rows[first]
            )
            changes = np.minimum(rng.geometric(0.4, CHILDREN), 8)
            rows = np.concatenate([rows, many.redraw(apart, rng, changes, near=0.5)])
        best = np.array(
            [truth[costs <= b].max(initial=self.worst) for b in self.budgets]
        )
        return np.maximum.accumulate(best)

    def _leading(self, costs: np.ndarray, truth: np.ndarray) -> np.ndarray:
        kept = []
        for budget in self.budgets:
            within = np.flatnonzero(costs <= budget)
            kept.append(within[np.argsort(-truth[within], kind="stable")[:8]])
        return np.unique(np.concatenate(kept))

    def gap(self, rows: np.ndarray, measured: np.ndarray) -> float:
        """The ladder gap of trained candidates, in points of accuracy.

        Mean over budgets of the best attainable less the true accuracy of what would be
        handed over: the trained network within the budget that measured best.
        """
        costs, truth = self.costs(rows), self.truth(rows)
        gaps = []
        for budget, best in zip(self.budgets, self.best, strict=True):
            within = np.flatnonzero(costs <= budget)
            found = truth[within[np.argmax(measured[within])]] if len(within) else None
            gaps.append(best - (self.worst if found is None else found))
        return float(np.mean(gaps))


GENERATIONS, CHILDREN = 250, 1200


def macro() -> Problem:
    """NAS-Bench-Macro: 3^8 networks, trained three times each; one is observed."""
    rows = json.loads((SHARED / "nas_bench_macro.json").read_text())["rows"]
    tops, flops = np.zeros((3**8, 3)), np.zeros(3**8)
    for key, row in rows.items():
        tops[int(key, 3)], flops[int(key, 3)] = row["test_acc"], row["flops"]
    places = 3 ** np.arange(7, -1, -1)
    space = UserPrice(
        ChoiceSpace.of("macro", {f"layer{n}": (0, 1, 2) for n in range(8)}),
        cost_many=lambda matrix: {"flops": flops[matrix @ places]},
    )

    def observe(matrix: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        return tops[matrix @ places, rng.integers(3, size=len(matrix))]

    return Problem(
        "macro",
        space,
        low=float(np.quantile(flops, 0.02)),
        high=float(flops.max()),
        truth=lambda matrix: tops.mean(axis=1)[matrix @ places],
        worst=float(tops.min()),
        observe=observe,
    )


def accel(trained: int = 5138) -> Problem:
    """Accel: MnasNet-like networks, accuracy by boosted trees on real trainings.

    Costs are the data's own count: multiply-adds, and some more for norms and pools.

    Args:
        trained: Rows that the regression learns from.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor

    matrix, top1, _ = accel_rows(SHARED)
    learnt = HistGradientBoostingRegressor(
        max_iter=600,
        learning_rate=0.05,
        max_leaf_nodes=8,
        l2_regularization=1.0,
        random_state=0,
    ).fit(matrix[:trained], top1[:trained])
    space = UserPrice(
        ChoiceSpace.of("accel", accel_options()),
        cost_many=lambda rows: {"flops": accel_flops(rows) / 1e6},
    )
    return Problem(
        "accel",
        space,
        low=150.0,
        high=650.0,
        truth=learnt.predict,
        worst=float(top1.min()),
    )


def accel_fit() -> str:
    """How well trees do on a tenth of the trainings that they were not fitted to."""
    rows, top1, _ = accel_rows(SHARED)
    learnt = 9 * len(rows) // 10
    told, true = accel(learnt).truth(rows[learnt:]), top1[learnt:]
    r2 = 1.0 - np.mean((told - true) ** 2) / true.var()
    upper = np.triu_indices(len(true), 1)
    signs = [np.sign(np.subtract.outer(v, v)[upper]) for v in (told, true)]
    tau = np.mean(signs[0] * signs[1])
    return f"R2 {r2:.3f}, Kendall's tau {tau:.3f} on {len(true)} rows held out"


STAGES = 5
KERNELS = ((1, 3), (1, 5), (3, 1), (3, 3), (5, 3))


@dataclass(frozen=True, eq=False)
class VideoAccuracy:
    """A synthetic accuracy of video networks; it proves an optimiser, not a network.

    Returns saturate in the capacity of every stage, in resolution and in frames; stages
    are complements, so that the weakest holds the rest back; each stage prefers some
    kernels, and more so beside those of the stage before; the frames that a feature
    sees should match the clip; and near networks differ a little for no reason.

    Args:
        seed: Of preferences and needs.
    """

    seed: int

    @cached_property
    def _drawn(self) -> Mapping[str, np.ndarray]:
        rng = np.random.default_rng([92, self.seed])
        return {
            "need": rng.uniform(6.0, 9.0, STAGES) + np.arange(STAGES) * 0.8,
            "weight": rng.dirichlet(np.full(STAGES, 4.0)),
            "kernel": rng.normal(0.0, 1.2, (STAGES, len(KERNELS))),
            "pair": rng.normal(0.0, 1.0, (STAGES - 1, len(KERNELS), len(KERNELS))),
            "first": rng.normal(0.0, 0.6, (STAGES, len(KERNELS))),
            "wave": rng.normal(0.0, 1.0, (STAGES * (len(KERNELS) + 2),)),
            "reach": rng.uniform(0.6, 1.1, 1),
            "saturation": rng.uniform([60.0, 6.0], [120.0, 18.0]),
        }

    def __call__(self, columns: Columns, stages: np.ndarray) -> np.ndarray:
        """[N]. Accuracy [%].

        Args:
            columns: N architectures.
            stages: `[N, L]`, the stage of every layer.
        """
        drawn = self._drawn
        kernels = np.stack(
            [
                (columns.kernel_frames == frames) & (columns.kernel_side == side)
                for frames, side in KERNELS
            ],
            axis=2,
        )
        shares, capacity = [], []
        points = np.zeros(len(columns))
        for stage in range(STAGES):
            inside = columns.active & (stages == stage)
            count = np.maximum(inside.sum(axis=1), 1)
            share = (kernels & inside[:, :, None]).sum(axis=1) / count[:, None]
            size = (inside * np.sqrt(columns.width * columns.expand_width)).sum(axis=1)
            capacity.append(np.log2(1.0 + size))
            first = np.argmax(inside, axis=1)
            rows = np.arange(len(columns))
            points += kernels[rows, first] @ drawn["first"][stage]
            points += share @ drawn["kernel"][stage]
            if shares:
                pairs = drawn["pair"][stage - 1]
                points += np.einsum("ni,ij,nj->n", shares[-1], pairs, share)
            shares.append(share)
        fill = 1.0 - np.exp(-np.stack(capacity, axis=1) / drawn["need"] * 2.0)
        whole = np.exp(np.log(fill) @ drawn["weight"]) * fill.min(axis=1) ** 0.3
        side, frames = drawn["saturation"]
        seen = 1.0 - np.exp(-columns.resolution / side)
        lasting = 1.0 - np.exp(-columns.frames / frames)
        apart = np.log(temporal_reach(columns) / (drawn["reach"] * columns.frames))
        facts = np.concatenate([*shares, np.stack(capacity, axis=1), fill], axis=1)
        rugged = 0.3 * np.sin(7.0 * facts @ drawn["wave"])
        accuracy = 12.0 + 82.0 * whole * seen * lasting + points - 1.5 * apart**2
        return np.clip(accuracy + rugged, 1.0, 99.0)


def video(seed: int) -> Problem:
    """A MoViNet-like space with real costs and a synthetic accuracy."""
    space = load_space(VIDEO)
    accuracy = VideoAccuracy(seed)
    depths = [f"{stage}.depth" for stage in space.declaration.stage_names]

    def truth(rows: np.ndarray) -> np.ndarray:
        columns = space.columns(rows)
        values, _ = space.program.values_many(rows)
        ends = np.cumsum(
            [np.broadcast_to(values[d], len(rows)) for d in depths], axis=0
        )
        # Columns keep room for every stage's most layers, so count those that exist.
        number = np.cumsum(columns.active, axis=1)
        stages = (number[:, :, None] > ends.T[:, None, :]).sum(axis=2)
        return accuracy(columns, stages)

    return Problem(f"video-{seed}", space, low=3e8, high=8e9, truth=truth, worst=20.0)


def zdt(number: int) -> Problem:
    """ZDT1 or ZDT3 of 30 variables in 10 levels, its optimum shifted.

    The first objective is the known cost; the second, from 0 to 10, becomes accuracy.
    """
    optimum = np.random.default_rng(number).integers(10, size=30)

    def first(rows: np.ndarray) -> np.ndarray:
        return rows[:, 0] / 9.0

    def truth(rows: np.ndarray) -> np.ndarray:
        f1 = first(rows)
        g = 1.0 + np.abs(rows[:, 1:] - optimum[1:]).mean(axis=1)
        h = 1.0 - np.sqrt(f1 / g)
        if number == 3:
            h -= f1 / g * np.sin(10.0 * np.pi * f1)
        return 90.0 - 10.0 * g * h

    space = UserPrice(
        ChoiceSpace.of(f"zdt{number}", {f"x{n}": tuple(range(10)) for n in range(30)}),
        cost_many=lambda rows: {"flops": 1.0 + 99.0 * first(rows)},
    )
    return Problem(f"zdt{number}", space, 1.0, 100.0, truth, worst=-10.0)


PROBLEMS: dict[str, Callable[[], Problem]] = {
    "macro": macro,
    "accel": accel,
    "video-0": lambda: video(0),
    "video-1": lambda: video(1),
    "zdt1": lambda: zdt(1),
    "zdt3": lambda: zdt(3),
}
