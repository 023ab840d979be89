"""Writes before/: files as the first layout of the house wrote them.

Made once, by this script at the commit before the rooms were moved; only the names that
it imports have followed the moves since.

They are never written again: a later version must open what an earlier one has left.
A study is searched with a formula in place of training, so that the same search can be
made again and its journal compared record by record.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from vidnas.architecture import ARCHITECTURE_SCHEMA
from vidnas.costs import cost
from vidnas.costs.latency.operators import operators_of_one
from vidnas.deploy.latency_measuring import TableMeasurement
from vidnas.errors import EvaluationError, OutOfMemoryError
from vidnas.files.loading import load_architecture, load_space
from vidnas.files.yaml_file import dump_document
from vidnas.study import Dataset, Inline, Study, load_experiment, write_family
from vidnas.training import TrainingFolder
from vidnas.trials import Recipe

HERE = Path(__file__).parent
FOLDER = HERE / "before"
NAMES = ("earlier", "ladder", "evolution")

SPACE = """schema: vidnas.space/v1
name: small
choices: {wide: [0.5, 1.0, 1.5]}
clip: {frames: [4, 8], resolution: [16, 32]}
stem: {width: "round8(16 * wide)"}
stages:
  - width: {base: 16, multiplier: wide}
    depth: [1, 2, 3]
    stride: 2
    kernel: [1x3x3, 3x3x3]
    expand: [1.0, 2.0]
    squeeze_excite: [false, true]
head: {width: 32, hidden: 32}
rules: {looks: temporal_reach > 1}
"""

EARLIER = """schema: vidnas.experiment/v1
name: earlier
space: space.yaml
clips: {folder: clips}
training: {epochs: 4, batch: 8}
budgets: {flops: 2 M}
strategy: {name: random}
effort: {trials: 4}
workers: {count: 2, cpus: 1}
front: {reference: {flops: 2 M, top1: 0}}
family: {ladder: [100 k, 300 k, 1 M, 2 M]}
seed: 3
"""

LADDER = """schema: vidnas.experiment/v1
name: ladder
space: space.yaml
clips: {folder: clips}
training: {epochs: 4, batch: 8}
rungs: {epochs: [1, 2]}
known: [earlier]
seeds: [start.yaml]
baselines: [movinet-a0]
budgets: {flops: 2 M, parameters: {max: 20 k, soft: true}}
filters: {temporal_reach: {min: 2}}
strategy: {name: ladder, start: 4, rungs: 24, rounds: 2, children: 60}
effort: {trials: 10}
workers: {count: 2, cpus: 1}
front: {reference: {flops: 2 M, top1: 0}}
family: {ladder: spread}
seed: 3
"""

EVOLUTION = """schema: vidnas.experiment/v1
name: evolution
space: space.yaml
clips: {folder: clips}
training: {epochs: 4, batch: 8}
budgets: {flops: 2 M}
strategy: {name: evolution, start: 4}
effort: {trials: 12}
workers: {count: 2, cpus: 1, memory: 1 GiB}
front: {reference: {flops: 2 M, top1: 0}}
family: {ladder: spread}
seed: 11
"""


def formula(
    architecture: Any, *, fidelity: Any, seed: int, micro_batch: int = 8, **_: Any
) -> dict[str, float]:
    """A stand-in for training: more FLOPs, more accuracy, luck, and failures."""
    if int(architecture.arch_id, 16) % 9 == 0:
        raise EvaluationError("loss is not finite")
    if int(architecture.arch_id, 16) % 9 == 1 and micro_batch > 4:
        raise OutOfMemoryError("out of memory at batch 8")
    priced = cost(architecture, classes=2)
    share = (1 - np.exp(-priced.flops / 1e6)) * (1 - 2.0**-fidelity.epochs)
    top1 = round(float(80 * share + np.random.default_rng(seed).normal()), 2)
    return {
        "top1": max(top1, 0.0),
        "val_clips": 100.0,
        "seconds": 2.0,
        "peak_bytes": float(priced.training_bytes),
    }


def search(folder: Path, name: str) -> Path:
    """One study of `folder/name.yaml`; where it lies."""
    ticks = iter(range(1_700_000_000, 1_800_000_000, 7))
    study = Study(
        load_experiment(folder / f"{name}.yaml"),
        Dataset("clips", ("left", "right"), train_clips=20, val_clips=100),
        folder / name,
        clock=lambda: float(next(ticks)),
    )
    with study:
        history = study.run(Inline(), formula, lambda trial: None)
    write_family(history, history.family(), folder / name / "family")
    return folder / name


def without_paths(folder: Path, text: str) -> str:
    """The text with the folder of all studies called `/studies`."""
    return text.replace(str(folder.resolve()), "/studies")


def write_inputs(folder: Path) -> None:
    """Space, experiments and the network that is tried first."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "space.yaml").write_text(SPACE)
    space = load_space(folder / "space.yaml")
    network = space.decode(space.sample(np.random.default_rng(12)))
    named = {"schema": ARCHITECTURE_SCHEMA, **network.to_document()}
    (folder / "start.yaml").write_text(dump_document(named))
    for name, text in zip(NAMES, (EARLIER, LADDER, EVOLUTION), strict=True):
        (folder / f"{name}.yaml").write_text(text)


