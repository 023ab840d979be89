"""How do tables and facts become HTML? Every text of theirs is escaped."""

from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from typing import Any

from vidnas.architecture.architecture import Architecture
from vidnas.documents.quantity import format_cost
from vidnas.study.history import History
from vidnas.study.standings import Standing, standings
from vidnas.trials.chance import Chance
from vidnas.trials.front import Front
from vidnas.trials.objectives import ACCURACIES, Accuracy, Objectives
from vidnas.trials.trial import Trial
from vidnas.views.charts.objectives import OBJECTIVES_BY_NAME
from vidnas.views.text.escaping import escape as escape  # pages ask here for it
from vidnas.views.text.places import without_places
from vidnas.views.text.summary import accuracy_in_words, stages_in_words

NO_BREAK = "\u00a0"
STYLE = "report.css"
NUMBER = "n"  # class of the cells that are aligned to the right
Cell = Any
# Title of a column and whether its cells are numbers.
Columns = Sequence[tuple[str, bool]]

STAGES = "stem | stages: width x layers: kernels | head"
COSTS = {
    "flops": "FLOPs",
    "parameters": "parameters",
    "inference_bytes": "inference memory",
}


def stylesheet(*names: str) -> str:
    """The style of every page, light and dark, or files of styles one after another."""
    files = resources.files("vidnas.views.pages")
    return "".join(
        files.joinpath(name).read_text(encoding="utf-8") for name in names or (STYLE,)
    )


def paragraph(text: str) -> str:
    """A paragraph of plain text."""
    return f"<p>{escape(text)}</p>"


def code(*lines: str) -> str:
    """Lines to be typed as they stand."""
    text = "\n".join(map(escape, lines))
    return f"<pre><code>{text}</code></pre>"


def facts(pairs: Mapping[str, str]) -> str:
    """A list of names and what they are."""
    items = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>"
        for name, value in pairs.items()
    )
    return f"<dl>{items}</dl>"


def table(
    columns: Columns,
    rows: Iterable[Sequence[Cell]],
    marks: Sequence[str] = (),
    name: str = "",
) -> str:
    """A table of plain texts.

    Args:
        columns: Titles, and which columns are numbers.
        rows: Cells; the last of a short row spans the columns that are left.
        marks: CSS class of each row; none where there are none.
        name: The `id` of what holds the table; empty for none.
    """
    head = "".join(
        f'<th scope="col"{_class(number)}>{escape(title)}</th>'
        for title, number in columns
    )
    body = []
    for index, row in enumerate(rows):
        mark = f' class="{escape(marks[index])}"' if marks and marks[index] else ""
        body.append(f"<tr{mark}>{_cells(columns, row)}</tr>")
    called = f' id="{name}"' if name else ""
    return (
        f'<div class="wide"{called}><table><thead><tr>'
        f"{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
    )


def trials_table(history: History) -> str:
    """All trials by number; those on the front carry the class `front`."""
    columns, rows, marks = trials_cells(history)
    return table(columns, rows, marks)


def trials_cells(history: History) -> tuple[Columns, list[Sequence[Cell]], list[str]]:
    """Columns, cells and marks of all trials, by number.

    A done trial beyond a soft budget, or one set later, says so, and so does one whose
    accuracy is not above chance. What they were trained
    for stands there where that is not the same for all.
    """
    on_front = {trial.number for trial in history.front().trials}
    marks = [
        str("front" if trial.number in on_front else trial.state)
        for trial in history.trials
    ]
    rows: list[Sequence[Cell]] = [
        _trial_cells(
            trial,
            trial.number in on_front,
            history.exceeds(trial) if trial.state == "done" else (),
            history.chance.mark(trial),
            without_places(trial.reason, history),
            history.state_word(trial),
            history.objectives,
        )
        for trial in history.trials
    ]
    columns: Columns = (
        ("trial", True),
        ("state", False),
        (accuracy_title(history.accuracy), True),
        *_cost_titles(history.objectives),
        ("seconds", True),
        ("architecture", False),
        ("stages, or why it failed", False),
    )
    if not history.has_rungs:
        return columns, rows, marks
    at: list[Sequence[Cell]] = [
        (*cells[:2], str(trial.fidelity), *cells[2:])
        for cells, trial in zip(rows, history.trials, strict=True)
    ]
    return (*columns[:2], ("trained for", False), *columns[2:]), at, marks


def front_table(front: Front, chance: Chance) -> str:
    """The trials of a front in its order, its objectives first."""
    names = [o.name for o in front.objectives if o.name != chance.accuracy.name]
    titles = [OBJECTIVES_BY_NAME[name].title.split(" [")[0] for name in names]
    columns = (
        ("trial", True),
        *((title, True) for title in titles),
        (accuracy_title(chance.accuracy), True),
        ("architecture", False),
        (STAGES, False),
    )
    rows = [
        (
            trial.label,
            *(_value(name, trial.value(name)) for name in names),
            accuracy_cell(trial, chance),
            trial.arch_id,
            stages_cell(trial.architecture),
        )
        for trial in front.trials
    ]
    return table(columns, rows)


