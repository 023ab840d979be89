"""How is a comparison said in sentences? Its result, its measures and its doubts."""

from vidnas.trials.objectives import cost_word
from vidnas.views.comparison.comparison import (
    BEYOND,
    LADDER,
    LADDER_BUDGETS,
    UNKNOWN,
    Comparison,
)

HOW_MEASURED = (
    "Hypervolume is the volume between front and reference point. The ladder is the "
    f"mean, over {LADDER_BUDGETS} budgets even in their logarithm from the first size "
    "to the last, of the best accuracy measured within each; where nothing better "
    "fits, guessing counts. Both are means over seeds with Student's 95 % intervals, "
    "which cover the chance of seeds, not that of the validation clips, of which the "
    "best of many networks is optimistic. FLOPs are multiply-adds of convolutions and "
    "dense layers, one each. What no other group beats beyond the noise stands out."
)
NOISE = (
    "A difference is beyond the noise where its interval (Welch) leaves 0 out. The "
    "intervals hold 95 % for all pairs together. Inside the noise means that these "
    "seeds do not tell the two apart, not that they are equal."
)


def lead(found: Comparison) -> str:
    """The answer in one sentence."""
    count, groups = len(found.studies), len(found.groups)
    what = f"{count} studies in {groups} groups" if groups > 1 else f"{count} studies"
    return f"{what}, compared at {found.at:g} {found.by}: {_answer(found)}."


def _answer(found: Comparison) -> str:
    label = found.objectives.accuracy.label
    ladder = [one for one in found.differences if one.measure == LADDER]
    if not ladder:
        mean = found.mean(LADDER, found.groups[0].label)
        half = "" if mean.half is None else f" (± {mean.half:.1f})"
        return f"the ladder is at {mean.value:.1f} %{half} {label}"
    if all(one.verdict == UNKNOWN for one in ladder):
        return "one seed of each cannot tell whether their differences are noise"
    beyond = [one for one in ladder if one.verdict == BEYOND]
    if not beyond:
        return f"no difference in {label} is beyond the noise of the seeds"
    said = (f"{one.ours} is above {one.theirs}" for one in beyond)
    rest = "" if len(beyond) == len(ladder) else "; other differences are noise"
    return f"in {label} within a budget, {', '.join(said)}, beyond the noise{rest}"


def sizes_in_words(found: Comparison) -> str:
    """What the table of sizes holds."""
    accuracy = found.objectives.accuracy
    return (
        f"Best {accuracy.title} within each budget of "
        f"{cost_word(found.objectives.cost)}, mean over seeds with its 95 % interval, "
        "each by itself."
    )
