"""What is seen of a running study at one glance?

The same card stands in a notebook, above a report that is kept current, and on the
board. Its style comes along, since a notebook has none of ours.
"""

from collections.abc import Sequence
from importlib import resources

from vidnas.documents.quantity import format_duration
from vidnas.study.status.status import Status
from vidnas.trials.effort import limit_text
from vidnas.trials.objectives import cost_text
from vidnas.views.live.front_sketch import front_sketch
from vidnas.views.live.live_study import LiveStudy
from vidnas.views.text.escaping import escape
from vidnas.views.text.status_words import one_line, running_text

STYLE = "live.css"
RUNNING = 8  # trials that are named
FAILURES = 3  # of those that failed


def live_style() -> str:
    """The style of cards, light and dark, which says nothing of what is beside them."""
    files = resources.files("vidnas.views.live")
    return files.joinpath(STYLE).read_text(encoding="utf-8")


def notebook_card(study: LiveStudy | None, notes: Sequence[str], end: str = "") -> str:
    """What a cell shows of a search: its card, and what was said before and meanwhile.

    Args:
        study: Study as it stands; None before it has begun.
        notes: Lines that the search has said.
        end: Words on how it ended; empty while it runs.
    """
    said = "\n".join(escape(one_line(note)) for note in notes)
    is_open = "" if study is not None else " open"
    body = card(study, title=True) if study is not None else ""
    ended = f'<p class="vl-end">{escape(end)}</p>' if end else ""
    lines = f"<details{is_open}><summary>what the search said</summary><pre>{said}"
    return (
        f"<style>{live_style()}</style>{body}{ended}"
        f"{f'{lines}</pre></details>' if notes else ''}"
    )


def card(
    study: LiveStudy,
    *,
    title: bool = False,
    sketch: bool = True,
    failures: int = FAILURES,
) -> str:
    """A study as it stands.

    Args:
        study: Study to show.
        title: Whether its name stands above.
        sketch: Whether its front is drawn.
        failures: The most of the last failures that are told.
    """
    status = study.status
    name = f'<strong class="vl-name">{escape(status.name)}</strong>' if title else ""
    drawn = front_sketch({status.name: study.front}, study.objectives) if sketch else ""
    return (
        f'<div class="vl-card" data-state="{escape(status.state)}">'
        f'<p class="vl-head">{name}{chip(status.state)}'
        f'<span class="vl-spent">{escape(spent_words(status))}</span></p>'
        f"{_bar(status)}<p>{escape(found_words(study))}</p>{drawn}"
        f"{running_list(status)}{_failures(status, failures)}</div>"
    )


def chip(state: str) -> str:
    """A state as a coloured word."""
    word = escape(state)
    return f'<span class="vl-state" data-state="{word}">{word}</span>'


def spent_words(status: Status) -> str:
    """`12 of 48 trials, 4 min 2 s of work, some 12 min left`."""
    stated, part = status.effort.stated, status.effort.part(status.spent)
    words = []
    for name, most in stated.items():
        spent = limit_text(name, getattr(status.spent, name))
        # `12 of 48 trials`: a unit is said once.
        number, _, unit = spent.partition(" ")
        is_count = name != "hours" and unit
        words.append(f"{number if is_count else spent} of {limit_text(name, most)}")
    if "hours" not in stated:
        words.append(f"{format_duration(3600 * status.spent.hours)} of work")
    if status.hours_left is not None:
        words.append(f"some {format_duration(3600 * status.hours_left)} left")
    if status.state != "running" and status.reason and part < 1:
        words.append(status.reason)
    return ", ".join(words)


def found_words(study: LiveStudy) -> str:
    """`11 done, 1 failed, 2 running; best 93.1 % top-1 at 1.8 M FLOPs; 7 on the front`.

    What there is none of is left out.
    """
    counts = ", ".join(f"{n} {word}" for word, n in study.status.trials.items() if n)
    if not study.front.trials:
        return f"{counts or 'no trial has begun'}; no front yet"
    accuracy, cost = study.objectives.accuracy, study.objectives.cost
    best = max(study.front, key=lambda trial: trial.value(accuracy.name))
    return (
        f"{counts}; best {accuracy.text(best.value(accuracy.name))} {accuracy.label} "
        f"at {cost_text(cost, best.value(cost))}; {len(study.front)} on the front"
    )


def _bar(status: Status) -> str:
    part = status.effort.part(status.spent)
    return (
        f'<div class="vl-bar" role="progressbar" aria-label="effort spent" '
        f'aria-valuemin="0" aria-valuemax="100" aria-valuenow="{100 * part:.0f}">'
        f'<span style="width:{100 * part:.1f}%"></span></div>'
    )


def running_list(status: Status) -> str:
    """What is trained now, a trial a line; empty where nothing is."""
    shown = [running_text(trial) for trial in status.running[:RUNNING]]
    more = len(status.running) - len(shown)
    shown += [f"and {more} more"] if more else []
    return _listed("vl-running", shown)


def _failures(status: Status, most: int) -> str:
    return _listed(
        "vl-failed",
        [
            f"trial {failure.trial} failed: {one_line(failure.reason)}"
            for failure in status.failures[:most]
        ],
    )


def _listed(kind: str, lines: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(words)}</li>" for words in lines)
    return f'<ul class="{kind}">{items}</ul>' if items else ""
