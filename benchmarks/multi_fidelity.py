"""What do rungs save, and what do they cost where they rank badly?

Run:     .venv/bin/python benchmarks/multi_fidelity.py [--seeds 5] [--strategies ...]
Cost:    minutes on one core with evolution, more with ladder; nothing is trained.
Prints:  for each problem and strategy, the ladder gap with and without rungs after as
         many epochs, mean and standard error over seeds; rungs of the family filled.

The problems are the quickstart space with a synthetic accuracy and learning curves of
1, 3 and 9 epochs: saturating in FLOPs, with preferences for options and pairs of them.
In `ranks well`, a short training shows a part of what the full one does. In `ranks
badly`, it shows the sizes of networks and the opposite of every preference.

Ladder gap: mean over 48 FLOP budgets, even in their logarithm, of the best true
accuracy within the budget minus that of the network which the study would hand over.
"""

import argparse
import time
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from vidnas.budgets import Budgets
from vidnas.budgets.price import Pricing
from vidnas.files.loading import load_space
from vidnas.strategies import STRATEGIES, Promising, SearchState
from vidnas.trials import (
    FLOPS,
    TOP1,
    Fidelity,
    Front,
    Schedule,
    Trial,
    select_family,
    spread_ladder,
)

SPACE = Path(__file__).parents[1] / "search_spaces" / "quickstart.yaml"
FULL = Fidelity(9)
RUNGS = (Fidelity(1), Fidelity(3), FULL)
TRAININGS = (12, 25, 50, 100)  # after so many in full, or as many epochs
NOISE = 0.3  # points, as in the problems of search_quality.md
BUDGETS = 48


@dataclass(frozen=True)
class Problem:
    """A space whose networks have a true accuracy and a learning curve.

    Args:
        name: For people.
        shown: Share of the preferences that each number of epochs shows.
        seed: Of the preferences.
    """

    name: str
    shown: dict[int, float]
    seed: int = 0

    @cached_property
    def space(self):
        """What is searched."""
        return load_space(SPACE)

    @cached_property
    def preferences(self):
        """Points of each option, `[C][options]`, and of pairs of choices, `[P]`."""
        rng = np.random.default_rng([self.seed, 1])
        choices = self.space.choices
        alone = [rng.normal(0, 0.5, len(choice.options)) for choice in choices]
        pairs = [
            (*map(int, rng.choice(len(choices), 2, replace=False)), rng.normal(0, 0.4))
            for _ in choices
        ]
        return alone, pairs

    def parts(self, rows):
        """Accuracy from size and from preferences, `[N]` each, of candidates."""
        sizes = np.log(self.flops(rows) / 2e5)
        size = 90 * (1 - np.exp(-(sizes + 1) / 1.5))
        active = self.space.many.active(rows)
        alone, pairs = self.preferences
        taste = np.zeros(len(rows))
        for at, points in enumerate(alone):
            taste += np.where(active[:, at], points[rows[:, at]], 0.0)
        for one, other, points in pairs:
            both = active[:, one] & active[:, other]
            odd = (rows[:, one] + rows[:, other]) % 2
            taste += np.where(both, points * (2 * odd - 1), 0.0)
        return size, taste

    def flops(self, rows):
        """`[N]`."""
        return Pricing(8, 16).rows(self.space, rows)["flops"].astype(float)

    def truth(self, rows):
        """True accuracy in full, `[N]`."""
        return sum(self.parts(rows))

    def measured(self, candidate, fidelity, rng):
        """What a training gives."""
        size, taste = self.parts(np.array([candidate]))
        learned = 1 - 0.6 * (1 - np.log(fidelity.epochs) / np.log(FULL.epochs))
        noise = rng.normal(0, NOISE)
        shown = self.shown[fidelity.epochs]
        return float(learned * size[0] + shown * taste[0] + noise)

    @cached_property
    def best(self):
        """Budgets, and the best true accuracy known within each."""
        rng = np.random.default_rng([self.seed, 2])
        many = self.space.many
        rows = many.canonical(many.sample(rng, 20_000))
        ends = np.quantile(np.log(self.flops(rows)), (0.02, 0.98))
        budgets = np.exp(np.linspace(*ends, BUDGETS))
        for _ in range(60):
            flops, truth = self.flops(rows), self.truth(rows)
            kept = []
            for budget in budgets:
                within = np.nonzero(flops <= budget)[0]
                kept.extend(within[np.argsort(-truth[within])[:20]])
            rows = rows[np.unique(kept)]
            children = many.mutate(np.repeat(rows, 4, axis=0), rng)
            rows = np.unique(np.concatenate([rows, children]), axis=0)
        flops, truth = self.flops(rows), self.truth(rows)
        return budgets, np.array([truth[flops <= b].max() for b in budgets])

    def gap(self, trials):
        """The ladder gap of what is done in full, in points."""
        budgets, best = self.best
        done = [t for t in trials if t.fidelity == FULL]
        lowest = float(best.min()) - 20.0  # what no network at all is worth
        flops = np.array([t.value("flops") for t in done])
        seen = np.array([t.value("top1") for t in done])
        rows = np.array([t.candidate for t in done])
        truth = self.truth(rows) if done else seen
        gaps = []
        for budget, most in zip(budgets, best, strict=True):
            within = np.nonzero(flops <= budget)[0]
            got = truth[within[np.argmax(seen[within])]] if len(within) else lowest
            gaps.append(most - got)
        return float(np.mean(gaps))


