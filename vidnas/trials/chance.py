"""Is an accuracy more than guessing? Chance, the majority's share, what few clips show.

Whoever always names the largest class reaches a share of every accuracy without having
looked. An accuracy is above chance where its 95 % interval lies above that; of one
whose interval holds it, nothing can be claimed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from vidnas.costs.scores import SCORES
from vidnas.statistics.proportion import wilson
from vidnas.trials.objectives import ACCURACIES, Accuracy
from vidnas.trials.trial import TOP1, Trial

WIDE = 20.0  # points; wider intervals are announced before a search


@dataclass(frozen=True, slots=True)
class Chance:
    """What guessing reaches on the validation clips of a study.

    Args:
        classes: Number of classes.
        val_counts: Validation clips of each class; empty where only their sum is
            known, and then classes count as equal.
        accuracy: Accuracy of the study.
        clips: Number of validation clips, where that is not the sum of `val_counts`
            because clips have several classes; 0 for the sum.
    """

    classes: int
    val_counts: tuple[int, ...] = ()
    accuracy: Accuracy = ACCURACIES[TOP1.name]
    clips: int = 0

    @property
    def uniform(self) -> float:
        """Top-1 [%] of naming any class at random."""
        return 100.0 / self.classes

    @property
    def level(self) -> float:
        """The study's accuracy [%] of guessing; see `of`."""
        return self.of(self.accuracy.name)

    def of(self, accuracy: str) -> float:
        """What always naming the largest class reaches [%]; of an mAP, any constant.

        Args:
            accuracy: Name of the accuracy; of a score, which nobody can guess, it is 0.
        """
        if accuracy in SCORES:
            return 0.0
        if accuracy in ("top1", "top5"):
            return self.of_top(int(accuracy.removeprefix("top")))
        shares = self._shares
        if accuracy == "balanced_accuracy":  # one class of all is always right
            return 100.0 / len(shares)
        if accuracy == "macro_f1":  # precision is the share, and recall is 1
            return 100.0 * 2.0 * max(shares) / (1.0 + max(shares)) / len(shares)
        return 100.0 * sum(shares) / len(shares)  # equal scores: the mean prevalence

    @property
    def _shares(self) -> list[float]:
        """Share of the validation clips of each class that has one."""
        clips = self.clips or sum(self.val_counts)
        if not clips or not any(self.val_counts):
            return [1.0 / self.classes] * self.classes
        return [count / clips for count in self.val_counts if count]

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
        share = f"({self.level:.3g} %)"
        if self.accuracy.for_several:
            return f"the mean prevalence {share}"
        if len(set(self.val_counts)) <= 1 or self.accuracy.name == "balanced_accuracy":
            return f"chance {share}"
        if self.accuracy.name == TOP1.name:
            return f"the largest class's share {share}"
        return f"what naming the largest classes reaches {share}"

    def is_beaten(self, trial: Trial) -> bool | None:
        """Whether a trial's accuracy is above chance; None where it is not known."""
        interval = self.accuracy.interval(trial) if trial.state == "done" else None
        return None if interval is None else interval[0] > self.level

    def mark(self, trial: Trial | None) -> str:
        """`not above chance (50 %)`, or nothing."""
        if trial is None or self.is_beaten(trial) is not False:
            return ""
        return f"not above {self.words}"

    def few_clips(self, clips: int) -> str:
        """What so few validation clips cannot show; nothing where they suffice."""
        if clips < 1 or self.accuracy.for_several:
            return ""
        low, high = wilson(50.0, clips)
        if high - low < WIDE:
            return ""
        of = "" if self.accuracy.is_share else "of top-1 "
        text = f"{clips} validation clips: 95 % intervals {of}are about "
        text += f"{high - low:.0f} points wide"
        if self.accuracy.is_share and wilson(100.0, clips)[0] <= self.level:
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
    if len(known) > 1 and _overlap(known, chance.accuracy):
        lines.append(
            f"the 95 % intervals of all {len(known)} on the front overlap: which of "
            "them is the better one is not known"
        )
    return "\n".join(lines)


def _overlap(trials: Sequence[Trial], accuracy: Accuracy) -> bool:
    """Whether one accuracy lies in the intervals of all."""
    intervals = [accuracy.interval(trial) for trial in trials]
    lows = [interval[0] for interval in intervals if interval]
    highs = [interval[1] for interval in intervals if interval]
    return max(lows) <= min(highs)


def accuracy_claims(trial: Trial, chance: Chance) -> dict[str, float | bool]:
    """`chance` and `above_chance` of a done trial, for files; empty where unknown."""
    beaten = chance.is_beaten(trial)
    if beaten is None:
        return {}
    return {"chance": round(chance.level, 2), "above_chance": beaten}
