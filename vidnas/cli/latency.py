"""`vidnas latency`: measure a device once, predict every network on it, check that."""

import argparse
import shlex
import time
from pathlib import Path
from typing import Any

import numpy as np

from vidnas.cli.arguments import amount, positive
from vidnas.cli.command_help import described, show_help_alone
from vidnas.cli.output import note, say, say_json, table
from vidnas.costs.latency.accuracy import Checked, Verdict
from vidnas.costs.latency.model import LatencyModel
from vidnas.costs.network_cost import CLASSES, cost
from vidnas.deploy.latency_measuring import NETWORKS, TableMeasurement
from vidnas.deploy.latency_sample import FLOPS, spread_networks, spread_operators
from vidnas.documents.quantity import format_count, format_duration, parse_quantity
from vidnas.errors import InputError
from vidnas.files.loading import load_space, load_table
from vidnas.nets.tensorflow_import import import_tensorflow
from vidnas.space.space import Space

SHIPPED = ("quickstart", "movinet_mobile", "x3d", "frame_based", "movinet_a0")
RUNTIMES = ("tensorflow", "litert")
DRAWN = 120  # networks whose operators a table is drawn from
CALIBRATING = 40  # networks measured whole, beside the operators
SEED = 0


def add_commands(commands: Any) -> None:
    """Adds `latency measure` and `latency check`."""
    room = commands.add_parser(
        "latency",
        **described(
            "Measures a device once, and checks how well every network is predicted.",
            "vidnas latency measure --device cpu-1t",
            "vidnas latency check --table latency-cpu-1t-tensorflow.json",
        ),
    )
    show_help_alone(room)
    verbs = room.add_subparsers(metavar="VERB")
    for verb in _add_measure(verbs), _add_check(verbs):
        verb.add_argument(
            "--space",
            type=Path,
            nargs="+",
            help=f"spaces to draw from (default: {', '.join(SHIPPED)})",
        )
        verb.add_argument(
            "--flops",
            type=_flops,
            default=FLOPS,
            help=f"of the largest network (default {format_count(FLOPS)})",
        )


def _add_measure(verbs: Any) -> argparse.ArgumentParser:
    measure: argparse.ArgumentParser = verbs.add_parser(
        "measure",
        help="measure operators on this device",
        **described(
            "Times operators and a few networks on this device and writes a table; the "
            "same command goes on with it.",
            "vidnas latency measure --device cpu-1t",
            "vidnas latency measure --runtime litert --out phone.json --seconds 600",
        ),
    )
    measure.add_argument(
        "--device", default="cpu-1t", help="cpu-1t, cpu-2t ... or gpu (default cpu-1t)"
    )
    measure.add_argument("--runtime", choices=RUNTIMES, default="tensorflow")
    measure.add_argument(
        "--out", type=Path, help="table to write, or to go on with (default by device)"
    )
    measure.add_argument(
        "--seconds", type=amount, help="stop after so long; the same command goes on"
    )
    measure.set_defaults(run=run_measure)
    return measure


def _add_check(verbs: Any) -> argparse.ArgumentParser:
    check: argparse.ArgumentParser = verbs.add_parser(
        "check",
        help="measure networks that a table predicts",
        **described(
            "Measures networks that a table has not seen, and prints how well it "
            "predicts them.",
            "vidnas latency check --table latency-cpu-1t-tensorflow.json",
            "vidnas latency check --table phone.json --networks 50 --json",
        ),
    )
    check.add_argument("--table", type=Path, required=True)
    check.add_argument("--networks", type=positive, default=30, help="default 30")
    check.add_argument("--json", action="store_true")
    check.add_argument(
        "--seed", type=positive, default=1, help="draws them (default 1)"
    )
    check.set_defaults(run=run_check)
    return check


def _flops(text: str) -> float:
    value = parse_quantity(text)
    if value is None or value <= 0:
        raise argparse.ArgumentTypeError(
            f"must be a number of FLOPs such as 500M, got `{text}`"
        )
    return value


