"""What does a paper take from a study? Its figures, tables and methods, in a folder."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from vidnas.documents.written_table import Table, latex, markdown
from vidnas.errors import InputError, StudyError
from vidnas.study.history import History
from vidnas.views.insight.asked import why_of
from vidnas.views.paper.column import COLUMN_MM, require_width
from vidnas.views.paper.curves_figure import write_curves_figure
from vidnas.views.paper.front_figure import write_front_figure
from vidnas.views.paper.importance_figure import write_importance_figure
from vidnas.views.paper.methods import methods_of
from vidnas.views.paper.sheet import FORMATS
from vidnas.views.paper.tables import family_rows, front_rows
from vidnas.whole_file import write_whole

METHODS = "methods.tex"  # says whose folder it is
_MARK = "% vidnas study "
Write = Callable[[Path, float], Path]


def write_paper(
    history: History,
    folder: Path,
    *,
    width_mm: float = COLUMN_MM,
    formats: Sequence[str] = ("pdf",),
) -> list[Path]:
    """Writes figures, tables and the paragraph of methods of a study.

    Args:
        history: The study, with a trial done in full.
        folder: Folder for them: a new or empty one, or an earlier one of the study.
        width_mm: Width of each figure [mm].
        formats: Formats of each figure, of `pdf`, `svg` and `pgf`.

    Returns:
        The files written.

    Raises:
        InputError: no trial is done, or a figure cannot be written.
        StudyError: the folder holds files that are not of this study.
    """
    if not history.front().trials:
        raise InputError(
            f"A paper needs a trial done at {history.fidelity}, {history.folder} has "
            "none."
        )
    for kind in formats:
        if kind not in FORMATS:
            raise InputError(
                f"A figure must be one of {', '.join(FORMATS)}, got `{kind}`."
            )
    require_width(width_mm)
    _require_own(folder, history)
    folder.mkdir(parents=True, exist_ok=True)
    # The texts first, as they say whose folder it is.
    return [*_texts(history, folder), *_figures(history, folder, width_mm, formats)]


def _figures(
    history: History, folder: Path, width_mm: float, formats: Sequence[str]
) -> Iterator[Path]:
    family, why = history.family(), why_of(history)
    figures: dict[str, Write] = {
        "front": partial(write_front_figure, history, history.front(), family),
        "curves": partial(write_curves_figure, history, family),
    }
    if why.influences:
        figures["importance"] = partial(write_importance_figure, why)
    for name, write in figures.items():
        for kind in formats:
            yield write(folder / f"{name}.{kind}", width_mm)


def _texts(history: History, folder: Path) -> Iterator[Path]:
    methods = methods_of(history)
    tables: dict[str, Table] = {
        "front": front_rows(history, history.front()),
        "family": family_rows(history, history.family()),
    }
    texts = {METHODS: f"{_mark(history)}{methods.latex()}"}
    texts["methods.md"] = methods.markdown()
    for name, rows in tables.items():
        texts |= {f"{name}.tex": latex(rows), f"{name}.md": markdown(rows)}
    for name, text in texts.items():
        write_whole(folder / name, f"{text}\n")
        yield folder / name


def _mark(history: History) -> str:
    return f"{_MARK}{history.study_id}\n"


def _require_own(folder: Path, history: History) -> None:
    """Raises where files of somebody else might be written over."""
    if folder.exists() and not folder.is_dir():
        raise InputError(f"A paper must go to a folder, {folder} is a file.")
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    methods = folder / METHODS
    first = methods.read_text(encoding="utf-8")[:200] if methods.is_file() else ""
    if not first.startswith(_mark(history)):
        raise StudyError(
            f"{folder} must be a new folder or an earlier paper of {history.folder}, "
            "it is neither. Name another with --to."
        )
