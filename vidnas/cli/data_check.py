"""`vidnas data check`: what is wrong with which clip of a dataset."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from vidnas.cli.check_progress import CheckProgress
from vidnas.cli.clip_window import add_window_options, asked_window
from vidnas.cli.clips_found import left_out_text
from vidnas.cli.clips_values import check_facts, page_values, why_unusable
from vidnas.cli.command_help import described
from vidnas.cli.index_file import require_index_name, save_index
from vidnas.cli.named_source import source_of_words
from vidnas.cli.output import note, say, say_json, table
from vidnas.clips.check import check_windows, good_index
from vidnas.clips.clip_check import CheckedClip
from vidnas.clips.findings import KINDS, count_kinds, kind_text
from vidnas.clips.window import Window
from vidnas.datasets.index import ClipIndex
from vidnas.datasets.source import read_index
from vidnas.documents.visible_text import shown_name, visible
from vidnas.errors import ClipError
from vidnas.views.pages.clips_page import clips_page
from vidnas.views.pages.page_owner import require_own_clips_page
from vidnas.whole_file import write_whole

SHOWN = 5  # clips that the terminal names for each kind of finding


def add_command(verbs: Any) -> None:
    """Adds `data check`."""
    check = verbs.add_parser(
        "check",
        help="read the windows of every clip, and tell what is wrong",
        **described(
            "Reads the beginning, middle and end of every clip as trainings read them, "
            "counts classes and splits, and names the clips that are missing, "
            "unreadable, still, short, damaged or copies of others. Ends with 2 where "
            "no training could begin on what is good.",
            "vidnas data check my_videos",
            "vidnas data check my_videos --for experiment.yaml --html clips.html",
            "vidnas data check my_videos --frames 32 --fps 8 --out good.csv",
        ),
    )
    check.add_argument(
        "source",
        metavar="SOURCE",
        nargs="+",
        help="class folders, an index or a list; or KIND=PATH KEY=VALUE ...",
    )
    add_window_options(check)
    check.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="write the index without the clips that teach nothing, .csv or .parquet",
    )
    check.add_argument("--html", type=Path, metavar="FILE", help="write one page")
    check.add_argument(
        "--json", action="store_true", help="print one JSON object, with every finding"
    )
    check.set_defaults(run=check_source)


def check_source(chosen: argparse.Namespace) -> None:
    """Reads every clip, prints what is found, and writes what was asked for.

    Raises:
        ClipError: the dataset cannot be used, said after everything else.
    """
    window = asked_window(chosen)
    if chosen.html is not None:
        require_own_clips_page(chosen.html)
    if chosen.out is not None:
        require_index_name(chosen.out)
    index = read_index(source_of_words(chosen.source))
    with CheckProgress(sum(map(len, index.splits.values()))) as progress:
        checked = check_windows(index, window, on_clip=progress.hear)
    if chosen.json:
        say_json(check_facts(index, checked, window))
    else:
        say(_text(index, checked, window))
    if chosen.html is not None:
        write_whole(chosen.html, clips_page(page_values(index, checked, window)))
        note(f"page   {chosen.html}")
    if chosen.out is not None:
        kept = good_index(index, checked)
        save_index(chosen.out, kept)
        note(f"index  {chosen.out}: {sum(map(len, kept.splits.values()))} clips")
    unusable = why_unusable(index, checked)
    if unusable:
        raise ClipError(unusable)


def counts_text(index: ClipIndex, checked: Sequence[CheckedClip]) -> str:
    """Clips by class and split, those left out that teach nothing."""
    splits = list(index.splits)
    counts = {split: [0] * len(index.classes) for split in splits}
    totals = dict.fromkeys(splits, 0)
    for entry in (clip.entry for clip in checked if not clip.is_bad):
        totals[entry.split] += 1
        for label in entry.labels:
            counts[entry.split][label] += 1
    rows = [
        [shown_name(name), *[str(counts[split][label]) for split in splits]]
        for label, name in enumerate(index.classes)
    ]
    return table(["class", *splits], [*rows, ["all", *map(str, totals.values())]])


def _text(index: ClipIndex, checked: Sequence[CheckedClip], window: Window) -> str:
    """Counts by class, then each kind of finding with its number and a few names."""
    lines = [counts_text(index, checked), ""]
    found = [finding for clip in checked for finding in clip.findings]
    for kind, count in count_kinds(found).items():
        out = ": left out by --out" if KINDS[kind].is_bad else ""
        lines.append(f"{kind_text(kind, count, window.words)}{out}")
        of_kind = [finding for finding in found if finding.kind == kind]
        lines += [
            f"  {shown_name(one.id)}: {visible(one.words, keep='')}"
            for one in of_kind[:SHOWN]
        ]
        if len(of_kind) > SHOWN:
            lines.append(f"  and {len(of_kind) - SHOWN} more, all with --json")
    if not found:
        lines.append(f"every clip can be read, moves and fills {window.words}")
    for one in index.left_out:
        lines.append(f"left out  {left_out_text(one)}")
    return "\n".join(lines)
