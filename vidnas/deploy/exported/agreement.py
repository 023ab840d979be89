"""Does an exported file compute what the Keras network computes? Frame by frame."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from vidnas.deploy.running.runner import Values

SAME = 1e-4  # of the logits' spread: the most that floats may differ
AGREE = 0.95  # share of frames on which rounded numbers must name the same class
POINTS = 1.0  # of top-1 that rounded numbers may lose
LATE = 0.625  # share of a stream after which its frames are late
Answers = Callable[[Values], Values]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How two runtimes answered the same frames or clips.

    Args:
        answers: Logits that were compared, a vector each.
        difference: Greatest difference between two logits.
        spread: Standard deviation of the reference's logits.
        agree: Share of answers that name the same class.
        agree_late: Share of the answers late in the streams that do.
        decibel: Power of the reference over that of the difference [dB].
    """

    answers: int
    difference: float
    spread: float
    agree: float
    agree_late: float
    decibel: float

    def to_document(self) -> dict[str, Any]:
        """As JSON spells it."""
        return {
            "answers": self.answers,
            "max_difference": self.difference,
            "spread": self.spread,
            "agree": self.agree,
            "agree_late": self.agree_late,
            "snr_db": self.decibel,
        }

    def fault(self, quantize: str) -> str:
        """Why the file must not be used; "" where it may.

        Args:
            quantize: What its numbers are, as `vidnas export` names it.
        """
        if quantize == "none" and not self.difference <= SAME * self.spread:
            return (
                f"logits must differ by at most {SAME:g} of their spread, they differ "
                f"by {self.difference / max(self.spread, 1e-30):.2g} of it"
            )
        if not self.agree >= AGREE:
            return (
                f"at least {100 * AGREE:.0f} % of answers must name the same class, "
                f"{100 * self.agree:.1f} % do"
            )
        return ""


def compare(found: Values, reference: Values) -> Agreement:
    """How logits agree with those of a reference.

    Args:
        found: Logits of the file `[T, B, K]`, T frames of B streams, or one of clips.
        reference: Logits of the Keras network, of the same shape.
    """
    error = np.asarray(found, np.float64) - reference
    same = found.argmax(-1) == reference.argmax(-1)
    late = same[int(LATE * len(same)) :]
    power = float((np.asarray(reference, np.float64) ** 2).sum())
    noise = max(float((error**2).sum()), 1e-30)
    return Agreement(
        answers=same.size,
        difference=float(np.abs(error).max()),
        spread=float(reference.std()),
        agree=float(same.mean()),
        agree_late=float(late.mean()),
        decibel=float(10 * np.log10(max(power, 1e-30) / noise)),
    )


def answer_frames(answers: Answers, frames: Values) -> Values:
    """Logits `[T, B, K]` after each frame of streams.

    Args:
        answers: Function from the next frame of each stream to logits.
        frames: Frames `[T, B, H, W, C]` in [0, 1].
    """
    return np.stack([answers(frame) for frame in frames])


def streams_of_classes(
    clips: np.ndarray, labels: np.ndarray, frames: int, count: int, seed: int
) -> np.ndarray:
    """Streams that show clips of one class each, one after the other.

    Args:
        clips: Clips `[N, T, H, W, C]`.
        labels: Class of each `[N]`.
        frames: Frames of a stream.
        count: Number of streams; classes take turns.
        seed: Seed of the order of clips.

    Returns:
        `[count, frames, H, W, C]`.
    """
    rng = np.random.default_rng(seed)
    classes = np.unique(labels)
    streams = []
    for number in range(count):
        rows = rng.permutation(np.flatnonzero(labels == classes[number % len(classes)]))
        rows = np.resize(rows, -(-frames // clips.shape[1]))
        streams.append(clips[rows].reshape(-1, *clips.shape[2:])[:frames])
    return np.stack(streams)
