"""What is a trial? One architecture at one fidelity with one seed, and its outcome."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from vidnas.architecture.architecture import Architecture
from vidnas.costs.scores import SCORES
from vidnas.space.candidate import Candidate
from vidnas.statistics.proportion import wilson
from vidnas.trials.fidelity import Fidelity

State = Literal["running", "done", "failed"]
Source = Literal["trained", "inherited", "predicted"]


@dataclass(frozen=True, slots=True)
class Objective:
    """What a study improves.

    Args:
        name: A measured or priced quantity, such as `top1` or `flops`.
        maximise: Direction.
        unit: For people, such as `%`.
    """

    name: str
    maximise: bool
    unit: str = ""


TOP1 = Objective("top1", maximise=True)
FLOPS = Objective("flops", maximise=False, unit="multiply-adds")


@dataclass(frozen=True, slots=True)
class Trial:
    """One architecture at one fidelity with one seed.

    Args:
        number: Order of proposal in its study, from 0; baselines count down from -1.
        candidate: Its option indices in the study's space; none of a baseline.
        architecture: The candidate, decoded, or the baseline.
        fidelity: How it was trained.
        seed: Of its weights and its data order.
        costs: Priced before training: `flops`, `parameters`, ...
        state: `running`, `done` or `failed`.
        measured: Numbers by name once done: `top1`, `seconds`, `peak_bytes`, ...
        reason: Why it failed, or is tried again.
        source: Where the measured accuracy comes from; fronts never mix sources.
        baseline: Its name where it is trained for comparison, not searched.
        taken_over_from: Earlier study and trial that has done it; it is never trained
            in its own.
    """

    number: int
    candidate: Candidate
    architecture: Architecture
    fidelity: Fidelity
    seed: int
    costs: Mapping[str, float]
    state: State = "running"
    measured: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""
    source: Source = "trained"
    baseline: str = ""
    taken_over_from: str = ""

    @property
    def label(self) -> str:
        """What people call it: its name as a baseline, where it is from, its number."""
        return self.baseline or self.taken_over_from or str(self.number)

    @property
    def arch_id(self) -> str:
        """Identity of the trained network."""
        return self.architecture.arch_id

    def value(self, name: str) -> float:
        """The measured or priced number of that name, or the architecture's score."""
        for numbers in (self.measured, self.costs):
            if name in numbers:
                return float(numbers[name])
        if name in SCORES and isinstance(self.architecture, Architecture):
            return SCORES[name].one(self.architecture)
        raise KeyError(name)


def top1_interval(trial: Trial) -> tuple[float, float] | None:
    """The 95 % interval of a done trial's top-1 [%]; None where clips are unknown."""
    clips = int(trial.measured.get("val_clips", 0))
    return wilson(trial.measured["top1"], clips) if clips else None
