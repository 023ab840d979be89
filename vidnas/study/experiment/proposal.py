"""Which experiment suits these clips and this machine? A first one, to be edited.

Budgets follow from time: what all trials of an hour may compute, by rough speeds.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from vidnas.budgets.price import Pricing
from vidnas.documents.node import Node, Origin
from vidnas.documents.quantity import (
    format_count,
    format_duration,
    round_up,
)
from vidnas.files.loading import load_space
from vidnas.files.yaml_file import dump_document
from vidnas.space.language.abbreviation import abbreviate
from vidnas.space.reading import read_space
from vidnas.space.space import Space
from vidnas.study.experiment.defaults import TRIALS, most_costly
from vidnas.study.experiment.experiment import EXPERIMENT_SCHEMA

SECONDS = 3600  # that a first search should take
# Multiply-adds of training steps in a second. A core: half of what README's quickstart
# comes to, at some 3 M FLOPs a network. A GPU: a guess, small trials never fill one.
CORE_SPEED, GPU_SPEED = 4e9, 1e11
STEP = 3  # a training step computes a forward pass some three times
STEPS = 250  # of a training, at least: fewer teach a new network little
SIDES = (16, 24, 32, 48, 64, 80, 96, 112, 128, 160, 192, 224)  # of clips [pixels]
SAMPLES = 400
WORKER_BYTES = 2 * 2.0**30  # a process with TensorFlow, and a training
# Spaces whose networks are proposed, the larger first, and their least largest side.
TEMPLATES = (("movinet_a0", 96), ("quickstart", 0))


@dataclass(frozen=True, slots=True)
class ClipsSeen:
    """What a proposal needs to know of clips.

    Args:
        folder: Folder or file as the experiment file should name it.
        classes: Number of classes.
        train: Training clips.
        frames: Usual length [frames].
        side: Usual shorter side [pixels].
        rate: Usual frame rate [frames per second].
        generated: Whether they are the motion clips, which a search generates.
        kind: Kind of dataset, as `clips` of an experiment names it.
    """

    folder: str
    classes: int
    train: int
    frames: int
    side: int
    rate: float
    generated: bool = False
    kind: str = "folder"


@dataclass(frozen=True, slots=True)
class Machine:
    """What a proposal needs to know of the machine.

    Args:
        cores: Cores that may be used.
        memory: Memory [bytes].
        gpus: Number of GPUs.
    """

    cores: int
    memory: float
    gpus: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """An experiment and its space.

    Args:
        name: Name of the experiment, letters, digits and `_`.
        space: Space with the clip sizes that suit the clips.
        flops: The most that a candidate may cost.
        epochs: Epochs of a training.
        batch: Clips of a step.
        workers: Number of workers.
        cpus: Cores of each.
        seconds: Time that the search may take, roughly.
        clips: What was seen of the clips.
        machine: What was seen of the machine.
    """

    name: str
    space: Space
    flops: float
    epochs: int
    batch: int
    workers: int
    cpus: int
    seconds: float
    clips: ClipsSeen
    machine: Machine

    def space_text(self) -> str:
        """The space as a file."""
        document = abbreviate(self.space.to_document())
        return (
            f"# Networks for {self.clips.classes} classes of clips of some "
            f"{self.clips.frames} frames and {self.clips.side} pixels.\n"
            f"# `vidnas space show` says what is in it.\n{dump_document(document)}"
        )

    def experiment_text(self, space_file: str) -> str:
        """The experiment as a file.

        Args:
            space_file: Space, relative to the experiment.
        """
        seen, machine = self.clips, self.machine
        clips: dict[str, Any] = {seen.kind: seen.folder}
        if seen.generated:
            clips["motion"] = {"seed": 0}
        gpus = ", gpus: auto" if machine.gpus else ""
        return "".join(
            [
                f"# Which networks recognise the {seen.classes} classes best for their "
                "FLOPs?\n#\n",
                f"# Made for {seen.train} training clips of some {seen.frames} frames "
                f"({seen.rate:g} a second),\n# {seen.side} pixels, and {machine.cores} "
                f"cores, {machine.gpus} GPUs:\n",
                f"# some {format_duration(self.seconds)}, by rough speeds. Edit it "
                "freely.\n",
                f"schema: {EXPERIMENT_SCHEMA}\n",
                f"name: {self.name}\nspace: {space_file}\n",
                dump_document({"clips": clips}),
                "# `flip: true` mirrors half of the clips: right where left and right "
                "are not labels.\n",
                f"training: {{epochs: {self.epochs}, batch: {self.batch}, "
                "learning_rate: 0.01, flip: false}\n",
                f"budgets: {{flops: {format_count(self.flops)}}}\n",
                f"effort: {{trials: {TRIALS}}}\n",
                f"workers: {{count: {self.workers}, cpus: {self.cpus}{gpus}}}\n",
            ]
        )


def propose(name: str, clips: ClipsSeen, machine: Machine) -> Proposal:
    """An experiment of about an hour for these clips on this machine."""
    batch = 16 if clips.train >= 160 else 8
    epochs = min(30, max(5, math.ceil(STEPS * batch / clips.train)))
    speed = machine.gpus * GPU_SPEED or machine.cores * CORE_SPEED
    passes = TRIALS * epochs * clips.train * STEP
    space, flops = _fitting_space(name, clips, SECONDS * speed / passes)
    fitting = int(0.75 * machine.memory / WORKER_BYTES)
    most = min(machine.cores, 2 * machine.gpus or machine.cores)
    workers = max(1, min(most, fitting))
    return Proposal(
        name=name,
        space=space,
        flops=flops,
        epochs=epochs,
        batch=batch,
        workers=workers,
        cpus=max(1, machine.cores // workers),
        seconds=passes * flops / speed,
        clips=clips,
        machine=machine,
    )


def _fitting_space(name: str, clips: ClipsSeen, flops: float) -> tuple[Space, float]:
    """The largest networks of which half cost half of the budget, and the budget."""
    space = None
    for space in _spaces(name, clips):
        middle = _median_flops(space, clips.classes)
        if middle <= flops / 2:
            most = most_costly(space, Pricing(clips.classes), (), None)
            return space, min(round_up(flops), most)
    assert space is not None, "the smallest sides are always tried"
    return space, round_up(middle)


def _spaces(name: str, clips: ClipsSeen) -> Iterator[Space]:
    """Spaces for the clips, those of dearer networks first."""
    sides = [side for side in SIDES if side <= clips.side]
    sides = sides if len(sides) >= 3 else list(SIDES[:3])
    frames = sorted({max(1, min(most, clips.frames)) for most in (4, 8)})
    long = sorted({max(1, min(most, clips.frames)) for most in (8, 16)})
    for template, least in TEMPLATES:
        document = load_space(template).to_document()
        for at in range(len(sides) - 3, -1, -1):
            resolutions = sides[at : at + 3]
            if resolutions[-1] < least:
                continue
            of = long if resolutions[-1] >= 64 else frames
            yield _resized(document, name, of, resolutions, clips)


def _resized(
    document: Mapping[str, Any],
    name: str,
    frames: list[int],
    resolutions: list[int],
    clips: ClipsSeen,
) -> Space:
    # The whole clip, but never fewer frames a second than MoViNets see: 5.
    coarsest = max(1, round(clips.rate / 5))
    stride = min(coarsest, max(1, clips.frames // frames[-1]))
    clip = {"frames": frames, "resolution": resolutions, "frame_stride": stride}
    changed = {**document, "name": name, "clip": clip}
    if "stream" in document.get("choices", {}):  # streams are another question
        changed["choices"] = {**document["choices"], "stream": [False]}
    return read_space(Node(changed, Origin(f"space `{name}`")))


def _median_flops(space: Space, classes: int) -> float:
    rows = space.many.sample(np.random.default_rng(0), SAMPLES)
    return float(np.median(Pricing(classes).rows(space, rows)["flops"]))
