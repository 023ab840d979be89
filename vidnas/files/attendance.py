"""Is somebody working on a study? Its lease says so, or its place in a store.

How long ago something was written is told by the clock of the disk or the store that
holds it, since clocks of machines differ, by more than a lease lasts too.
"""

from pathlib import Path

from vidnas.files.lease import LEASE_SECONDS, Holder, age_of, holder_of
from vidnas.files.mirror import reading_segments


def has_writer(journal: Path) -> bool:
    """Whether some process may be writing to a journal."""
    return writer_of(journal) is not None


def writer_of(journal: Path) -> tuple[Holder | None, float] | None:
    """Who may be writing to a journal, and the time since it was there [s].

    Args:
        journal: Journal of a study; of one in a store, in its mirror.

    Returns:
        The process, as far as it is known, and the age of its lease; None where nobody
        writes.

    Raises:
        OSError: the store cannot be read.
    """
    segments = reading_segments(journal)
    found = segments.holder() if segments is not None else holder_of(journal)
    if found is None:
        return None
    holder, age = found
    is_here = holder is not None and holder.is_here()
    lives = holder.lives() if holder is not None and is_here else age < LEASE_SECONDS
    return found if lives else None


def silent_seconds(journal: Path) -> float:
    """Time since a journal was last written to [s], by no clock of this machine.

    Raises:
        OSError: the journal is not there, or the store cannot be read.
    """
    segments = reading_segments(journal)
    if segments is not None:
        return segments.silent_seconds()
    return max(0.0, age_of(journal))
