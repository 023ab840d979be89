"""May a command fill the folder that a user names? Not where others' files lie."""

import os
from collections.abc import Iterable
from pathlib import Path

from vidnas.errors import StudyError
from vidnas.files.file_kind import FOLDER, wrong_kind
from vidnas.files.rescued_journal import rescued_files


def require_own_folder(folder: Path, record: str, names: Iterable[str]) -> None:
    """Raises where a new study or training would replace what somebody has there.

    Args:
        folder: Folder that will be filled.
        record: Name of the file that marks a folder as begun.
        names: Names of the files and folders that will be written.

    Raises:
        StudyError: the folder was not begun, and holds one of these or anything else
            that is not hidden.
    """
    if os.path.lexists(folder / record) or rescued_files(folder / record):
        return
    if folder.exists() and not folder.is_dir():
        raise wrong_kind(folder, FOLDER, StudyError)
    there = [name for name in names if os.path.lexists(folder / name)]
    there = there or sorted(n for n in _names(folder) if not n.startswith("."))
    if there:
        raise StudyError(
            f"{folder} must be new, empty, or hold {record} of an earlier run: it "
            f"holds {there[0]} without one. Name another folder, or move that."
        )


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.is_dir() else []
