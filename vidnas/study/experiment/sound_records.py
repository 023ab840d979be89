"""Which records are sound at a glance? Nearly all of a large journal.

What is read here is read with every check of `recorded_trial`, in less time,
and gives the same. A record with anything unusual about it is left to that.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from operator import lt
from typing import Any

from vidnas.architecture.architecture import Architecture
from vidnas.files.journal import Record
from vidnas.study.experiment.recorded_trial import HUGE, MOST, PRICED, Shape
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.measured import LEAST
from vidnas.trials.news import Placed
from vidnas.trials.trial import Trial

_START = 10  # keys; each is asked for, so none else is among so many
_PLACE = {"event", "time", "trial", "group", "node", "process", "log"}
_ABOUT_EPOCHS = ("event", "time", "trial", "epoch")  # the rest is its report
_LATEST = 2.0**63  # seconds since the epoch
_NUMBERS = {int, float}


def sound_start(
    record: Record, shapes: Sequence[Shape], classes: int | None
) -> Trial | None:
    """The trial that a record begins; None where the record is unusual.

    Args:
        record: The record.
        shapes: Spellings of the study's space; none where it cannot be read.
        classes: Number of classes of the study's clips; None where nobody knows.
    """
    try:
        number, architecture = record["trial"], record["architecture"]
        candidate, seed, costs = record["candidate"], record["seed"], record["costs"]
        if (
            len(record) != _START
            or not _is_number(number, record["time"])
            or type(architecture) is not Architecture
            or architecture.classes != classes
            or record["arch_id"] != architecture.arch_id
            or type(candidate) is not list
            or not _fits(candidate, shapes)
            or type(seed) is not int
            or seed < 0
            or not _are_counts(record["refused"])
            or not _are_numbers(costs)
            or min([costs[name] for name in PRICED]) < 0
        ):
            return None
        fidelity = _fidelity_of(record["fidelity"])
    except KeyError:
        return None
    if fidelity is None:
        return None
    return Trial(number, tuple(candidate), architecture, fidelity, seed, costs)


def sound_done(
    record: Record, trials: Mapping[int, Trial], accuracies: Sequence[str]
) -> Trial | None:
    """A running trial once it is done; None where the record is unusual.

    Args:
        record: The record.
        trials: Trials so far, by number.
        accuracies: Accuracies that the study has compared by so far.
    """
    number, measured = record.get("trial"), record.get("measured")
    if "opened" in record or not _is_number(number, record.get("time")):
        return None
    trial = trials.get(number)  # type: ignore[arg-type]
    if trial is None or trial.state != "running" or not _are_numbers(measured):
        return None
    assert measured is not None
    for name, least in LEAST.items():
        if name in measured and measured[name] < least:
            return None
    told = [measured[name] for name in accuracies if name in measured]
    if not told or not 0 <= min(told) <= max(told) <= 100:
        return None
    return Trial(  # quicker than `replace`
        trial.number,
        trial.candidate,
        trial.architecture,
        trial.fidelity,
        trial.seed,
        trial.costs,
        "done",
        measured,
        "",
        trial.source,
        trial.baseline,
        trial.taken_over_from,
        trial.continues,
        trial.repeats,
    )


def sound_place(record: Record) -> Placed | None:
    """Where a trial was placed; None where the record is unusual."""
    number, process = record.get("trial"), record.get("process", 0)
    if not record.keys() <= _PLACE or not _is_number(number, record.get("time")):
        return None
    group, node, log = (record.get(key, "") for key in ("group", "node", "log"))
    if not type(group) is type(node) is type(log) is str or type(process) is not int:
        return None
    texts = (("group", group), ("node", node), ("log", log))
    for key, value in (*texts, ("process", process > 0)):
        if not value and key in record:
            return None
    assert number is not None
    return Placed(number, group, node, process, log)


def sound_epoch(record: Record) -> tuple[int, int, Mapping[str, float]] | None:
    """Trial, epoch and report of an epoch; None where the record is unusual."""
    number, epoch = record.get("trial"), record.get("epoch")
    if not _is_number(number, record.get("time")) or "opened" in record:
        return None
    if type(epoch) is not int or epoch < 1:
        return None
    report = {k: v for k, v in record.items() if k not in _ABOUT_EPOCHS}
    assert number is not None
    return (number, epoch, report) if _are_numbers(report) else None


def _is_number(number: Any, time: Any) -> bool:
    """Whether these are the number of a candidate's trial and the time of a record."""
    return (
        type(number) is int
        and 0 <= number <= MOST
        and type(time) in _NUMBERS
        and 0 <= time < _LATEST
    )


def _fits(candidate: list[Any], shapes: Sequence[Shape]) -> bool:
    """Whether indices are whole numbers, and options of the space."""
    if candidate and (set(map(type, candidate)) != {int} or min(candidate) < 0):
        return False
    if not shapes:
        return True
    for shape in shapes:
        if len(candidate) == len(shape) and all(map(lt, candidate, shape)):
            return True
    return False


def _fidelity_of(document: Any) -> Fidelity | None:
    """A fidelity of epochs alone."""
    if type(document) is not dict or len(document) != 1:
        return None
    epochs = document["epochs"]
    return _fidelity(epochs) if type(epochs) is int and epochs >= 1 else None


@cache
def _fidelity(epochs: int) -> Fidelity:
    return Fidelity(epochs)


def _are_counts(refused: Any) -> bool:
    if type(refused) is not dict:
        return False
    return not refused or all(type(n) is int and n >= 0 for n in refused.values())


def _are_numbers(values: Any) -> bool:
    """Whether these are numbers by name, each of which fits 64 bits."""
    if type(values) is not dict or not values:
        return False
    numbers = values.values()
    # Of NaN neither end can be trusted: then the sum is NaN too.
    return (
        _NUMBERS.issuperset(map(type, numbers))
        and min(numbers) > -HUGE
        and max(numbers) < HUGE
        and sum(numbers) == sum(numbers)
    )
