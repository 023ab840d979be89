"""`vidnas data show`: what one clip of a dataset is, as a training sees it."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from vidnas.cli.arguments import place, positive
from vidnas.cli.clip_window import add_window_options, asked_window
from vidnas.cli.command_help import described
from vidnas.cli.named_source import named_source
from vidnas.cli.output import note, say, say_json
from vidnas.clips.clip_check import STARTS, CheckedClip, check_clip
from vidnas.clips.clip_shape import read_entry
from vidnas.clips.pictures import contact_sheet, png
from vidnas.clips.window import Window
from vidnas.datasets.index import ClipEntry, ClipIndex
from vidnas.datasets.source import read_index
from vidnas.documents.suggestion import nearest
from vidnas.documents.visible_text import shown_name, visible
from vidnas.errors import ClipError, InputError
from vidnas.whole_file import write_whole

SIDE = 160  # pixels of a frame on the sheet


def add_command(verbs: Any) -> None:
    """Adds `data show`."""
    show = verbs.add_parser(
        "show",
        help="one clip: its facts, and the frames that a training sees",
        **described(
            "Tells what one clip is, and what is wrong with it. With --out it draws "
            "the frames that a training sees on one sheet.",
            "vidnas data show my_videos",
            "vidnas data show my_videos jump/a.mp4 --out jump.png",
            "vidnas data show my_videos jump/a.mp4 --for experiment.yaml --out a.png",
        ),
    )
    show.add_argument(
        "source", metavar="SOURCE", help="class folders, an index or a list"
    )
    show.add_argument(
        "clip",
        metavar="CLIP",
        nargs="?",
        help="its name in the dataset, or its path (default: the first)",
    )
    add_window_options(show)
    show.add_argument(
        "--resolution",
        type=positive,
        metavar="N",
        default=SIDE,
        help="height and width of a frame (default %(default)s)",
    )
    show.add_argument("--out", type=place, metavar="FILE", help="a sheet, .png")
    show.add_argument("--json", action="store_true")
    show.set_defaults(run=show_clip)


def show_clip(chosen: argparse.Namespace) -> None:
    """Prints what a clip is, and draws its frames where asked to."""
    window = asked_window(chosen)
    if chosen.out is not None and chosen.out.suffix.lower() != ".png":
        raise InputError(f"`--out` must end in .png, got {chosen.out}.")
    index = read_index(named_source(chosen.source))
    entry = _entry(index, chosen.clip)
    checked = check_clip(entry, window)
    if chosen.json:
        say_json(_facts(index, checked))
    else:
        lines = _lines(index, checked)
        say("\n".join(f"{name:<10}  {visible(text, keep='')}" for name, text in lines))
    if checked.header is None:
        raise ClipError(f"{entry.id} cannot be shown: {checked.findings[0].words}")
    if chosen.out is not None:
        _draw(entry, window, chosen.resolution, chosen.out)


def _entry(index: ClipIndex, named: str | None) -> ClipEntry:
    """The clip of a name or a path.

    Raises:
        ClipError: there is no such clip.
    """
    entries = [entry for split in index.splits.values() for entry in split]
    if named is None:
        return entries[0]
    path = str(Path(named).absolute())
    found = [one for one in entries if named in (one.id, one.path) or one.path == path]
    if not found:
        near = nearest(named, [entry.id for entry in entries])
        raise ClipError(
            f"{index.root} must hold the clip `{named}`, it does not.{near}"
        )
    return found[0]


def _facts(index: ClipIndex, checked: CheckedClip) -> dict[str, Any]:
    """What a script needs of a clip."""
    entry, header = checked.entry, checked.header
    return {
        "clip": entry.id,
        "path": entry.path,
        "split": entry.split,
        "classes": [index.classes[label] for label in entry.labels],
        "group": entry.group,
        "start": entry.start,
        "end": entry.end,
        "frames": header and header.frames,
        "fps": header and header.rate,
        "seconds": header and header.seconds,
        "width": header and header.width,
        "height": header and header.height,
        "codec": header and header.codec,
        "mirrored": header and header.mirrored,
        "findings": [{"kind": f.kind, "words": f.words} for f in checked.findings],
    }


def _lines(index: ClipIndex, checked: CheckedClip) -> list[tuple[str, str]]:
    entry, header = checked.entry, checked.header
    names = ", ".join(shown_name(index.classes[label]) for label in entry.labels)
    lines = [("clip", shown_name(entry.id)), ("path", entry.path)]
    lines += [("class", f"{names or 'none'}, in {entry.split}")]
    lines += [("group", entry.group)] if entry.group else []
    if entry.start is not None or entry.end is not None:
        end = "the end" if entry.end is None else f"{entry.end:g} s"
        lines.append(("part", f"{entry.start or 0:g} s to {end}"))
    if header is not None:
        shown = ", shown mirrored" if header.mirrored else ""
        lines += [
            ("video", f"{header.width} x {header.height}, {header.codec}{shown}"),
            (
                "length",
                f"{header.seconds:.2f} s, {header.frames} frames, "
                f"{header.rate:.4g} a second",
            ),
        ]
    found = [("found", finding.words) for finding in checked.findings]
    return lines + (found or [("found", "nothing wrong")])


def _draw(entry: ClipEntry, window: Window, side: int, path: Path) -> None:
    """The frames of the clip's middle on one sheet."""
    clip = read_entry(entry, window, side=side, start=STARTS[1])
    write_whole(path, png(contact_sheet(np.asarray(clip.frames))))
    note(f"sheet       {path}: {window.words} from the middle, first to last by rows")
