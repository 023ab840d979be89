"""How is a list of paths and labels read? A line a video, as most training code has it.

Source:
    SlowFast (`train.csv`, a blank between), pytorchvideo (the last blank separates, a
    path may hold others, no label is -1), MMAction2 (`*_list_videos.txt`, several
    labels; `*_list_rawframes.txt`, a folder, its number of frames, labels).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidnas.datasets.index import ClipEntry
from vidnas.datasets.readers.annotation import (
    cells,
    read_classes,
    read_lines,
    rows_of_classes,
)
from vidnas.datasets.readers.options import split_files, video_roots
from vidnas.datasets.readers.reader import Findings, Listing, composed
from vidnas.datasets.readers.video_files import is_video_name, suffix_of
from vidnas.datasets.readers.video_finder import VideoFinder
from vidnas.errors import ClipError

UNLABELLED = "-1"
_SEPARATORS = {"tab": "\t", "comma": ",", "space": " "}
_WHOLE = re.compile(r"-?\d+")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a list.

    Args:
        readings: Ways to read it, the likeliest first: a path and labels each.
        place: File and line, for messages.
    """

    readings: tuple[tuple[str, tuple[str, ...]], ...]
    place: str


def read_path_list(
    path: Path, options: Mapping[str, Any], findings: Findings
) -> Listing:
    """The clips that lists of paths and labels name.

    Args:
        path: List of the training clips, or of all.
        options: `val` and `test`: lists of these; `videos`: folder that paths are
            relative to, by default that of `path`; `classes`: file of the names;
            `separator`: `space`, `tab` or `comma`, by default what the lines show;
            `frames`: true where a number of frames stands between path and labels.
        findings: Findings that get what is left out.

    Raises:
        ClipError: a list cannot be read, or numbers its classes otherwise than
            `classes`.
    """
    finder = VideoFinder(video_roots(path, options), findings)
    found: list[tuple[str, str, tuple[str, ...], Path]] = []
    words: set[str] = set()
    for split, file in split_files(path, options):
        for line in _lines(file, options, findings):
            name, labels, place = _matched(line, finder)
            if not labels or labels == (UNLABELLED,):
                findings.leave_out("without a label", f"{name} ({line.place})")
                continue
            words.update(labels)
            taken = finder.take(name) if place is None else finder.unless_empty(place)
            if taken is not None:
                found.append((split, name, labels, taken))
    classes, position = _classes(sorted(words), options, path, findings)
    entries = []
    for split, name, labels, taken in found:
        known = tuple(sorted({position[one] for one in labels if one in position}))
        if not known:
            findings.leave_out("class that `classes` lacks", f"{labels[0]} of {name}")
            continue
        entries.append(ClipEntry(str(taken), known, split=split, id=composed(name)))
    several = any(len(entry.labels) > 1 for entry in entries)
    return Listing(classes, entries, multi_label=several)


def _matched(
    line: _Line, finder: VideoFinder
) -> tuple[str, tuple[str, ...], Path | None]:
    """The reading of a line whose path is there, else the likeliest."""
    for name, labels in line.readings:
        place = finder.by_path(name)
        if place is not None:
            return name, labels, place
    return (*line.readings[0], None)


def _lines(path: Path, options: Mapping[str, Any], findings: Findings) -> list[_Line]:
    lines = read_lines(path, findings)
    texts = [text for _, text in lines]
    stated = options.get("separator")
    separator = _SEPARATORS[stated] if stated else _separator(texts)
    frames = bool(options.get("frames"))
    read = _by_blanks if separator == " " else _by_cells
    found = [
        _Line(read(text, separator, frames), f"{path.name}, line {number}")
        for number, text in lines
    ]
    return found[1:] if found and _is_header(found) else found


def _separator(texts: Sequence[str]) -> str:
    """What stands between path and label in every line."""
    if texts and all("\t" in text.strip() for text in texts):
        return "\t"
    return "," if texts and all(map(_has_comma, texts)) else " "


def _has_comma(text: str) -> bool:
    """Whether a comma ends the path of a line, and is no part of it."""
    text = text.strip()
    before, _, end = text.rstrip(", \t").rpartition(",")
    words = end.replace('"', " ").split()
    if any(map(is_video_name, words)):  # no label, or a comma within the path
        return text.endswith(",")
    return bool(before.strip() and words)


def _by_cells(
    text: str, separator: str, frames: bool
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    row = next(cells(text.strip(), separator))
    while row and not row[-1].strip():
        row.pop()
    # A path with commas that nobody quoted ends where its suffix is.
    ends = [n for n, cell in enumerate(row) if is_video_name(cell)]
    path_cells = ends[-1] + 1 if ends else 1
    labels = tuple(cell.strip() for cell in row[path_cells + frames :])
    return ((separator.join(row[:path_cells]).strip(), labels),)


def _by_blanks(
    text: str, separator: str, frames: bool
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Readings with one label and more: numbers at the end may belong to the path."""
    text = text.strip()
    quoted = re.fullmatch(r'"((?:[^"]|"")+)"\s*(.*)', text)
    if quoted:
        words = quoted[2].split()
        return ((quoted[1].replace('""', '"'), tuple(words[frames:])),)
    if is_video_name(text) and not frames:
        return ((text, ()),)
    words = re.split(r"(\s+)", text)  # words at even places, blanks between
    numbers = 0
    while numbers < len(words) // 2 and _WHOLE.fullmatch(words[-1 - 2 * numbers]):
        numbers += 1
    if not numbers:
        return (("".join(words[:-2]), (words[-1],)),) if words[1:] else ((text, ()),)
    readings = []
    for count in range(1 + frames, numbers + 1):
        name = "".join(words[: len(words) - 2 * count])
        labels = tuple(words[len(words) - 2 * count + 1 :: 2][frames:])
        readings.append((name, labels))
    # The suffix of a video ends the path.
    readings.sort(key=lambda one: not suffix_of(one[0]) or not is_video_name(one[0]))
    return tuple(readings) or ((text, ()),)


def _is_header(lines: Sequence[_Line]) -> bool:
    """Whether the first line names columns: its label is a word, others are numbers."""
    first, *rest = (line.readings[0][1] for line in lines)
    if not rest or not first or any(map(_WHOLE.fullmatch, first)):
        return False
    return all(_WHOLE.fullmatch(word) for labels in rest for word in labels)


def _classes(
    words: Sequence[str], options: Mapping[str, Any], path: Path, findings: Findings
) -> tuple[tuple[str, ...], dict[str, int]]:
    """Names of the classes, and the position of each label as lists spell it."""
    numeric = all(map(_WHOLE.fullmatch, words))
    if not options.get("classes"):
        names = sorted(set(words), key=int) if numeric else sorted(set(words))
        return tuple(map(composed, names)), {name: n for n, name in enumerate(names)}
    file = Path(options["classes"])
    numbers = read_classes(file, findings)
    classes, position = rows_of_classes(numbers)
    if not numeric:
        places = {name: n for n, name in enumerate(classes)}
        return classes, {
            w: places[composed(w)] for w in set(words) if composed(w) in places
        }
    there = {int(word) for word in words}
    if 0 not in there and 0 in numbers and max(there, default=0) == len(numbers):
        raise ClipError(
            f"Labels must be those of {file}, which numbers its {len(numbers)} classes "
            f"from 0; {path} has labels from {min(there)} to {max(there)}. Begin each "
            "line of the classes with its number."
        )
    return classes, {w: position[int(w)] for w in set(words) if int(w) in position}
