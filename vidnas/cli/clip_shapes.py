"""Which shapes do the clips of an experiment have? Those of its candidates, by rung."""

import numpy as np

from vidnas.clips.clip_shape import ClipShape
from vidnas.study.experiment.experiment import Experiment

DRAWN = 256  # candidates whose clips tell the shapes that a space decodes to


def clip_shapes(experiment: Experiment) -> set[ClipShape]:
    """What is decoded for candidates drawn at random and for the baselines.

    Clips to measure on may be longer than those of trainings: those count.
    """
    space, rng = experiment.space, np.random.default_rng(0)
    drawn = (space.decode(space.sample(rng)) for _ in range(DRAWN))
    networks = (*drawn, *(b.architecture for b in experiment.baselines))
    clips = {
        network.at(rung.frames, rung.resolution).clip
        for network in networks
        for rung in experiment.schedule.rungs
    }
    margin, measured = 1 + experiment.recipe.crop, experiment.recipe.evaluation.frames
    return {
        ClipShape(
            max(clip.frames, measured or 0),
            clip.frame_stride,
            round(clip.resolution * margin),
            clip.fps or None,
        )
        for clip in clips
    }
