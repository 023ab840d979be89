"""What is a study's report? One page that opens anywhere, with no network.

Its pictures are drawn in it, its script knows its trials, and a content policy forbids
it to load anything.
"""

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from vidnas.documents.quantity import format_cost, format_count, rounded
from vidnas.study.history import History
from vidnas.trials.chance import claims_text
from vidnas.trials.choices.why import Why
from vidnas.trials.objectives import SEED_FREEDOM, cost_text, cost_word
from vidnas.views.charts.front_words import front_words
from vidnas.views.charts.objectives import volume_unit
from vidnas.views.charts.point_rows import point_rows
from vidnas.views.insight.asked import why_of
from vidnas.views.pages.choices_section import choices_figure, lanes_of
from vidnas.views.pages.endings_section import endings
from vidnas.views.pages.family_section import (
    ShownFamily,
    family_section,
    shown_families,
)
from vidnas.views.pages.markup import (
    baselines_table,
    code,
    escape,
    paragraph,
    stylesheet,
)
from vidnas.views.pages.page_owner import study_mark
from vidnas.views.pages.plots.at_work import at_work_figure
from vidnas.views.pages.plots.front import FrontPicture
from vidnas.views.pages.plots.progress import curves_figure, growth_figures
from vidnas.views.pages.policy import POLICY
from vidnas.views.pages.study_facts import study_facts
from vidnas.views.pages.trials_section import Lane, TrialsSection, scripts
from vidnas.views.pages.why_section import why_section
from vidnas.views.text.places import place_in_words
from vidnas.views.text.scores import agreement_text, estimated_words
from vidnas.whole_file import write_whole

OPTIMISM = (
    "Accuracy comes from short training and is measured on the validation clips that "
    "the search itself chose by, so the best numbers are optimistic: train the family "
    "in full and test it on clips that no search has seen. FLOPs are multiply-adds of "
    "convolutions and dense layers, one each, for one clip. Intervals are {intervals} "
    "at 95 %: they cover {noise}."
)


def write_report(history: History, path: Path) -> None:
    """Writes the report of a study as one self-contained HTML file.

    Args:
        history: The study.
        path: HTML file; a reader sees the old page or the new, never a half.
    """
    write_whole(path, report_page(history))


def report_page(history: History) -> str:
    """The report of a study: no network is needed to read it."""
    families = shown_families(history) if history.front().trials else ()
    picture = _picture(history, families)
    why = why_of(history) if picture else None
    lanes = lanes_of(history, why) if why else ()
    trials = _trials(history, picture, lanes)
    sections = {
        "The front": _front(history, picture),
        "The family": _family(history, families),
        "Baselines": _baselines(history),
        "All trials": _listed(history, trials),
        "Why these networks": _why(history, why),
        "Progress": _progress(history),
        "Not trained to the end": endings(history),
        "What was searched": study_facts(history),
        "How to go on": _onwards(history),
    }
    shown = {title: part for title, part in sections.items() if part}
    body = "".join(_section(title, part) for title, part in shown.items())
    script = ""
    if history.trials:
        names = ("chosen", "table", *(("front", "lanes") if picture else ()))
        script = trials.data() + scripts(*names)
    return _page(history, _links(shown) + f"<main>{body}</main>{script}")


def _page(history: History, body: str) -> str:
    style = stylesheet("report.css", "study.css")
    name = escape(history.head.name)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{study_mark(history)}"
        f"<title>{name} - vidnas report</title><style>{style}</style></head>"
        f'<body><h1>{name}</h1><p class="lead">{escape(_lead(history))}</p>'
        f"{body}</body></html>\n"
    )


def _picture(history: History, families: Sequence[ShownFamily]) -> FrontPicture | None:
    """The picture of the front; None where no trial is done."""
    front = history.front()
    if not front.trials:
        return None
    rows = point_rows(history, front, families[0].sizes)
    return FrontPicture.of(history, front, rows)


def _trials(
    history: History, picture: FrontPicture | None, lanes: Sequence[Lane]
) -> TrialsSection:
    if picture is None:
        return TrialsSection(history)
    return TrialsSection(history, picture.places, picture.signs, lanes)


