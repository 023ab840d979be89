"""How does `vidnas export --check` compare a file with the network it was made from?"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vidnas.cli.export_clips import UNIT, Shown, Values
from vidnas.cli.output import note
from vidnas.deploy.asking.outputs import targets_of_outputs
from vidnas.deploy.exported.about import About
from vidnas.deploy.exported.agreement import POINTS, Agreement, answer_frames, compare
from vidnas.deploy.exported.alone import Alone, run_alone
from vidnas.deploy.exported.formats import CODE, KERAS
from vidnas.deploy.exported.opening import open_exported_clips, open_exported_stream
from vidnas.deploy.running.steps import SteppedClips
from vidnas.documents.quantity import format_bytes
from vidnas.errors import InputError
from vidnas.statistics.bootstrap import percentiles, resampled_means

CALLS = 100  # frames, or clips, that are timed
SLOW_CALLS = 20  # clips of them, which take longer than frames
BATCH = 8  # clips that Keras answers at once
Answers = Callable[[Values], Values]


@dataclass(frozen=True, slots=True)
class Paired:
    """Top-1 of both on the same clips.

    Args:
        clips: Number of clips.
        keras: Top-1 of the Keras network [%].
        file: Top-1 of the file [%].
        interval: 95 % interval of the difference [points].
    """

    clips: int
    keras: float
    file: float
    interval: tuple[float, float]

    def to_document(self) -> dict[str, Any]:
        """As JSON spells it."""
        return {
            "clips": self.clips,
            "top1_keras": self.keras,
            "top1": self.file,
            "difference": self.file - self.keras,
            "difference_interval": list(self.interval),
        }


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check found.

    Args:
        agreement: How logits agree.
        alone: Time and memory of the file in a process of its own; None of a format
            that has none of its own.
        paired: Top-1 on labelled clips; None where there are none.
    """

    agreement: Agreement
    alone: Alone | None = None
    paired: Paired | None = None

    def fault(self, quantize: str) -> str:
        """Why the file must not be used; "" where it may."""
        fault = self.agreement.fault(quantize)
        if fault or self.paired is None:
            return fault
        lost = self.paired.keras - self.paired.file
        if lost > POINTS:
            return (
                f"top-1 may fall by {POINTS:g} point at most, it fell by {lost:.2f} on "
                f"{self.paired.clips} clips"
            )
        return ""

    def to_document(self, quantize: str) -> dict[str, Any]:
        """As JSON spells it."""
        return {
            "passed": not self.fault(quantize),
            **self.agreement.to_document(),
            **(self.alone.to_document() if self.alone else {}),
            **(self.paired.to_document() if self.paired else {}),
        }


def check_export(
    network: Any, about: About, written: list[Path], kind: str, shown: Shown
) -> Checked:
    """Runs what was exported beside its network.

    Args:
        network: Network in Keras, a clip network or a stream.
        about: What the files are of.
        written: Files that were written, the network's first.
        kind: Name of their format.
        shown: Clips to show to both.
    """
    if kind in (CODE, KERAS):
        return _check_keras(network, about, written, kind, shown)
    return _check_file(network, about, written[0], shown)


def _check_file(network: Any, about: About, path: Path, shown: Shown) -> Checked:
    if about.stream:
        agreement = _compare_streams(network, about, path, shown)
    else:
        clips = shown.clips(about)
        answers = open_exported_clips(path).clip_logits
        agreement = compare(answers(clips)[None], _keras_clips(network)(clips)[None])
    alone = run_alone(path, CALLS if about.stream else SLOW_CALLS)
    return Checked(agreement, alone, _compare_top1(network, about, path, shown))


def _check_keras(
    network: Any, about: About, written: list[Path], kind: str, shown: Shown
) -> Checked:
    """Loads what Keras itself runs, and compares it."""
    from vidnas.deploy.exporting.loading import keras_answers

    frames = shown.streams(about) if about.stream else shown.clips(about)[None]
    found = answer_frames(keras_answers(written, kind, about), frames)
    reference = _keras_stream(network, frames.shape[1])
    if not about.stream:
        reference = _keras_clips(network)
    return Checked(compare(found, answer_frames(reference, frames)))


