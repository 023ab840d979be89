"""What does Ray Tune add to a trial that does nothing?

Run:     python benchmarks/runtime_ray.py recycled --trials 40
Cost:    a minute; a Ray of its own is started and stopped.
Expect:  seconds a trial from the first end to the last, one worker, the same trainable.
"""

import argparse
import subprocess
import sys
import tempfile
import time

from vidnas.architecture.published import published
from vidnas.study.workers.assignment import Assignment, Outcome
from vidnas.trials.fidelity import Fidelity
from vidnas.trials.recipe import Recipe


def nothing(architecture, **about):  # type: ignore[no-untyped-def]
    """Trains nothing."""
    return {"top1": 50.0}


class Desk:
    """A study that hands out one network again and again.

    Args:
        trials: How often.
        outbox: Folder for outcomes.
    """

    def __init__(self, trials: int, outbox: str) -> None:
        self._left = trials
        self._outbox = outbox
        self.ends: list[float] = []

    def next(self, free=("",)):  # type: ignore[no-untyped-def]
        """The next assignment."""
        if not self._left:
            return None
        self._left -= 1
        network = published("x3d-xs")
        recipe, fidelity = Recipe(), Fidelity(1)
        return Assignment(
            self._left, network, fidelity, recipe, "clips", 0, self._outbox
        )

    def placed(self, placed: object) -> None:
        """Takes no note."""

    def hear(self, epoch: object) -> bool:
        """Lets trainings go on."""
        return True

    def is_over(self) -> bool:
        """It never is."""
        return False

    def report(self, outcome: Outcome) -> None:
        """Takes note of when a trial ended."""
        assert not outcome.reason, outcome.reason
        self.ends.append(time.perf_counter())


def recycled(trials: int) -> list[float]:
    """When trials end on a worker of ours."""
    from vidnas.study.workers.ray_tune import RayTune

    with tempfile.TemporaryDirectory() as outbox:
        desk = Desk(trials, outbox)
        RayTune(1).run(desk, nothing)
    return desk.ends


def plain_tune(trials: int) -> list[float]:
    """When trials end in plain Ray Tune, as it is by default."""
    import ray
    from ray import tune

    def trainable(config):  # type: ignore[no-untyped-def]
        tune.report(nothing(None) | {"end": time.time()})

    with tempfile.TemporaryDirectory() as storage:
        ray.init(num_cpus=1, include_dashboard=False, log_to_driver=False)
        results = tune.Tuner(
            trainable,
            tune_config=tune.TuneConfig(num_samples=trials, max_concurrent_trials=1),
            run_config=tune.RunConfig(storage_path=storage, verbose=0),
        ).fit()
        ends = sorted(result.metrics["end"] for result in results)
        ray.shutdown()
    return ends


def fresh(trials: int) -> list[float]:
    """When trials end of which each has a process of its own, without Ray."""
    ends = []
    for _ in range(trials):
        imports = "import vidnas.study.workers.executor"
        subprocess.run([sys.executable, "-c", imports], check=True)
        ends.append(time.perf_counter())
    return ends


WAYS = {"fresh": fresh, "recycled": recycled, "tune": plain_tune}


def main() -> None:
    """Prints seconds a trial."""
    told = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    told.add_argument("way", choices=WAYS)
    told.add_argument("--trials", type=int, default=40)
    chosen = told.parse_args()
    ends = WAYS[chosen.way](chosen.trials)
    alone = (ends[-1] - ends[0]) / (len(ends) - 1)
    print(f"overhead, {chosen.way}: {alone:.3f} s a trial ({len(ends)} trials)")


if __name__ == "__main__":
    main()