def _lead(history: History) -> str:
    """The answer in one sentence."""
    front = history.front().trials
    if not front:
        return "No trial of this study is done yet, so there is no front to show."
    best = max(front, key=lambda trial: trial.value(history.accuracy.name))
    doubt = history.chance.mark(best)
    tried = _many(len(history.own), "trial")
    if history.taken_over:
        tried += f" and {len(history.taken_over)} known from earlier studies"
    if history.has_rungs:
        tried += f" of {_many(history.candidates, 'candidate')}, compared at "
        tried += str(history.fidelity)
    cost, accuracy = history.objectives.cost, history.accuracy
    return (
        f"Architecture search over {tried}: "
        f"{len(front)} on the front, from "
        f"{cost_text(cost, front[0].value(cost))} at "
        f"{accuracy.text(front[0].value(accuracy.name))} {accuracy.label} to "
        f"{format_cost(cost, best.value(cost))} at "
        f"{accuracy.text(best.value(accuracy.name))}"
        f"{f', {doubt}' if doubt else ''}."
    )


def _front(history: History, picture: FrontPicture | None) -> str:
    if picture is None:
        return paragraph("No trial is done yet.")
    claims = claims_text(history.front().trials, history.chance).splitlines()
    by = "Wilson's" if history.accuracy.is_share else "those of a bootstrap over clips"
    has_repeats = any(SEED_FREEDOM in trial.measured for trial in history.compared)
    noise = "the chance of the validation clips, not that of the seed"
    if has_repeats:
        noise = "the chance of the validation clips and, by repeats, that of the seed"
    told = OPTIMISM.format(intervals=by, noise=noise)
    if history.head.identity.score:
        told = estimated_words(history)
    notes = [f"{front_words(history, history.front())}."]
    notes += [*(f"{line[0].upper()}{line[1:]}." for line in claims), told]
    agreement = agreement_text(history)
    if agreement:
        notes.append(f"A score needs no training. {agreement}.")
    words = "".join(f'<p class="note">{escape(line)}</p>' for line in notes)
    return picture.figure() + words


def _baselines(history: History) -> str:
    if not history.baselines:
        return ""
    how = "Scored" if history.head.identity.score else "Trained"
    words = (
        f"{how} like every candidate and compared with the front, which they are no "
        "part of: neither the strategy nor the hypervolume nor the family knows them. "
        "A front member dominates a baseline where it is no worse in "
        f"{_objectives_in_words(history)} and better in one of them. Budgets refuse no "
        "baseline."
    )
    return paragraph(words) + baselines_table(history)


def _family(history: History, families: Sequence[ShownFamily]) -> str:
    if not history.front().trials:
        words = "A family needs a front of at least one done trial."
        return paragraph(words)
    return family_section(history, families)


def _why(history: History, why: Why | None) -> str:
    """What choices are worth; nothing where no front is."""
    return why_section(why, history.objectives) if why else ""


def _progress(history: History) -> str:
    if not history.front().trials:
        return ""
    point = history.reference
    volume = history.front().hypervolume(point)
    objectives = history.objectives
    words = (
        f"Hypervolume {format_count(volume)} {volume_unit(objectives)}, up to the "
        f"reference point of {objectives.point_text(point)}."
    )
    if not volume:
        words += " No trial is better than that point in all, so nothing counts yet."
    figures = growth_figures(history)
    beside = curves_figure(history) + at_work_figure(history)
    return f'{paragraph(words)}{figures}<div class="pair">{beside}</div>'


def _listed(history: History, trials: TrialsSection) -> str:
    if not history.trials:
        return paragraph("No trial has been started.")
    return choices_figure(trials.lanes) + trials.table()


def _onwards(history: History) -> str:
    folder = shlex.quote(place_in_words(history.folder, Path.cwd()))
    limit, more = history.doubled
    option = f"--{limit.replace('_', '-')} {rounded(more)}"
    commands = {
        f"vidnas search EXPERIMENT.yaml {option}": "the same study, longer",
        f"vidnas front {folder}": "the front as a table",
        f"vidnas family {folder}": "A0 to A5 as files",
        f"vidnas report {folder}": "this page, anew",
    }
    wide = max(map(len, commands))
    lines = code(*(f"{line:<{wide}}  # {why}" for line, why in commands.items()))
    words = "The same command goes on where a study stopped; finished trials are kept."
    return paragraph(words) + lines


def _links(titles: Iterable[str]) -> str:
    """Where the sections of the page are."""
    links = (f'<a href="#{_anchor(title)}">{escape(title)}</a>' for title in titles)
    return f'<nav aria-label="sections">{"".join(links)}</nav>'


def _anchor(title: str) -> str:
    return title.lower().replace(" ", "-")


def _section(title: str, body: str) -> str:
    return f'<section id="{_anchor(title)}"><h2>{escape(title)}</h2>{body}</section>'


def _objectives_in_words(history: History) -> str:
    """`FLOPs and top-1`."""
    costs = ", ".join(map(cost_word, history.objectives.costs))
    return f"{costs} and {history.accuracy.label}"


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
