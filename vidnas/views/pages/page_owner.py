"""Whose is a page? A report says which study wrote it, and nothing else is replaced."""

import html
from pathlib import Path

from vidnas.errors import InputError, StudyError
from vidnas.study.history import History
from vidnas.views.drawings.drawing import MARK as DRAWING

_META = '<meta name="vidnas-study" content="'
_FIRST = 2048  # characters of a page that hold its title


def study_mark(history: History) -> str:
    """What a report says of its study, for programs."""
    return f'{_META}{history.study_id}">'


def require_own_report(path: Path, history: History) -> None:
    """Raises where a report would replace what is no report of the study.

    A page of before names its study in its title alone.

    Raises:
        StudyError: the file is somebody's own, or another study's report.
    """
    first = _beginning(path)
    title = f"<title>{html.escape(history.head.name)} - vidnas report</title>"
    is_own = study_mark(history) in first or (_META not in first and title in first)
    if first and not is_own:
        raise StudyError(
            f"{path} must be a new file or an earlier report of {history.folder}, it "
            "is neither. Name another with --to, or move it."
        )


def require_own_space_page(path: Path) -> None:
    """Raises where a space's page would replace what is no such page.

    Raises:
        InputError: the file is somebody's own.
    """
    _require_own(path, "space")


def require_own_clips_page(path: Path) -> None:
    """Raises where a dataset's page would replace what is no such page.

    Raises:
        InputError: the file is somebody's own.
    """
    _require_own(path, "clips")


def require_own_comparison_page(path: Path) -> None:
    """Raises where the page of a comparison would replace what is no such page.

    Raises:
        InputError: the file is somebody's own.
    """
    _require_own(path, "comparison")


def require_own_drawing(path: Path) -> None:
    """Raises where a drawing would replace what is no drawing of networks.

    Raises:
        InputError: the file is somebody's own.
    """
    first = _beginning(path)
    if first and DRAWING not in first:
        raise InputError(
            f"`--svg` must be a new file or an earlier drawing of networks, {path} is "
            "neither."
        )


_KINDS = {"space": "a space", "clips": "clips", "comparison": "a comparison"}


def _require_own(path: Path, kind: str) -> None:
    first = _beginning(path)
    if first and f" - vidnas {kind}</title>" not in first:
        raise InputError(
            f"`--html` must be a new file or an earlier page of {_KINDS[kind]}, {path} "
            "is neither."
        )


def _beginning(path: Path) -> str:
    """How the file begins; empty where there is none, or nothing in it."""
    if path.is_dir():
        raise InputError(f"{path} must be a file to write to, it is a folder.")
    if not path.is_file():  # a stream, such as /dev/stdout, or nothing
        return ""
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.read(_FIRST)
