"""How is a damaged journal in a store mended? As one on a disk, in a mirror of it.

Its objects stay as they are; one more stands for all of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from vidnas.errors import JournalError, StudyError
from vidnas.files.damaged_segments import SalvagedSegments, salvage_segments
from vidnas.files.journal import read_journal
from vidnas.files.mirror import damaged_mirror, stored_segments
from vidnas.files.salvage import DamagedLine
from vidnas.files.segments import Segments
from vidnas.study.experiment.recorded import ClipFacts
from vidnas.study.history import JOURNAL_FILE
from vidnas.study.repair import Repair, repair_study

CountClips = Callable[[Path, Mapping[str, Any]], ClipFacts]


def repair_stored_study(address: str, count_clips: CountClips) -> Repair:
    """Has the journal of a study in a store tell what its objects still hold.

    Args:
        address: Address of the study.
        count_clips: Function that counts the clips of a dataset, given a folder with
            what lies beside the journal; asked only where the study record is lost.

    Raises:
        StudyError: there is no journal, or a search is writing to it.
        JournalError: nothing of a study is left, or a later version wrote it.
        OSError: the store cannot be read or written.
    """
    segments = stored_segments(address)
    salvaged = salvage_segments(segments.place)
    if not salvaged.last:
        raise StudyError(f"A study must hold its journal, {segments} has no records.")
    notices = segments.claim()
    try:
        salvaged = salvage_segments(segments.place)  # nobody writes any more
        return _repair(segments, salvaged, count_clips, tuple(notices))
    finally:
        segments.release()


def _repair(
    segments: Segments,
    salvaged: SalvagedSegments,
    count_clips: CountClips,
    notices: tuple[str, ...],
) -> Repair:
    folder = damaged_mirror(segments, salvaged.raw)
    journal = folder / JOURNAL_FILE
    done = repair_study(folder, partial(count_clips, folder))
    missing = [
        DamagedLine(number, "is missing in the store") for number in salvaged.missing
    ]
    left_out = tuple(sorted((*missing, *done.left_out), key=lambda one: one.line))
    done = replace(done, left_out=left_out, damaged=None, notices=notices)
    text = journal.read_bytes() if done.kept else b""
    if not missing and _reads_as(segments, text):
        return done
    if done.kept:
        read_journal(journal)  # what does not read is not put in its place
    segments.mend(text, salvaged.last)
    return replace(done, damaged=str(segments))


def _reads_as(segments: Segments, text: bytes) -> bool:
    try:
        return segments.content() == text
    except JournalError:
        return False
