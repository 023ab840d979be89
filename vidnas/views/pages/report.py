"""What is a study's report? One page that opens anywhere, with no network.

It carries its charts and their library along, and a content policy forbids it to load
anything.
"""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import altair as alt

from vidnas.documents.quantity import (
    format_bytes,
    format_cost,
    format_count,
    format_duration,
    rounded,
)
from vidnas.study.history import History
from vidnas.trials.chance import claims_text
from vidnas.trials.clips_met import clips_met
from vidnas.trials.effort import limit_text
from vidnas.trials.objectives import SEED_FREEDOM, cost_text, cost_word
from vidnas.views.charts.embed import live_script, picture
from vidnas.views.charts.figures import front_chart, progress_chart
from vidnas.views.charts.objectives import volume_unit
from vidnas.views.insight.asked import why_of
from vidnas.views.pages.family_section import (
    ShownFamily,
    family_section,
    shown_families,
)
from vidnas.views.pages.markup import (
    baselines_table,
    code,
    escape,
    facts,
    paragraph,
    stylesheet,
    trials_table,
)
from vidnas.views.pages.page_owner import study_mark
from vidnas.views.pages.why_section import why_section
from vidnas.views.text.places import place_in_words, without_places
from vidnas.views.text.scores import agreement_text, estimated_words
from vidnas.whole_file import write_whole

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: blob:; "
    # Vega compiles the expressions of a chart.
    "script-src 'unsafe-inline' 'unsafe-eval'"
)
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
    charts: dict[str, alt.LayerChart] = {}
    families: tuple[ShownFamily, ...] = ()
    if history.front().trials:
        families = shown_families(history)
        charts["front"] = front_chart(history, families[0].sizes)
        charts["progress"] = progress_chart(history)
    sections = (
        _search(history),
        _front(history, charts),
        _baselines(history),
        _family(history, families),
        _why(history),
        _progress(history, charts),
        _trials(history),
        _onwards(history),
    )
    write_whole(path, _page(history, "".join(sections), charts))


def _page(history: History, body: str, charts: Mapping[str, alt.LayerChart]) -> str:
    style = stylesheet()
    name = escape(history.head.name)
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{study_mark(history)}"
        f"<title>{name} - vidnas report</title><style>{style}</style></head>"
        f'<body><h1>{name}</h1><p class="lead">{escape(_lead(history))}</p>'
        f"<main>{body}</main>{_scripts(charts)}</body></html>\n"
    )


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


def _search(history: History) -> str:
    experiment, identity = history.experiment, history.head.identity
    space = experiment.read_space()
    pairs = {
        "space": f"{space.name}, {space.count():.3g} candidates, "
        f"{len(space.choices)} choices",
        "budgets": _list_in_words(
            str(limit).replace("<=", "at most").replace(">=", "at least")
            for limit in experiment.limits
        ),
        "refused untrained": _list_in_words(
            f"{count} by {name}" for name, count in history.refused.most_common()
        ),
        "trials": f"{history.states['done']} done, {_stopped(history)}"
        f"{history.states['failed']} failed, {_unended(history)}{_effort(history)}"
        f"{', no new candidate was found' if history.is_exhausted else ''}"
        f"{f'; {len(history.taken_over)} known' if history.taken_over else ''}",
        "time": f"{format_duration(history.seconds)}, breaks left out{_taken(history)}",
        "baselines": _list_in_words(named.name for named in experiment.baselines),
        "strategy": _in_words(experiment.strategy),
        **_training(history),
        "seed": str(identity.seed),
        "vidnas": history.head.vidnas,
    }
    told = {name: without_places(text, history) for name, text in pairs.items()}
    return _section("What was searched", facts(told))


def _training(history: History) -> dict[str, str]:
    """What trials were trained by and on, or the score that stands in its place."""
    experiment, identity = history.experiment, history.head.identity
    count = str(len(history.classes))
    if identity.score:
        return {"score": f"{identity.score}, in place of a training", "classes": count}
    place = place_in_words(experiment.clips_place, history.folder)
    return {
        "workers": _in_words(experiment.workers),
        "recipe": _in_words(experiment.training),
        **({"rungs": _rungs(experiment.rungs)} if experiment.rungs else {}),
        "clips": f"{identity.clips.train} for training, "
        f"{identity.clips.val} for validation, from {place}, as seen from the study "
        "folder",
        **_found(history),
        "classes": f"{count}: {', '.join(history.classes)}; {history.chance.words}",
    }


def _found(history: History) -> dict[str, str]:
    """What was wrong with clips, when the study began and as trials met them."""
    met = clips_met(trial.measured for trial in history.own)
    pairs = {"clips met by one trial": f"{met} at most"} if met else {}
    if history.head.found is None:
        return pairs
    return {"wrong with clips": _list_in_words(map(str, history.head.found)), **pairs}


def _stopped(history: History) -> str:
    """`3 stopped by their curves, `; empty where none was."""
    count = history.states["stopped"]
    return f"{count} stopped by their curves, " if count else ""


