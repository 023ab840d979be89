"""How does a program follow a video? Frames in, smoothed probabilities out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO

from vidnas.arrays import Floats
from vidnas.deploy.asking.named_network import NamedNetwork, find_network
from vidnas.deploy.asking.opening import open_clip_runner, open_stream_runner
from vidnas.deploy.running.classes import (
    Named,
    most_probable,
    probabilities_of,
    require_labels,
)
from vidnas.deploy.running.runner import Values
from vidnas.deploy.running.seen import Sight
from vidnas.deploy.running.smoothing import Smoothing
from vidnas.deploy.running.steps import CarriedSteps, ClipSteps, Steps
from vidnas.errors import InputError
from vidnas.video.arriving.frames import ShownFrame, shown_in_order
from vidnas.video.timeline import RATE_UNKNOWN

TOP = 5  # classes that are named


@dataclass(frozen=True, eq=False)
class Prediction:
    """What a network says after a frame.

    Args:
        frame: Frames that it has seen, this one included.
        seconds: Moment of the frame in the video [s].
        probabilities: Probability of each class, smoothed `[K]`.
        classes: Names of the classes; none where nobody knows them.
    """

    frame: int
    seconds: float
    probabilities: Floats
    classes: tuple[str, ...] = ()

    @cached_property
    def top(self) -> tuple[Named, ...]:
        """The five most probable classes, the first one first."""
        return most_probable(self.probabilities, self.classes, TOP)


class Stream:
    """A network that follows a video, in memory that does not grow.

    A causal network answers every frame, whatever it remembers is carried on. Any other
    answers clip by clip, over the last frames.

        stream = vidnas.Stream("runs/train/a2-stream", smooth_seconds=0.5)
        for prediction in stream.follow("video.mp4"):
            print(prediction.seconds, prediction.top[0].name)

        prediction = stream.push(image)  # RGB bytes [H, W, 3], of any size

    Args:
        net: Network: what `vidnas predict` takes, or what `find_network` found.
        weights: Weights for a `net` that is an architecture; None for its own.
        labels: Names of the outputs, where the network has none; None for its own.
        smooth_seconds: Time over which probabilities are averaged; 0 for none.
        restart_seconds: Time after which a network forgets what it saw and begins
            again; None for never.
        hop: Frames from one clip to the next, of a network that sees whole clips; None
            for half a clip.
        multi_label: Whether a frame may show several classes; None for what the
            network was trained for.
        threads: Threads that an exported file runs on, where its runtime can be told.

    Raises:
        InputError: there is no such network, or the labels are not as many as its
            outputs.
    """

    def __init__(
        self,
        net: str | Path | NamedNetwork,
        *,
        weights: str | Path | None = None,
        labels: Sequence[str] | None = None,
        smooth_seconds: float = 0.0,
        restart_seconds: float | None = None,
        hop: int | None = None,
        multi_label: bool | None = None,
        threads: int = 1,
    ) -> None:
        if not isinstance(net, NamedNetwork):
            net = find_network(str(net), None if weights is None else Path(weights))
        if labels is not None:
            net = net.with_labels(labels)
        if multi_label is not None:
            net = replace(net, multi_label=multi_label)
        if smooth_seconds < 0 or (restart_seconds is not None and restart_seconds <= 0):
            raise InputError(
                "`smooth_seconds` must be at least 0 and `restart_seconds` above it, "
                f"got {smooth_seconds} and {restart_seconds}."
            )
        self.network = net
        self._restart_seconds = restart_seconds
        self._sight = Sight(net.architecture.clip, net.margin)
        self._smoothing = Smoothing(smooth_seconds)
        self._steps = _steps(net, hop, threads)
        self._began: float | None = None
        self._frames = 0

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the outputs; none where nobody knows them."""
        return self.network.classes

    def restart(self) -> None:
        """Forgets every frame: the next one is the first of another video."""
        self._steps.restart()
        self._smoothing.restart()
        self._began, self._frames = None, 0

    def push(self, image: Any, seconds: float | None = None) -> Prediction | None:
        """What the network says after the next frame.

        Args:
            image: RGB bytes `[H, W, 3]`, of any size. The network expects frames as far
                apart as its clip has them: `fps` a second, or every `frame_stride`-th.
            seconds: Moment of the frame [s], rising; None for as far apart as the
                network expects, of a source of 25 frames a second.

        Returns:
            The prediction; None where a clip is not full.

        Raises:
            InputError: it is no such image.
        """
        pixels = self._sight.of_image(image)
        return self._answer(pixels, self._next() if seconds is None else seconds)

    def follow(
        self, video: str | Path, *, piped: BinaryIO | None = None
    ) -> Iterator[Prediction]:
        """What the network says of a video, from its first frame to its last.

        Args:
            video: Video file, folder of frames, `-` for standard input, or `camera`.
            piped: What is standard input; None for the process's own.

        Raises:
            ClipError: the video cannot be read.
        """
        for _, prediction in self.watch(video, piped=piped):
            if prediction is not None:
                yield prediction

    def watch(
        self, video: str | Path, *, piped: BinaryIO | None = None
    ) -> Iterator[tuple[ShownFrame, Prediction | None]]:
        """Every frame of a video, with what the network newly says, if anything.

        Args:
            video: Video, as `follow` takes it.
            piped: What is standard input; None for the process's own.

        Raises:
            ClipError: the video cannot be read.
        """
        self.restart()
        clip = self.network.architecture.clip
        frames = shown_in_order(
            video, frame_stride=clip.frame_stride, fps=clip.fps or None, piped=piped
        )
        answered, shown, moment = False, None, 0.0
        for shown in frames:
            prediction = None
            if shown.moments:
                pixels = self._sight.of_frame(shown.frame, shown.pixel_shape)
                for moment in shown.moments:
                    prediction = self._answer(pixels, moment) or prediction
            answered = answered or prediction is not None
            yield shown, prediction
        logits = None if answered else self._steps.last()
        if shown is not None and logits is not None:
            yield shown._replace(moments=()), self._told(logits, moment)

    def _next(self) -> float:
        clip = self.network.architecture.clip
        step = 1 / clip.fps if clip.fps else clip.frame_stride / RATE_UNKNOWN
        return self._frames * step

    def _answer(self, pixels: Any, seconds: float) -> Prediction | None:
        if self._began is None:
            self._began = seconds
        elif self._restart_seconds and seconds - self._began >= self._restart_seconds:
            self._steps.restart()
            self._began = seconds
        self._frames += 1
        logits = self._steps.step(pixels)
        return None if logits is None else self._told(logits, seconds)

    def _told(self, logits: Values, seconds: float) -> Prediction:
        require_labels(self.classes, len(logits), self.network.name)
        raw = probabilities_of(logits, bool(self.network.multi_label))
        smoothed = self._smoothing.smooth(raw, seconds)
        return Prediction(self._frames, seconds, smoothed, self.classes)


def _steps(network: NamedNetwork, hop: int | None, threads: int) -> Steps:
    if network.takes_frames:
        return CarriedSteps(open_stream_runner(network, threads=threads))
    frames = network.architecture.clip.frames
    return ClipSteps(open_clip_runner(network, threads), frames, hop)
