"""How do real networks learn, epoch by epoch? Trains candidates and writes the curves.

Run:     python benchmarks/curves_record.py OUT.jsonl --part 0 --parts 2
Cost:    100 networks of 8 epochs: some 25 minutes on two quiet cores, a part a core.
         One that is stopped goes on; what is written is not trained again.
Expect:  `curves.jsonl`, which `stopping.py` replays: a line a network, with its
         candidate, FLOPs, and top-1 and loss after every epoch.
"""

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from vidnas.budgets.price import Pricing
from vidnas.datasets.motion.generate import write_motion
from vidnas.files.loading import load_space
from vidnas.study.experiment.reader import load_experiment
from vidnas.training.environment import load_tensorflow
from vidnas.trials import Fidelity
from vidnas.trials.recipe import Evaluation
from vidnas.trials.watch import Unwatched

HERE = Path(__file__).parent
FLOPS = 12e6  # budget of the quickstart
EPOCHS = 8


class Recorder(Unwatched):
    """A watch that remembers what every epoch told."""

    def __init__(self):
        self.curve = []

    def epoch(self, number, report):
        """Remembers a report."""
        self.curve.append({k: round(v, 4) for k, v in report.items()})


def main():
    """Trains the networks of one part."""
    grammar = argparse.ArgumentParser(description=__doc__)
    grammar.add_argument("out", type=Path)
    grammar.add_argument("--networks", type=int, default=100)
    grammar.add_argument("--part", type=int, default=0)
    grammar.add_argument("--parts", type=int, default=1)
    grammar.add_argument("--clips", type=Path)
    chosen = grammar.parse_args()
    load_tensorflow(cpus=1)
    from vidnas.training.candidate_training import evaluate

    experiment = load_experiment(HERE.parent / "experiments" / "quickstart.yaml")
    clips = chosen.clips or experiment.clips.place
    write_motion(clips, **asdict(experiment.clips.motion))
    recipe = replace(experiment.recipe, evaluation=Evaluation(each_epoch=True))
    space = load_space(HERE.parent / "search_spaces" / "quickstart.yaml")
    price, rng = Pricing(8, 16), np.random.default_rng(15)
    rows = space.many.canonical(space.many.sample(rng, 4 * chosen.networks))
    rows = np.unique(rows, axis=0)
    rows = rows[rng.permutation(len(rows))]
    flops = price.rows(space, rows)["flops"].astype(float)
    rows, flops = rows[flops <= FLOPS], flops[flops <= FLOPS]
    text = chosen.out.read_text() if chosen.out.exists() else ""
    known = {json.loads(line)["number"] for line in text.splitlines()}
    for number in range(chosen.part, chosen.networks, chosen.parts):
        if number in known:
            continue
        network = space.decode(tuple(map(int, rows[number])))
        watch = Recorder()
        measured = evaluate(
            network,
            dataset=str(clips),
            recipe=recipe,
            fidelity=Fidelity(EPOCHS),
            seed=number,
            watch=watch,
            threads=1,
        )
        line = {
            "number": number,
            "candidate": [int(n) for n in rows[number]],
            "flops": flops[number],
            "top1": round(measured["top1"], 4),
            "curve": watch.curve,
        }
        with chosen.out.open("a", encoding="utf-8") as out:
            out.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
