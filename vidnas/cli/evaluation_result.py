"""What does an evaluation say? Accuracies with intervals, classes, and confusions."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from vidnas.arrays import Floats, Ints
from vidnas.cli.network_options import views_text
from vidnas.cli.output import ABSENT, table
from vidnas.clips.clipset import ClipSet
from vidnas.deploy.asking.named_network import NamedNetwork
from vidnas.documents.visible_text import shown_name
from vidnas.statistics.bootstrap import (
    percentiles,
    resampled_means,
    resampled_precisions,
)
from vidnas.statistics.classification import confusion, named_within
from vidnas.statistics.proportion import wilson
from vidnas.training.score import SEED, Score
from vidnas.trials.chance import Chance
from vidnas.trials.objectives import ACCURACIES, Accuracy, objectives_for
from vidnas.trials.recipe import Evaluation

SHOWN = 20  # classes of the table
LEVEL = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What one network said of the clips of a dataset.

    Args:
        network: Network that was measured.
        source: Dataset that the clips are of.
        split: Name of the split.
        views: Views of each clip that were averaged.
        clips: Clips that it was measured on.
        score: How good its probabilities are.
        classes: Names of its outputs.
    """

    network: NamedNetwork
    source: str
    split: str
    views: Evaluation
    clips: ClipSet
    score: Score
    classes: tuple[str, ...]

    @property
    def accuracy(self) -> Accuracy:
        """The accuracy that comes first: top-1, or mAP where clips have several."""
        return objectives_for(self.score.multi_label).accuracy

    @property
    def groups(self) -> tuple[str, ...]:
        """Group of each clip; none where the dataset knows none."""
        groups = tuple(file.group for file in self.clips.files)
        return groups if len(set(groups)) > 1 else ()

    @property
    def confused(self) -> Ints:
        """Clips of each class (row) that were named each class (column)."""
        return confusion(self.score.probabilities, self.score.targets)

    def right(self, guesses: int) -> Floats:
        """1 for every clip whose class is among the first guesses, `[N]`."""
        found = named_within(self.score.probabilities, self.score.targets, guesses)
        return np.asarray(found, np.float64)


def outcome_facts(outcome: Outcome) -> dict[str, Any]:
    """Everything that was measured, as plain data."""
    network, clips = outcome.network, outcome.clips
    accuracies = outcome.score.accuracies
    facts: dict[str, Any] = {
        "network": network.name,
        "arch_id": network.architecture.arch_id,
        "clips": {
            "source": outcome.source,
            "split": outcome.split,
            "clips": len(clips),
            "unreadable": len(clips.skip_reasons),
            "views": outcome.views.to_document(),
        },
        "loss": outcome.score.loss,
        "chance": _chance(outcome),
    }
    for accuracy in ACCURACIES.values():
        if accuracy.name in accuracies:
            facts[accuracy.name] = accuracies[accuracy.name]
            facts[f"{accuracy.name}_interval"] = _interval(accuracy, outcome)
    facts["classes"] = class_facts(outcome)
    if not outcome.score.multi_label:
        facts["bootstrap"] = {
            "drawn": "groups" if outcome.groups else "clips",
            **{name: _drawn(outcome, n) for name, n in (("top1", 1), ("top5", 5))},
        }
        facts["confusion"] = outcome.confused.tolist()
    return facts


def _interval(accuracy: Accuracy, outcome: Outcome) -> list[float] | None:
    measured = {**outcome.score.accuracies, "val_clips": float(len(outcome.clips))}
    interval = accuracy.interval_of(measured)
    return None if interval is None else list(interval)


def _drawn(outcome: Outcome, guesses: int) -> list[float]:
    """Bootstrap interval of a share of clips [%], over groups where there are any."""
    rng = np.random.default_rng(SEED)
    means = resampled_means(outcome.right(guesses), rng, groups=outcome.groups)
    return [100.0 * limit for limit in percentiles(means, LEVEL)]


def _chance(outcome: Outcome) -> float:
    counts = outcome.score.targets.sum(axis=0)
    known = tuple(map(int, counts[counts > 0]))
    return Chance(len(known), known, outcome.accuracy, len(outcome.clips)).level


