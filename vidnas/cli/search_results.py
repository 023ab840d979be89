"""What does a search leave beside its journal? The family and the report."""

from dataclasses import dataclass
from pathlib import Path

from vidnas.cli.family import note_family
from vidnas.cli.output import note
from vidnas.cli.report import REPORT_FILE, write_page
from vidnas.errors import StudyError
from vidnas.study.family.files import write_family
from vidnas.study.family.networks import WholeFamily
from vidnas.study.family.reading import FAMILY_FOLDER
from vidnas.study.history import History


@dataclass(frozen=True, slots=True)
class Places:
    """Where results lie; None for what was not written.

    Args:
        family: Folder of the family.
        report: Page of the report.
    """

    family: Path | None
    report: Path | None


def write_results(history: History, found: WholeFamily) -> Places:
    """Writes family and report; what somebody changed there is left, and said.

    Args:
        history: Study with a front.
        found: Its family.
    """
    folder = history.folder
    family, report = None, None
    try:
        place = folder / FAMILY_FOLDER
        files = write_family(history, found.sizes, place, found.twins)
        note_family(files, briefly=True)
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