def _compare_streams(network: Any, about: About, path: Path, shown: Shown) -> Agreement:
    frames = shown.streams(about)
    streams = frames.shape[1]
    runner = open_exported_stream(path, streams)
    parts = []
    for first in range(0, streams, runner.streams):
        runner.restart()
        some = frames[:, first : first + runner.streams]
        parts.append(answer_frames(runner.frame_logits, some))
    found = np.concatenate(parts, axis=1)
    return compare(found, answer_frames(_keras_stream(network, streams), frames))


def _keras_stream(network: Any, streams: int) -> Answers:
    if not hasattr(network, "initial_states"):
        return _keras_clips(network)
    from vidnas.deploy.running.keras_runner import KerasStream

    return KerasStream(network, streams).frame_logits


def _keras_clips(network: Any) -> Answers:
    from vidnas.deploy.running.keras_runner import KerasClips

    return KerasClips(network).clip_logits


def _compare_top1(
    network: Any, about: About, path: Path, shown: Shown
) -> Paired | None:
    """Top-1 on the val clips of the dataset, each of which has one class."""
    clips = shown.labelled()
    if clips is None or clips.multi_label:
        return None
    try:
        targets = targets_of_outputs(shown.network, clips, about.outputs)
    except InputError as others:
        note(f"check    without top-1: {others}")
        return None
    note(f"check    {len(clips)} val clips, beside the Keras network")
    labels = targets.argmax(1)
    keras, file = _clip_answers(network, about, path)
    named: list[np.ndarray] = []
    with closing(clips.batches(BATCH, seed=0, epoch=0, augment=False)) as batches:
        for images, _ in batches:
            values = images * UNIT
            named.append(np.stack([each(values).argmax(1) for each in (keras, file)]))
    of_keras, of_file = (np.concatenate(named, 1) == labels).astype(np.float64)
    means = resampled_means(of_file - of_keras, np.random.default_rng(0))
    low, high = percentiles(means, 0.95)
    return Paired(
        len(of_keras),
        100 * float(of_keras.mean()),
        100 * float(of_file.mean()),
        (100 * low, 100 * high),
    )


def _clip_answers(network: Any, about: About, path: Path) -> tuple[Answers, Answers]:
    """What gives logits of whole clips: the network, and the file."""
    if not about.stream:
        return _keras_clips(network), open_exported_clips(path).clip_logits
    from vidnas.deploy.running.keras_runner import KerasStream

    keras = SteppedClips(KerasStream(network, BATCH))
    file = SteppedClips(open_exported_stream(path, about.batch or BATCH))
    return keras.clip_logits, file.clip_logits


def checked_lines(checked: Checked, about: About) -> list[str]:
    """What a check found, for a person."""
    found = checked.agreement
    what = "frames of streams" if about.stream else "clips"
    each = "frame" if about.stream else "clip"
    lines = [
        f"check    {found.answers} {what}: largest difference "
        f"{found.difference / max(found.spread, 1e-30):.1e} of the spread, "
        f"{100 * found.agree:.1f} % name the same class, {found.decibel:.0f} dB"
    ]
    if checked.paired is not None:
        one = checked.paired
        low, high = one.interval
        lines.append(
            f"top-1    {one.file:.1f} %, Keras {one.keras:.1f} %, difference "
            f"{one.file - one.keras:+.2f} points ({low:+.2f} to {high:+.2f}) on "
            f"{one.clips} clips"
        )
    if checked.alone is not None:
        took = checked.alone
        lines.append(
            f"alone    {took.milliseconds:.3g} ms a {each} (+-"
            f"{took.spread_milliseconds:.2g}) on {took.threads} thread, "
            f"{format_bytes(took.file_bytes)} of memory"
        )
    return lines
