"""Which window lies where in a cache? One table, a row a window."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vidnas.clips.cache.plan import CachePlan, file_name
from vidnas.datasets.parquet_file import read_parquet
from vidnas.datasets.store import file_version
from vidnas.whole_file import unfinished

COLUMNS = ("shard", "row", "check", "split", "position", "window")


def write_index(plan: CachePlan, notes: Sequence[dict[str, Any]], path: Path) -> None:
    """Writes the table of a cache, whole.

    Args:
        plan: What the cache holds.
        notes: What was noted of each shard, in order.
        path: Parquet file of the table.
    """
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for shard, note in enumerate(notes):
        files = plan.index.splits[note["split"]]
        for n, position in enumerate(note["rows"]):
            file = files[position]
            changed, size = file_version(file.path)
            for window, start in enumerate(plan.starts):
                row = n * plan.windows + window
                rows.append(
                    {
                        "shard": shard,
                        "row": row,
                        "check": note["checks"][row],
                        "split": note["split"],
                        "position": position,
                        "window": window,
                        "window_start": start,
                        "path": file_name(plan.index, file),
                        "labels": np.array(file.labels, np.int64),
                        "start": file.start,
                        "end": file.end,
                        "group": file.group,
                        "id": file.id,
                        "size": size,
                        "changed": changed,
                    }
                )
    table = pd.DataFrame(rows)
    table[["start", "end"]] = table[["start", "end"]].astype(float)
    with unfinished(path) as partial:
        table.to_parquet(partial, index=False)


def read_columns(path: Path) -> dict[str, Any]:
    """The columns that reading needs, as arrays.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no such table.
    """
    import pyarrow as pa  # type: ignore[import-untyped]

    try:
        table = read_parquet(path, COLUMNS)
        return {name: table.column(name).to_numpy() for name in COLUMNS}
    except (pa.ArrowException, KeyError) as wrong:
        raise ValueError(str(wrong)) from wrong