def baselines_table(history: History) -> str:
    """One row per baseline, by FLOPs, and how it stands; nothing where there are none.

    A baseline on the front carries the class `front`.
    """
    beside = standings(history)
    if not beside:
        return ""
    marks = ["front" if s.is_on_front else s.trial.state for s in beside]
    rows = [
        baseline_cells(s, without_places(s.words, history), history.objectives)
        for s in beside
    ]
    columns = (
        ("baseline", False),
        ("against the front", False),
        (accuracy_title(history.accuracy), True),
        *_cost_titles(history.objectives),
        ("architecture", False),
        (STAGES, False),
    )
    return table(columns, rows, marks)


def accuracy_title(accuracy: Accuracy) -> str:
    """Title of a column of accuracies."""
    limits = ", 95 % interval" if accuracy.is_percent else ", estimated"
    return f"{accuracy.title}{limits}"


def shown_costs(objectives: Objectives) -> tuple[str, ...]:
    """Costs that every table shows, and those that the study lowers."""
    return tuple(dict.fromkeys((*COSTS, *objectives.costs)))


def _cost_titles(objectives: Objectives) -> Columns:
    return [(cost_title(name), True) for name in shown_costs(objectives)]


def cost_title(name: str) -> str:
    """Title of a column of a cost, without its unit."""
    return COSTS.get(name) or OBJECTIVES_BY_NAME[name].title.split(" [")[0]


def _cost_cells(trial: Trial, objectives: Objectives) -> list[str]:
    names = shown_costs(objectives)
    return [
        format_cost(name, trial.value(name)) if trial.has(name) else "-"
        for name in names
    ]


def _trial_cells(
    trial: Trial,
    on_front: bool,
    exceeds: Sequence[str],
    mark: str,
    reason: str,
    word: str,
    objectives: Objectives,
) -> Sequence[Cell]:
    seconds = trial.measured.get("seconds")
    known = trial.taken_over_from
    state = [f"known from {known}" if known else word]
    lower = trial.continued_from
    state += [] if lower is None else [f"continued from {lower}"]
    state += ["front"] if on_front else []
    state += [f"exceeds {', '.join(exceeds)}"] if exceeds else []
    state += [mark] if mark else []
    return (
        trial.number,
        ", ".join(state),
        accuracy_in_words(trial, objectives.accuracy),
        *_cost_cells(trial, objectives),
        "-" if seconds is None else f"{seconds:.1f}",
        trial.arch_id,
        reason or stages_cell(trial.architecture),
    )


def baseline_cells(
    standing: Standing, words: str, objectives: Objectives
) -> Sequence[Cell]:
    """Name, standing, accuracy, costs, architecture and stages of a baseline."""
    trial = standing.trial
    return (
        trial.baseline,
        words,
        accuracy_in_words(trial, objectives.accuracy),
        *_cost_cells(trial, objectives),
        trial.arch_id,
        stages_cell(trial.architecture),
    )


def accuracy_cell(trial: Trial, chance: Chance) -> str:
    """The accuracy with its interval, and whether it is not above chance."""
    mark, words = chance.mark(trial), accuracy_in_words(trial, chance.accuracy)
    return f"{words}, {mark}" if mark else words


def stages_cell(network: Architecture) -> str:
    """The stages of a network; a line may break between two of them only."""
    parts = stages_in_words(network).split(" | ")
    return " | ".join(part.replace(" ", NO_BREAK) for part in parts)


def _value(name: str, value: float) -> str:
    if name == "seconds" or name in ACCURACIES:
        return f"{value:.1f}"
    return format_cost(name, value)


def _cells(columns: Columns, row: Sequence[Cell]) -> str:
    cells = [
        f"<td{_class(number)}>{_unbroken(cell) if number else escape(cell)}</td>"
        for cell, (_, number) in zip(row, columns, strict=False)
    ]
    if len(row) < len(columns):
        # A short row is a sentence after a name: it takes the rest of the line.
        span = len(columns) - len(row) + 1
        cells[-1] = f'<td colspan="{span}">{escape(row[-1])}</td>'
    return "".join(cells)


def _unbroken(cell: Cell) -> str:
    """A number in one line, with its unit; what is remarked after it may break."""
    number, comma, remark = str(cell).partition(", ")
    return escape(f"{number.replace(' ', NO_BREAK)}{comma}{remark}")


def _class(number: bool) -> str:
    return f' class="{NUMBER}"' if number else ""
