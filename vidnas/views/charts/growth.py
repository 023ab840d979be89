"""How did a study's hypervolume grow? A row after each finished trial."""

from collections.abc import Sequence

from vidnas.statistics.fronts.growing_volume import GrowingVolume
from vidnas.study.history import History
from vidnas.trials.front import compared_costs
from vidnas.trials.trial import Trial
from vidnas.views.charts.point_rows import Row


def progress_rows(history: History) -> list[Row]:
    """`hypervolume` and size of the `front` after each trial finished in full.

    What earlier studies knew is there from the beginning.
    """
    front = history.front()
    grown = GrowingVolume(front.reference_costs(history.reference).tolist())
    done, costs = compared_costs(history.compared, front.objectives)
    costs_by_number = {
        t.number: row for t, row in zip(done, costs.tolist(), strict=True)
    }

    def row(finished: int, trials: Sequence[Trial]) -> Row:
        before = grown.volume
        for trial in trials:
            if trial.number in costs_by_number:
                grown.add(costs_by_number[trial.number])
        improved = finished > 0 and grown.volume > before
        volume = {"hypervolume": grown.volume, "front": len(grown)}
        return {"finished": finished, **volume, "improved": improved}

    known = [trial for trial in history.compared if trial.taken_over_from]
    own = [trial for trial in history.compared if not trial.taken_over_from]
    ended = [trial for trial in own if trial.state != "running"]
    rows = [row(0, known)]
    rows += [row(finished, [trial]) for finished, trial in enumerate(ended, start=1)]
    return rows