def run_measure(chosen: argparse.Namespace) -> None:
    """Measures a table, or what is left of it."""
    out = chosen.out or Path(f"latency-{chosen.device}-{chosen.runtime}.json")
    rng = np.random.default_rng(SEED)
    networks = spread_networks(_spaces(chosen), DRAWN, rng, chosen.flops)
    if not networks:
        raise InputError(
            f"A space must have a network of at most {format_count(chosen.flops)} "
            "FLOPs, none was found; choose another `--space` or `--flops`."
        )
    whole = rng.permutation(len(networks))[:CALIBRATING]
    measuring = TableMeasurement(
        out,
        spread_operators(networks, rng),
        [(networks[row], CLASSES) for row in sorted(whole)],
    )
    begun = measuring.load_existing(chosen.device, chosen.runtime)
    timer = _timer(chosen.device, chosen.runtime, begun.reference_ms if begun else None)
    started, found = time.monotonic(), begun
    for found in measuring.run(timer, begun):
        note(
            f"[{len(found.operators):4}/{len(measuring.operators)}] operators, "
            f"[{len(found.networks):3}/{len(measuring.networks)}] networks, "
            f"{format_duration(time.monotonic() - started)}"
        )
        if chosen.seconds and time.monotonic() - started > chosen.seconds:
            note("stopped: the same command goes on")
            return
    for reason in dict.fromkeys(measuring.skip_reasons):
        note(f"left out: {reason}")
    if found is None or not found.operators:
        raise InputError(f"{chosen.runtime} could run no operator of these spaces.")
    say(f"device  {_device(found.device)}")
    say(f"table   {out}: {len(found.operators)} operators, {len(found.networks)} whole")
    say(f"next    vidnas latency check --table {shlex.quote(str(out))}")


def run_check(chosen: argparse.Namespace) -> None:
    """Measures networks that the table has not seen, and prints how it did."""
    known = load_table(chosen.table)
    model = LatencyModel.of(known)
    seen = {network.architecture.arch_id for network in known.networks}
    spaces = _spaces(chosen)
    rng = np.random.default_rng([SEED, chosen.seed])
    drawn = spread_networks(spaces, chosen.networks + 10, rng, chosen.flops)
    unseen = [n for n in drawn if n.arch_id not in seen][: chosen.networks]
    if len(unseen) < 2:
        raise InputError(
            f"A check needs two networks that {chosen.table} has not seen, got "
            f"{len(unseen)}; choose another `--space` or `--seed`."
        )
    device = known.device
    timer = _timer(str(device["name"]), str(device["runtime"]), known.reference_ms)
    checked: list[Checked] = []
    for at in range(0, len(unseen), NETWORKS):
        group = unseen[at : at + NETWORKS]
        taken = timer.time_networks([(network, CLASSES) for network in group])
        for network, ms in zip(group, taken, strict=True):
            flops, predicted = cost(network).flops, model.one(network)
            checked.append(
                Checked(network.arch_id, network.block, flops, predicted, ms)
            )
        note(f"[{len(checked):3}/{len(unseen)}] networks")
    _say_accuracy(sorted(checked, key=lambda c: c.measured_ms), model, chosen.json)


def _say_accuracy(checked: list[Checked], model: LatencyModel, as_json: bool) -> None:
    verdict = Verdict.of(checked)
    if as_json:
        say_json(
            {
                "device": dict(model.table.device),
                **verdict.to_document(),
                "checked": [
                    {
                        "arch_id": c.arch_id,
                        "block": c.block,
                        "flops": c.flops,
                        **c.predicted.to_document(),
                        "measured_ms": c.measured_ms,
                    }
                    for c in checked
                ],
            }
        )
        return
    rows = [
        [
            c.arch_id,
            c.block,
            format_count(c.flops),
            f"{c.predicted.ms:.2f}",
            f"{c.predicted.low_ms:.2f}-{c.predicted.high_ms:.2f}",
            f"{c.measured_ms:.2f}",
            f"{100 * c.error:+.1f}",
        ]
        for c in checked
    ]
    header = ["arch_id", "block", "FLOPs", "predicted [ms]", "90 % [ms]"]
    say(table([*header, "measured [ms]", "error [%]"], rows))
    say()
    say(f"device        {_device(model.table.device)}")
    say(f"networks      {verdict.networks}, none of them in the table")
    say(
        f"latency       median error {100 * verdict.median_error:.1f} %, "
        f"rank correlation {verdict.rank_correlation:.3f}"
    )
    say(f"error bars    hold {100 * verdict.covered:.0f} %")
    say(
        f"FLOPs alone   median error {100 * verdict.flops_median_error:.1f} % by the "
        f"best factor, rank correlation {verdict.flops_rank_correlation:.3f}"
    )


def _device(facts: Any) -> str:
    return (
        f"{facts['name']}, {facts['processor']}, {facts['runtime']} "
        f"(TensorFlow {facts['tensorflow']}), begun {facts['date']}"
    )


def _spaces(chosen: argparse.Namespace) -> list[Space]:
    return [load_space(space) for space in chosen.space or SHIPPED]


def _timer(device: str, runtime: str, reference_ms: float | None) -> Any:
    import_tensorflow()
    from vidnas.deploy.timing import Bench

    return Bench(device, runtime, reference_ms)
