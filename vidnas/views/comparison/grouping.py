"""How does a list of studies become a comparison? One task, groups, common measures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from vidnas.documents.quantity import format_cost, parse_quantity, round_up, unit_of
from vidnas.errors import InputError
from vidnas.statistics.attainment import steps
from vidnas.trials.ladders.spread import FAMILY_SIZES
from vidnas.trials.objectives import cost_word
from vidnas.views.comparison.compared_study import EFFORTS, ComparedStudy
from vidnas.views.comparison.comparison import Comparison, Group
from vidnas.views.comparison.notes import notes_on
from vidnas.views.comparison.same_task import require_one_task
from vidnas.views.comparison.settings import Settings, labels, settings_of


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks of a comparison; everything has a default.

    Args:
        by: Name of the effort; "" for trials, or epochs where trials differ in theirs.
        at: Effort at which groups are compared; None for the least of all studies.
        reference: Worst values that count in the hypervolume, by objective name; those
            left out are the studies' own, or else the largest cost, and chance.
        ladder: Rising budgets of the first cost; empty for those of the experiments,
            or else for six that spread over what was found.
    """

    by: str = ""
    at: float | None = None
    reference: Mapping[str, float | str] | None = None
    ladder: Sequence[float | str] = ()


def compare_studies(
    named: Sequence[tuple[str, ComparedStudy]], asked: Asked | None = None
) -> Comparison:
    """The comparison of studies.

    Args:
        named: Studies, each with the label of its group; "" for the group of the
            studies that have its settings.
        asked: What is asked of it; None for the defaults.

    Raises:
        InputError: the studies are not of one task, none has finished trials, or what
            is asked cannot be had.
    """
    asked = asked or Asked()
    studies = [study for _, study in named]
    require_one_task(studies)
    groups = _groups(named)
    by = asked.by or _default_effort(studies)
    at = _common_effort(studies, by, asked.at)
    reference = _reference(studies, asked.reference or {})
    budgets = _budgets(studies, asked.ladder, by, at, reference)
    found = Comparison(groups, reference, budgets, by, at)
    return Comparison(groups, reference, budgets, by, at, notes_on(found))


def _groups(named: Sequence[tuple[str, ComparedStudy]]) -> tuple[Group, ...]:
    members: dict[object, list[ComparedStudy]] = {}
    settings: dict[object, Settings] = {}
    for label, study in named:
        asked = settings_of(study.history)
        key: object = label or tuple(sorted(asked.items()))
        settings.setdefault(key, asked)
        members.setdefault(key, []).append(study)
    nameless = [key for key in members if not isinstance(key, str)]
    names = [_experiment_name(members[key][0]) for key in nameless]
    found = labels([settings[key] for key in nameless], names) if nameless else ()
    given: dict[object, str] = dict(zip(nameless, found, strict=True))
    given |= {key: key for key in members if isinstance(key, str)}
    if len(set(given.values())) < len(given):
        raise InputError(
            "Groups of a comparison must have different labels, got "
            f"{', '.join(given.values())}."
        )
    return tuple(
        Group(given[key], tuple(listed), settings[key])
        for key, listed in members.items()
    )


def _experiment_name(study: ComparedStudy) -> str:
    """Name of its experiment, without the seed that `search --seed` adds to it."""
    return study.history.head.name.removesuffix(f"-seed{study.seed}")


def _default_effort(studies: Sequence[ComparedStudy]) -> str:
    uneven = any(s.history.has_rungs or s.history.states["stopped"] for s in studies)
    return "epochs" if uneven else "trials"


def _common_effort(
    studies: Sequence[ComparedStudy], by: str, asked: float | None
) -> float:
    if by not in EFFORTS:
        raise InputError(f"Effort must be one of {', '.join(EFFORTS)}, got `{by}`.")
    least = min(studies, key=lambda study: study.spent[by])
    most = least.spent[by]
    if not most:
        why = "that measured `seconds`" if by == "hours" else "of its own"
        raise InputError(
            f"A comparison by {by} needs finished trials {why}, {least.place} has none."
        )
    if asked is None:
        return most
    if not 0 < asked <= most:
        raise InputError(
            f"Groups must be compared at more than 0 and at most {most:g} {by}, the "
            f"effort of {least.place}, got {asked:g}."
        )
    return asked


def _reference(
    studies: Sequence[ComparedStudy], stated: Mapping[str, float | str]
) -> dict[str, float]:
    """The reference point: as stated, as all studies have it, or the widest."""
    history = studies[0].history
    names, accuracy = history.objectives.names, history.accuracy.name
    for name in stated:
        if name not in names:
            raise InputError(
                f"A reference point must name {', '.join(names)}, got `{name}`."
            )
    point = {}
    for name in names:
        own = {study.history.reference[name] for study in studies}
        if name in stated:
            point[name] = _quantity(stated[name], name, "A reference point")
        elif len(own) == 1:
            point[name] = own.pop()
        else:
            point[name] = history.chance.level if name == accuracy else max(own)
    return point


def _quantity(value: float | str, name: str, what: str) -> float:
    unit = unit_of(name)
    number = parse_quantity(value, unit)
    if number is None:
        raise InputError(
            f"{what} of {cost_word(name)} must be a number or a quantity such as "
            f"{unit.example.partition(' or ')[0]}, got `{value}`."
        )
    return number


def _budgets(
    studies: Sequence[ComparedStudy],
    stated: Sequence[float | str],
    by: str,
    at: float,
    reference: Mapping[str, float],
) -> tuple[float, ...]:
    cost = studies[0].history.objectives.cost
    if stated:
        ladder = tuple(_quantity(one, cost, "A budget") for one in stated)
        if ladder[0] <= 0 or any(low >= high for low, high in pairwise(ladder)):
            told = ", ".join(format_cost(cost, budget) for budget in ladder)
            raise InputError(f"A ladder must rise from budget to budget, got {told}.")
        return ladder
    own = {study.history.experiment.ladder for study in studies}
    common = own.pop() if len(own) == 1 else None
    return common or _spread(studies, by, at, reference[cost])


def _spread(
    studies: Sequence[ComparedStudy], by: str, at: float, most: float
) -> tuple[float, ...]:
    """Six budgets in equal ratios, from where every study has a network, up to `most`.

    A network counts from where it is better than guessing.
    """
    begins = []
    for study in studies:
        found, least = study.within(by, at), study.history.chance.level
        edges = steps(study.costs[found, 0], study.accuracies[found], least=least)
        begins += [float(edges[0])] if len(edges) else []
    low = round_up(max(begins)) if begins else most
    if low > most / 2:
        low = most / 2 ** (FAMILY_SIZES - 1)
    inner = np.geomspace(low, most, FAMILY_SIZES)[:-1].tolist()
    return (*(float(f"{budget:.2g}") for budget in inner), most)
