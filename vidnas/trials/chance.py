"""Is an accuracy more than guessing? Chance, the majority's share, what few clips show.

Whoever always names the largest class is right as often as that class is common. An
accuracy is above chance where its 95 % interval lies above that share; of one whose
interval holds it, nothing can be claimed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from vidnas.statistics.proportion import wilson
from vidnas.trials.trial import TOP1, Trial, top1_interval

WIDE = 20.0  # points; wider intervals are announced before a search


@dataclass(frozen=True, slots=True)
class Chance:
    """What guessing reaches on the validation clips of a study.

    Args:
        classes: Number of classes.
        val_counts: Validation clips of each class; empty where only their sum is
            known, and then classes count as equal.
    """

    classes: int
    val_counts: tuple[int, ...] = ()

    @property
    def uniform(self) -> float:
        """Top-1 [%] of naming any class at random."""
        return 100.0 / self.classes

    @property
    def top1(self) -> float:
        """Top-1 [%] of always naming the largest class."""
        return self.of_top(1)

    def of_top(self, guesses: int) -> float:
        """Share [%] of the so many largest classes: top-5 of guessing for 5."""
        clips = sum(self.val_counts)
        if not clips:
            return min(100.0, guesses * self.uniform)
        largest = sorted(self.val_counts, reverse=True)[:guesses]
        return 100.0 * sum(largest) / clips

    @property
    def words(self) -> str:
        """`chance (50 %)`, or `the largest class's share (92.9 %)`."""
        share = f"({self.top1:.3g} %)"
        if len(set(self.val_counts)) > 1:
            return f"the largest class's share {share}"
        return f"chance {share}"

    def is_beaten(self, trial: Trial) -> bool | None:
        """Whether a trial's top-1 is above chance; None where it is not known."""
        interval = top1_interval(trial) if trial.state == "done" else None
        return None if interval is None else interval[0] > self.top1

    def mark(self, trial: Trial | None) -> str:
        """`not above chance (50 %)`, or nothing."""
        if trial is None or self.is_beaten(trial) is not False:
            return ""
        return f"not above {self.words}"

    def few_clips(self, clips: int) -> str:
        """What so few validation clips cannot show; nothing where they suffice."""
        if clips < 1:
            return ""
        low, high = wilson(50.0, clips)
        if high - low < WIDE:
            return ""
        text = f"{clips} validation clips: 95 % intervals are about {high - low:.0f} "
        text += "points wide"
        if wilson(100.0, clips)[0] <= self.top1:
            text += "; networks cannot be told apart, not even a perfect one from "
            return text + self.words
        return f"{text}; networks closer than that cannot be told apart"


def claims_text(trials: Sequence[Trial], chance: Chance) -> str:
    """What the accuracies of a front do not show, a line each; nothing where they do.

    Args:
        trials: Members of the front.
        chance: What guessing reaches.
    """
    lines = []
    known = [trial for trial in trials if chance.is_beaten(trial) is not None]
    if known and not any(map(chance.is_beaten, known)):
        lines.append(
            f"no network of the front is above {chance.words}: either nothing was "
            "learnt, or there are too few validation clips to show it"
        )
    if len(known) > 1 and _overlap(known):
        lines.append(
            f"the 95 % intervals of all {len(known)} on the front overlap: which of "
            "them is the better one is not known"
        )
    return "\n".join(lines)


def _overlap(trials: Sequence[Trial]) -> bool:
    """Whether one top-1 lies in the intervals of all."""
    intervals = [top1_interval(trial) for trial in trials]
    lows = [interval[0] for interval in intervals if interval]
    highs = [interval[1] for interval in intervals if interval]
    return max(lows) <= min(highs)


def accuracy_claims(trial: Trial, chance: Chance) -> dict[str, float | bool]:
    """`chance` and `above_chance` of a done trial, for files; empty where unknown."""
    beaten = chance.is_beaten(trial)
    if beaten is None or TOP1.name not in trial.measured:
        return {}
    return {"chance": round(chance.top1, 2), "above_chance": beaten}