PROBLEMS = (
    Problem("ranks well", {1: 0.4, 3: 0.7, 9: 1.0}),
    Problem("ranks badly", {1: -1.0, 3: -0.5, 9: 1.0}),
)


@dataclass
class Outcome:
    """What a search reached: the gap after each number of epochs, and so on."""

    gaps: list[float]
    filled: int
    trials: int
    doubted: int
    seconds: float


def search(problem, strategy, schedule, seed, marks):
    """A search, one trial after another, until the last of `marks` epochs is spent."""
    space, budgets = problem.space, Budgets((), Pricing(8, 16))
    trials, gaps, spent, proposing = [], [], 0, 0.0
    while len(gaps) < len(marks):
        rng = np.random.default_rng([seed, len(trials)])
        promise = None
        if isinstance(strategy, Promising):
            promise = partial(strategy.promise, space, budgets, trials, rng)
        job = schedule.next_job(trials, promise)
        if spent + job.fidelity.epochs > marks[len(gaps)]:
            gaps.append(problem.gap(trials))
            continue
        if job.promoted is None:
            began = time.perf_counter()
            proposal = strategy.propose(SearchState(space, budgets, trials), rng, 1)
            proposing += time.perf_counter() - began
            (candidate,) = proposal.candidates
        else:
            candidate = job.promoted.candidate
        network = space.decode(candidate)
        trials.append(
            Trial(
                number=len(trials),
                candidate=candidate,
                architecture=network,
                fidelity=job.fidelity,
                seed=len(trials),
                costs={"flops": float(budgets.price.one(network)["flops"])},
                state="done",
                measured={"top1": problem.measured(candidate, job.fidelity, rng)},
            )
        )
        spent += job.fidelity.epochs
    full = [t for t in trials if t.fidelity == FULL]
    front = Front.of(full, (FLOPS, TOP1)).trials
    filled = select_family(front, spread_ladder(front, problem.best[0][-1]))
    return Outcome(
        gaps,
        sum(rung.trial is not None for rung in filled),
        len(trials),
        len(schedule.rungs) - len(schedule.in_use(trials)),
        proposing,
    )


def main():
    """Prints the table."""
    grammar = argparse.ArgumentParser(description=__doc__)
    grammar.add_argument("--seeds", type=int, default=5)
    grammar.add_argument("--trainings", type=int, nargs="+", default=TRAININGS)
    grammar.add_argument("--probe", type=int, default=None)
    grammar.add_argument("--keep", type=int, default=3)
    grammar.add_argument(
        "--strategies", nargs="+", choices=STRATEGIES, default=["evolution"]
    )
    chosen = grammar.parse_args()
    options = {"keep": chosen.keep}
    if chosen.probe is not None:
        options["probe"] = chosen.probe
    schedules = {
        "full only": Schedule((FULL,)),
        "rungs 1, 3": Schedule(RUNGS, **options),
    }
    marks = [FULL.epochs * trainings for trainings in chosen.trainings]
    head = "".join(f"{f'@{epochs}':>14}" for epochs in marks)
    print(
        f"{'ladder gap [points] after epochs':44}{head}"
        "  family  trials doubted  proposing"
    )
    for problem in PROBLEMS:
        for name in chosen.strategies:
            for words, schedule in schedules.items():
                found = [
                    search(problem, STRATEGIES[name](), schedule, seed, marks)
                    for seed in range(chosen.seeds)
                ]
                gaps = np.array([outcome.gaps for outcome in found])
                error = gaps.std(axis=0, ddof=1) / np.sqrt(len(gaps))
                cells = "".join(
                    f"{f'{mean:.2f} +- {e:.2f}':>14}"
                    for mean, e in zip(gaps.mean(axis=0), error, strict=True)
                )
                print(
                    f"{problem.name:13}{name:12}{words:19}{cells}  "
                    f"{min(o.filled for o in found)}-{max(o.filled for o in found)}"
                    f"{np.mean([o.trials for o in found]):8.0f}  "
                    f"{np.mean([o.doubted for o in found]):8.1f}"
                    f"{np.mean([o.seconds for o in found]):9.0f} s",
                    flush=True,
                )


if __name__ == "__main__":
    main()
