"""What is said of a picture of a front? How many of how many, and what it shows."""

from vidnas.study.history import History
from vidnas.trials.front import Front
from vidnas.trials.objectives import ACCURACIES
from vidnas.views.charts.objectives import OBJECTIVES_BY_NAME


def front_words(history: History, front: Front) -> str:
    """How many trials are on a front, over what, and what bars and rings mean."""
    done = sum(trial.state == "done" for trial in history.compared)
    if not done and not front.trials:
        return "No trial is done yet"
    titles = (OBJECTIVES_BY_NAME[o.name].title for o in front.objectives)
    # An axis title without its unit.
    names = " and ".join(title.split(" [")[0].split(" (")[0] for title in titles)
    bars = "; bars are 95 % intervals" if has_intervals(front) else ""
    if front.objectives == history.objectives.each and history.on_front:
        bars += "; rings may be on the front"
    of = f"{done} done trials"
    if history.has_rungs:
        of += f" at {history.fidelity}"
    if any(trial.baseline for trial in front.trials):
        done = sum(trial.state == "done" for trial in history.baselines)
        of += f" and {done} baselines"
    return f"{len(front)} of {of}, beaten by no other in {names}{bars}"


def has_intervals(front: Front) -> bool:
    """Whether an accuracy is drawn upwards."""
    return front.objectives[-1].name in ACCURACIES
