"""What does stopping by the curve save, and what does it lose?

Run:     python benchmarks/stopping.py [--seeds 10] [--strategies evolution ladder]
Cost:    minutes on one core with evolution, more with ladder; nothing is trained.
Prints:  for each problem, strategy and way, the share of trials that are stopped, the
         epochs that are saved of those of full trainings, how many stopped trials would
         have joined the front of their time, and the ladder gap after as many epochs;
         mean and half of the 95 % interval over seeds.

The ways: `off`; `on`; `told`, where the strategy is told the accuracy that a stopped
trial is expected to have reached, too.

The problems: `ranks well` and `ranks badly` are those of `multi_fidelity.py`. `macro`,
`accel` and `video` are those of `search_quality.py`, of which the first two have last
accuracies of real trainings; their curves are made up: saturating, each network at a
speed of its own and large ones more slowly, so that curves cross. `recorded` replays
the real curves of `curves.jsonl`, in a random order.
"""

import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import quality_problems
from multi_fidelity import PROBLEMS, Problem

from vidnas.budgets.budget import Budgets
from vidnas.budgets.price import Pricing
from vidnas.files.loading import load_space
from vidnas.strategies import STRATEGIES, SearchState
from vidnas.trials import FLOPS, TOP1, Fidelity, Front, Trial
from vidnas.trials.stopping import CurveRule, DoneCurves

HERE = Path(__file__).parent
FULL = Fidelity(9)
TRAININGS = (25, 50, 100)
WAYS = ("off", "on", "told")
NOISE = 0.3  # points, of every epoch


class Synthetic:
    """A problem of `multi_fidelity.py`, with an accuracy after every epoch."""

    epochs = FULL.epochs

    def __init__(self, problem: Problem):
        self.name, self.space, self._of = problem.name, problem.space, problem
        self.budgets = Budgets((), Pricing(8, 16))

    def curve(self, candidate, rng):
        """Accuracy after each epoch, `[epochs]`."""
        size, taste = self._of.parts(np.array([candidate]))
        epochs = np.arange(1, FULL.epochs + 1)
        learned = 0.4 + 0.6 * np.log(epochs) / np.log(FULL.epochs)
        ends = np.array(sorted(self._of.shown.items())).T
        shown = np.interp(np.log(epochs), np.log(ends[0]), ends[1])
        noise = rng.normal(0, NOISE, len(epochs))
        return learned * size[0] + shown * taste[0] + noise

    def flops(self, candidate):
        """Multiply-adds of a candidate."""
        return float(self._of.flops(np.array([candidate]))[0])

    def gap(self, trials):
        """The ladder gap [points]."""
        return self._of.gap([replace(t, fidelity=FULL) for t in trials])


class Assumed:
    """A problem of `search_quality.py`, with curves of an assumed form."""

    epochs = FULL.epochs

    def __init__(self, problem):
        self.name, self.space, self._of = problem.name, problem.space, problem
        self.budgets = problem.limits

    def flops(self, candidate):
        """Cost of a candidate."""
        return float(self._of.costs(np.array([candidate]))[0])

    def curve(self, candidate, rng):
        """Accuracy after each epoch, `[epochs]`."""
        row = np.array([candidate])
        last = float(self._of.measured(row, rng)[0])
        own = np.random.default_rng(list(candidate)).normal(0, 0.3)
        slow = 0.15 * np.log(self.flops(candidate) / self._of.low)
        speed = 3.0 * np.exp(own + slow)
        epochs = np.arange(1, self.epochs + 1)
        learned = (1 - np.exp(-epochs / speed)) / (1 - np.exp(-self.epochs / speed))
        curve = self._of.worst + (last - self._of.worst) * learned
        curve[:-1] += rng.normal(0, NOISE, len(epochs) - 1)
        return curve

    def gap(self, trials):
        """The ladder gap [points]."""
        rows = np.array([t.candidate for t in trials])
        return self._of.gap(rows, np.array([t.value("top1") for t in trials]))


def train(trial, curve, done, rule):
    """The trial as it ends, its epochs, and whether stopping it was wrong."""
    told = {e: {"top1": float(v)} for e, v in enumerate(curve, start=1)}
    ended = replace(trial, state="done", measured={"top1": float(curve[-1])})
    if rule is not None:
        for epoch, report in told.items():
            verdict = done.verdict(rule, trial, epoch, report)
            if verdict is not None:
                measured = {"expected": verdict.expected}
                stopped = replace(trial, state="stopped", measured=measured)
                return stopped, epoch, ended
    done.add(ended, told)
    return ended, len(curve), None


def search(problem, strategy, way, seed, rule, marks):
    """A search of one trial after another until the last mark of epochs is spent."""
    fidelity = Fidelity(problem.epochs)
    done, trials, gaps, spent = DoneCurves(fidelity), [], [], 0
    epochs, wrong = [], 0
    while len(gaps) < len(marks):
        rng = np.random.default_rng([seed, len(trials)])
        if spent >= marks[len(gaps)]:
            gaps.append(problem.gap([t for t in trials if t.state == "done"]))
            continue
        seen = [told(t) for t in trials] if way == "told" else trials
        state = SearchState(problem.space, problem.budgets, seen)
        (candidate,) = strategy.propose(state, rng, 1).candidates
        trial = Trial(
            number=len(trials),
            candidate=candidate,
            architecture=problem.space.decode(candidate),
            fidelity=fidelity,
            seed=len(trials),
            costs={"flops": problem.flops(candidate)},
        )
        curve = problem.curve(candidate, np.random.default_rng([seed, 9, len(trials)]))
        ended, trained, would = train(
            trial, curve, done, None if way == "off" else rule
        )
        if would is not None:
            wrong += joins_front(would, trials)
        trials.append(ended)
        epochs.append(trained)
        spent += trained
    return report(gaps, trials, epochs, wrong, problem.epochs)


