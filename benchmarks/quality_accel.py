"""What are the networks of Accel? Their choices, their costs, and those trained.

Source: Accel-NASBench, arXiv 2404.08005.
"""

import json
from pathlib import Path

import numpy as np

# Stem 32 at stride 2, blocks of these widths and strides, a head of 1280 and 1000
# classes, at 224 pixels.
WIDTHS = (16, 24, 40, 80, 112, 192, 320)
STRIDES = (1, 2, 2, 2, 1, 2, 1)
NORMED = 4  # operations per normalised value, which the table counts


def accel_options() -> dict[str, tuple[int, ...]]:
    """The choices of an Accel network: 7 blocks of 4."""
    options: dict[str, tuple[int, ...]] = {}
    for block in range(7):
        options[f"b{block}.expand"] = (1, 4, 6)
        options[f"b{block}.kernel"] = (3, 5)
        options[f"b{block}.layers"] = (1, 2, 3, 4) if block == 5 else (1, 2, 3)
        options[f"b{block}.excite"] = (0, 1)
    return options


def accel_flops(rows: np.ndarray) -> np.ndarray:
    """`[N]`: multiply-adds as the table counts them, of option indices `[N, 28]`.

    Exact for every row. The table also counts `NORMED` operations for each value that
    is normalised and one for each that is pooled.
    """
    options = accel_options().values()
    columns = [np.array(o)[rows[:, c]] for c, o in enumerate(options)]
    side, before = 112, 32
    flops = np.full(len(rows), side**2 * 32 * (27 + NORMED))
    for block, (width, stride) in enumerate(zip(WIDTHS, STRIDES, strict=True)):
        expand, kernel, depth, squeeze = columns[4 * block : 4 * block + 4]
        out = side // stride
        for layer in range(4):
            given, into = (before, side) if layer == 0 else (width, out)
            middle = expand * given
            widened = np.where(expand > 1, into**2 * middle * (given + NORMED), 0)
            depthwise = out**2 * middle * (kernel**2 + NORMED)
            projected = out**2 * width * (middle + NORMED)
            gated = squeeze * middle * (out**2 + 2 * (given // 4) + 1)
            one = widened + depthwise + projected + gated
            flops += np.where(layer < depth, one, 0)
        side, before = out, width
    head = side**2 * 1280 * (before + NORMED + 1) + 1280
    return (flops + head + 1280 * 1000).astype(np.float64)


def accel_rows(shared: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Option indices `[N, 28]`, top-1 [%] and multiply-adds [M] of the trainings."""
    table = json.loads((shared / "accel_nasbench.json").read_text())["rows"]
    options = list(accel_options().values())
    rows = [[options[c].index(v) for c, v in enumerate(row["arch"])] for row in table]
    top1, macs = (np.array([row[key] for row in table]) for key in ("top1", "mmacs"))
    return np.array(rows), top1, macs
