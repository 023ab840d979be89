"""Does a folder of a study lie in it? What is written there must not go elsewhere."""

from pathlib import Path

from vidnas.errors import StudyError


def require_no_link(folder: Path) -> None:
    """Raises where a folder that a study writes to leads elsewhere.

    Args:
        folder: Folder in a study's, such as its outbox; it may not be there yet.

    Raises:
        StudyError: it is a symbolic link.
    """
    if folder.is_symlink():
        raise StudyError(
            f"{folder} must be a folder of the study's own, it is a symbolic link."
        )
