"""How is a parquet file read? Whole, by one thread.

The threads of pyarrow end some processes with an abort: of 40 that read a small file
and stopped, 4 did.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow  # type: ignore[import-untyped]


def read_parquet(path: Path, columns: Sequence[str] | None = None) -> "pyarrow.Table":
    """The table in a file.

    Args:
        path: Parquet file.
        columns: Names of the columns to read; None for all.

    Raises:
        OSError: the file cannot be read.
        pyarrow.ArrowException: it is no parquet file; this is a ValueError, too, where
            the file is of another kind.
    """
    from pyarrow import parquet

    file = parquet.ParquetFile(io.BytesIO(path.read_bytes()), pre_buffer=False)
    return file.read(columns, use_threads=False)
