"""Why did trials fail, and why were candidates refused? Each reason once."""

import re
from collections.abc import Iterable

from vidnas.study.history import History
from vidnas.trials.trial import Trial
from vidnas.views.pages.markup import escape, paragraph
from vidnas.views.text.places import without_places

MOST_REASONS, MOST_NAMED = 12, 8
_NUMBERS = re.compile(r"\d+(\.\d+)?")


def endings(history: History) -> str:
    """What was not trained to its end; nothing where all was."""
    parts = [
        _ended("Failed", history, "failed"),
        _ended("Stopped by their curves", history, "stopped"),
        _refused(history),
    ]
    return "".join(parts)


def _ended(title: str, history: History, state: str) -> str:
    trials = [t for t in (*history.own, *history.baselines) if t.state == state]
    if not trials:
        return ""
    by_reason: dict[str, list[Trial]] = {}
    for trial in trials:
        # Reasons that differ in numbers alone are one.
        by_reason.setdefault(_NUMBERS.sub("0", trial.reason), []).append(trial)
    ordered = sorted(by_reason.values(), key=len, reverse=True)
    items = [_item(alike, history) for alike in ordered[:MOST_REASONS]]
    left = len(ordered) - MOST_REASONS
    items += [f"<li>{left} further reasons</li>"] if left > 0 else []
    return f"{paragraph(f'{title}: {len(trials)}.')}<ul>{''.join(items)}</ul>"


def _item(alike: list[Trial], history: History) -> str:
    """A reason, how many trials it ended, and which."""
    reason = without_places(alike[0].reason, history)
    count = f"{len(alike)} x " if len(alike) > 1 else ""
    named = ", ".join(_link(trial) for trial in alike[:MOST_NAMED])
    more = ", ..." if len(alike) > MOST_NAMED else ""
    word = "trial" if len(alike) == 1 else "trials"
    return f"<li>{count}{escape(reason)} ({word} {named}{more})</li>"


def _link(trial: Trial) -> str:
    """The trial's name, which leads to its row; a baseline has none."""
    label = escape(trial.label)
    if trial.number < 0:
        return label
    return f'<a href="#trial-{trial.number}">{label}</a>'


def _refused(history: History) -> str:
    """Which budgets refused how many candidates before anything was trained."""
    if not history.refused:
        return ""
    told = _listed(f"{n} by {name}" for name, n in history.refused.most_common())
    return paragraph(f"Refused by a budget, before anything was trained: {told}.")


def _listed(items: Iterable[str]) -> str:
    return ", ".join(items)
