"""`vidnas predict`: the most probable classes of videos."""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from vidnas.cli.arguments import positive
from vidnas.cli.command_help import described
from vidnas.cli.network_options import (
    add_network_options,
    add_view_options,
    asked_network,
    asked_views,
)
from vidnas.cli.output import note, say, say_json, table
from vidnas.deploy.asking.clip_scores import video_probabilities
from vidnas.deploy.asking.named_network import NamedNetwork
from vidnas.deploy.asking.opening import open_clip_runner
from vidnas.deploy.asking.stream import TOP, Prediction, Stream
from vidnas.deploy.running.classes import (
    most_probable,
    named_facts,
    require_labels,
)
from vidnas.documents.visible_text import shown_name
from vidnas.errors import ClipError

Answer = dict[str, Any]


def add_commands(commands: Any) -> None:
    """Adds `predict`."""
    predict = commands.add_parser(
        "predict",
        **described(
            "Names the most probable classes of videos. A causal network follows each "
            "video frame by frame; any other looks at clips of it.",
            "vidnas predict runs/train/a2 video.mp4",
            "vidnas predict runs/quickstart/family/a2.yaml *.mp4 --json",
            "vidnas predict movinet_a0_stream video.mp4 --labels kinetics600.txt",
        ),
    )
    add_network_options(predict)
    predict.add_argument(
        "videos", metavar="VIDEO", nargs="+", help="file, or folder of frames"
    )
    predict.add_argument(
        "--top",
        type=positive,
        metavar="N",
        default=TOP,
        help="classes to name (default %(default)s)",
    )
    predict.add_argument(
        "--as-clips",
        action="store_true",
        help="look at clips with a causal network too, as in its training",
    )
    predict.add_argument(
        "--over-time",
        action="store_true",
        help="also what was most probable as the video went on",
    )
    add_view_options(predict)
    predict.add_argument("--json", action="store_true")
    predict.set_defaults(run=predict_videos)


def predict_videos(chosen: argparse.Namespace) -> None:
    """Prints what each video shows; those that cannot be read are said at the end."""
    network = asked_network(chosen)
    answer = _answering(chosen, network)
    answers, unreadable = [], []
    for video in chosen.videos:
        try:
            answers.append({"video": video, **answer(video)})
        except ClipError as wrong:
            unreadable.append(str(wrong))
            answers.append({"video": video, "error": str(wrong)})
            continue
        if not chosen.json:
            say("\n".join(_lines(answers[-1], len(chosen.videos) > 1)))
    if chosen.json:
        facts = {"name": network.name, "arch_id": network.architecture.arch_id}
        say_json({"network": facts, "videos": answers})
    for reason in unreadable[1:]:
        note(f"error: {reason}")
    if unreadable:
        raise ClipError(unreadable[0])


def _answering(
    chosen: argparse.Namespace, network: NamedNetwork
) -> Callable[[str], Answer]:
    """What answers one video: a stream, or views of it."""
    follows = chosen.over_time or _moves(chosen, network)
    stream = Stream(network, threads=chosen.cpus) if follows else None
    look = None if _moves(chosen, network) else _looking(chosen, network)

    def answer(video: str) -> Answer:
        found = {} if look is None else look(video)
        return (
            found if stream is None else {**_followed(stream, video, chosen), **found}
        )

    return answer


def _moves(chosen: argparse.Namespace, network: NamedNetwork) -> bool:
    """Whether the answer is that after the last frame of the video."""
    return network.takes_frames and not chosen.as_clips


def _looking(
    chosen: argparse.Namespace, network: NamedNetwork
) -> Callable[[str], Answer]:
    """What answers a video by views of it."""
    runner, views = open_clip_runner(network, chosen.cpus), asked_views(chosen, network)

    def look(video: str) -> Answer:
        found = video_probabilities(runner, network, Path(video), views)
        require_labels(network.classes, len(found), network.name)
        top = most_probable(found, network.classes, chosen.top)
        return {"views": views.views, "top": named_facts(top)}

    return look


def _followed(stream: Stream, video: str, chosen: argparse.Namespace) -> Answer:
    """What a stream says after the last frame, and on the way where asked."""
    last, on_the_way = None, []
    for last in stream.follow(video):
        if chosen.over_time:
            on_the_way.append(_moment(last))
    if last is None:
        raise ClipError(f"A video must have a frame that decodes, got none: {video}.")
    top = most_probable(last.probabilities, last.classes, chosen.top)
    answer: Answer = {"frames": last.frame, "top": named_facts(top)}
    return {**answer, "over_time": on_the_way} if chosen.over_time else answer


def _moment(one: Prediction) -> dict[str, Any]:
    return {"seconds": one.seconds, "frame": one.frame, "top": named_facts(one.top)}


def _lines(answer: Answer, several: bool) -> list[str]:
    """The answer as a table, under the name of its video where there are several."""
    rows = [
        [shown_name(one["class"]), f"{100 * one['probability']:.1f}"]
        for one in answer["top"]
    ]
    lines = [f"{shown_name(answer['video'])}:"] if several else []
    lines.append(table(["class", "[%]"], rows))
    changes = _changes(answer.get("over_time", []))
    return [*lines, *changes, *([""] if several else [])]


def _changes(over_time: Sequence[dict[str, Any]]) -> list[str]:
    """A line whenever another class is the most probable."""
    lines, before = [], None
    for one in over_time:
        first = one["top"][0]
        if first["class"] != before:
            before = first["class"]
            share = f"{100 * first['probability']:.0f} %"
            lines.append(f"{one['seconds']:8.2f} s  {shown_name(before)} {share}")
    return ["from", *lines] if lines else []
