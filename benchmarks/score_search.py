"""How many untrained networks does a search by score judge in a minute of one core?

Run:     python benchmarks/score_search.py [--evaluations 500000] [--seeds 1]
Cost:    three minutes on one core; nothing is trained.
Expect:  500,000 different networks within 2 GFLOPs in less than a minute of processor
         time each; a best score no lower than that of as many uniform draws.

How each score ranks 100 networks that were trained (`curves.jsonl`) stands last.

Searched are the shipped X3D space, and `score_space.yaml` as E3D's for its smallest
network, with no more than its 83 layers (27 blocks). Draws are judged by the same code.
What E3D and its toolkit publish stands below: accuracies are those of full trainings on
Something-Something V1, top-1 and top-5, and nothing of ours is compared with them.
"""

import argparse
import json
import os
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # time of one core

import numpy as np

import vidnas
from vidnas.budgets import Budget, Budgets, Pricing
from vidnas.budgets.screen import Screen
from vidnas.costs import SCORES
from vidnas.costs.entropy import entropy_score
from vidnas.files.loading import load_space
from vidnas.space import Space
from vidnas.strategies import best_by_score
from vidnas.trials import Fidelity, Trial
from vidnas.trials.objectives import STANDARD
from vidnas.trials.score_agreement import score_agreement

HERE = Path(__file__).parent
SPACES = {
    "x3d": HERE.parent / "search_spaces" / "x3d.yaml",
    "score_space": HERE / "score_space.yaml",
}
MOST = Budget("flops", 2e9)  # E3D-S, its public configuration
BLOCKS = Budget("layers", 27)  # 83 convolutions: 3 a block, stem and head
LIMITS = {"x3d": (MOST,), "score_space": (MOST, BLOCKS)}
SCORE = "entropy_score"
PUBLISHED = """\
published (E3D, arXiv 2303.02693, and its configurations; not measured here)
  search     E3D-S 500,000 iterations, E3D-M and E3D-L 100,000; population 256
  budgets    2.0, 5.0 and 18.5 GFLOPs; 83, 83 and 167 layers
  clips      13 x 160, 16 x 224 and 16 x 312
  E3D-S      1.9 GFLOPs, 47.1 / 75.6 %
  E3D-M      4.7 GFLOPs, 49.4 / 78.1 %
  E3D-L      18.3 GFLOPs, 51.1 / 78.7 %
  X3D-S      44.6 % at 160 pixels, 47.3 % at 224"""


def drawn(
    space: Space, budgets: Budgets, evaluations: int, seed: int
) -> tuple[float, float]:
    """The best score of so many uniform draws within the budgets; processor seconds."""
    rng, screen = np.random.default_rng(seed), Screen(space, budgets, set())
    began, best, names = time.process_time(), -np.inf, np.zeros(0, np.uint64)
    while len(names) < evaluations:
        rows = space.many.sample(rng, 8192)
        costs = screen.price_many(rows)
        fitting = screen.fitting(costs)
        found = space.many.identities(rows)[fitting]
        names = np.unique(np.concatenate([names, found]))
        best = max(best, float(costs[SCORE][fitting].max(initial=-np.inf)))
    return best, time.process_time() - began


def told(name: str, evaluations: int, seed: int) -> str:
    """A line of the table."""
    space = load_space(SPACES[name])
    budgets = Budgets(LIMITS[name], Pricing(classes=174))  # of Something-Something
    began = time.process_time()
    rng = np.random.default_rng(seed)
    found = best_by_score(space, budgets, SCORE, evaluations, rng)
    seconds = time.process_time() - began
    draws, draw_seconds = drawn(space, budgets, evaluations, seed + 1000)
    best = found.best.scores.max()
    at = found.best.costs[found.best.scores.argmax()] / 1e9
    return (
        f"{name:<12} {seed:>4} {found.judged:>9,} {seconds:>9.1f} {best:>9.1f} "
        f"{at:>9.2f} {draws:>9.1f} {draw_seconds:>9.1f}"
    )


def agreement(score: str) -> str:
    """How a score ranks the 100 networks whose trainings `curves.jsonl` records."""
    space = load_space(HERE.parent / "search_spaces" / "quickstart.yaml")
    trials = []
    for line in (HERE / "curves.jsonl").read_text().splitlines():
        record = json.loads(line)
        candidate = tuple(record["candidate"])
        trial = Trial(
            number=record["number"],
            candidate=candidate,
            architecture=space.decode(candidate),
            fidelity=Fidelity(epochs=len(record["curve"])),
            seed=0,
            costs={"flops": record["flops"]},
            state="done",
            measured={"top1": record["top1"]},
        )
        trials.append(trial)
    found = score_agreement(trials, STANDARD, score)
    assert found is not None, "there are 100"
    return f"{found.words}: {found.verdict}"


def main() -> None:
    """Prints what was found, and what is published."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--evaluations", type=int, default=500_000)
    parser.add_argument("--seeds", type=int, default=1)
    chosen = parser.parse_args()
    print(
        f"{'space':<12} {'seed':>4} {'networks':>9} {'CPU [s]':>9} {'best':>9} "
        f"{'GFLOPs':>9} {'draws':>9} {'CPU [s]':>9}"
    )
    for name in SPACES:
        for seed in range(chosen.seeds):
            print(told(name, chosen.evaluations, seed), flush=True)
    small = vidnas.published("x3d-s")
    flops = vidnas.cost(small, classes=174).flops / 1e9
    print(f"X3D-S        {SCORE} {entropy_score(small):.1f} at {flops:.2f} GFLOPs")
    print(PUBLISHED)
    print("agreement with trainings on the generated motion clips")
    for score in SCORES:
        print(f"  {agreement(score)}")


if __name__ == "__main__":
    main()
