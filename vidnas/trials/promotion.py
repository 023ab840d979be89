"""Which trial comes next in a study with rungs? A promotion that is due, or a new one.

Asynchronous successive halving within bands of FLOPs: a candidate starts at the lowest
rung; within a band, the most accurate 1/`keep` of the candidates are promoted to the
next. A small network is never stopped for being less accurate than a large one, and
the best of every band reaches the top (D112). Where a strategy can say what a network
promises at full fidelity, that decides instead, over all bands (D115).

Rungs that rank badly are found out: the first candidates are trained at every rung, and
a rung that orders them much unlike full training is left out from then on (D113).

Source:
    Asynchronous successive halving: Li et al., arXiv 1810.05934.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from vidnas.arrays import Floats
from vidnas.errors import InputError
from vidnas.statistics.rank_correlation import kendall
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.fidelity_lift import done_at
from vidnas.trials.ladders.spread import FAMILY_SIZES
from vidnas.trials.objectives import STANDARD, Objectives
from vidnas.trials.rank_agreement import LEAST_TAU, at_equal_flops, quantile_bands
from vidnas.trials.trial import Trial

KEEP = 3  # arXiv 1810.05934 takes 4; 3 loses less where rungs rank poorly
PROBE = 8  # candidates
ENOUGH = 6  # probes done at a rung and at the top before the rung is judged
# How much it promises to train the networks of N trials at a fidelity, [N]: the one
# that promises most is promoted.
Promise = Callable[[Sequence[Trial], Fidelity], Floats]


@dataclass(frozen=True, slots=True)
class Job:
    """What to train next.

    Args:
        fidelity: Fidelity to train at.
        promoted: Trial of the candidate that is promoted; None for a new candidate.
    """

    fidelity: Fidelity
    promoted: Trial | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """The rungs of a study, and how candidates climb them.

    Args:
        rungs: Fidelities from the cheapest to the full one, which alone is compared
            in fronts and families; a single one where there is nothing to climb.
        keep: Number of candidates at a rung for each one that is promoted, at least 2.
        probe: Number of first candidates that are trained at every rung whatever their
            accuracy; with 0 no rung is ever left out.
        ladder: Budgets between the bands; None for bands of equal counts.
        objectives: Objectives of the study, whose accuracy and first cost are meant.

    Raises:
        InputError: a rung is not cheaper than the last.
    """

    rungs: tuple[Fidelity, ...]
    keep: int = KEEP
    probe: int = PROBE
    ladder: tuple[float, ...] | None = None
    objectives: Objectives = STANDARD

    def __post_init__(self) -> None:
        for rung in self.rungs[:-1]:
            if not is_below(rung, self.top):
                raise InputError(
                    f"Every rung must be cheaper than full training, got ({rung}) "
                    f"below ({self.top})."
                )

    @property
    def top(self) -> Fidelity:
        """The full fidelity, which fronts compare."""
        return self.rungs[-1]

    def next_job(self, trials: Sequence[Trial], promise: Promise | None = None) -> Job:
        """A promotion where one is due, else a new candidate at the lowest rung in use.

        Args:
            trials: All trials of candidates so far, in order, in any state.
            promise: Promise of the strategy, by which promotions are then chosen; None
                to promote the most accurate of each band of FLOPs.
        """
        if len(self.rungs) == 1:
            return Job(self.top)
        return self.due(trials, promise) or Job(self.in_use(trials)[0])

    def due(
        self, trials: Sequence[Trial], promise: Promise | None = None
    ) -> Job | None:
        """The promotion that is due, or None where none is."""
        if len(self.rungs) == 1:
            return None
        probing = self._probing(trials)
        if probing is not None:
            return probing
        used = self.in_use(trials)
        dead = {trial.arch_id for trial in trials if trial.state == "failed"}
        entrants = list(done_at(trials, used[0]).values())
        entrants = [trial for trial in entrants if trial.arch_id not in dead]
        if promise is not None:
            probes = set(_networks(trials)[: self.probe])
            entrants = [trial for trial in entrants if trial.arch_id not in probes]
        if not entrants:
            return None
        if promise is None:
            return self._best_of_band(trials, used, entrants)
        return self._most_promising(trials, used, entrants, promise)

    def in_use(self, trials: Sequence[Trial]) -> tuple[Fidelity, ...]:
        """The rungs that may be climbed: those that rank well enough, and the top."""
        doubted = {
            rung
            for rung, tau in self.taus(trials).items()
            if tau is not None and not tau >= LEAST_TAU
        }
        return tuple(rung for rung in self.rungs if rung not in doubted)

    def taus(self, trials: Sequence[Trial]) -> dict[Fidelity, float | None]:
        """How well each rung ranks the probes: Kendall's tau at equal FLOPs.

        It is None until enough probes are done, and NaN where all are equal.
        """
        probes = set(_networks(trials)[: self.probe])
        mine = [trial for trial in trials if trial.arch_id in probes]
        full = done_at(mine, self.top)
        taus: dict[Fidelity, float | None] = {}
        for rung in self.rungs[:-1]:
            cheap = done_at(mine, rung)
            both = [name for name in full if name in cheap]
            taus[rung] = None
            if len(both) >= ENOUGH:
                taus[rung] = _tau(
                    [cheap[name] for name in both],
                    [full[name] for name in both],
                    self.objectives,
                )
        return taus

    def _probing(self, trials: Sequence[Trial]) -> Job | None:
        """The next training of a probe; one that failed at any rung is left alone."""
        for name in _networks(trials)[: self.probe]:
            mine = [trial for trial in trials if trial.arch_id == name]
            if any(trial.state != "done" for trial in mine):
                continue
            reached = {trial.fidelity for trial in mine}
            for rung in self.rungs:
                if rung not in reached:
                    return Job(rung, mine[0])
        return None

    def _most_promising(
        self,
        trials: Sequence[Trial],
        used: Sequence[Fidelity],
        entrants: Sequence[Trial],
        promise: Promise,
    ) -> Job | None:
        """The candidate that promises most, once some band has room for a promotion."""
        names = {trial.arch_id for trial in entrants}
        sizes = Counter(self._bands(entrants).values()).values()
        for step in range(len(used) - 1, 0, -1):  # who is nearest to the top goes first
            low, high = used[step - 1], used[step]
            gone = names & _networks_at(trials, high)
            standing = done_at(trials, low)
            waiting = [t for name, t in standing.items() if name in names - gone]
            quota = sum(self._quota(members, step) for members in sizes)
            if waiting and len(gone) < quota:
                return Job(high, waiting[int(np.argmax(promise(waiting, self.top)))])
        return None

    def _best_of_band(
        self,
        trials: Sequence[Trial],
        used: Sequence[Fidelity],
        entrants: Sequence[Trial],
    ) -> Job | None:
        """The best of a band that is not promoted yet although it is due."""
        places, accuracy = self._bands(entrants), self.objectives.accuracy.name
        for step in range(len(used) - 1, 0, -1):  # who is nearest to the top goes first
            low, high = used[step - 1], used[step]
            gone = _networks_at(trials, high)
            standing = done_at(trials, low)
            for band in range(max(places.values()) + 1):
                members = [name for name, place in places.items() if place == band]
                ranked = sorted(
                    (standing[name] for name in members if name in standing),
                    key=lambda trial: (-trial.value(accuracy), trial.number),
                )
                for trial in ranked[: self._quota(len(members), step)]:
                    if trial.arch_id not in gone:
                        return Job(high, trial)
        return None

    def _quota(self, members: int, step: int) -> int:
        """How many of a band's `members` may be `step` rungs above the lowest."""
        return max(1, members // self.keep**step) if members >= self.keep else 0

    def _bands(self, entrants: Sequence[Trial]) -> dict[str, int]:
        """Band of the first cost of each network."""
        flops = self.objectives.sizes(entrants)
        if self.ladder is not None:
            bands = np.searchsorted(np.array(self.ladder), flops, side="left")
        else:
            bands = quantile_bands(flops, min(FAMILY_SIZES, len(flops) // self.keep))
        names = (trial.arch_id for trial in entrants)
        return dict(zip(names, bands.tolist(), strict=True))


def is_below(low: Fidelity, high: Fidelity) -> bool:
    """Whether one fidelity is cheaper than another, and dearer in nothing."""
    pairs = list(zip(low.order, high.order, strict=True))
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)


def _networks(trials: Sequence[Trial]) -> list[str]:
    """Every network, in order of its first trial."""
    return list(dict.fromkeys(trial.arch_id for trial in trials))


def _networks_at(trials: Sequence[Trial], fidelity: Fidelity) -> set[str]:
    """The networks with a trial at a fidelity or above, in any state."""
    return {t.arch_id for t in trials if t.fidelity.order >= fidelity.order}


def _tau(
    cheap: Sequence[Trial], full: Sequence[Trial], objectives: Objectives
) -> float:
    """Kendall's tau of both accuracies at an equal first cost."""
    sizes = objectives.sizes(full)
    left = [
        at_equal_flops(objectives.accuracies(trials), sizes) for trials in (cheap, full)
    ]
    return kendall(*left)
