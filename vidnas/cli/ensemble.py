"""`vidnas ensemble`: networks that answer as one, each on every n-th frame."""

import argparse
import os
from pathlib import Path
from typing import Any

from vidnas.cli.command_help import described
from vidnas.cli.output import say, say_json
from vidnas.costs.ensemble_cost import ensemble_cost
from vidnas.deploy.asking.named_network import (
    ENSEMBLE_SCHEMA,
    find_network,
    temporal_ensemble,
)
from vidnas.documents.quantity import format_bytes, format_count
from vidnas.errors import InputError
from vidnas.files.file_kind import ENSEMBLE, kind_of
from vidnas.files.yaml_file import dump_document
from vidnas.whole_file import write_whole


def add_commands(commands: Any) -> None:
    """Adds `ensemble`."""
    ensemble = commands.add_parser(
        "ensemble",
        **described(
            "Makes one network of several that were trained at a part of the frame "
            "rate: each sees every n-th frame in turn, and their logits are averaged.",
            "vidnas ensemble runs/train/a2-stream-half runs/half2 --out two.yaml",
            "vidnas ensemble half0.tflite half1.tflite --out two.yaml --json",
        ),
    )
    ensemble.add_argument(
        "members",
        metavar="NET",
        nargs="+",
        help="trainings, exported files: what `vidnas predict` takes",
    )
    ensemble.add_argument(
        "--out", type=Path, metavar="FILE", required=True, help="file to write"
    )
    ensemble.add_argument("--json", action="store_true")
    ensemble.set_defaults(run=make_ensemble)


def make_ensemble(chosen: argparse.Namespace) -> None:
    """Writes the file of an ensemble, and prints what it costs.

    Raises:
        InputError: the members do not go together, or the file is another's.
    """
    out: Path = chosen.out
    if out.suffix not in (".yaml", ".yml"):
        raise InputError(f"`--out` must be a .yaml file, got {out}.")
    if out.exists() and kind_of(out) != ENSEMBLE:
        raise InputError(f"{out} must be a new file or an ensemble's, it is another.")
    members = [find_network(net) for net in chosen.members]
    found = temporal_ensemble(str(out), out, members)
    costs = ensemble_cost(
        [member.architecture for member in members], len(found.classes) or None
    )
    places = [_seen_from(out.parent, net) for net in chosen.members]
    document = {
        "schema": ENSEMBLE_SCHEMA,
        "kind": "temporal",
        "members": places,
        "cost": costs,
    }
    write_whole(out, dump_document(document))
    if chosen.json:
        say_json(document)
        return
    clip = found.architecture.clip
    say(
        f"{out}: {len(members)} networks, each on {clip.frames // len(members)} of "
        f"{clip.frames} frames\n"
        f"FLOPs       {format_count(costs['flops'])} a clip, "
        f"{format_count(costs['flops_per_frame'])} a frame\n"
        f"parameters  {format_count(costs['parameters'])}\n"
        f"memory      {format_bytes(costs['inference_bytes'])} of all at once\n"
        f"next        vidnas evaluate {out} --clips CLIPS"
    )


def _seen_from(folder: Path, net: str) -> str:
    """A member's place, relative to the folder of the ensemble's file."""
    return os.path.relpath(net, folder) if Path(net).exists() else net