class Timer:
    """A device on which everything takes 1, 2, 3 ... ms."""

    reference_ms = 1.0

    def facts(self) -> dict[str, Any]:
        facts = dict.fromkeys(("processor", "tensorflow", "date"), "-")
        return {"name": "cpu-1t", "runtime": "tensorflow", "threads": 1, **facts}

    def time_operators(self, operators: list[Any]) -> list[float]:
        return [1.0 + n / 8 for n in range(len(operators))]

    time_networks = time_operators


def write_latency(path: Path, network: Any) -> None:
    """A table of the operators of one network."""
    operators = list({o.shape: o for o in operators_of_one(network, 2)}.values())
    for _ in TableMeasurement(path, operators, [(network, 2)]).run(Timer(), None):
        pass


def write_training(folder: Path, network: Any) -> None:
    """The folder of a training of two epochs, finished, and one broken after one."""
    from vidnas.nets import build
    from vidnas.nets.weights.weights_file import pack_weights

    identity = {
        "architecture": network.arch_id,
        "clips": {"classes": ["left", "right"], "train": 8, "val": 2},
        "recipe": Recipe().to_document(),
        "weights": None,
        "seed": 0,
        "epochs": 2,
    }
    keras_network = build(network, 2, seed=0)
    for name, epochs in (("finished", 2), ("broken", 1)):
        with TrainingFolder(folder / name, identity, clock=lambda: 1.7e9) as kept:
            kept.begin({"train_clips": 8.0})
            for epoch in range(1, epochs + 1):
                state = {"trained": np.full(3, epoch, np.float32)}
                kept.keep(epoch, {"loss": 1.0 / epoch, "top1": 40.0 * epoch}, state)
            if name == "finished":
                weights = pack_weights(keras_network, ("left", "right"))
                document = {"schema": ARCHITECTURE_SCHEMA, **network.to_document()}
                kept.finish(weights, document, {"top1": 80.0, "val_clips": 2.0})
    clip = network.clip
    zeros = np.linspace(0, 1, clip.frames * clip.resolution**2 * 3, dtype=np.float32)
    frames = zeros.reshape(1, clip.frames, clip.resolution, clip.resolution, 3)
    logits = np.asarray(keras_network(frames))[0]
    (folder / "logits.json").write_text(json.dumps([float(x) for x in logits]) + "\n")


def main() -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    write_inputs(FOLDER)
    for name in NAMES:
        found = search(FOLDER, name)
        for path in found.rglob("*"):
            if path.is_file():
                path.write_text(without_paths(FOLDER, path.read_text()))
    network = load_architecture(FOLDER / "start.yaml")
    write_latency(FOLDER / "latency.json", network)
    write_training(FOLDER / "training", network)


if __name__ == "__main__":
    main()