def _unended(history: History) -> str:
    """`2 running, `, or `1 interrupted, ` where no driver runs it any more."""
    word = "interrupted" if history.states["interrupted"] else "running"
    return f"{history.states[word]} {word}{_broken_in_words(history)}, "


def _front(history: History, charts: Mapping[str, alt.LayerChart]) -> str:
    if "front" not in charts:
        return _section("The front", paragraph("No trial is done yet."))
    claims = claims_text(history.front().trials, history.chance).splitlines()
    by = "Wilson's" if history.accuracy.is_share else "those of a bootstrap over clips"
    has_repeats = any(SEED_FREEDOM in trial.measured for trial in history.compared)
    noise = "the chance of the validation clips, not that of the seed"
    if has_repeats:
        noise = "the chance of the validation clips and, by repeats, that of the seed"
    told = OPTIMISM.format(intervals=by, noise=noise)
    if history.head.identity.score:
        told = estimated_words(history)
    notes = [*(f"{line[0].upper()}{line[1:]}." for line in claims), told]
    agreement = agreement_text(history)
    if agreement:
        notes.append(f"A score needs no training. {agreement}.")
    words = "".join(f'<p class="note">{escape(line)}</p>' for line in notes)
    return _section("The front", _figure("front", charts["front"]), words)


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
    return _section("Baselines", paragraph(words), baselines_table(history))


def _family(history: History, families: Sequence[ShownFamily]) -> str:
    if not history.front().trials:
        words = "A family needs a front of at least one done trial."
        return _section("The family", paragraph(words))
    return _section("The family", family_section(history, families))


def _why(history: History) -> str:
    """What choices are worth; nothing where no front is."""
    if not history.front().trials:
        return ""
    found = why_section(why_of(history), history.objectives)
    return _section("Why these networks", found)


def _progress(history: History, charts: Mapping[str, alt.LayerChart]) -> str:
    if "progress" not in charts:
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
    figure = _figure("progress", charts["progress"])
    return _section("Progress", paragraph(words), figure)


def _trials(history: History) -> str:
    if not history.trials:
        return _section("All trials", paragraph("No trial has been started."))
    return _section("All trials", trials_table(history))


def _effort(history: History) -> str:
    """What the study may spend, and which limit ended it."""
    name, words = history.reached, f"effort {history.experiment.effort}"
    return words if name in ("", "trials") else f"{words}, ended by {name}"


def _taken(history: History) -> str:
    """GPU hours, epochs and cost so far, as far as there are any."""
    spent = history.spent
    taken = {key: getattr(spent, key) for key in ("gpu_hours", "epochs")}
    words = [f"; {limit_text(key, amount)}" for key, amount in taken.items() if amount]
    words += [f"; cost {spent.cost:.2f}"] if spent.cost is not None else []
    return "".join(words)


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
    return _section("How to go on", paragraph(words), lines)


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def _figure(name: str, chart: alt.LayerChart) -> str:
    """The chart as a picture, in the place where the script puts a live one."""
    return f'<figure class="chart"><div id="{name}">{picture(chart)}</div></figure>'


def _scripts(charts: Mapping[str, alt.LayerChart]) -> str:
    if not charts:
        return ""
    return live_script({name: chart.to_dict() for name, chart in charts.items()})


def _broken_in_words(history: History) -> str:
    """How many trials wait because their surroundings broke, and why."""
    broken = [trial for trial in history.own if trial.number in history.broken]
    if not broken:
        return ""
    return f" ({len(broken)} by their surroundings: {broken[-1].reason})"


def _list_in_words(items: Iterable[str]) -> str:
    return ", ".join(items) or "none"


def _in_words(document: Mapping[str, Any]) -> str:
    return _list_in_words(
        str(value) if key == "name" else f"{key.replace('_', ' ')} {_plain(key, value)}"
        for key, value in document.items()
        if value is not False
    )


def _rungs(document: Mapping[str, Any]) -> str:
    axes = {key: value for key, value in document.items() if isinstance(value, list)}
    below = "; ".join(f"{key} {_plain(key, axes[key])}" for key in axes)
    going_on = "; each training goes on from the rung below"
    return (
        f"{below}; 1 of {document['keep']} of its size goes on; the first "
        f"{document['probe']} candidates at all of them"
        f"{going_on if document.get('continue') else ''}"
    )


def _plain(key: str, value: Any) -> str:
    """A value for people: `8.83 GiB` of memory, `2 M`, `0.001`, `1, 2`."""
    if value is True:
        return "on"
    if isinstance(value, list | tuple):
        return _list_in_words(_plain(key, item) for item in value)
    if isinstance(value, Mapping):
        return _in_words(value)
    if not isinstance(value, int | float):
        return str(value)
    if key == "memory" or key.endswith("_bytes"):
        return format_bytes(value)
    return format_count(value) if abs(value) >= 1e5 else f"{value:g}"


def _objectives_in_words(history: History) -> str:
    """`FLOPs and top-1`."""
    costs = ", ".join(map(cost_word, history.objectives.costs))
    return f"{costs} and {history.accuracy.label}"


def _many(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"
