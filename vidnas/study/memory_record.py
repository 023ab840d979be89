"""How well was training memory predicted in a study? Its journal alone says."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from vidnas.architecture.architecture import Architecture
from vidnas.budgets.memory_margin import Pair
from vidnas.budgets.price import Pricing
from vidnas.study.experiment.pricing import pricing_of
from vidnas.study.history import History
from vidnas.trials.recipe import Recipe
from vidnas.trials.trial import Trial


def memory_pairs(trials: Iterable[Trial], classes: int, recipe: Recipe) -> list[Pair]:
    """What each done trial was to take by today's formulas, and what it took.

    Args:
        trials: Trials in any state; left out are those whose allocator kept no
            statistics, and those that were trained elsewhere, maybe on another device.
        classes: Outputs of their classifiers.
        recipe: Recipe that they were trained by.
    """
    pairs = []
    for trial in trials:
        peak = measured_peak(trial)
        if peak is not None and not trial.taken_over_from:
            clips = min(recipe.batch, trial.measured.get("train_clips", recipe.batch))
            at_once = int(trial.measured.get("micro_batch", clips))
            at_once = max(1, at_once // int(trial.measured.get("gpus", 1)))
            pricing = pricing_of(
                classes, replace(recipe, batch=at_once), trial.fidelity
            )
            pairs.append(Pair(training_bytes(pricing, trial.architecture), peak))
    return pairs


class MemoryRatios:
    """Measured over predicted memory of the trials of one run, each priced once.

    Args:
        classes: Outputs of their classifiers.
        recipe: Recipe that they are trained by.
    """

    def __init__(self, classes: int, recipe: Recipe) -> None:
        self._classes = classes
        self._recipe = recipe
        self._ratios: dict[int, list[float]] = {}  # by trial; none of most

    def of(self, trials: Iterable[Trial]) -> list[float]:
        """The ratios of the done trials that were trained; see `memory_pairs`."""
        for trial in trials:
            if trial.state == "done" and trial.number not in self._ratios:
                told = [trial] if trial.source == "trained" else []
                pairs = memory_pairs(told, self._classes, self._recipe)
                self._ratios[trial.number] = [pair.ratio for pair in pairs]
        return [ratio for ratios in self._ratios.values() for ratio in ratios]


def study_pairs(history: History) -> list[Pair]:
    """The pairs of a study, its baselines included."""
    trials = {t.arch_id: t for t in (*history.baselines, *history.trials)}
    recipe = history.head.identity.recipe
    return memory_pairs(trials.values(), len(history.classes), recipe)


@lru_cache(maxsize=4096)
def training_bytes(pricing: Pricing, architecture: Architecture) -> int:
    """Predicted training memory of a network [bytes], priced once."""
    return pricing.cost(architecture).training_bytes


def measured_peak(trial: Trial) -> float | None:
    """The peak of a done trial [bytes]; None where no allocator counted it."""
    peak = trial.measured.get("peak_bytes") if trial.state == "done" else None
    return peak if peak else None
