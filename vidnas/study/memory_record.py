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
            pairs.append(Pair(_training_bytes(pricing, trial.architecture), peak))
    return pairs


def study_pairs(history: History) -> list[Pair]:
    """The pairs of a study, its baselines included."""
    trials = {t.arch_id: t for t in (*history.baselines, *history.trials)}
    recipe = history.head.identity.recipe
    return memory_pairs(trials.values(), len(history.classes), recipe)


@lru_cache(maxsize=4096)
def _training_bytes(pricing: Pricing, architecture: Architecture) -> int:
    return pricing.cost(architecture).training_bytes


def measured_peak(trial: Trial) -> float | None:
    """The peak of a done trial [bytes]; None where no allocator counted it."""
    peak = trial.measured.get("peak_bytes") if trial.state == "done" else None
    return peak if peak else None
