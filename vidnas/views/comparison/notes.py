"""What must a reader of a comparison know? What differs, and what it cannot show."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from vidnas.trials.objectives import cost_text
from vidnas.views.comparison.compared_study import ComparedStudy
from vidnas.views.comparison.comparison import HYPERVOLUME, Comparison, Group
from vidnas.views.comparison.settings import differing, settings_of, short

_SHOWN = 6  # settings that are told


def notes_on(found: Comparison) -> tuple[str, ...]:
    """The notes on a comparison, what differs first."""
    return tuple(
        note
        for about in (_settings, _groups, _studies, _effort, _point, _claims)
        for note in about(found)
    )


def _settings(found: Comparison) -> Iterator[str]:
    """In which settings groups differ, and what follows from that."""
    told = differing([group.settings for group in found.groups])
    lines = [
        f"{name}: {', '.join(map(short, values))}" for name, values in told.items()
    ]
    if lines:
        more = f"; and {len(lines) - _SHOWN} more" if len(lines) > _SHOWN else ""
        yield f"groups differ in {'; '.join(lines[:_SHOWN])}{more}"
    kinds = list(dict.fromkeys(name.partition(".")[0] for name in told))
    if len(kinds) > 1:
        yield f"what {', '.join(kinds)} do each is not told apart: they differ together"
    if "training" in kinds:
        yield "recipes differ, so accuracies compare recipes as well as networks"


def _groups(found: Comparison) -> Iterator[str]:
    """What weakens groups: one seed, the same seed twice, settings that differ."""
    alone = [group.label for group in found.groups if len(group.studies) == 1]
    if alone:
        yield f"one seed alone shows no noise: {', '.join(alone)}"
    for group in found.groups:
        twice = [seed for seed, n in Counter(group.seeds).items() if n > 1]
        if twice:
            seeds = ", ".join(map(str, twice))
            yield f"{group.label} has seed {seeds} twice: no independent repeats"
        told = differing([settings_of(study.history) for study in group.studies])
        if told:
            names = ", ".join(list(told)[:_SHOWN])
            yield f"studies of {group.label} differ in more than their seed: {names}"


def _studies(found: Comparison) -> Iterator[str]:
    """What differs between studies, whatever their group, and is no setting."""
    facts: dict[str, Callable[[ComparedStudy], object]] = {
        "versions of vidnas": lambda study: study.history.head.vidnas,
        "workers": lambda study: study.history.experiment.workers.get(
            "count", "several"
        ),
    }
    for name, fact in facts.items():
        values = list(dict.fromkeys(str(fact(study)) for study in found.studies))
        if len(values) > 1:
            yield f"{name} differ: {', '.join(values)}"
    given = [study.place for study in found.studies if study.history.taken_over]
    if given:
        yield f"trials of earlier studies are in {_listed(given)}, at no effort"
    again = [study.place for study in found.studies if study.history.repeats]
    if again:
        yield (
            f"accuracies of repeated networks are means in {_listed(again)}: the best "
            "of them is less optimistic than elsewhere"
        )
    waiting = [study.place for study in found.studies if _is_unfinished(study)]
    if waiting:
        yield f"trials have not ended in {_listed(waiting)}"


def _is_unfinished(study: ComparedStudy) -> bool:
    states = study.history.states
    return bool(states["running"] or states["interrupted"])


def _effort(found: Comparison) -> Iterator[str]:
    """Effort that is left out, so that all have spent the same."""
    spent = [study.spent[found.by] for study in found.studies]
    if max(spent) > found.at:
        yield (
            f"compared at {found.at:g} {found.by}; studies have spent {min(spent):g} "
            f"to {max(spent):g}"
        )


def _point(found: Comparison) -> Iterator[str]:
    for name in found.objectives.costs:
        own = {study.history.reference[name] for study in found.studies}
        if len(own) > 1:
            told = " and ".join(
                cost_text(name, most) for most in sorted(own)[:: len(own) - 1]
            )
            yield (
                f"reference points differ, from {told}: the common one is "
                f"{cost_text(name, found.reference[name])}"
            )


def _claims(found: Comparison) -> Iterator[str]:
    """What few validation clips and few networks cannot show."""
    clips = found.studies[0].history.head.identity.clips.val
    few = found.chance.few_clips(clips)
    if few:
        yield few
    for group in found.groups:
        if not _has_any(found, group):
            yield f"{group.label} found no network within the reference point"


def _has_any(found: Comparison, group: Group) -> bool:
    return bool(found.per_study[HYPERVOLUME][group.label].any())


def _listed(places: Iterable[str]) -> str:
    return ", ".join(places)
