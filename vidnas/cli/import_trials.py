"""`vidnas import`: trainings made elsewhere, taken into a study."""

import argparse
from pathlib import Path
from typing import Any

from vidnas.cli.command_help import described
from vidnas.cli.output import note, say, say_json
from vidnas.cli.results import study_argument
from vidnas.files.mirror import publish, study_path
from vidnas.files.trial_table import read_trial_table
from vidnas.study.history import load_history
from vidnas.study.imported import Imported, imported_trials, take_in
from vidnas.study.sessions import steady_clock


def add_commands(commands: Any) -> None:
    """Adds `import`."""
    imported = commands.add_parser(
        "import",
        **described(
            "Takes trials that were made elsewhere into a study, as if an earlier "
            "study had trained them: they are not trained again, the strategy learns "
            "from them, and every front and table marks them.",
            "vidnas import runs/quickstart trials.csv",
            "vidnas import runs/quickstart trials.csv --dry-run",
        ),
    )
    study_argument(imported)
    imported.add_argument(
        "table",
        metavar="TABLE",
        type=Path,
        help="CSV or TSV file: a line a trial, its network as `architecture`, "
        "`candidate` or a column a choice, its accuracy [%%], `epochs` where not full",
    )
    imported.add_argument(
        "--dry-run", action="store_true", help="say what would come in; write nothing"
    )
    imported.add_argument("--json", action="store_true")
    imported.set_defaults(run=import_trials)


def import_trials(chosen: argparse.Namespace) -> None:
    """Imports a table, and says what came of its lines."""
    folder = study_path(chosen.study)
    history = load_history(folder)
    found = imported_trials(history, read_trial_table(chosen.table))
    if found.trials and not chosen.dry_run:
        take_in(history, found.trials, steady_clock())
        publish(folder)
    for line in found.notes:
        note(line)
    if found.aside:
        note(f"columns that nothing was read from: {', '.join(found.aside)}")
    if chosen.json:
        say_json(_row(found, chosen.dry_run))
        return
    will = "would be imported" if chosen.dry_run else "imported"
    say(f"{_count(len(found.trials))} {will} from {chosen.table}")
    for reason, count in found.left_out.items():
        say(f"left out: {_count(count)}, {reason}")


def _count(trials: int) -> str:
    return f"{trials} trial{'s' if trials != 1 else ''}"


def _row(found: Imported, is_dry: bool) -> dict[str, Any]:
    return {
        "imported": 0 if is_dry else len(found.trials),
        "found": len(found.trials),
        "left_out": dict(found.left_out),
        "columns_aside": list(found.aside),
        "notes": list(found.notes),
    }
