"""How long does an operator of one kind take? From those measured, to any shape.

A sum of physical terms (values read and written, multiply-adds, calls), each with a
weight that is not negative, fits relative errors best; what it leaves, a process over
the logarithms of sizes interpolates.
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
LANES = 16  # float32 numbers in a vector register of 512 bits
_AT = {name: position for position, name in enumerate(SHAPE)}


@dataclass(frozen=True, slots=True, eq=False)
class OperatorFit:
    """Times of operators of one kind.

    Args:
        kind: The kind.
        weights: Of its terms.
        rest: Of the logarithm of what the terms leave; None where too few were
            measured or nothing is left.
        centre: Mean of the features that `rest` knows.
        spread: Their deviation.
        scale: What `rest` is in units of.
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
            kind: Of all of them.
            shapes: `[n, len(SHAPE)]`.
            ms: [n].
        """
        found, counts = terms(kind, shapes), ms + NOISE_MS
        weights = non_negative(found / counts[:, None], ms / counts)
        left = np.log(ms / np.maximum(found @ weights, LEAST_MS))
        points = features(shapes)
        centre, spread = points.mean(axis=0), np.maximum(points.std(axis=0), 1e-9)
        scale = float(np.sqrt((left**2).mean()))
        rest = None
        if len(ms) >= FEWEST and scale > 1e-6:
            # Far from all that was measured, nothing is left: no mean is taken off.
            rest = fit((points - centre) / spread, left / scale)
        return cls(kind, weights, rest, centre, spread, scale)

    def __call__(self, shapes: Floats) -> Floats:
        """[n]. Times of operators `[n, len(SHAPE)]` [ms]."""
        ms = np.maximum(terms(self.kind, shapes) @ self.weights, LEAST_MS)
        if self.rest is None:
            return ms
        # A spread of nothing would send what differs infinitely far away.
        points = (features(shapes) - self.centre) / self.spread
        left = self.rest.mean(np.clip(points, -4.0, 4.0))
        most = 3.0 * self.scale
        corrected: Floats = ms * np.exp(np.clip(self.scale * left, -most, most))
        return corrected


def terms(kind: str, shapes: Floats) -> Floats:
    """`[n, F]`. What takes time, each at least 0; which, depends on the kind.

    Args:
        kind: Of the operators.
        shapes: `[n, len(SHAPE)]`.
    """
    (frames, side, out_frames, out_side, width_in, width_out, over, across, _, each) = (
        shapes.T
    )
    behind = shapes[:, _AT["behind"]]
    pixels_out, taps = out_frames * out_side**2, over * across**2
    inner = kind in ("squeeze_excite", "shift", "average")
    read = frames * side**2 * width_in
    written = pixels_out * (width_in if inner else width_out)
    lanes_in, lanes_out = (LANES * np.ceil(w / LANES) for w in (width_in, width_out))
    found = [
        np.ones(len(shapes)),
        read,
        written,
        np.maximum(0.0, read + written - NEAR),
        np.maximum(0.0, written - FAR),
        *((behind == code) * written for code in range(1, len(BEHIND))),
    ]
    if kind in ("convolution", "pointwise", "dense"):
        found += [
            pixels_out * width_in * width_out * taps,
            pixels_out * lanes_in * lanes_out * taps,
            width_in * width_out * taps,
            pixels_out * width_in * taps,
        ]
    elif kind in ("depthwise", "temporal", "depthwise3d"):
        found += [
            written * taps,
            pixels_out * lanes_out * taps,
            over,  # one convolution per tap
            over * read,
            over * written,
            over * np.maximum(0.0, read - NEAR),
            frames * side,
        ]
    elif kind == "squeeze_excite":
        found += [
            width_in * width_out,
            each,
            each * frames,
            each * frames * width_in,
            each * frames * width_in * width_out,
        ]
    elif kind == "average":
        found.append(each * frames)
    return np.stack(found, axis=1)


def features(shapes: Floats) -> Floats:
    """`[n, D]`. What makes shapes alike: logarithms of sizes, and what is behind.

    Args:
        shapes: `[n, len(SHAPE)]`.
    """
    (frames, side, out_frames, out_side, width_in, width_out, over, across, _, each) = (
        shapes.T
    )
    behind = shapes[:, _AT["behind"]]
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
    heavy = (behind == BEHIND.index("swish")) | (behind == BEHIND.index("hard_swish"))
    return np.stack([*logs, heavy, behind > 0, each], axis=1).astype(np.float64)


def non_negative(rows: Floats, values: Floats) -> Floats:
    """[F]. Weights, none negative, for which `rows @ weights` is nearest to `values`.

    Args:
        rows: `[n, F]`, none of the columns of which is negative.
        values: [n].

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
    scaled: Floats = weights / units
    return scaled
