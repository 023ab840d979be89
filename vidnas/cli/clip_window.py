"""Which window do the flags of a command mean? Frames by stride or time, or a space's.

Without flags it is 16 frames of stride 1.
"""

import argparse
from pathlib import Path

from vidnas.cli.arguments import amount, positive
from vidnas.cli.clip_shapes import clip_shapes
from vidnas.clips.window import Window, longest
from vidnas.errors import InputError
from vidnas.study.experiment.experiment import Experiment
from vidnas.study.experiment.reader import load_experiment

FRAMES = 16


def add_window_options(command: argparse.ArgumentParser) -> None:
    """Adds the flags that say which frames a training would read."""
    command.add_argument(
        "--frames", type=positive, metavar="N", help=f"of a clip (default {FRAMES})"
    )
    command.add_argument(
        "--frame-stride",
        type=positive,
        metavar="N",
        help="source frames from one to the next (default 1)",
    )
    command.add_argument(
        "--fps", type=amount, metavar="X", help="frames a second, in place of a stride"
    )
    command.add_argument(
        "--for",
        dest="experiment",
        type=Path,
        metavar="EXPERIMENT",
        help="the longest window that candidates of its space read",
    )


def asked_window(chosen: argparse.Namespace) -> Window:
    """The window that the flags mean.

    Raises:
        InputError: flags contradict one another, or the experiment cannot be read.
    """
    if chosen.fps is not None and chosen.frame_stride is not None:
        raise InputError("A window goes by `--fps` or by `--frame-stride`, got both.")
    if chosen.fps == 0:
        raise InputError("`--fps` must be more than 0, got 0.")
    given = (chosen.frames, chosen.frame_stride, chosen.fps)
    if chosen.experiment is None:
        return Window(chosen.frames or FRAMES, chosen.frame_stride or 1, chosen.fps)
    if given != (None, None, None):
        raise InputError(
            "A window is that of `--for` or of `--frames`, `--frame-stride` and "
            "`--fps`, got both."
        )
    return experiment_window(load_experiment(chosen.experiment))


def experiment_window(experiment: Experiment) -> Window:
    """The longest window that candidates of an experiment read."""
    return longest(
        Window(shape.frames, shape.frame_stride, shape.fps)
        for shape in clip_shapes(experiment)
    )
