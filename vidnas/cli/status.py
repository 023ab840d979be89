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
from vidnas.documents.quantity import format_duration
from vidnas.documents.visible_text import visible
from vidnas.errors import JournalError, StudyError
from vidnas.files.mirror import study_named, study_path
from vidnas.study.status.reader import StatusReader
from vidnas.study.status.status import RunningTrial, Status
from vidnas.trials.effort import limit_text
from vidnas.trials.trial import Trial

INTERVAL = 1.0  # between two looks at a study that is followed [s]
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
    if chosen.follow and isinstance(chosen.study, str):
        raise StudyError(
            f"`--follow` needs a folder on a disk, got {chosen.study}. Without it the "
            "status is that of this moment."
        )
    reader = StatusReader(study_path(chosen.study))
    try:
        reader.read()
        status = reader.status()
    except JournalError as wrong:
        if chosen.json:
            broken = {"study": str(chosen.study), "state": "broken"}
            say_json({**broken, "reason": str(wrong)})
        raise
    if chosen.follow:
        _follow(reader, status, chosen.json)
    elif chosen.json:
        say_json(status.to_document())
    else:
        say(status_text(status))


def _follow(reader: StatusReader, status: Status, as_json: bool) -> None:
    seen = [status]
    view = LiveView(lambda: Text(visible(status_text(seen[-1]))), stays=True)
    drawn = view.is_seen and not as_json
    if drawn:
        view.start()
    else:
        _say_change(status, [], as_json)
    try:
        while seen[-1].state == "running":
            time.sleep(INTERVAL)
            changed = _patient_read(reader)
            seen[:] = [reader.status()]
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


def _patient_read(reader: StatusReader) -> list[Trial]:
    """What changed; waits for storage that is silent or gone, and says so once."""
    told = False
    while True:
        try:
            changed = _read_within(reader)
        except OSError as wrong:
            if not told:
                note(f"{reader.folder} cannot be read: {wrong.strerror}; waiting")
            told = True
            time.sleep(INTERVAL)
            continue
        if told:
            note(f"{reader.folder} is there again")
        return changed


def _read_within(reader: StatusReader) -> list[Trial]:
    """What changed; a line where the storage answers nothing for long."""
    answers: list[list[Trial]] = []
    errors: list[BaseException] = []

    def read() -> None:
        try:
            answers.append(reader.read())
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


def status_text(status: Status) -> str:
    """A status for people, in lines."""
    lines = [
        f"study     {_one_line(status.name)} in {_one_line(status.study)}",
        f"state     {_state(status)}",
        f"trials    {', '.join(f'{n} {state}' for state, n in status.trials.items())}",
        f"effort    {_limits(status)}",
        f"spent     {_spent(status)}",
        f"rate      {status.rate_last_hour:.1f} trials an hour of late, "
        f"{status.rate:.1f} over all",
    ]
    if status.hours_left is not None:
        lines.append(f"left      some {format_duration(3600 * status.hours_left)}")
    for group in status.groups:
        name = f"{_one_line(group.name)}: " if group.name else ""
        lines.append(f"workers   {name}{group.busy} busy, {group.idle} idle")
    lines += [f"  {_running(trial)}" for trial in status.running]
    lines.append(f"front     {_front(status)}")
    for failure in status.failures:
        lines.append(f"failed    trial {failure.trial}: {_one_line(failure.reason)}")
    logs = [trial for trial in status.running if trial.log]
    if logs:
        first = logs[0]
        lines.append(f"log       of trial {first.trial}: {_one_line(first.log)}")
    return "\n".join(lines)


ENDED = ("done", "failed", "stopped")


def _one_line(text: str) -> str:
    return visible(text, keep="")


def _counted(status: Status) -> str:
    ended = sum(status.trials[state] for state in ENDED if state in status.trials)
    total = status.effort.trials
    return f"[{ended:3d}{'' if total is None else f'/{total}'}]"


def _state(status: Status) -> str:
    writer = status.writer
    if writer is None:
        return f"{status.state}{status.reason and f', {status.reason}'}"
    who = f"process {writer.process} on {_one_line(writer.host)}"
    return (
        f"running by {who if writer.process else 'somebody'}, who was there "
        f"{format_duration(writer.renewed_seconds)} ago"
    )


def _limits(status: Status) -> str:
    return f"{status.effort}, {100 * status.effort.part(status.spent):.0f} % spent"


def _spent(status: Status) -> str:
    spent = status.spent
    words = [limit_text("trials", spent.trials), limit_text("hours", spent.hours)]
    words += [limit_text("gpu_hours", spent.gpu_hours)] if spent.gpu_hours else []
    words += [limit_text("epochs", spent.epochs)]
    words += [f"cost {spent.cost:.2f}"] if spent.cost is not None else []
    return ", ".join(words)


def _running(trial: RunningTrial) -> str:
    name = trial.name or f"trial {trial.trial}"
    place = " ".join(word for word in (trial.group, trial.node) if word)
    where = f" on {place}" if place else ""
    return _one_line(
        f"{name}{where} for {format_duration(trial.seconds)}, epoch {trial.epoch} of "
        f"{trial.epochs} done"
    )


def _front(status: Status) -> str:
    if status.hypervolume is None or status.grew_hours is None:
        return "none yet"
    ago = format_duration(3600 * status.grew_hours)
    return (
        f"{status.front} trials, hypervolume {status.hypervolume:.4g}, last grew {ago} "
        "of work ago"
    )
