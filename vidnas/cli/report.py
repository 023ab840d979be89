"""`vidnas report`: one page on a study, written once or kept current."""

import argparse
from pathlib import Path
from typing import Any

from vidnas.cli.arguments import study_argument
from vidnas.cli.command_help import described
from vidnas.cli.output import note, say
from vidnas.cli.report_watch import INTERVAL, STORE_INTERVAL, ReportWatch
from vidnas.files.mirror import publish, study_path
from vidnas.study.history import History, load_history
from vidnas.views.pages.page_owner import require_own_report

REPORT_FILE = "report.html"


def add_commands(commands: Any) -> None:
    """Adds `report`."""
    report = commands.add_parser(
        "report",
        **described(
            "Writes what a study found as one page that opens anywhere, without a "
            "network.",
            "vidnas report runs/quickstart",
            "vidnas report runs/quickstart --to quickstart.html",
            "vidnas report runs/quickstart --watch",
        ),
    )
    study_argument(report)
    report.add_argument(
        "--to", metavar="FILE", type=Path, help="default STUDY/report.html"
    )
    report.add_argument(
        "--watch",
        action="store_true",
        help="write it again until the search has ended; the open page shows itself "
        "anew",
    )
    report.set_defaults(run=make_report)


def make_report(chosen: argparse.Namespace) -> None:
    """Writes the report page, with `--watch` until the search has ended."""
    folder = study_path(chosen.study, whole=True)
    path = chosen.to or folder / REPORT_FILE
    if chosen.watch:
        say(str(path))
        interval = STORE_INTERVAL if isinstance(chosen.study, str) else INTERVAL
        state = ReportWatch(folder, path, interval).run().status.state
        note(f"the study is {state}: the page is as it stays")
        return
    write_page(load_history(folder), path)
    publish(folder)
    say(str(path))


def write_page(history: History, path: Path) -> None:
    """Writes the report page of a study.

    Raises:
        StudyError: another file is there.
    """
    require_own_report(path, history)
    from vidnas.views.pages.report import write_report  # loads the drawing library

    write_report(history, path)
