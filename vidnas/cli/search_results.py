"""What does a search leave beside its journal? The family and the report."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vidnas.cli.family import FAMILY_FOLDER
from vidnas.cli.output import note
from vidnas.cli.report import REPORT_FILE, write_page
from vidnas.errors import StudyError
from vidnas.study.family_files import write_family
from vidnas.study.history import History
from vidnas.trials.family import Size


@dataclass(frozen=True, slots=True)
class Places:
    """Where results lie; None for what was not written.

    Args:
        family: Folder of the family.
        report: Page of the report.
    """

    family: Path | None
    report: Path | None


def write_results(history: History, sizes: Sequence[Size]) -> Places:
    """Writes family and report; what somebody changed there is left, and said.

    Args:
        history: Study with a front.
        sizes: Sizes of its family.
    """
    folder = history.folder
    family, report = None, None
    try:
        files = write_family(history, sizes, folder / FAMILY_FOLDER)
        for path in files.removed:
            note(f"removed {path}, of an earlier family of this study")
        if files.written:
            family = folder / FAMILY_FOLDER
    except StudyError as wrong:
        note(f"no family is written: {wrong}")
    try:
        write_page(history, folder / REPORT_FILE)
        report = folder / REPORT_FILE
    except StudyError as wrong:
        note(f"no report is written: {wrong}")
    return Places(family, report)
