"""How long does an operator of one kind take? From measured ones to any shape.

A sum of physical terms (values read and written, multiply-adds, calls), each with a
weight that is not negative, fits relative errors best. A Gaussian process over the
logarithms of sizes interpolates what that sum leaves.
"""

from dataclasses import dataclass

import numpy as np

from vidnas.arrays import Floats
from vidnas.costs.latency.operators import BEHIND, SHAPE
from vidnas.statistics.gaussian_process import Gaussian, fit

FEWEST = 12  # measured operators of a kind, from which on what is left is interpolated
LEAST_MS = 1e-5
NOISE_MS = 2e-3  # of a measurement, however fast
NEAR, FAR = 2**18, 2**23  # values beyond which caches end: 1 and 32 MiB
HEAVY = [BEHIND.index(name) for name in ("swish", "hard_swish")]
LANES = 16  # float32 numbers in a vector register of 512 bits
_AT = {name: position for position, name in enumerate(SHAPE)}


@dataclass(frozen=True, slots=True, eq=False)
class OperatorFit:
    """Times of operators of one kind.

    Args:
        kind: Kind of the operators.
        weights: Weights of the terms of that kind.
        rest: Process over the logarithm of what the terms leave; None where too few
            operators were measured or nothing is left.
        centre: Mean of the features of measured operators.
        spread: Standard deviation of these features.
        scale: Unit of what `rest` predicts.
    """

    kind: str
    weights: Floats
    rest: Gaussian | None
    centre: Floats
    spread: Floats
    scale: float

    @classmethod
    def of(cls, kind: str, shapes: Floats, ms: Floats) -> "OperatorFit":
        """The fit to measured operators.

        Args:
            kind: Kind of all operators.
            shapes: Shapes of operators, `[n, len(SHAPE)]`.
            ms: Measured times of operators [n].
        """
        values, counts = terms(kind, shapes), ms + NOISE_MS
        weights = non_negative(values / counts[:, None], ms / counts)
        errors = np.log(ms / np.maximum(values @ weights, LEAST_MS))
        points = features(shapes)
        centre, spread = points.mean(axis=0), np.maximum(points.std(axis=0), 1e-9)
        scale = float(np.sqrt((errors**2).mean()))
        rest = None
        if len(ms) >= FEWEST and scale > 1e-6:
            # Far from all that was measured, nothing is left: no mean is taken off.
            rest = fit((points - centre) / spread, errors / scale)
        return cls(kind, weights, rest, centre, spread, scale)

    def __call__(self, shapes: Floats) -> Floats:
        """[n]. Times of operators `[n, len(SHAPE)]` [ms]."""
        ms = np.maximum(terms(self.kind, shapes) @ self.weights, LEAST_MS)
        if self.rest is None:
            return ms
        # A spread of nothing would send what differs infinitely far away.
        points = (features(shapes) - self.centre) / self.spread
        errors = self.rest.mean(np.clip(points, -4.0, 4.0))
        most = 3.0 * self.scale
        times: Floats = ms * np.exp(np.clip(self.scale * errors, -most, most))
        return times


def terms(kind: str, shapes: Floats) -> Floats:
    """`[n, F]`. Terms that take time, each at least 0; the kind says which.

    Args:
        kind: Kind of the operators.
        shapes: Shapes of operators, `[n, len(SHAPE)]`.
    """
    (frames, side, out_frames, out_side, width_in, width_out, over, across, _, each) = (
        shapes.T
    )
    pixels_out, taps = out_frames * out_side**2, over * across**2
    inner = kind in ("squeeze_excite", "shift", "average")
    reads = frames * side**2 * width_in
    writes = pixels_out * (width_in if inner else width_out)
    lanes_in, lanes_out = (LANES * np.ceil(w / LANES) for w in (width_in, width_out))
    values = _common_terms(reads, writes, shapes[:, _AT["behind"]])
    if kind in ("convolution", "pointwise", "dense"):
        values += [
            pixels_out * width_in * width_out * taps,
            pixels_out * lanes_in * lanes_out * taps,
            width_in * width_out * taps,
            pixels_out * width_in * taps,
        ]
    elif kind in ("depthwise", "temporal", "depthwise3d"):
        values += [
            writes * taps,
            pixels_out * lanes_out * taps,
            over,  # one convolution per tap
            over * reads,
            over * writes,
            over * np.maximum(0.0, reads - NEAR),
            frames * side,
        ]
    elif kind == "squeeze_excite":
        values += [
            width_in * width_out,
            each,
            each * frames,
            each * frames * width_in,
            each * frames * width_in * width_out,
        ]
    elif kind == "average":
        values.append(each * frames)
    return np.stack(values, axis=1)


def _common_terms(reads: Floats, writes: Floats, activation: Floats) -> list[Floats]:
    """The terms [n] of every kind: a call, values moved and activations."""
    return [
        np.ones(len(reads)),
        reads,
        writes,
        np.maximum(0.0, reads + writes - NEAR),
        np.maximum(0.0, writes - FAR),
        *((activation == code) * writes for code in range(1, len(BEHIND))),
    ]


def features(shapes: Floats) -> Floats:
    """`[n, D]`. What makes shapes alike: logarithms of sizes, and the activation.

    Args:
        shapes: Shapes of operators, `[n, len(SHAPE)]`.
    """
    (frames, side, out_frames, out_side, width_in, width_out, over, across, _, each) = (
        shapes.T
    )
    activation = shapes[:, _AT["behind"]]
    sizes = [
        frames * side**2,
        out_frames * out_side**2,
        frames,
        width_in,
        width_out,
        over,
        across,
    ]
    logs = [np.log2(np.maximum(size, 1.0)) for size in sizes]
    heavy = np.isin(activation, HEAVY)
    return np.stack([*logs, heavy, activation > 0, each], axis=1).astype(np.float64)


def non_negative(rows: Floats, values: Floats) -> Floats:
    """[F]. Weights, none negative, for which `rows @ weights` is nearest to `values`.

    Args:
        rows: Rows of numbers, none below 0, `[n, F]`.
        values: Values of the rows [n].

    Source:
        Lawson and Hanson 1974, chapter 23.
    """
    units = np.maximum(np.sqrt((rows**2).sum(axis=0)), 1e-300)
    rows = rows / units
    inside = np.zeros(rows.shape[1], np.bool_)
    weights: Floats = np.zeros(rows.shape[1])
    for _ in range(10 * rows.shape[1]):
        slope = rows.T @ (values - rows @ weights)
        slope[inside] = -np.inf
        if slope.max() <= 1e-10:
            break
        inside[slope.argmax()] = True
        while True:
            best = np.zeros_like(weights)
            best[inside] = np.linalg.lstsq(rows[:, inside], values, rcond=None)[0]
            below = inside & (best <= 0)
            if not below.any():
                break
            step = (weights[below] / (weights[below] - best[below] + 1e-300)).min()
            weights = weights + step * (best - weights)
            inside &= weights > 1e-14
            weights[~inside] = 0.0
        weights = best
    result: Floats = weights / units
    return result