def class_facts(outcome: Outcome) -> list[dict[str, Any]]:
    """Numbers of each class that has a clip, in the order of the outputs."""
    per_class = outcome.score.per_class()
    rows = []
    for n, name in enumerate(outcome.classes):
        clips = int(per_class["clips"][n] or 0)
        if not clips:
            continue
        row: dict[str, Any] = {
            "class": name,
            "clips": clips,
            "average_precision": per_class["average_precision"][n],
        }
        if "recall" in per_class:
            recall = per_class["recall"][n] or 0.0
            row |= {
                "recall": recall,
                "recall_interval": list(wilson(recall, clips)),
                "taken_for": _taken_for(outcome, n),
            }
        rows.append(row)
    return rows


def _taken_for(outcome: Outcome, label: int) -> dict[str, int]:
    """How often clips of a class were named others, the most often first."""
    counts = outcome.confused[label].copy()
    counts[label] = 0
    order = np.argsort(-counts, kind="stable")
    return {outcome.classes[n]: int(counts[n]) for n in order.tolist() if counts[n]}


def outcome_lines(outcome: Outcome) -> list[str]:
    """What was measured in words: accuracies, then classes from the worst on."""
    facts = outcome_facts(outcome)
    skipped = facts["clips"]["unreadable"]
    many = views_text(outcome.views)
    words = [f"{len(outcome.clips)} {outcome.split} clips of {outcome.source}"]
    words += [many] if many else []
    words += [f"{skipped} cannot be read"] if skipped else []
    lines = [f"network   {facts['network']}", f"clips     {', '.join(words)}"]
    for accuracy in ACCURACIES.values():
        if accuracy.name in facts:
            low, high = facts[f"{accuracy.name}_interval"]
            text = f"{facts[accuracy.name]:.1f} % ({low:.0f}-{high:.0f})"
            lines.append(f"{accuracy.label:<18}{text}")
    if outcome.groups:
        low, high = facts["bootstrap"]["top1"]
        lines.append(f"{'  whole groups':<18}{low:.0f}-{high:.0f}, by bootstrap")
    lines.append(f"{'guessing':<18}{facts['chance']:.3g} %")
    return [*lines, *_class_lines(facts["classes"])]


def _class_lines(classes: list[dict[str, Any]]) -> list[str]:
    key = "recall" if classes and "recall" in classes[0] else "average_precision"
    worst = sorted(classes, key=lambda row: float(row[key]))[:SHOWN]
    rows = [
        [
            shown_name(row["class"]),
            str(row["clips"]),
            *_recall_cells(row),
            f"{row['average_precision']:.1f}",
            *_taken_cells(row),
        ]
        for row in worst
    ]
    several = key != "recall"
    header = ["class", "clips", *([] if several else ["recall [%] (95 %)"]), "AP [%]"]
    lines = table([*header, *([] if several else ["taken for"])], rows).splitlines()
    left = len(classes) - len(worst)
    return [*lines, *([f"and {left} more, with --json"] if left else [])]


def _recall_cells(row: dict[str, Any]) -> list[str]:
    if "recall" not in row:
        return []
    low, high = row["recall_interval"]
    return [f"{row['recall']:.1f} ({low:.0f}-{high:.0f})"]


def _taken_cells(row: dict[str, Any]) -> list[str]:
    if "taken_for" not in row:
        return []
    name, count = next(iter(row["taken_for"].items()), ("", 0))
    return [f"{shown_name(name)} {count}" if count else ABSENT]


def difference_facts(outcome: Outcome, other: Outcome) -> dict[str, Any]:
    """How much better a network is than another on the same clips, with its interval.

    The same clips, or groups of them, are drawn for both.

    Args:
        outcome: What the network reached.
        other: What the other one reached.
    """
    name = outcome.accuracy.name
    value = other.score.accuracies[name]
    if outcome.score.multi_label:
        draws = [
            resampled_precisions(
                one.score.probabilities, one.score.targets, np.random.default_rng(SEED)
            )
            for one in (outcome, other)
        ]
        means = draws[0] - draws[1]
    else:
        change = outcome.right(1) - other.right(1)
        rng = np.random.default_rng(SEED)
        means = resampled_means(change, rng, groups=outcome.groups)
    return {
        "network": other.network.name,
        "arch_id": other.network.architecture.arch_id,
        "value": value,
        "difference": outcome.score.accuracies[name] - value,
        "difference_interval": [100.0 * one for one in percentiles(means, LEVEL)],
    }
