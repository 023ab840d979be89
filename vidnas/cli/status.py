"""`vidnas status`: a study, running or not, seen from any terminal or node."""

import argparse
import json
import threading
import time
from typing import Any

from rich.text import Text

from vidnas.cli.command_help import described
from vidnas.cli.live_view import LiveView
from vidnas.cli.output import note, say, say_json
from vidnas.documents.visible_text import visible
from vidnas.errors import JournalError
from vidnas.files.mirror import study_named, study_path
from vidnas.study.status.reader import StatusReader
from vidnas.study.status.status import Status
from vidnas.trials.trial import Trial
from vidnas.views.text.status_words import status_text

INTERVAL = 1.0  # between two looks at a study that is followed [s]
STORE_INTERVAL = 5.0  # the same of one in a store, which is asked several times a look
PATIENCE = 15.0  # that storage may be silent before a line says so [s]


def add_commands(commands: Any) -> None:
    """Adds `status`."""
    status = commands.add_parser(
        "status",
        **described(
            "Shows how a study stands: who runs it, its trials and workers, what it "
            "spent, its front and its last failures. It reads the study's folder and "
            "nothing else, so it works from any terminal or node that sees it.",
            "vidnas status runs/quickstart",
            "vidnas status runs/quickstart --follow",
        ),
    )
    status.add_argument(
        "study", metavar="STUDY", type=study_named, help="study folder, or its address"
    )
    status.add_argument(
        "--follow", action="store_true", help="go on until the study has ended"
    )
    status.add_argument(
        "--json", action="store_true", help="one object; with --follow one a change"
    )
    status.set_defaults(run=run_status)


def run_status(chosen: argparse.Namespace) -> None:
    """Shows a study once, or until it has ended.

    Raises:
        JournalError: the journal is damaged, which a script reads as `broken`.
    """
    try:
        reader = StatusReader(study_path(chosen.study))
        reader.read()
        status = reader.status()
    except JournalError as wrong:
        if chosen.json:
            broken = {"study": str(chosen.study), "state": "broken"}
            say_json({**broken, "reason": str(wrong)})
        raise
    if chosen.follow:
        interval = STORE_INTERVAL if isinstance(chosen.study, str) else INTERVAL
        _follow(reader, status, chosen.json, interval)
    elif chosen.json:
        say_json(status.to_document())
    else:
        say(status_text(status))


def _follow(
    reader: StatusReader, status: Status, as_json: bool, interval: float
) -> None:
    seen = [status]
    view = LiveView(lambda: Text(visible(status_text(seen[-1]))), stays=True)
    drawn = view.is_seen and not as_json
    if drawn:
        view.start()
    else:
        _say_change(status, [], as_json)
    try:
        while seen[-1].state == "running":
            time.sleep(interval)
            changed, seen[0] = _patient_look(reader)
            if not drawn and (changed or seen[0].state != "running"):
                _say_change(seen[0], changed, as_json)
    finally:
        if drawn:
            view.stop()


def _say_change(status: Status, changed: list[Trial], as_json: bool) -> None:
    if as_json:
        say(json.dumps(status.to_document()).replace("\x7f", "\\u007f"))
        return
    for trial in changed:
        name = trial.baseline or f"trial {trial.number}"
        reason = f": {trial.reason}" if trial.state == "failed" else ""
        say(visible(f"{_counted(status)} {name} {trial.state}{reason}", keep=""))
    if not changed:
        say(status_text(status))


def _patient_look(reader: StatusReader) -> tuple[list[Trial], Status]:
    """What changed; waits for storage that is silent or gone, and says so once."""
    told, changed = False, list[Trial]()
    while True:
        try:
            status = _look_within(reader, changed)
        except OSError as wrong:
            if not told:
                note(f"{reader.folder} cannot be read: {wrong.strerror}; waiting")
            told = True
            time.sleep(INTERVAL)
            continue
        if told:
            note(f"{reader.folder} is there again")
        return changed, status


def _look_within(reader: StatusReader, changed: list[Trial]) -> Status:
    """The status, and what changed; a line where the storage is silent for long."""
    answers: list[Status] = []
    errors: list[BaseException] = []

    def read() -> None:
        try:
            changed.extend(reader.read())
            answers.append(reader.status())
        except BaseException as wrong:  # raised again by who waits
            errors.append(wrong)

    thread = threading.Thread(target=read, daemon=True, name="vidnas-status")
    thread.start()
    thread.join(PATIENCE)
    if thread.is_alive():
        note(f"{reader.folder} has not answered for {PATIENCE:.0f} s; waiting")
        thread.join()
    if errors:
        raise errors[0]
    return answers[0]


ENDED = ("done", "failed", "stopped")


def _counted(status: Status) -> str:
    ended = sum(status.trials[state] for state in ENDED if state in status.trials)
    total = status.effort.trials
    return f"[{ended:3d}{'' if total is None else f'/{total}'}]"
