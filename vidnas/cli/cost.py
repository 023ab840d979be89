"""`vidnas cost`: what a network costs, before any training."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.difference import differences
from vidnas.budgets.memory_margin import Pair, Spread, by_size, memory_factor
from vidnas.cli.arguments import positive
from vidnas.cli.command_help import described
from vidnas.cli.output import note, say, say_json, table
from vidnas.costs.entropy import entropy_score
from vidnas.costs.latency.model import Latency
from vidnas.costs.network_cost import Cost, by_block, cost, known_classes
from vidnas.costs.training_memory import PRECISIONS
from vidnas.documents.quantity import format_bytes, format_count
from vidnas.errors import StudyError
from vidnas.files.loading import load_architecture, load_latency
from vidnas.study.history import load_history
from vidnas.study.memory_record import study_pairs
from vidnas.views.drawings.drawing import Drawing, draw
from vidnas.views.pages.page_owner import require_own_drawing
from vidnas.views.text.summary import rate_and_colours


def add_commands(commands: Any) -> None:
    """Adds `cost`."""
    price = commands.add_parser(
        "cost",
        **described(
            "Prints what a network costs before any training, block by block.",
            "vidnas cost movinet-a2",
            "vidnas cost runs/quickstart/family/a2.yaml --batch 16 --json",
            "vidnas cost movinet-a0 --beside movinet-a1 --svg a0_a1.svg",
        ),
    )
    price.add_argument(
        "architecture",
        metavar="ARCH",
        help="published name or file, such as movinet-a2",
    )
    price.add_argument(
        "--classes", type=positive, help="default: as published, or as its file says"
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
    price.add_argument(
        "--beside", metavar="ARCH", help="another network, and what differs in it"
    )
    price.add_argument(
        "--svg", type=Path, metavar="FILE", help="draw it, a block a layer"
    )
    price.add_argument("--json", action="store_true")
    price.set_defaults(run=show_cost)


@dataclass(frozen=True, slots=True)
class NetworkFacts:
    """What is known of a network before any training.

    Args:
        name: Published name or file, as it was asked for.
        architecture: The network.
        classes: Outputs of its classifier.
        priced: Cost of the network.
        pairs: Predicted and measured training memory of earlier trials.
        device: Name of the device that `latency` is predicted for.
        latency: Predicted time, where a table was given.
    """

    name: str
    architecture: Architecture
    classes: int
    priced: Cost
    pairs: Sequence[Pair] = ()
    device: str = ""
    latency: Latency | None = None

    def to_document(self) -> dict[str, Any]:
        """The facts as plain data."""
        return {
            "name": self.name,
            "arch_id": self.architecture.arch_id,
            "classes": self.classes,
            **self.priced.to_document(),
            **self._per_second(),
            "arithmetic_intensity": self.priced.arithmetic_intensity,
            "temporal_reach": self.architecture.temporal_reach,
            "entropy_score": entropy_score(self.architecture),
            **(self.latency.to_document() if self.latency else {}),
            "blocks": by_block(self.architecture, self.classes),
            **_calibration_document(self.pairs),
        }

    @property
    def flops_per_second(self) -> int:
        """FLOPs of a second of video; 0 where its frames have no rate."""
        clip = self.architecture.clip
        return round(self.priced.flops * clip.fps / clip.frames)

    def _per_second(self) -> dict[str, int]:
        per_second = self.flops_per_second
        return {"flops_per_second": per_second} if per_second else {}


def show_cost(chosen: argparse.Namespace) -> None:
    """Prints what a network costs, beside another where one is named, or draws it."""
    if chosen.svg is not None:
        require_own_drawing(chosen.svg)
    facts = _facts(chosen.architecture, chosen)
    other = _facts(chosen.beside, chosen) if chosen.beside else None
    if chosen.svg is not None:
        _drawing(facts, other, chosen.classes).save(chosen.svg)
        note(f"wrote {chosen.svg}")
    if chosen.json:
        say_json(_document(facts, other))
    elif chosen.svg is None:
        say(_beside_text(facts, other) if other else facts_text(facts))


def _drawing(
    facts: NetworkFacts, other: NetworkFacts | None, classes: int | None
) -> Drawing:
    several = [facts, other] if other else [facts]
    names = [Path(one.name).stem for one in several]
    if len(set(names)) < len(names):  # of one name in two folders, or one twice
        names = [f"{one.name} ({n})" for n, one in enumerate(several, start=1)]
    return draw(*(one.architecture for one in several), names=names, classes=classes)


def _document(facts: NetworkFacts, other: NetworkFacts | None) -> dict[str, Any]:
    if other is None:
        return facts.to_document()
    found = differences(facts.architecture, other.architecture)
    beside = {"beside": other.to_document(), "differences": found}
    return {**facts.to_document(), **beside}


def _facts(name: str, chosen: argparse.Namespace) -> NetworkFacts:
    architecture = load_architecture(name, stream=chosen.stream)
    classes = known_classes(architecture, chosen.classes)
    priced = cost(
        architecture,
        classes=classes,
        batch=chosen.batch,
        precision=chosen.precision,
        rematerialise=chosen.rematerialise,
    )
    pairs = _pairs(chosen.calibration or ())
    known = NetworkFacts(name, architecture, classes, priced, pairs)
    if not chosen.latency:
        return known
    model = load_latency(chosen.latency)
    latency = model.one(architecture, classes)
    return replace(known, device=str(model.table.device["name"]), latency=latency)


def facts_text(facts: NetworkFacts) -> str:
    """The facts as people read them: a summary, a row per block, a line per cost."""
    rows = [
        [name, format_count(block["parameters"]), format_count(block["flops"])]
        for name, block in by_block(facts.architecture, facts.classes).items()
    ]
    parts = [
        _summary(facts.name, facts.architecture),
        table(["block", "parameters", "FLOPs"], rows),
        cost_text(facts),
    ]
    if facts.pairs:
        parts.append(_calibration_text(facts.pairs, facts.priced.training_bytes))
    return "\n\n".join(parts)


def cost_text(facts: NetworkFacts) -> str:
    """A line per cost and score, and for the latency where it is known."""
    lines = _cost_lines(facts)
    width = max(map(len, lines))
    return "\n".join(f"{name:<{width}}  {value}" for name, value in lines.items())


def _beside_text(facts: NetworkFacts, other: NetworkFacts) -> str:
    """Both networks, their costs in two columns, and what differs, a line a place."""
    ours, theirs = _cost_lines(facts), _cost_lines(other)
    rows = [[key, ours.get(key, "-"), theirs.get(key, "-")] for key in ours | theirs]
    found = differences(facts.architecture, other.architecture)
    lines = [f"{place}: {words}" for place, words in found.items()]
    parts = [
        "\n".join(_summary(one.name, one.architecture) for one in (facts, other)),
        table(["", facts.name, other.name], rows),
        "\n".join(["what differs", *(f"  {line}" for line in lines)])
        if lines
        else "Both are the same network.",
    ]
    return "\n\n".join(parts)


def _cost_lines(facts: NetworkFacts) -> dict[str, str]:
    """Costs and scores by name, each in its unit."""
    priced, architecture = facts.priced, facts.architecture
    memory = "memory, inference" if not architecture.causal else "memory, one frame"
    frames = f"{architecture.clip.fps:.6g} frames"
    per_second = f"{format_count(facts.flops_per_second)} multiply-adds, of {frames}"
    lines = {
        "frames seen": f"{architecture.temporal_reach} by each feature",
        "parameters": f"{priced.parameters:,}",
        "FLOPs per clip": f"{format_count(priced.flops)} multiply-adds",
        "FLOPs per frame": f"{format_count(priced.flops_per_frame)} multiply-adds",
        **({"FLOPs per second": per_second} if facts.flops_per_second else {}),
        "per byte moved": f"{priced.arithmetic_intensity:.1f} multiply-adds",
        "weights": format_bytes(priced.weights_bytes),
        memory: format_bytes(priced.inference_bytes),
        f"memory, training batch {priced.batch}": format_bytes(priced.training_bytes),
        "entropy score": f"{entropy_score(architecture):.1f}, no accuracy",
    }
    if architecture.causal:
        lines["stream state"] = f"{priced.stream_state_values:,} values"
    if facts.latency:
        lines[f"latency, {facts.device}"] = f"{facts.latency}"
    return lines


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
        f"{name} ({kind})  {clip.frames} frames x {clip.resolution} px"
        f"{rate_and_colours(clip)}, {len(architecture.stages)} stages, "
        f"{architecture.depth} layers, "
        f"arch_id {architecture.arch_id}"
    )
