"""Which tables does a paper take from a study? Its front and its family."""

from collections.abc import Sequence

from vidnas.documents.quantity import format_cost
from vidnas.documents.written_table import Table
from vidnas.study.history import History
from vidnas.study.standings import standings
from vidnas.trials.family import Size
from vidnas.trials.front import Front
from vidnas.trials.noise.repeats import seeds_of
from vidnas.trials.objectives import Accuracy, cost_word
from vidnas.trials.trial import Trial

ABSENT = "-"
_COSTS = {
    "flops": "FLOPs",
    "parameters": "parameters",
    "inference_bytes": "memory",
}


def front_rows(history: History, front: Front) -> Table:
    """The trials of a front in its order, then the study's baselines by name.

    Args:
        history: The study.
        front: Front of the study over any objectives.
    """
    costs = _costs(history, [o.name for o in front.objectives])
    on_front = {trial.number for trial in front.trials}
    beside = [
        standing.trial
        for standing in standings(history)
        if standing.trial.state == "done" and standing.trial.number not in on_front
    ]
    named = [(trial.label, trial) for trial in front.trials]
    named += [(trial.baseline, trial) for trial in beside]
    return _table("trial", named, costs, history)


def family_rows(history: History, sizes: Sequence[Size]) -> Table:
    """The filled sizes of a family, then the study's baselines by name.

    Args:
        history: The study.
        sizes: Family of the study; sizes without a network are left out.
    """
    named = [(size.name.upper(), size.trial) for size in sizes if size.trial]
    beside = [s.trial for s in standings(history) if s.trial.state == "done"]
    named += [(trial.baseline, trial) for trial in beside]
    return _table("network", named, _costs(history, ()), history)


def _costs(history: History, names: Sequence[str]) -> tuple[str, ...]:
    """Costs that every table shows, those of the study, and some more."""
    own = history.objectives
    accuracies = {own.accuracy.name}
    every = dict.fromkeys((*_COSTS, *own.costs, *names))
    return tuple(name for name in every if name not in accuracies)


def _table(
    first: str,
    named: Sequence[tuple[str, Trial]],
    costs: Sequence[str],
    history: History,
) -> Table:
    accuracy = history.accuracy
    is_repeated = any(seeds_of(trial) > 1 for _, trial in named)
    titles = (
        first,
        "clip",
        "layers",
        *(_COSTS.get(name, cost_word(name)) for name in costs),
        *(("seeds",) if is_repeated else ()),
        f"{accuracy.title} (95 %)" if accuracy.is_percent else accuracy.title,
    )
    rows = tuple(
        (
            name,
            _clip(trial),
            str(trial.architecture.depth),
            *(_cost(cost, trial) for cost in costs),
            *((str(seeds_of(trial)),) if is_repeated else ()),
            _accuracy(trial, accuracy, history.chance.mark(trial)),
        )
        for name, trial in named
    )
    return Table(titles, rows)


def _clip(trial: Trial) -> str:
    """`8 x 32`: frames and the side of each."""
    clip = trial.architecture.clip
    return f"{clip.frames} x {clip.resolution}"


def _cost(name: str, trial: Trial) -> str:
    return format_cost(name, trial.value(name)) if trial.has(name) else ABSENT


def _accuracy(trial: Trial, accuracy: Accuracy, mark: str) -> str:
    """`87.0 (83.2-90.1)`, and what its accuracy does not show."""
    value, limits = accuracy.of(trial), accuracy.interval(trial)
    if value is None:
        return ABSENT
    text = f"{value:.1f}"
    text += f" ({limits[0]:.1f}-{limits[1]:.1f})" if limits else ""
    return f"{text}, {mark}" if mark else text
