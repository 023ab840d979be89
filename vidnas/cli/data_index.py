"""`vidnas data index`: a dataset of any kind as one table of its clips."""

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from vidnas.cli.arguments import place
from vidnas.cli.clips_found import left_out_text
from vidnas.cli.command_help import described
from vidnas.cli.index_file import require_index_name, save_index
from vidnas.cli.named_source import source_of_words
from vidnas.cli.output import note, say, say_json, table
from vidnas.clips.duplicates import find_duplicates
from vidnas.clips.findings import faults, kind_lines
from vidnas.datasets.identity import clip_digest, known_clips
from vidnas.datasets.index import ClipIndex
from vidnas.datasets.readers.video_finder import MISSING
from vidnas.datasets.source import read_index
from vidnas.datasets.store import is_address, record_file
from vidnas.documents.visible_text import shown_name, visible


def add_index(verbs: Any) -> None:
    """Adds `data index`."""
    index = verbs.add_parser(
        "index",
        help="list the clips of a dataset, whatever its layout",
        **described(
            "Reads class folders, lists, tables, and the annotations of known datasets "
            "into one index: how many clips each class has, what is left out and why. "
            "No video is decoded.",
            "vidnas data index my_videos --out my_videos.parquet",
            "vidnas data index kinetics=k400/train.csv val=k400/val.csv videos=k400",
            "vidnas data index experiments/mine.yaml --json",
        ),
    )
    index.add_argument(
        "source",
        metavar="SOURCE",
        nargs="+",
        help="class folders, a .csv, .txt or .parquet, an experiment, or "
        "KIND=PATH KEY=VALUE ... as under `clips` of an experiment",
    )
    index.add_argument(
        "--out",
        type=place,
        metavar="FILE",
        help="write the index here: .parquet for `clips: {index: FILE}`, or .csv",
    )
    index.add_argument("--json", action="store_true")
    index.set_defaults(run=index_clips)


def index_clips(chosen: argparse.Namespace) -> None:
    """Prints what a dataset holds, and writes its index where it is asked for."""
    if chosen.out is not None:
        require_index_name(chosen.out)
    index = read_index(source_of_words(chosen.source))
    gone = _gone(index)
    entries = [entry for found in index.splits.values() for entry in found]
    copies = faults(find_duplicates(entries).values())
    if chosen.out is not None:
        save_index(chosen.out, index)
    if chosen.json:
        say_json(
            {
                **_document(index, len(gone)),
                "copies": [dataclasses.asdict(one) for one in copies],
                "digest": clip_digest(known_clips(index)),
                "index": str(chosen.out) if chosen.out else None,
            }
        )
        return
    say(_classes_text(index))
    if index.left_out:
        say()
        for one in index.left_out:
            say(f"left out  {left_out_text(one)}")
    if gone:
        note(f"missing     {len(gone)} files are not there, such as {gone[0]}")
    for notice in index.notices:
        note(f"note        {notice}")
    for line in kind_lines(copies):
        note(f"clips       {visible(line, keep='')}")
    if chosen.out is not None:
        say()
        say(f"index  {chosen.out}")
        say(f"next   vidnas init {chosen.out}")


def _counts(index: ClipIndex) -> dict[str, list[int]]:
    """Clips of each class, by split."""
    return {
        split: index.targets(split).sum(axis=0).astype(int).tolist()
        for split in index.splits
    }


def _gone(index: ClipIndex) -> list[str]:
    """Files of an index that its disk has no more; stores are not asked."""
    files = {record_file(e.path) for found in index.splits.values() for e in found}
    return sorted(
        visible(file, keep="")
        for file in files
        if not (is_address(file) or Path(file).exists())
    )


def _document(index: ClipIndex, gone: int) -> dict[str, Any]:
    counts = _counts(index)
    return {
        "splits": {split: len(found) for split, found in index.splits.items()},
        "classes": [
            {"name": name, **{split: counts[split][n] for split in counts}}
            for n, name in enumerate(index.classes)
        ],
        "multi_label": index.multi_label,
        "missing": gone + sum(o.count for o in index.left_out if o.reason == MISSING),
        "left_out": [
            {"reason": o.reason, "count": o.count, "example": o.example}
            for o in index.left_out
        ],
        "notices": list(index.notices),
    }


def _classes_text(index: ClipIndex) -> str:
    """Clips by class and split; a clip of several classes counts in each."""
    counts = _counts(index)
    rows = [
        [shown_name(name), *[str(counts[split][n]) for split in counts]]
        for n, name in enumerate(index.classes)
    ]
    totals = [str(len(found)) for found in index.splits.values()]
    return table(["class", *counts], [*rows, ["all clips", *totals]])
