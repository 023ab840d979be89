"""How was the search made, in the words of a paper? From the journal alone."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from vidnas.budgets.budget import Budget
from vidnas.documents.quantity import format_count, format_duration
from vidnas.documents.visible_text import visible
from vidnas.documents.written_table import latex_text, markdown_text
from vidnas.study.history import History
from vidnas.trials.effort import limit_text
from vidnas.trials.noise.repeats import seeds_of
from vidnas.trials.objectives import SEED_FREEDOM, cost_text, cost_word
from vidnas.views.comparison.tables import scaled_unit

_LIBRARIES = {
    "python": "Python",
    "tensorflow": "TensorFlow",
    "keras": "Keras",
    "ray": "Ray",
    "numpy": "NumPy",
}


@dataclass(frozen=True, slots=True)
class Methods:
    """A paragraph of methods; shows itself.

    Args:
        sentences: Sentences in their order, each with its full stop.
    """

    sentences: tuple[str, ...]

    @property
    def text(self) -> str:
        """The paragraph as plain text."""
        return visible(" ".join(self.sentences), keep="")

    def latex(self) -> str:
        """The paragraph in LaTeX."""
        told = latex_text(self.text)
        return re.sub(r"10\\textasciicircum\{\}(\d+)", r"$10^{\1}$", told)

    def markdown(self) -> str:
        """The paragraph in Markdown."""
        return markdown_text(self.text)

    def __str__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        return self.markdown()


def methods_of(history: History) -> Methods:
    """What a reader needs to judge a study and to repeat it.

    That is versions, space, strategy, seed, budgets, training and clips, hours, and
    what intervals cover.

    Args:
        history: The study.
    """
    made = (_searched, _proposed, _trained, _effort, _repeats, _beside, _found)
    return Methods(tuple(sentence for make in made for sentence in make(history)))


def _searched(history: History) -> Iterator[str]:
    space, head = history.experiment.read_space(), history.head
    named = (f"{_LIBRARIES.get(n, n)} {v}" for n, v in head.versions.items())
    libraries = f" ({', '.join(named)})" if head.versions else ""
    yield (
        f"Networks were searched with vidnas {head.vidnas}{libraries} in the space "
        f"{space.name} ({_size(space.count())} candidates of {len(space.choices)} "
        f"choices, hash {head.identity.space})."
    )


def _size(count: int) -> str:
    """`12 M`, or `1.2 x 10^15` beyond thousands of millions."""
    if count < 10**12:
        return format_count(float(count))
    mantissa, _, power = f"{count:.1e}".partition("e")
    return f"{mantissa} x 10^{int(power)}"


def _proposed(history: History) -> Iterator[str]:
    experiment, objectives = history.experiment, history.objectives
    options = {k: v for k, v in experiment.strategy.items() if k != "name"}
    name = str(experiment.strategy.get("name", ""))
    told = f" ({_pairs(options)})" if options else ""
    costs = " and ".join(map(cost_word, objectives.costs))
    yield (
        f"Strategy {name}{told} with seed {history.head.identity.seed} proposed "
        f"candidates for low {costs} and high {objectives.accuracy.label}."
    )
    limits = [word for limit in experiment.limits for word in _limit(limit)]
    if limits:
        refused = sum(history.refused.values())
        yield (
            f"Candidates had to have {', '.join(limits)}; {refused:,} others were "
            "refused before anything was built."
        )


def _limit(limit: Budget) -> Iterator[str]:
    """`at most 12 M FLOPs`, and whether that is soft."""
    soft = " (soft)" if limit.soft else ""
    if limit.maximum < math.inf:
        yield f"at most {cost_text(limit.name, limit.maximum)}{soft}"
    if limit.minimum > -math.inf:
        yield f"at least {cost_text(limit.name, limit.minimum)}{soft}"


def _trained(history: History) -> Iterator[str]:
    identity, accuracy = history.head.identity, history.accuracy
    if identity.score:
        yield (
            f"Nothing was trained: networks were ranked by {identity.score}, which is "
            "computed from their structure."
        )
        return
    recipe = {k: v for k, v in identity.recipe.to_document().items() if _is_on(v)}
    clips = identity.clips
    rate = "one clip" if identity.recipe.evaluation.views == 1 else "views"
    yield (
        f"Each was trained for {history.fidelity} on {clips.train:,} clips of "
        f"{len(history.classes)} classes ({_pairs(recipe)}), and its {accuracy.label} "
        f"measured on {rate} of each of {clips.val:,} validation videos; guessing "
        f"reaches {history.chance.level:.3g} %."
    )
    if history.experiment.rungs:
        yield (
            "Candidates were first trained at cheaper fidelities, from which the best "
            f"were promoted ({_pairs(history.experiment.rungs)})."
        )


def _is_on(value: Any) -> bool:
    return value not in (False, None, 0, (), [], {}, "")


def _effort(history: History) -> Iterator[str]:
    states, spent = history.states, history.spent
    counts = [f"{states['done']} were done"]
    counts += [f"{states['stopped']} stopped by their curves"] * bool(states["stopped"])
    counts += [f"{states['failed']} failed"]
    each = [
        limit_text(name, getattr(spent, name))
        for name in ("gpu_hours", "epochs")
        if getattr(spent, name)
    ]
    taken = f" ({', '.join(each)})" if each else ""
    workers = "" if history.head.identity.score else f" on {_workers(history)}"
    yield (
        f"Of {len(history.own)} trials, {', '.join(counts[:-1])} and {counts[-1]}, in "
        f"{format_duration(history.seconds)}{workers}{taken}."
    )
    if history.taken_over:
        yield f"{len(history.taken_over)} more were taken over from earlier studies."


def _workers(history: History) -> str:
    """`2 workers of 1 CPU`, or as many groups of them."""
    document = history.experiment.workers
    told = []
    for group in document.get("groups") or [document]:
        count = group.get("count", 1)
        own = " and ".join(
            f"{group[key]:g} {key[:-1].upper()}{'' if group[key] == 1 else 's'}"
            for key in ("cpus", "gpus")
            if isinstance(group.get(key), int | float) and group[key]
        )
        word = "worker" if count == 1 else "workers"
        told.append(f"{count} {word}{f' of {own}' if own else ''}")
    return ", ".join(told)


def _repeats(history: History) -> Iterator[str]:
    again = [t for t in history.compared if t.state == "done" and seeds_of(t) > 1]
    if again:
        most = max(map(seeds_of, again))
        yield (
            f"{len(again)} networks were trained again under up to {most} seeds; their "
            "accuracies are means over them."
        )


def _beside(history: History) -> Iterator[str]:
    names = [trial.baseline for trial in history.baselines if trial.state == "done"]
    if names:
        yield f"{', '.join(names)} were trained alike, for comparison."


def _found(history: History) -> Iterator[str]:
    front, objectives = history.front(), history.objectives
    if not front.trials:
        return
    point = history.reference
    volume = front.hypervolume(point)
    scale, unit = scaled_unit(volume, objectives)
    yield (
        f"The front holds {len(front)} networks; its hypervolume is "
        f"{volume / scale:.4g} {unit} up to the reference point of "
        f"{objectives.point_text(point)}."
    )
    yield (
        "FLOPs are multiply-adds of convolutions and dense layers, one each, for one "
        "clip."
    )
    if history.head.identity.score:
        return
    seeds = any(SEED_FREEDOM in trial.measured for trial in history.compared)
    by = "Wilson's" if history.accuracy.is_share else "those of a bootstrap over clips"
    noise = "validation clips and of the seed" if seeds else "validation clips alone"
    yield f"Intervals hold 95 % and are {by}, for the chance of the {noise}."
    yield (
        "Accuracies are of short trainings, on validation clips that the search chose "
        "by, and so are optimistic."
    )


def _pairs(document: Mapping[str, Any]) -> str:
    """`learning rate 0.01, batch 16`."""
    return ", ".join(f"{k.replace('_', ' ')} {_value(v)}" for k, v in document.items())


def _value(value: Any) -> str:
    if value is True:
        return "on"
    if isinstance(value, Mapping):
        return f"[{_pairs(value)}]"
    if isinstance(value, list | tuple):
        return f"({', '.join(map(_value, value))})"
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)
