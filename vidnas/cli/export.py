"""`vidnas export`: a network as a file that other programs run."""

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from vidnas.cli.arguments import named_place, place, positive
from vidnas.cli.command_help import described
from vidnas.cli.export_check import Checked, check_export, checked_lines
from vidnas.cli.export_clips import Shown
from vidnas.cli.export_network import exported_network, load_exported
from vidnas.cli.named_source import named_source
from vidnas.cli.network_options import add_network_options
from vidnas.cli.output import note, say, say_json
from vidnas.deploy.exported.about import About
from vidnas.deploy.exported.formats import LITERT, format_name, hides_a_module
from vidnas.documents.quantity import format_bytes
from vidnas.errors import EvaluationError, InputError
from vidnas.nets.tensorflow_import import import_tensorflow

QUANTIZE = ("none", "float16", "dynamic", "int8")


def add_commands(commands: Any) -> None:
    """Adds `export`."""
    export = commands.add_parser(
        "export",
        **described(
            "Writes a network in the format that --to names: LiteRT for phones, "
            "SavedModel or ONNX for servers, a Keras file, or plain Keras code. A "
            "causal network becomes a stream, one frame at a time.",
            "vidnas export runs/train/a2 --to a2.tflite --check",
            "vidnas export runs/train/a2 --to a2.tflite --quantize int8 --clips "
            "my_videos --check",
            "vidnas export runs/train/a2 --to a2_code.py",
        ),
    )
    add_network_options(export)
    export.add_argument(
        "--to",
        type=place,
        required=True,
        metavar="FILE",
        help="NAME.tflite, NAME.onnx, NAME.keras, NAME.py, or a folder: a SavedModel",
    )
    export.add_argument(
        "--quantize",
        choices=QUANTIZE,
        default="none",
        help="numbers of a LiteRT file: float32 (none), weights in 16 or 8 bits "
        "(float16, dynamic), or integers throughout (int8, needs --clips)",
    )
    export.add_argument(
        "--batch",
        type=positive,
        default=1,
        metavar="N",
        help="clips or streams side by side in a LiteRT file; others take any number",
    )
    export.add_argument(
        "--as-clip",
        action="store_true",
        help="whole clips at once, of a causal network too",
    )
    export.add_argument(
        "--untrained",
        action="store_true",
        help="fresh weights for a NET that is an architecture, to measure time",
    )
    export.add_argument(
        "--stream",
        action="store_true",
        help="with --untrained: the causal twin of NET",
    )
    export.add_argument(
        "--clips",
        type=named_place,
        metavar="CLIPS",
        help="dataset: its train clips give the ranges of int8, its val clips check",
    )
    export.add_argument(
        "--licence", default="", metavar="TEXT", help="of the weights, to be written in"
    )
    export.add_argument(
        "--check",
        action="store_true",
        help="run the file beside the Keras network; exit 1 where they disagree",
    )
    export.add_argument("--json", action="store_true")
    export.set_defaults(run=export_network)


def export_network(chosen: argparse.Namespace) -> None:
    """Writes the file, says what it is, and checks it where asked.

    Raises:
        InputError: the options do not fit one another, or the network.
        EvaluationError: the file does not compute what the network computes.
    """
    kind = format_name(chosen.to)
    _require_fitting(chosen, kind)
    source = None if chosen.clips is None else named_source(chosen.clips)
    named = exported_network(chosen)
    import_tensorflow()
    from vidnas.deploy.exporting.writing import write_network

    network = load_exported(named, as_clip=chosen.as_clip, seed=0)
    about = dataclasses.replace(
        named.about(network),
        batch=chosen.batch,
        quantize=chosen.quantize,
        licence=chosen.licence,
    )
    shown = Shown(named.network, source)
    ranges = None
    if chosen.quantize == "int8":
        from vidnas.deploy.exporting.ranges import observe

        note("ranges   of integers are observed on train clips")
        ranges = observe(network, shown.observed(about))
    written = write_network(network, about, chosen.to, ranges)
    checked = None
    if chosen.check:
        checked = check_export(network, about, written, kind, shown)
    _report(chosen, about, kind, written, checked)


def _require_fitting(chosen: argparse.Namespace, kind: str) -> None:
    if chosen.quantize != "none" and kind != LITERT:
        raise InputError(
            f"`--quantize {chosen.quantize}` goes with NAME.tflite, got {chosen.to}."
        )
    if chosen.quantize == "int8" and chosen.clips is None:
        raise InputError(
            "`--quantize int8` needs `--clips`, real clips to see the ranges of its "
            "integers on."
        )
    if chosen.stream and not chosen.untrained:
        raise InputError(
            "`--stream` goes with `--untrained`: a trained network is a stream or is "
            "not, `vidnas train --stream` trains one."
        )
    if chosen.stream and chosen.as_clip:
        raise InputError("A file is of clips or a stream, `--as-clip` or `--stream`.")


def _report(
    chosen: argparse.Namespace,
    about: About,
    kind: str,
    written: list[Path],
    checked: Checked | None,
) -> None:
    fault = checked.fault(about.quantize) if checked else ""
    if chosen.json:
        told = {
            "files": [str(path) for path in written],
            "format": kind,
            "about": about.to_document(),
            "size_bytes": _size(written[0]),
            "check": None if checked is None else checked.to_document(about.quantize),
        }
        say_json(told)
    else:
        size = format_bytes(_size(written[0]))
        numbers = "" if about.quantize == "none" else f", {about.quantize}"
        what = "a stream" if about.stream else "clips"
        say(f"written  {written[0]}: {kind}{numbers}, {size}, of {what}")
        for path in written[1:]:
            say(f"beside   {path}")
        for line in checked_lines(checked, about) if checked else ():
            say(line)
    if fault:
        raise EvaluationError(
            f"{written[0]} does not compute what the network computes: {fault}."
        )
    if hides_a_module(written[0]):
        note(
            f"note     where {written[0].name} lies, Python finds it in the place of "
            f"its own module `{written[0].stem}`, which other programs need"
        )
    if not chosen.json and checked is None:
        say("next     the same command with --check runs it beside the network")


def _size(path: Path) -> int:
    if path.is_dir():
        return sum(f.stat().st_size for f in path.rglob("*") if f.is_file())
    return path.stat().st_size
