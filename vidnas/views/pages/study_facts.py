"""What was searched, by what and on what? The settings of a study, as its page says."""

from collections.abc import Iterable, Mapping
from typing import Any

from vidnas.documents.quantity import format_bytes, format_count, format_duration
from vidnas.study.history import History
from vidnas.trials.clips_met import clips_met
from vidnas.trials.effort import limit_text
from vidnas.views.pages.markup import facts
from vidnas.views.text.places import place_in_words, without_places


def study_facts(history: History) -> str:
    """Names and values of what a study was set to, and what became of it."""
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
        **_machines(history),
        "seed": str(identity.seed),
        "vidnas": history.head.vidnas,
    }
    told = {name: without_places(text, history) for name, text in pairs.items()}
    return facts(told)


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


def _machines(history: History) -> dict[str, str]:
    """How many machines workers ran on; their names are nobody's business."""
    nodes = {one.node for one in history.tries if one.node}
    return {"machines": str(len(nodes))} if nodes else {}


def _stopped(history: History) -> str:
    """`3 stopped by their curves, `; empty where none was."""
    count = history.states["stopped"]
    return f"{count} stopped by their curves, " if count else ""


def _unended(history: History) -> str:
    """`2 running, `, or `1 interrupted, ` where no driver runs it any more."""
    word = "interrupted" if history.states["interrupted"] else "running"
    return f"{history.states[word]} {word}{_broken_in_words(history)}, "


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
