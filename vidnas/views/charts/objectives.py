"""Which numbers of a trial can be traded off, and how are they shown?"""

from collections.abc import Sequence
from dataclasses import dataclass

from vidnas.documents.suggestion import nearest
from vidnas.errors import InputError
from vidnas.trials.objectives import ACCURACIES, Objectives, cost_word
from vidnas.trials.trial import FLOPS, Objective, Trial

MIB = 2.0**20


@dataclass(frozen=True, slots=True)
class Shown:
    """An objective as an axis or a column shows it.

    Args:
        objective: Name and direction.
        title: Title of an axis or column, with the unit.
        unit: Stored value of one shown unit, such as 2^20 for MiB.
        log: Whether an axis spreads ratios rather than differences.
    """

    objective: Objective
    title: str
    unit: float = 1.0
    log: bool = True


def _least(name: str, title: str, unit: float = 1.0) -> Shown:
    return Shown(Objective(name, maximise=False), title, unit)


_SHOWN = (
    Shown(FLOPS, "FLOPs (multiply-adds) per clip"),
    _least("parameters", "parameters"),
    _least("inference_bytes", "inference memory [MiB]", MIB),
    _least("training_bytes", "training memory, priced [MiB]", MIB),
    _least("peak_bytes", "peak training memory, measured [MiB]", MIB),
    _least("flops_per_frame", "FLOPs (multiply-adds) per frame"),
    _least("stored_parameters", "stored parameters"),
    _least("weights_bytes", "weights [MiB]", MIB),
    _least("moved_bytes", "memory moved [MiB]", MIB),
    _least("stream_state_values", "values of a stream's state"),
    _least("temporal_reach", "temporal reach [frames]"),
    _least("latency_ms", "latency [ms]"),
    _least("seconds", "time of a trial [s]"),
    Shown(
        Objective("entropy_score", maximise=True),
        "entropy score (of structure, no accuracy)",
        log=False,
    ),
    Shown(
        Objective("layers", maximise=True),
        "layers (of structure, no accuracy)",
        log=False,
    ),
    *(Shown(a.objective, a.title, log=False) for a in ACCURACIES.values()),
)
OBJECTIVES_BY_NAME = {shown.objective.name: shown for shown in _SHOWN}


def objectives_named(names: Sequence[str]) -> tuple[Objective, ...]:
    """The objectives of these names.

    Raises:
        InputError: no name is given, one stands twice, or one is unknown.
    """
    known = ", ".join(OBJECTIVES_BY_NAME)
    if not names or len(set(names)) < len(names):
        raise InputError(
            f"A front must have different objectives of {known}, got "
            f"{', '.join(names) or 'none'}."
        )
    for name in names:
        if name not in OBJECTIVES_BY_NAME:
            raise InputError(
                f"An objective must be one of {known}, got `{name}`."
                f"{nearest(name, OBJECTIVES_BY_NAME)}"
            )
    return tuple(OBJECTIVES_BY_NAME[name].objective for name in names)


def require_values(trials: Sequence[Trial], objectives: Sequence[Objective]) -> None:
    """Checks that every done trial has a number for every objective.

    Raises:
        InputError: names the first trial that lacks one.
    """
    for trial in trials:
        for objective in objectives:
            name = objective.name
            if trial.state == "done" and not trial.has(name):
                raise InputError(
                    f"Every done trial must have `{name}` to stand on a front over "
                    f"it, trial {trial.label} has none."
                )


def volume_unit(objectives: Objectives) -> str:
    """Unit of a hypervolume: `multiply-adds x %`."""
    costs = (
        "multiply-adds" if c == "flops" else cost_word(c) for c in objectives.costs
    )
    raised = objectives.accuracy
    return " x ".join((*costs, "%" if raised.is_percent else raised.label))
