"""How is TensorFlow imported without what its native code says meanwhile?

That it found no GPU and that oneDNN is on says nothing to who trains a network, and no
setting of TensorFlow's holds it back: its logs have no level before they are set up.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import BinaryIO

LEVEL = "TF_CPP_MIN_LOG_LEVEL"  # 0 shows all, 3 only what ends the process
STDERR = 2
# What absl's log and TensorFlow's older one begin a line with, and what goes on below.
_NOTICE = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog|[IWE]\d{4} \d\d:|"
    rb"\d{4}-\d\d-\d\d \d\d:\d\d:[\d.]+: [IWE] |To enable the following instructions|"
    rb"INFO: Created TensorFlow Lite"
)


def import_tensorflow() -> None:
    """Imports TensorFlow and Keras, unless that was done before, and keeps it quiet.

    Who has set `TF_CPP_MIN_LOG_LEVEL` to 0 hears all. What else is written to the error
    stream meanwhile comes after the import; where it fails, so does everything.
    """
    if "tensorflow" in sys.modules and "keras" in sys.modules:
        return
    if os.environ.setdefault(LEVEL, "3") == "0":
        _import()
        return
    with hold_back_notices():
        _import()


def _import() -> None:
    for name in ("keras", "tensorflow"):
        import_module(name)


@contextmanager
def hold_back_notices() -> Iterator[None]:
    """Holds back this process's error stream, and in the end lets all but notices out.

    Where the scope fails, notices come too.
    """
    output = _open_output()
    if output is None:
        yield
        return
    with output:
        copy = os.dup(STDERR)
        _flush()
        os.dup2(output.fileno(), STDERR)
        failed = True
        try:
            yield
            failed = False
        finally:
            _flush()
            os.dup2(copy, STDERR)
            output.seek(0)
            for line in output:
                if failed or not _NOTICE.match(line):
                    os.write(copy, line)
            os.close(copy)


def _open_output() -> BinaryIO | None:
    """A file to hold the error stream on; None where there is no stream, or no disk."""
    try:
        os.fstat(STDERR)
        return tempfile.TemporaryFile()
    except OSError:
        return None


def _flush() -> None:
    if sys.stderr is not None and not sys.stderr.closed:
        sys.stderr.flush()
