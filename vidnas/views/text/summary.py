"""How are a trial and its architecture said in a few words?"""

from collections import Counter

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.parts import Clip
from vidnas.trials.objectives import Accuracy
from vidnas.trials.trial import Trial


def accuracy_in_words(trial: Trial, accuracy: Accuracy) -> str:
    """`81.2 (75.9 to 85.6)` in percent, with the 95 % interval; `-` if unmeasured."""
    value = accuracy.of(trial)
    if value is None:
        return "-"
    text = f"{value:.1f}"
    limits = accuracy.interval(trial)
    return text if limits is None else f"{text} ({limits[0]:.1f} to {limits[1]:.1f})"


def widths(architecture: Architecture) -> str:
    """Output widths of stem and stages: `8, 16, 32, 48`."""
    stages = (stage.width for stage in architecture.stages)
    return ", ".join(map(str, (architecture.stem.width, *stages)))


def depths(architecture: Architecture) -> str:
    """Layers of each stage: `1, 2, 3`."""
    return ", ".join(str(len(stage.layers)) for stage in architecture.stages)


def kernels(architecture: Architecture) -> str:
    """Depthwise kernels, the most frequent first: `3x3x3 (4), 1x3x3 (2)`."""
    counts = Counter(
        str(layer.kernel) for stage in architecture.stages for layer in stage.layers
    )
    return ", ".join(f"{kernel} ({n})" for kernel, n in counts.most_common())


def clip_in_words(architecture: Architecture) -> str:
    """`8 frames of 32 x 32`, and `, 12.5 a second, grayscale` where that is said."""
    clip = architecture.clip
    size = f"{clip.frames} frames of {clip.resolution} x {clip.resolution}"
    return size + rate_and_colours(clip)


def rate_and_colours(clip: Clip) -> str:
    """`, 12.5 a second, grayscale`, or nothing for every so many RGB frames."""
    rate = f", {clip.fps:.6g} a second" if clip.fps else ""
    return rate + (", grayscale" if clip.channels == 1 else "")


def stages_in_words(architecture: Architecture) -> str:
    """Every stage in one line: `16 | 24 x 1: 3x3x3 | 48 x 2: 5x3x3, 1x3x3 | 128`.

    The stem's width, each stage's width, depth and kernels, the head's width; `se`
    marks a stage with squeeze-excite.
    """
    parts = [str(architecture.stem.width)]
    for stage in architecture.stages:
        used = dict.fromkeys(str(layer.kernel) for layer in stage.layers)
        excited = any(layer.squeeze_excite for layer in stage.layers)
        mark = " se" if excited else ""
        parts.append(f"{stage.width} x {len(stage.layers)}: {', '.join(used)}{mark}")
    parts.append(str(architecture.head.project_width))
    return " | ".join(parts)
