"""May a command fill the folder that a user names? Not where others' files lie."""

from collections.abc import Iterable
from pathlib import Path

from vidnas.errors import StudyError
from vidnas.files.rescued_journal import rescued_files


def require_own_folder(folder: Path, record: str, names: Iterable[str]) -> None:
    """Raises where a new study or training would replace what somebody has there.

    Args:
        folder: Folder that will be filled.
        record: Name of the file that marks a folder as begun.
        names: Names of the files and folders that will be written.

    Raises:
        StudyError: the folder was not begun, and holds one of these.
    """
    if (folder / record).exists() or rescued_files(folder / record):
        return
    for name in names:
        if (folder / name).exists():
            raise StudyError(
                f"{folder} must be new, or hold {record} of an earlier run: it holds "
                f"{name} without one. Name another folder, or move that."
            )
