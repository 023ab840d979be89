"""Is somebody writing a journal at this moment? Its lock is asked and left alone."""

import fcntl
from pathlib import Path


def has_writer(path: Path) -> bool:
    """Whether a driver holds the journal; true where the file system cannot tell.

    The lock is tried as one of many readers and released at once.
    """
    with path.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:  # held, or this file system has no locks
            return True
        return False
