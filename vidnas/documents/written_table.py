"""How is a table of texts written down? In Markdown, and in LaTeX."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vidnas.documents.visible_text import visible

_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    # In the fonts that LaTeX has without asking, these are Spanish signs and a dash.
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    **{mark: f"\\{mark}" for mark in "&%$#_{}"},
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table of texts; its first column is of names, the others of numbers.

    Args:
        titles: Titles of the columns.
        rows: Cells of each row, one a column.
        bold: Row and column of the cells that stand out.
    """

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    bold: frozenset[tuple[int, int]] = frozenset()


def markdown(table: Table) -> str:
    """A table in Markdown."""
    rule = ["---", *["---:"] * (len(table.titles) - 1)]
    lines = [[*map(markdown_text, table.titles)], rule]
    for number, row in enumerate(table.rows):
        lines.append(
            [
                f"**{cell}**" if (number, column) in table.bold else cell
                for column, cell in enumerate(map(markdown_text, row))
            ]
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def markdown_text(text: str) -> str:
    """A text of which no sign begins a mark or ends a cell."""
    return re.sub(r"([\\|*_`<\[])", r"\\\1", visible(text, keep=""))


def latex(table: Table) -> str:
    """A table in LaTeX, with the rules of `booktabs`."""
    lines = [_latex_row(table.titles, set()), r"\midrule"]
    for number, row in enumerate(table.rows):
        bold = {column for at, column in table.bold if at == number}
        lines.append(_latex_row(row, bold))
    columns = "l" + "r" * (len(table.titles) - 1)
    return "\n".join(
        [
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            *lines,
            r"\bottomrule",
            r"\end{tabular}",
        ]
    )


def latex_text(text: str) -> str:
    """A text of which LaTeX takes no sign for a command."""
    told = "".join(_LATEX.get(mark, mark) for mark in visible(text, keep=""))
    return told.replace(" x ", r" $\times$ ")


def _latex_row(cells: Sequence[str], bold: set[int]) -> str:
    told = [_latex_cell(cell, column in bold) for column, cell in enumerate(cells)]
    line = f"{' & '.join(told)} \\\\"
    # After a row's end it would begin an option.
    return f"{{}}{line}" if line.startswith("[") else line


def _latex_cell(cell: str, is_bold: bool) -> str:
    number, sign, half = visible(cell, keep="").partition(" ± ")
    if sign:
        text = rf"${number} \pm {half}$"
        return rf"{{\boldmath {text}}}" if is_bold else text
    # A hyphen between numbers is a dash.
    text = re.sub(r"(?<=\d)-(?=\d)", "--", latex_text(number))
    return rf"\textbf{{{text}}}" if is_bold else text
