"""`vidnas stream`: what a network says of a video as it goes on."""

import argparse
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from vidnas.cli.arguments import amount, place, positive, positive_number
from vidnas.cli.command_help import described
from vidnas.cli.network_options import add_network_options, asked_network
from vidnas.cli.output import note, say
from vidnas.deploy.asking.stream import TOP, Prediction, Stream
from vidnas.deploy.running.classes import most_probable, named_facts
from vidnas.deploy.running.overlay import Overlay
from vidnas.documents.visible_text import shown_name
from vidnas.video.arriving.film import Projector, open_film
from vidnas.video.arriving.frames import ShownFrame
from vidnas.video.arriving.source import is_live

EVERY_SECONDS = 1.0  # of video, from one line of text to the next
Hear = Callable[[ShownFrame, Prediction | None], None]


def add_commands(commands: Any) -> None:
    """Adds `stream`."""
    stream = commands.add_parser(
        "stream",
        **described(
            "Follows a video frame by frame, in memory that does not grow, and says "
            "what is most probable: as text, as JSON lines, or as a video that shows "
            "it. Networks that see whole clips answer clip by clip.",
            "vidnas stream runs/train/a2-stream video.mp4",
            "vidnas stream runs/train/a2-stream video.mp4 --out seen.mp4",
            "ffmpeg -i rtsp://... -f mpegts - | vidnas stream runs/train/a2-stream -",
            "vidnas stream runs/train/a2-stream camera --smooth 0.5 --json",
        ),
    )
    add_network_options(stream)
    stream.add_argument(
        "video",
        metavar="VIDEO",
        help="file, folder of frames, `-` (standard input) or `camera`, `camera:1`",
    )
    stream.add_argument(
        "--smooth",
        type=amount,
        metavar="SECONDS",
        default=0.0,
        help="average probabilities over about so long (default: not at all)",
    )
    stream.add_argument(
        "--restart",
        type=positive_number,
        metavar="SECONDS",
        help="forget what was seen after so long, and begin again (default: never)",
    )
    stream.add_argument(
        "--every",
        type=amount,
        metavar="SECONDS",
        help=f"of video from line to line (default {EVERY_SECONDS:g}, or every "
        "prediction with --json)",
    )
    stream.add_argument(
        "--hop",
        type=positive,
        metavar="N",
        help="frames from clip to clip, of a network that sees clips (default: half)",
    )
    stream.add_argument(
        "--top",
        type=positive,
        metavar="N",
        default=TOP,
        help="classes to name (default %(default)s)",
    )
    stream.add_argument(
        "--out", type=place, metavar="FILE", help="a video that shows it, .mp4 or .mkv"
    )
    stream.add_argument("--json", action="store_true", help="a JSON object a line")
    stream.set_defaults(run=follow_video)


def follow_video(chosen: argparse.Namespace) -> None:
    """Prints predictions as they come; Ctrl-C ends what is live as its end does."""
    network = asked_network(chosen)
    stream = Stream(
        network,
        smooth_seconds=chosen.smooth,
        restart_seconds=chosen.restart,
        hop=chosen.hop,
        threads=chosen.cpus,
    )
    teller = _Teller(chosen)
    with _film(chosen) as show:
        try:
            for shown, prediction in stream.watch(chosen.video):
                teller.tell(prediction)
                show(shown, prediction)
        except KeyboardInterrupt:
            if not is_live(chosen.video):
                raise
    teller.end()
    if chosen.out is not None:
        note(f"wrote {chosen.out}")


@contextmanager
def _film(chosen: argparse.Namespace) -> Iterator[Hear]:
    """What makes a film of all frames, where one is asked for."""
    if chosen.out is None:
        yield lambda shown, prediction: None
        return
    overlay, projector = Overlay(), Projector()
    with open_film(chosen.out) as add:
        latest: list[Prediction] = []

        def show(shown: ShownFrame, prediction: Prediction | None) -> None:
            latest[:] = latest if prediction is None else [prediction]
            image = projector.image(shown)
            top = latest[0].top if latest else ()
            add(overlay.draw(image, top), shown.seconds)

        yield show


class _Teller:
    """Says predictions, no more often than was asked for.

    Args:
        chosen: Words of the command.
    """

    def __init__(self, chosen: argparse.Namespace) -> None:
        usual = 0.0 if chosen.json else EVERY_SECONDS
        self._every = usual if chosen.every is None else chosen.every
        self._json, self._top = chosen.json, chosen.top
        self._next = 0.0
        self._last: Prediction | None = None
        self._told: Prediction | None = None
        self._began: tuple[float, int] | None = None

    def tell(self, prediction: Prediction | None) -> None:
        """Says a prediction, if it is time to."""
        if prediction is None:
            return
        self._last = prediction
        if self._began is None:  # what is compiled and loaded is no frame's time
            self._began = time.monotonic(), prediction.frame
        if prediction.seconds >= self._next - 1e-6:
            self._next = max(self._next + self._every, prediction.seconds)
            self._say(prediction)

    def end(self) -> None:
        """Says the last prediction, and how long all took."""
        if self._last is None:
            return
        if self._last is not self._told:
            self._say(self._last)
        words = f"{self._last.frame} frames"
        if self._began is not None and self._last.frame > self._began[1]:
            took = time.monotonic() - self._began[0]
            each = 1e3 * took / (self._last.frame - self._began[1])
            words = f"{words}, {each:.1f} ms each, reading them included"
        note(words)

    def _say(self, prediction: Prediction) -> None:
        self._told = prediction
        top = most_probable(prediction.probabilities, prediction.classes, self._top)
        if self._json:
            facts = {
                "seconds": round(prediction.seconds, 6),
                "frame": prediction.frame,
                "top": named_facts(top),
            }
            say(json.dumps(facts))
            return
        words = (f"{shown_name(one.name)} {100 * one.probability:.1f} %" for one in top)
        say(f"{prediction.seconds:8.2f} s  {', '.join(words)}")
