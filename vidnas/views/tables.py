"""What does a study look like as data frames? One row per trial, or per size."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from vidnas.study.family.networks import Twin
from vidnas.study.history import History
from vidnas.study.standings import standings
from vidnas.trials.chance import Chance
from vidnas.trials.family import Size
from vidnas.trials.front import Front
from vidnas.trials.noise.equal_budgets import BaselineWithin
from vidnas.trials.noise.family_doubt import SizeDoubt
from vidnas.trials.noise.repeats import seeds_of
from vidnas.trials.objectives import STANDARD, Accuracy
from vidnas.trials.trial import Trial
from vidnas.views.text.summary import stages_in_words

Row = dict[str, Any]
ABSENT = float("nan")

_NETWORK: dict[str, str] = {
    "flops": "int64",
    "parameters": "int64",
    "inference_bytes": "int64",
    "seconds": "float64",
    "peak_bytes": "float64",
    "depth": "int64",
    "frames": "int64",
    "resolution": "int64",
    "fps": "float64",
    "channels": "int64",
}
_ACCURACY = {
    **dict.fromkeys(("top1", "top1_low", "top1_high", "top5"), "float64"),
    "above_chance": "boolean",  # pandas' flags with gaps: absent where it is not known
}
# What a trial was trained at; the architecture's own clip is in `_NETWORK`.
_FIDELITY = dict.fromkeys(("epochs", "trained_frames", "trained_resolution"), "int64")
_TRIALS = {
    "trial": "int64",
    "state": "str",
    "arch_id": "str",
    **_FIDELITY,
    **_ACCURACY,
    "seeds": "Int64",
    "front_probability": "float64",
    **_NETWORK,
    "front": "bool",
    "baseline": "str",
    "known": "str",
    "continued_from": "Int64",
    "source": "str",
    "reason": "str",
}
_BASELINES = {
    "baseline": "str",
    "trial": "int64",
    "state": "str",
    "arch_id": "str",
    **_ACCURACY,
    **_NETWORK,
    "dominated_by": "Int64",  # pandas' integers with gaps: absent until it is done
    "front_members": "int64",
    "exceeds": "str",
    "stages": "str",
    "reason": "str",
}
_FRONT = {
    "trial": "int64",
    "arch_id": "str",
    **_ACCURACY,
    **_NETWORK,
    "baseline": "str",
    "stages": "str",
}
_FAMILY = {
    "size": "str",
    "above": "float64",
    "budget": "float64",
    "trial": "Int64",  # pandas' integers with gaps, as empty sizes have no trial
    "arch_id": "str",
    "flops": "Int64",
    "parameters": "Int64",
    "inference_bytes": "Int64",
    "top1": "float64",
    "top1_low": "float64",
    "top1_high": "float64",
    "above_chance": "boolean",
    "stays": "float64",
    "within_error_of": "str",
    "baseline": "str",
    "ahead": "float64",
    "stages": "str",
    "note": "str",
}
_STREAMS = {
    "stream": "str",
    "arch_id": "str",
    "found": "bool",
    "flops": "int64",
    "flops_per_frame": "int64",
    "parameters": "int64",
    "stream_state_values": "int64",
    "weights_bytes": "int64",
    "inference_bytes": "int64",
    "latency_ms": "float64",
}


def trials_frame(history: History) -> pd.DataFrame:
    """One row per trial, in order of proposal, then one per baseline beside them.

    Absent numbers are NaN. Baselines have numbers below 0, unless they were searched.

    Returns:
        `trial`, `state`, `arch_id`; `epochs`, `trained_frames` and
        `trained_resolution`, its fidelity: compare accuracies of one only, as `front`
        does, which holds trials in full; `top1` with its 95 % interval `top1_low` and
        `top1_high`, `top5` [%], `above_chance`, whether the interval lies above what
        guessing the largest class reaches (in a study of another accuracy, of that,
        whose columns come before, such as `map`, `map_low`, `map_high`); `seeds`,
        trainings that accuracies are the means of; `front_probability`, how probably
        it belongs to the front, NaN where noise is not known; `flops`
        (multiply-adds), `parameters`, `inference_bytes`; `seconds` and `peak_bytes` of
        training; `depth`, `frames`, `resolution`, `fps` (where frames are taken by
        time) and `channels` of the architecture; `front`, whether no trial beats it
        over the objectives (False for one that was not searched); `baseline`, its name
        there, else empty; `known`, the study and trial it was taken over from, else
        empty; `continued_from`, the cheaper trial that its training went on from;
        `source` of the accuracy; `reason` of a failure.
    """
    on_front = {trial.number for trial in history.front().trials}
    names = {trial.number: trial.baseline for trial in history.baselines}
    beside = [trial for trial in history.baselines if trial.number < 0]
    rows = [
        {
            **_trial_row(trial, history.chance),
            **_fidelity_row(trial),
            "state": history.state_word(trial),
            "front": trial.number in on_front,
            "seeds": seeds_of(trial) if trial.state == "done" else None,
            "front_probability": history.on_front.get(trial.number, ABSENT),
            "baseline": names.get(trial.number, ""),
            "known": trial.taken_over_from,
            "continued_from": trial.continued_from,
            "source": trial.source,
            "reason": trial.reason,
        }
        for trial in (*history.trials, *beside)
    ]
    return _frame(rows, _with(_TRIALS, history.accuracy))


def curves_frame(history: History) -> pd.DataFrame:
    """One row per epoch that a trial has trained, in order of trials and epochs.

    Returns:
        `trial`, `arch_id`, `epoch` from 1, `loss` over the training clips and, as far
        as they were told, `train_top1` [%] over those and what was measured on the
        validation clips after the epoch: `val_loss` and accuracies such as `top1`.
        The first epochs of a continued trial are those of the one it continues.
    """
    trials = {t.number: t for t in (*history.trials, *history.baselines)}
    rows: list[Row] = [
        {"trial": n, "arch_id": trials[n].arch_id, "epoch": epoch, **report}
        for n in sorted(trials.keys() & history.curves.keys())
        for epoch, report in sorted(history.curves[n].items())
    ]
    told = dict.fromkeys((name for row in rows for name in row), "float64")
    first = {"trial": "int64", "arch_id": "str", "epoch": "int64", "loss": "float64"}
    return _frame(rows, first | {k: v for k, v in told.items() if k not in first})


def baselines_frame(history: History) -> pd.DataFrame:
    """One row per baseline that has begun, by FLOPs.

    Returns:
        `baseline`, its name; `dominated_by`, how many of the `front_members` of the
        search are no worse in any objective and better in one of them; `exceeds`, the
        budgets it breaks; else as in `trials_frame` and `front_frame`.
    """
    rows = [
        {
            **_trial_row(standing.trial, history.chance),
            "baseline": standing.trial.baseline,
            "state": standing.trial.state,
            "dominated_by": standing.dominated_by,
            "front_members": standing.members,
            "exceeds": ", ".join(standing.exceeds),
            "stages": stages_in_words(standing.trial.architecture),
            "reason": standing.trial.reason,
        }
        for standing in standings(history)
    ]
    return _frame(rows, _with(_BASELINES, history.accuracy))


def front_frame(front: Front, chance: Chance) -> pd.DataFrame:
    """One row per front trial, in the front's order; `stages` says the network.

    `baseline` names a member that was put there for comparison.

    An objective that is no column of `trials_frame` gets one of its own.
    """
    rows = [
        {
            **_trial_row(trial, chance),
            "baseline": trial.baseline,
            "stages": stages_in_words(trial.architecture),
        }
        for trial in front.trials
    ]
    columns = _with(_FRONT, chance.accuracy)
    extra = [o.name for o in front.objectives if o.name not in columns]
    for row, trial in zip(rows, front.trials, strict=True):
        row.update({name: trial.value(name) for name in extra})
    return _frame(rows, {**columns, **dict.fromkeys(extra, "float64")})


def family_frame(
    sizes: Sequence[Size],
    chance: Chance,
    doubts: Sequence[SizeDoubt] = (),
    baselines: Sequence[BaselineWithin] = (),
) -> pd.DataFrame:
    """One row per size; an empty size says so in `note` and holds no trial.

    Costs that a ladder limits have columns of their own. `baseline` is the most
    accurate one within the budgets of a size, `ahead` by how much its network is more
    accurate [%].

    `stays` is the share of draws of the accuracies within their noise in which the size
    takes the same network, NaN where noise is not known; `within_error_of` names the
    smaller size that it is not surely better than. `note` says which others it takes,
    and of an accuracy that it is not above chance.
    """
    columns = _with(_FAMILY, chance.accuracy)
    doubts = doubts or [SizeDoubt(size.name) for size in sizes]
    beside = baselines or [BaselineWithin() for _ in sizes]
    rows = [
        {**_size_row(size, chance, doubt), **_ladder_row(size), **_baseline_row(one)}
        for size, doubt, one in zip(sizes, doubts, beside, strict=True)
    ]
    limited = _ladder_row(sizes[0]) if sizes else {}
    further = [name for name in limited if name not in columns]
    return _frame(rows, {**columns, **dict.fromkeys(further, "float64")})


def streams_frame(twins: Sequence[Twin]) -> pd.DataFrame:
    """One row per streaming twin of a family, with what it costs.

    `found` is whether the network that the search found is a stream itself; all others
    were never trained.
    """
    rows = [
        {
            "stream": twin.name,
            "arch_id": twin.architecture.arch_id,
            "found": twin.is_found,
            "latency_ms": ABSENT,
            **twin.costs,
        }
        for twin in twins
    ]
    return _frame(rows, _STREAMS)


def _with(columns: dict[str, str], accuracy: Accuracy) -> dict[str, str]:
    """The columns, with those of another accuracy than top-1 before it."""
    own = _numbers_of(accuracy)
    if accuracy == STANDARD.accuracy:
        return columns
    before = list(columns).index(STANDARD.accuracy.name)
    items = list(columns.items())
    added = dict.fromkeys(own, "float64")
    return {**dict(items[:before]), **added, **dict(items[before:])}


def _numbers_of(accuracy: Accuracy) -> tuple[str, ...]:
    return accuracy.name, f"{accuracy.name}_low", f"{accuracy.name}_high"


def _trial_row(trial: Trial, chance: Chance) -> Row:
    measured = trial.measured
    found = STANDARD.accuracy.columns(trial) | chance.accuracy.columns(trial)
    accuracies = {k: ABSENT if v is None else v for k, v in found.items()}
    architecture = trial.architecture
    return {
        "trial": trial.number,
        "arch_id": trial.arch_id,
        "top5": measured.get("top5", ABSENT),
        **accuracies,
        "above_chance": chance.is_beaten(trial),
        "flops": trial.costs["flops"],
        "parameters": trial.costs["parameters"],
        "inference_bytes": trial.costs["inference_bytes"],
        "seconds": measured.get("seconds", ABSENT),
        "peak_bytes": measured.get("peak_bytes", ABSENT),
        "depth": architecture.depth,
        "frames": architecture.clip.frames,
        "resolution": architecture.clip.resolution,
        "fps": architecture.clip.fps or ABSENT,
        "channels": architecture.clip.channels,
    }


def _fidelity_row(trial: Trial) -> Row:
    fidelity = trial.fidelity
    clip = trial.architecture.at(fidelity.frames, fidelity.resolution).clip
    return {
        "epochs": fidelity.epochs,
        "trained_frames": clip.frames,
        "trained_resolution": clip.resolution,
    }


def _size_row(size: Size, chance: Chance, doubt: SizeDoubt) -> Row:
    row: Row = {"size": size.name, "above": size.above, "budget": size.budget}
    if size.trial is None:
        empty = {"arch_id": "", "stages": "", "within_error_of": ""}
        return {**row, **empty, "stays": ABSENT, "note": size.emptiness}
    filled = {
        **_trial_row(size.trial, chance),
        "stages": stages_in_words(size.trial.architecture),
        "stays": ABSENT if doubt.stays is None else doubt.stays,
        "within_error_of": doubt.within_error_of,
        "note": "; ".join(filter(None, (chance.mark(size.trial), doubt.words))),
    }
    columns = _with(_FAMILY, chance.accuracy)
    return {**row, **{name: filled[name] for name in filled if name in columns}}


def _ladder_row(size: Size) -> Row:
    """Budgets and costs of what the ladder limits; of FLOPs alone none is new."""
    row: Row = {}
    for limit in size.limits if size.further or size.cost not in _FAMILY else ():
        row[f"budget_{limit.cost}"] = limit.budget
        if limit.cost not in _FAMILY:
            cost = size.trial.value(limit.cost) if size.trial else ABSENT
            row[limit.cost] = cost
    return row


def _baseline_row(baseline: BaselineWithin) -> Row:
    trial, ahead = baseline.trial, baseline.ahead
    return {
        "baseline": "" if trial is None else trial.label,
        "ahead": ABSENT if ahead is None else ahead,
    }


def _frame(rows: Sequence[Row], columns: dict[str, str]) -> pd.DataFrame:
    """A frame with these columns and types, also where there are no rows."""
    cells = {name: [row.get(name) for row in rows] for name in columns}
    return pd.DataFrame(cells, dtype="object").astype(columns)
