"""May a command fill the folder that a user names? Not where others' files lie."""

import os
from pathlib import Path

from vidnas.errors import StudyError
from vidnas.files.file_kind import FOLDER, wrong_kind
from vidnas.files.mirror import names_beside, study_place
from vidnas.files.rescued_journal import rescued_files


def require_own_folder(folder: Path, record: str) -> None:
    """Raises where a new study or training would replace what somebody has there.

    Args:
        folder: Folder that will be filled.
        record: Name of the file that marks a folder as begun.

    Raises:
        StudyError: the folder was not begun, and holds something that is not hidden.
    """
    if os.path.lexists(folder / record) or rescued_files(folder / record):
        return
    if folder.exists() and not folder.is_dir():
        raise wrong_kind(folder, FOLDER, StudyError)
    if study_place(folder).path is None:
        names = names_beside(folder)
    else:
        names = [path.name for path in folder.iterdir()] if folder.exists() else []
    there = sorted(name for name in names if not name.startswith("."))
    if there:
        raise StudyError(
            f"{folder} must be new, empty, or hold {record} of an earlier run: it "
            f"holds {there[0]} without one. Name another folder, or move that."
        )
