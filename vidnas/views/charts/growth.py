"""How did a study's hypervolume grow? Trial by trial, and over hours."""

from collections.abc import Iterable

from vidnas.statistics.fronts.growing_volume import GrowingVolume
from vidnas.study.history import History
from vidnas.trials.front import compared_costs
from vidnas.trials.trial import Trial
from vidnas.views.charts.point_rows import Row

HOUR = 3600.0


def progress_rows(history: History) -> list[Row]:
    """`hypervolume` and size of the `front` after each trial finished in full.

    What earlier studies knew is there from the beginning.
    """
    growing = _Growing(history)
    own = [trial for trial in history.compared if not trial.taken_over_from]
    ended = [trial for trial in own if trial.state != "running"]
    rows = [{"finished": 0, **growing.known()}]
    for finished, trial in enumerate(ended, start=1):
        rows.append({"finished": finished, **growing.after([trial])})
    return rows


def hours_rows(history: History) -> list[Row]:
    """`hypervolume` over `hours` worked on the study, where it grew, and at the end.

    Empty where the journal does not say when workers were done, as older ones do not.
    """
    ended = {one.trial: one.ended for one in history.tries if one.end == "done"}
    timed = [trial for trial in history.compared if trial.number in ended]
    if not timed:
        return []
    growing = _Growing(history)
    rows = [{"hours": 0.0, **growing.known()}]
    for trial in sorted(timed, key=lambda trial: ended[trial.number]):
        row = growing.after([trial])
        if row["improved"]:
            rows.append({"hours": ended[trial.number] / HOUR, **row})
    end = max(one.ended for one in history.tries) / HOUR
    return [*rows, {**rows[-1], "hours": end, "improved": False}]


class _Growing:
    """A hypervolume that grows by one trial after another."""

    def __init__(self, history: History) -> None:
        front = history.front()
        self._history = history
        self._volume = GrowingVolume(front.reference_costs(history.reference).tolist())
        done, costs = compared_costs(history.compared, front.objectives)
        self._costs = {
            trial.number: row for trial, row in zip(done, costs.tolist(), strict=True)
        }

    def known(self) -> Row:
        """What earlier studies knew."""
        compared = self._history.compared
        row = self.after(trial for trial in compared if trial.taken_over_from)
        return {**row, "improved": False}

    def after(self, trials: Iterable[Trial]) -> Row:
        """Volume and size of the front with these trials, and whether they added."""
        before = self._volume.volume
        for trial in trials:
            if trial.number in self._costs:
                self._volume.add(self._costs[trial.number])
        volume = self._volume.volume
        improved = volume > before
        return {
            "hypervolume": volume,
            "front": len(self._volume),
            "improved": improved,
        }
