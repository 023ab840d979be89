"""What is a trial? One architecture at one fidelity with one seed, and its outcome."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from vidnas.architecture.architecture import Architecture
from vidnas.costs.scores import SCORES
from vidnas.documents.rich_display import Displayed
from vidnas.space.candidate import Candidate
from vidnas.trials.fidelity import Fidelity

State = Literal["running", "done", "stopped", "failed"]
Source = Literal["trained", "inherited", "predicted", "estimated"]


@dataclass(frozen=True, slots=True)
class Objective:
    """What a study improves.

    Args:
        name: Name of a measured or priced quantity, such as `top1` or `flops`.
        maximise: Whether more is better.
        unit: Unit as people write it, such as `%`.
    """

    name: str
    maximise: bool
    unit: str = ""


TOP1 = Objective("top1", maximise=True)
FLOPS = Objective("flops", maximise=False, unit="multiply-adds")


@dataclass(frozen=True, slots=True)
class Trial(Displayed):
    """One architecture at one fidelity with one seed.

    Args:
        number: Order of proposal in its study, from 0; baselines count down from -1.
        candidate: Option indices in the study's space; empty for a baseline.
        architecture: Architecture of the candidate or of the baseline.
        fidelity: Fidelity that it is trained at.
        seed: Seed of its weights and of the order of its clips.
        costs: Costs by name, priced before training: `flops`, `parameters`, ...
        state: State, which is `running`, `done`, `stopped` (by its curve) or `failed`.
        measured: Numbers by name once done: `top1`, `seconds`, `peak_bytes`, ...
        reason: Reason why it failed, was stopped, or is tried again.
        source: Source of the measured accuracy; fronts never mix sources (D117).
            `estimated` is the score of a network that nobody trained.
        baseline: Name where it is trained for comparison, not searched; else empty.
        taken_over_from: Earlier study and trial that it comes from, if any; then it is
            not trained again.
        continues: Number of the cheaper trial of the same network and seed that it is
            to go on from; None where it begins anew.
        repeats: Number of the trial whose network it trains again under another seed;
            None where it is the first training of its network.
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
    continues: int | None = None
    repeats: int | None = None

    @property
    def continued_from(self) -> int | None:
        """Number of the trial that its training went on from; None where it did not.

        One whose state was gone began anew, with the same seed.
        """
        return self.continues if self.measured.get("continued_epochs") else None

    @property
    def label(self) -> str:
        """What people call it: its name as a baseline, its origin, or its number."""
        return self.baseline or self.taken_over_from or str(self.number)

    @property
    def arch_id(self) -> str:
        """Identity of the trained network."""
        return self.architecture.arch_id

    def has(self, name: str) -> bool:
        """Whether `value` knows a number of that name."""
        return name in self.measured or name in self.costs or name in SCORES

    def value(self, name: str) -> float:
        """The measured or priced number of that name, or the architecture's score."""
        for numbers in (self.measured, self.costs):
            if name in numbers:
                return float(numbers[name])
        if name in SCORES and isinstance(self.architecture, Architecture):
            return SCORES[name].one(self.architecture)
        raise KeyError(name)
