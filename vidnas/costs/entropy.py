"""What can be said of an architecture without training it? A score, never an accuracy.

The spatio-temporal entropy of a network is the logarithm of how much its convolutions
can spread a random input: large for wide, deep networks whose kernels have the shape of
their clip. It ranks networks of a size by their structure; nothing is measured.
"""

import numpy as np

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.columns import Columns
from vidnas.arrays import Floats, Ints
from vidnas.costs.layer_shapes import Layers


def entropy_score(architecture: Architecture) -> float:
    """The spatio-temporal entropy of one architecture; see `entropy_scores`."""
    return float(entropy_scores(Columns.of([architecture]))[0])


def entropy_scores(columns: Columns) -> Floats:
    """[N]. Spatio-temporal entropy of every row.

    A convolution of kernel `kt x k x k` over maps of `frames x side x side` adds
    `log sqrt(C * kt * k^2 * a)`, where C is the number of channels that one output
    sees, and `a = -log(1 - cos)` of the angle between the kernel's shape and the map's
    (1 where k is 1). The last stage's width adds its logarithm. Stem, head,
    squeeze-excite and shortcuts add nothing.

    Source:
        E3D, arXiv 2303.02693, STEntr-Score; its public code weighs the last stage only,
        which is the sum over all layers up to it.
    """
    layers = Layers.of(columns)
    inner = _log_root(layers.in_width) + _spread(layers, layers.in_side)
    if layers.rules.bottleneck:
        # Expand over all input channels, depthwise over one, project over the inner.
        entropy = inner + _log_root(layers.expand_width)
    else:
        entropy = inner + _log_root(layers.expand_width)
        entropy = entropy + _spread(layers, layers.out_side)
    first = columns.depth.cumsum() - columns.depth
    totals: Floats = np.add.reduceat(entropy, first)
    last = np.asarray(layers.out_width)[first + columns.depth - 1]
    totals += np.log(last)
    return totals


def _log_root(channels: "Floats | Ints | int") -> Floats:
    half_log: Floats = 0.5 * np.log(np.asarray(channels, np.float64))
    return half_log


def _spread(layers: Layers, side: "Ints | int") -> Floats:
    """`log sqrt(kt * k^2 * a)` of each layer's kernel over its map."""
    frames, sides = (np.asarray(v, np.float64) for v in (layers.in_frames, side))
    kt, k = (
        np.asarray(v, np.float64) for v in (layers.kernel_frames, layers.kernel_side)
    )
    dot = frames * kt + 2.0 * sides * k
    norms = np.sqrt((frames**2 + 2.0 * sides**2) * (kt**2 + 2.0 * k**2))
    # A kernel of exactly the map's proportions would spread without end.
    cosine = np.minimum(dot / norms, 1.0 - 1e-6)
    shape = np.where(k > 1, -np.log1p(-cosine), 1.0)
    return _log_root(kt * k**2 * shape)
