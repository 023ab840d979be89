"""What does a script need of a comparison? All its numbers as plain data."""

from typing import Any

from vidnas.statistics.attainment import middle_row
from vidnas.statistics.seeds import Mean
from vidnas.views.comparison.comparison import MEASURES, Comparison, Group


def comparison_facts(found: Comparison) -> dict[str, Any]:
    """The comparison as plain data; hypervolumes are in the objectives' units."""
    return {
        "objectives": list(found.objectives.names),
        "effort": {"by": found.by, "at": found.at},
        "reference": dict(found.reference),
        "chance": found.chance.level,
        "budgets": list(found.budgets),
        "groups": [_group_facts(found, group) for group in found.groups],
        "differences": [
            {
                "of": one.measure,
                "ours": one.ours,
                "theirs": one.theirs,
                **mean_facts(one.mean),
                "verdict": one.verdict,
            }
            for one in found.differences
        ],
        "notes": list(found.notes),
    }


def mean_facts(mean: Mean) -> dict[str, Any]:
    """A mean over seeds with the ends of its interval; None of one seed."""
    low, high = mean.limits or (None, None)
    return {"mean": mean.value, "low": low, "high": high}


def _group_facts(found: Comparison, group: Group) -> dict[str, Any]:
    label = group.label
    budgets, attained = found.attainment(group)
    values = {name: found.per_study[name][label].tolist() for name in MEASURES}
    return {
        "group": label,
        "settings": dict(group.settings),
        "studies": [
            {
                "study": study.place,
                "seed": study.seed,
                "spent": dict(study.spent),
                **{name: values[name][number] for name in MEASURES},
            }
            for number, study in enumerate(group.studies)
        ],
        **{name: mean_facts(found.mean(name, label)) for name in MEASURES},
        "sizes": [mean_facts(mean) for mean in found.sizes[label]],
        "attainment": {
            "budgets": budgets.tolist(),
            "best": attained[0].tolist(),
            "median": attained[middle_row(len(attained))].tolist(),
            "worst": attained[-1].tolist(),
        },
    }
