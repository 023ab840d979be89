"""`vidnas evaluate`: how accurate a network is on the clips of a dataset."""

import argparse
from dataclasses import dataclass
from typing import Any

from vidnas.arrays import Floats
from vidnas.cli.arguments import named_place
from vidnas.cli.command_help import described
from vidnas.cli.evaluation_result import (
    Outcome,
    difference_facts,
    outcome_facts,
    outcome_lines,
)
from vidnas.cli.named_source import named_source
from vidnas.cli.network_options import (
    add_network_options,
    add_view_options,
    asked_network,
    asked_views,
    views_text,
)
from vidnas.cli.output import note, say, say_json
from vidnas.clips.clipset import ClipSet
from vidnas.datasets.source import ClipSource
from vidnas.deploy.asking.clip_scores import measured_clips, set_probabilities
from vidnas.deploy.asking.named_network import NamedNetwork, find_network
from vidnas.deploy.asking.opening import open_clip_runner, open_stream_runner
from vidnas.deploy.asking.outputs import targets_of_outputs
from vidnas.deploy.running.classes import require_labels
from vidnas.deploy.running.runner import ClipRunner
from vidnas.deploy.running.steps import SteppedClips
from vidnas.documents.quantity import format_count
from vidnas.training.score import score_of
from vidnas.trials.recipe import Evaluation

STREAMS = 16  # side by side, of a network that is measured frame by frame


def add_commands(commands: Any) -> None:
    """Adds `evaluate`."""
    evaluate = commands.add_parser(
        "evaluate",
        **described(
            "Measures a network on the clips of a dataset: accuracies with their 95 % "
            "intervals, each class, and what is taken for what.",
            "vidnas evaluate runs/train/a2 --clips my_videos",
            "vidnas evaluate runs/train/a2 --clips k400.parquet --split test "
            "--eval-clips 10 --eval-crops 3",
            "vidnas evaluate runs/train/a2 --clips my_videos --against runs/train/a1",
        ),
    )
    add_network_options(evaluate)
    evaluate.add_argument(
        "--clips",
        type=named_place,
        metavar="CLIPS",
        required=True,
        help="class folders, an index (.parquet), or a .csv or .txt with labels",
    )
    evaluate.add_argument(
        "--split", metavar="NAME", default="val", help="default %(default)s"
    )
    add_view_options(evaluate)
    evaluate.add_argument(
        "--stream",
        action="store_true",
        help="run a causal network frame by frame, as a device does",
    )
    evaluate.add_argument(
        "--against",
        metavar="NET",
        help="another network on the same clips, with the difference between both",
    )
    evaluate.add_argument("--json", action="store_true")
    evaluate.set_defaults(run=evaluate_network)


def evaluate_network(chosen: argparse.Namespace) -> None:
    """Prints what a network reaches, and the difference to another where asked."""
    source = named_source(chosen.clips)
    network = asked_network(chosen)
    outcome = _outcome(chosen, network, source)
    facts = outcome_facts(outcome)
    rival = None
    if chosen.against is not None:
        rival = _outcome(chosen, find_network(chosen.against), source)
        facts["against"] = difference_facts(outcome, rival)
    if chosen.json:
        say_json(facts)
        return
    say("\n".join(outcome_lines(outcome)))
    if rival is not None:
        told = facts["against"]
        low, high = told["difference_interval"]
        say(
            f"against   {rival.network.name}: {told['value']:.1f} % "
            f"{outcome.accuracy.label}, difference {told['difference']:+.1f} points "
            f"({low:+.1f} to {high:+.1f}), on the same clips"
        )


def _outcome(
    chosen: argparse.Namespace, network: NamedNetwork, source: ClipSource
) -> Outcome:
    views = asked_views(chosen, network)
    clips = measured_clips(network, source, chosen.split, views)
    found = _Measuring(
        network, clips, views, chosen.stream, chosen.cpus
    ).probabilities()
    targets = targets_of_outputs(network, clips, found.shape[1])
    return Outcome(
        network=network,
        source=str(source),
        split=chosen.split,
        views=views,
        clips=clips,
        score=score_of(found.astype("float32"), targets, clips.multi_label),
        classes=network.classes or clips.classes,
    )


@dataclass(frozen=True, slots=True)
class _Measuring:
    """One network on clips.

    Args:
        network: Network to measure.
        clips: Clips to measure it on.
        views: Views of each.
        stream: Whether it runs frame by frame.
        threads: Threads of a runtime that can be told.
    """

    network: NamedNetwork
    clips: ClipSet
    views: Evaluation
    stream: bool
    threads: int

    def probabilities(self) -> Floats:
        """Probability of each output for every clip `[N, K]`."""
        clip, many = self.network.architecture.clip, views_text(self.views)
        note(
            f"network     {self.network.name}, {self.clips.frames} frames x "
            f"{clip.resolution} px"
        )
        note(f"clips       {len(self.clips)}{f', {many}' if many else ''}")
        every = max(1, len(self.clips) // 10)
        told = [every]

        def hear(done: int) -> None:
            if done >= told[0] and len(self.clips) >= 1000:
                told[0] += every
                note(f"            {format_count(done)} of {len(self.clips)}")

        found = set_probabilities(
            self._runner(),
            self.clips,
            self.views,
            multi_label=self.clips.multi_label,
            on_batch=hear,
        )
        require_labels(self.network.classes, found.shape[1], self.network.name)
        return found

    def _runner(self) -> ClipRunner:
        if not self.stream:
            return open_clip_runner(self.network, self.threads)
        stream = open_stream_runner(self.network, STREAMS, self.threads)
        return SteppedClips(stream)
