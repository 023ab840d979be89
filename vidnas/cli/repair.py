"""`vidnas repair`: a damaged journal, written anew from what it still holds."""

import argparse
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from vidnas.cli.begun_clips import CLIPS_FILE, as_first_read, begun_clips
from vidnas.cli.command_help import described
from vidnas.cli.output import note, say, say_json
from vidnas.clips.check import check_clips
from vidnas.datasets.source import ClipSource
from vidnas.files.mirror import study_named
from vidnas.study.experiment.recorded import ClipFacts
from vidnas.study.repair import Repair, repair_study
from vidnas.study.stored_repair import repair_stored_study

_SHOWN = 20  # lines left out that are named on a terminal


def add_commands(commands: Any) -> None:
    """Adds `repair`."""
    repair = commands.add_parser(
        "repair",
        **described(
            "Writes a study's journal anew from what it still holds, keeps the damaged "
            "one beside it, and names each line that was left out.",
            "vidnas repair runs/quickstart",
            "vidnas repair runs/quickstart --json",
        ),
    )
    repair.add_argument(
        "study",
        metavar="STUDY",
        type=study_named,
        help="study folder, or its address in an object store",
    )
    repair.add_argument("--json", action="store_true")
    repair.set_defaults(run=repair_journal)


def repair_journal(chosen: argparse.Namespace) -> None:
    """Repairs a journal and says what was left out."""
    if isinstance(chosen.study, str):
        done = repair_stored_study(chosen.study, _count_clips)
    else:
        done = repair_study(chosen.study, partial(_count_clips, chosen.study))
    for notice in done.notices:
        note(notice)
    if chosen.json:
        say_json(_row(done))
        return
    if done.damaged is None:
        what = f"its {done.kept} records read well" if done.kept else "it is empty"
        say(f"nothing to repair in {chosen.study}: {what}")
        return
    if done.head:
        note(done.head)
    for one in done.left_out[:_SHOWN]:
        note(f"left out: line {one.line}: {one.reason}")
    if len(done.left_out) > _SHOWN:
        note(f"left out: {len(done.left_out) - _SHOWN} more; --json names them all")
    states = Counter(trial.state for trial in done.trials)
    counts = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    say(
        f"repaired {chosen.study}: {done.kept} records, {len(done.trials)} trials"
        f"{f' ({counts})' if counts else ''}"
    )
    say(f"the journal as it was: {done.damaged}")


def _row(done: Repair) -> dict[str, Any]:
    return {
        "repaired": done.damaged is not None,
        "records": done.kept,
        "trials": dict(Counter(trial.state for trial in done.trials)),
        "left_out": [{"line": o.line, "reason": o.reason} for o in done.left_out],
        "study_record": done.head or None,
        "damaged": str(done.damaged) if done.damaged else None,
    }


def _count_clips(study: Path, source: Mapping[str, Any]) -> ClipFacts:
    """The clips of a dataset as the study's search would count them.

    A study that keeps no list of its clips was begun by a version that read class
    folders by its own rule.
    """
    named = ClipSource.of(source)
    if not (study / CLIPS_FILE).exists():
        report = check_clips(as_first_read(named))
        return ClipFacts(report.classes, report.count("train"), report.count("val"))
    begun = begun_clips(named, study)
    report = check_clips(named)
    return ClipFacts(
        report.classes,
        report.count("train"),
        report.count("val"),
        reading=begun.reading,
        **begun.digests,
    )
