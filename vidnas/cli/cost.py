"""`vidnas cost`: what a network costs, before any training."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vidnas.architecture.architecture import Architecture
from vidnas.budgets.memory_margin import Pair, Spread, by_size, memory_factor
from vidnas.cli.arguments import positive
from vidnas.cli.output import say, say_json, table
from vidnas.costs.entropy import entropy_score
from vidnas.costs.network_cost import by_block, cost
from vidnas.documents.quantity import format_bytes, format_count
from vidnas.errors import StudyError
from vidnas.files.loading import classes_of, load_architecture, load_latency
from vidnas.study.history import load_history
from vidnas.study.memory_record import study_pairs
from vidnas.trials.recipe import PRECISIONS


def add_commands(commands: Any) -> None:
    """Adds `cost`."""
    price = commands.add_parser(
        "cost", help="parameters, FLOPs and memory of a network"
    )
    price.add_argument(
        "architecture",
        metavar="ARCH",
        help="published name or file, such as movinet-a2",
    )
    price.add_argument(
        "--classes", type=positive, help="default: those its published figures are for"
    )
    price.add_argument(
        "--batch", type=positive, default=1, help="clips per training step (default 1)"
    )
    price.add_argument(
        "--precision", choices=PRECISIONS, default="float32", help="of training"
    )
    price.add_argument(
        "--rematerialise",
        action="store_true",
        help="price a training that computes what is inside layers again",
    )
    price.add_argument(
        "--stream", action="store_true", help="price the causal twin, frame by frame"
    )
    price.add_argument(
        "--calibration",
        metavar="STUDY",
        type=Path,
        nargs="+",
        help="how well training memory was predicted in studies",
    )
    price.add_argument(
        "--latency", metavar="TABLE", type=Path, help="predict time on its device"
    )
    price.add_argument("--json", action="store_true")
    price.set_defaults(run=show_cost)


def show_cost(chosen: argparse.Namespace) -> None:
    """Prints what a network costs."""
    architecture = load_architecture(chosen.architecture, stream=chosen.stream)
    classes = chosen.classes or classes_of(chosen.architecture)
    priced = cost(
        architecture,
        classes=classes,
        batch=chosen.batch,
        precision=chosen.precision,
        rematerialise=chosen.rematerialise,
    )
    pairs = _pairs(chosen.calibration or ())
    model = load_latency(chosen.latency) if chosen.latency else None
    latency = model.one(architecture, classes) if model else None
    if chosen.json:
        say_json(
            {
                "name": chosen.architecture,
                "arch_id": architecture.arch_id,
                "classes": classes,
                **priced.to_document(),
                "arithmetic_intensity": priced.arithmetic_intensity,
                "temporal_reach": architecture.temporal_reach,
                "entropy_score": entropy_score(architecture),
                **(latency.to_document() if latency else {}),
                "blocks": by_block(architecture, classes),
                **_calibration_document(pairs),
            }
        )
        return
    say(_summary(chosen.architecture, architecture))
    say()
    rows = [
        [name, format_count(block["parameters"]), format_count(block["flops"])]
        for name, block in by_block(architecture, classes).items()
    ]
    say(table(["block", "parameters", "FLOPs"], rows))
    say()
    memory = "memory, inference" if not architecture.causal else "memory, one frame"
    facts = [
        ["frames seen", f"{architecture.temporal_reach} by each feature"],
        ["parameters", f"{priced.parameters:,}"],
        ["FLOPs per clip", f"{format_count(priced.flops)} multiply-adds"],
        ["FLOPs per frame", f"{format_count(priced.flops_per_frame)} multiply-adds"],
        ["per byte moved", f"{priced.arithmetic_intensity:.1f} multiply-adds"],
        ["weights", format_bytes(priced.weights_bytes)],
        [memory, format_bytes(priced.inference_bytes)],
        [f"memory, training batch {priced.batch}", format_bytes(priced.training_bytes)],
        ["entropy score", f"{entropy_score(architecture):.1f}, no accuracy"],
    ]
    if architecture.causal:
        facts.append(["stream state", f"{priced.stream_state_values:,} values"])
    if model and latency:
        facts.append([f"latency, {model.table.device['name']}", f"{latency}"])
    width = max(len(name) for name, _ in facts)
    for name, value in facts:
        say(f"{name:<{width}}  {value}")
    if pairs:
        say()
        say(_calibration_text(pairs, priced.training_bytes))


def _pairs(studies: Sequence[Path]) -> list[Pair]:
    """Predicted and measured training memory of all done trials of studies.

    Raises:
        StudyError: a folder holds no study, or there is no trial to learn from.
    """
    pairs = [pair for folder in studies for pair in study_pairs(load_history(folder))]
    if studies and not pairs:
        raise StudyError(
            "`--calibration` needs a done trial with `peak_bytes`, "
            f"{', '.join(map(str, studies))} has none."
        )
    return pairs


def _calibration_document(pairs: Sequence[Pair]) -> dict[str, Any]:
    if not pairs:
        return {}
    return {
        "calibration": {
            "all": asdict(Spread.of(pairs)),
            "by_size": [asdict(spread) for spread in by_size(pairs)],
            "factor": memory_factor([pair.ratio for pair in pairs]),
        }
    }


def _calibration_text(pairs: Sequence[Pair], predicted: int) -> str:
    """The spreads as a table, and what a network must be given to fit."""
    rows = [
        [
            f"{format_bytes(spread.smallest)} - {format_bytes(spread.largest)}",
            str(spread.count),
            *(f"{ratio:.2f}" for ratio in (spread.median, spread.low, spread.high)),
            f"{spread.worst:.2f}",
        ]
        for spread in (*by_size(pairs), Spread.of(pairs))
    ]
    header = ["predicted", "trials", "median", "5 %", "95 %", "worst"]
    factor = memory_factor([pair.ratio for pair in pairs])
    return (
        f"training memory, measured over predicted\n{table(header, rows)}\n"
        f"a worker fits this network with {format_bytes(factor * predicted)}: "
        f"{factor:.2f} times what is predicted"
    )


def _summary(name: str, architecture: Architecture) -> str:
    clip = architecture.clip
    kind = "stream" if architecture.causal else "clip"
    return (
        f"{name} ({kind})  {clip.frames} frames x {clip.resolution} px, "
        f"{len(architecture.stages)} stages, {architecture.depth} layers, "
        f"arch_id {architecture.arch_id}"
    )
