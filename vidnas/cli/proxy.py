"""`vidnas proxy check`: may a cheap fidelity stand for full training?"""

import argparse
import math
from pathlib import Path
from typing import Any

from vidnas.cli.arguments import positive
from vidnas.cli.command_help import described, show_help_alone
from vidnas.cli.output import ABSENT, note, say, say_json, table
from vidnas.cli.study_folder import study_folder
from vidnas.cli.study_run import run_study, with_workers
from vidnas.errors import InputError
from vidnas.files.mirror import study_named, study_path
from vidnas.study.experiment.reader import load_experiment
from vidnas.study.fidelity_check import Proxy, assess, parse_fidelity, proxy_experiment
from vidnas.trials.promotion import ENOUGH
from vidnas.trials.rank_agreement import LEAST_TAU, Estimate

SAMPLE = 12


def add_commands(commands: Any) -> None:
    """Adds `proxy check`."""
    proxy = commands.add_parser(
        "proxy",
        **described(
            "Asks whether a cheap training may stand for the full one.",
            "vidnas proxy check experiments/quickstart.yaml --fidelity epochs=2",
            "vidnas proxy check mine.yaml --fidelity epochs=2,frames=4 --sample 20",
        ),
    )
    show_help_alone(proxy)
    verbs = proxy.add_subparsers(metavar="VERB")
    check = verbs.add_parser(
        "check",
        help="train a sample of candidates at cheap fidelities and in full",
        **described(
            "Trains a sample of candidates cheaply and in full, and says how well the "
            "cheap training ranks them.",
            "vidnas proxy check experiments/quickstart.yaml --fidelity epochs=2",
            "vidnas proxy check mine.yaml --fidelity epochs=2,frames=4 --sample 20",
        ),
    )
    check.add_argument(
        "experiment", metavar="EXPERIMENT", type=Path, help="experiment file"
    )
    check.add_argument(
        "--fidelity",
        action="append",
        required=True,
        metavar="epochs=2,frames=4",
        help="what to check; what is left out is as in training; may stand repeatedly",
    )
    check.add_argument(
        "--sample",
        type=positive,
        default=SAMPLE,
        metavar="N",
        help=f"candidates, spread over FLOPs (default {SAMPLE})",
    )
    check.add_argument(
        "--study",
        type=study_named,
        metavar="FOLDER",
        help="folder, or address as s3://BUCKET/NAME (default runs/NAME-proxy beside "
        "the experiment)",
    )
    check.add_argument("--workers", type=positive, metavar="N", help="side by side")
    check.add_argument("--address", help="a running Ray cluster: auto or HOST:PORT")
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=check_proxy)


def check_proxy(chosen: argparse.Namespace) -> None:
    """Trains the sample where it is not trained yet, and says how each one ranks."""
    experiment = load_experiment(chosen.experiment)
    fidelities = [parse_fidelity(text, experiment) for text in chosen.fidelity]
    if chosen.sample < ENOUGH:
        raise InputError(
            f"`--sample` must be at least {ENOUGH} candidates to compare, got "
            f"{chosen.sample}."
        )
    sampled = proxy_experiment(experiment, fidelities, chosen.sample)
    sampled = with_workers(sampled, chosen.workers, chosen.address)
    folder = study_path(chosen.study or study_folder(sampled), whole=True)
    history = run_study(sampled, folder, chosen.address)
    proxies = [assess(history, fidelity) for fidelity in dict.fromkeys(fidelities)]
    done = [trial for trial in history.compared if trial.state == "done"]
    above = sum(history.chance.is_beaten(trial) is True for trial in done)
    if chosen.json:
        say_json([{**p.to_document(), "above_chance": above} for p in proxies])
        return
    say(f"against {history.fidelity}, {folder}\n{proxies_text(proxies)}")
    if above < len(done):
        say(
            f"{above} of {len(done)} candidates are above {history.chance.words} at "
            f"{history.fidelity}: how the others rank is luck"
        )
    note(
        "tau is Kendall's, with a 95 % bootstrap interval; a fidelity is recommended "
        f"where both intervals lie at {LEAST_TAU} or above"
    )


def proxies_text(proxies: list[Proxy]) -> str:
    """A row per fidelity, and below them the verdicts."""
    header = ["fidelity", "sample", "tau", "at equal FLOPs", "epochs", "work", "time"]
    rows = [
        [
            str(proxy.fidelity),
            str(proxy.ranking.sample),
            _estimate_text(proxy.ranking.overall),
            _estimate_text(proxy.ranking.equal),
            f"{100 * proxy.epochs:.0f} %",
            f"{100 * proxy.work:.0f} %",
            ABSENT if proxy.seconds is None else f"{100 * proxy.seconds:.0f} %",
        ]
        for proxy in proxies
    ]
    verdicts = [f"{proxy.fidelity}: {proxy.ranking.verdict}" for proxy in proxies]
    return "\n".join([table(header, rows), *verdicts])


def _estimate_text(estimate: Estimate) -> str:
    if math.isnan(estimate.tau):
        return ABSENT
    return f"{estimate.tau:.2f} ({estimate.low:.2f} to {estimate.high:.2f})"
