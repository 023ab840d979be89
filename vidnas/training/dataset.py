"""Which clips does a training see? Both splits at the architecture's clip shape.

Importing this module loads no TensorFlow: clips can be opened, and refused, before.
"""

from dataclasses import dataclass, fields
from functools import cache

from vidnas.architecture.architecture import Architecture
from vidnas.arrays import Floats
from vidnas.clips.check import check_clips
from vidnas.clips.clipset import ClipSet
from vidnas.clips.decoded_faults import measured_faults
from vidnas.clips.findings import Finding
from vidnas.clips.opening import MEMORY_LIMIT_BYTES, open_clips
from vidnas.clips.transforms import Transforms
from vidnas.clips.window import Window
from vidnas.datasets.source import ClipSource
from vidnas.errors import ClipError
from vidnas.trials.chance import Chance
from vidnas.trials.class_weights import weights_of
from vidnas.trials.objectives import objectives_for
from vidnas.trials.recipe import Recipe


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """The clips that are trained on, and those that are measured on."""

    train: ClipSet
    val: ClipSet

    @property
    def counts(self) -> dict[str, float]:
        """Clips in use and unreadable files, as measured numbers."""
        return {
            "train_clips": float(len(self.train)),
            "val_clips": float(len(self.val)),
            "skipped_clips": float(
                len(self.train.skip_reasons) + len(self.val.skip_reasons)
            ),
        }

    @property
    def faults(self) -> dict[str, float]:
        """Clips that were still, short or damaged when decoded, as measured numbers.

        Of clips that are decoded in every pass, they are those met so far.
        """
        return measured_faults(self.train.faults, self.val.faults)

    @property
    def chance(self) -> Chance:
        """What guessing reaches on the validation clips, by their usual accuracy."""
        classes = len(self.val.classes)
        counts = tuple(map(int, self.val.targets.sum(axis=0)))
        accuracy = objectives_for(self.multi_label).accuracy
        return Chance(classes, counts, accuracy, len(self.val))

    @property
    def multi_label(self) -> bool:
        """Whether a clip may have several classes, or none."""
        return self.train.multi_label


def open_dataset(
    architecture: Architecture,
    source: ClipSource,
    recipe: Recipe,
    *,
    threads: int | None = None,
) -> Dataset:
    """The clips of a dataset as an architecture takes them.

    Args:
        architecture: Architecture whose clip is the shape.
        source: Dataset to open.
        recipe: Recipe whose `crop` is the margin that crops are taken from, and whose
            `evaluation` says what is measured on.
        threads: Threads that make batches, as many as the cores of this worker; None
            for one per core that this process may use.

    Raises:
        ClipError: the dataset cannot be used, or no file of a class can be read.
    """
    measured = recipe.evaluation
    longer = architecture.at(max(measured.frames or 0, architecture.clip.frames))
    train, val = (
        open_clips(
            source,
            split,
            frames=clip.frames,
            frame_stride=clip.frame_stride,
            fps=clip.fps or None,
            channels=clip.channels,
            resolution=clip.resolution,
            margin=recipe.crop,
            threads=threads,
            memory_limit_bytes=0 if decoded_anew else MEMORY_LIMIT_BYTES,
        )
        for split, clip, decoded_anew in (
            ("train", architecture.clip, recipe.needs_decoding),
            ("val", longer.clip, measured.views > 1),
        )
    )
    return Dataset(train, val)


def dataset_findings(
    dataset: Dataset, source: ClipSource, window: Window
) -> tuple[Finding, ...]:
    """What is wrong with the clips, as far as it is known before they are trained on.

    Args:
        dataset: The clips that were opened; those in memory were decoded.
        source: Dataset that they are of.
        window: Frames of a clip.

    Raises:
        ClipError: no file of a class can be read.
    """
    found = check_clips(source, window=window).findings
    named = {(finding.kind, finding.id) for finding in found}
    met = (*dataset.train.findings, *dataset.val.findings)
    return (*found, *(one for one in met if (one.kind, one.id) not in named))


def transforms_of(recipe: Recipe) -> Transforms:
    """What a recipe does to training clips, beyond crop, mirror and order."""
    names = (field.name for field in fields(Transforms))
    return Transforms(**{name: getattr(recipe, name) for name in names})


def require_counted(
    dataset: Dataset, source: ClipSource, counted: tuple[int, int]
) -> None:
    """Raises where clips came or went since a study counted them.

    Its trials would be measured on other clips, and could not be compared.

    Args:
        dataset: The clips that were opened.
        source: Dataset that they are of.
        counted: Readable clips of `train` and `val`, as the study counted them.

    Raises:
        ClipError: others are there now.
    """
    opened = len(dataset.train), len(dataset.val)
    if opened != counted:
        _require_readable(source, counted, opened)


@cache  # a clip that only begins to decode is looked at once, not for every trial
def _require_readable(
    source: ClipSource, counted: tuple[int, int], opened: tuple[int, int]
) -> None:
    """Counts again as a study does: a clip counts if its first frame can be read."""
    report = check_clips(source)
    found = report.count("train"), report.count("val")
    if found == counted:
        return
    first = f"; unreadable: {report.unreadable[0]}" if report.unreadable else "."
    raise ClipError(
        f"{source} must hold the clips that the study began with, {counted[0]} train "
        f"and {counted[1]} val, it holds {found[0]} and {found[1]}{first}"
    )


def batch_of(recipe: Recipe, dataset: Dataset) -> int:
    """Clips per step: the recipe's, or all there are."""
    return min(recipe.batch, len(dataset.train))


def class_weights(recipe: Recipe, train: ClipSet) -> Floats | None:
    """Weight of each class in the loss `[K]`; None for a recipe that names none.

    Raises:
        InputError: the recipe weighs a class that the clips have not.
    """
    if recipe.class_weights is None:
        return None
    counts = [float(count) for count in train.targets.sum(axis=0)]
    return weights_of(
        recipe.class_weights, train.classes, counts, multi_label=train.multi_label
    )