def told(trial):
    """A stopped trial with the accuracy that it was expected to reach."""
    if trial.state != "stopped":
        return trial
    measured = {"top1": trial.measured["expected"]}
    return replace(trial, state="done", source="predicted", measured=measured)


def joins_front(trial, before):
    """Whether a trial would have stood on the front of those before it."""
    front = Front.of([t for t in before if t.state == "done"], (FLOPS, TOP1))
    return not front.dominating(trial)


def report(gaps, trials, epochs, wrong, full):
    """The numbers of a search, in the order of the table."""
    stopped = sum(trial.state == "stopped" for trial in trials)
    saved = 1 - sum(epochs) / (full * len(epochs))
    return [100 * stopped / len(trials), 100 * saved, wrong, len(trials), *gaps]


def replayed(lines, seed, rule):
    """The real curves in a random order: what is saved, and what the front loses."""
    order = np.random.default_rng(seed).permutation(len(lines))
    full = len(lines[0]["curve"])
    done, trials, every, epochs, wrong = DoneCurves(Fidelity(full)), [], [], [], 0
    space = load_space(HERE.parent / "search_spaces" / "quickstart.yaml")
    for number, at in enumerate(order):
        line = lines[at]
        candidate = tuple(line["candidate"])
        trial = Trial(
            number,
            candidate,
            space.decode(candidate),
            Fidelity(full),
            number,
            {"flops": line["flops"]},
        )
        measured = {"top1": line["top1"]}
        whole = replace(trial, state="done", measured=measured)
        every.append(whole)
        reports = dict(enumerate(line["curve"], start=1))
        ended, trained = whole, full
        for epoch, told_then in reports.items():
            if rule and (v := done.verdict(rule, trial, epoch, told_then)):
                ended, trained = replace(trial, state="stopped", measured={}), epoch
                wrong += joins_front(whole, trials)
                assert v.epoch == epoch
                break
        else:
            done.add(whole, reports)
        trials.append(ended)
        epochs.append(trained)
    volumes = []
    for some in (trials, every):
        front = Front.of([t for t in some if t.state == "done"], (FLOPS, TOP1))
        volumes.append(front.hypervolume({"flops": 12e6, "top1": 12.5}))
    lost = 100 * (1 - volumes[0] / volumes[1])
    return report([lost], trials, epochs, wrong, full)


def show(words, rows):
    """Prints a line: means and halves of 95 % intervals."""
    rows = np.array(rows, float)
    half = 2.262 / np.sqrt(len(rows)) * rows.std(axis=0, ddof=1)
    cells = [f"{m:.2f}+-{h:.2f}" for m, h in zip(rows.mean(axis=0), half, strict=True)]
    print(f"{words:34}" + "".join(f"{cell:>15}" for cell in cells), flush=True)


def problems():
    """All problems by name."""
    known = [Synthetic(problem) for problem in PROBLEMS]
    known += [
        Synthetic(replace(problem, name=f"{problem.name}, another", seed=1))
        for problem in PROBLEMS
    ]
    made = (quality_problems.macro, quality_problems.accel)
    known += [Assumed(make()) for make in made]
    known.append(Assumed(quality_problems.video(0)))
    return {problem.name: problem for problem in known}


def main():
    """Prints the table."""
    grammar = argparse.ArgumentParser(description=__doc__)
    grammar.add_argument("--seeds", type=int, default=10)
    grammar.add_argument("--strategies", nargs="+", default=["evolution"])
    grammar.add_argument("--problems", nargs="+")
    grammar.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    grammar.add_argument("--trainings", type=int, nargs="+", default=TRAININGS)
    grammar.add_argument("--confidence", type=float, default=CurveRule().confidence)
    grammar.add_argument("--after", type=int, default=CurveRule().after_epochs)
    grammar.add_argument("--curves", type=Path, default=HERE / "curves.jsonl")
    chosen = grammar.parse_args()
    rule = CurveRule(chosen.after, chosen.confidence)
    marks = [FULL.epochs * count for count in chosen.trainings]
    heads = ["stopped [%]", "saved [%]", "wrong", "trials"]
    heads += [f"gap @{mark}" for mark in marks]
    print(" " * 34 + "".join(f"{head:>15}" for head in heads))
    seeds, known = range(chosen.seeds), problems()
    for name in chosen.problems or known:
        if name == "recorded":
            continue
        for strategy in chosen.strategies:
            for way in chosen.ways:
                rows = [
                    search(known[name], STRATEGIES[strategy](), way, s, rule, marks)
                    for s in seeds
                ]
                show(f"{name:18}{strategy:11}{way}", rows)
    if chosen.curves.exists():
        lines = [json.loads(line) for line in chosen.curves.read_text().splitlines()]
        rows = [replayed(lines, seed, rule) for seed in seeds]
        show("recorded, lost hypervolume [%]", rows)


if __name__ == "__main__":
    main()
