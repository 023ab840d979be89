"""How is Something-Something v2 read? JSON files of templates, `<id>.webm` files.

Source:
    something-something-v2-{train,validation,test}.json, lists of `id`, `label`,
    `template` and `placeholders`, and labels.json, a map of templates without brackets
    to numbers. The test file has ids alone. Version 1 and Jester have lines
    `<id>;<template>`, and a list of the labels.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from vidnas.datasets.index import ClipEntry
from vidnas.datasets.readers.annotation import (
    cells,
    read_classes,
    read_json,
    read_text,
    rows_of_classes,
)
from vidnas.datasets.readers.options import split_files, video_roots
from vidnas.datasets.readers.reader import Findings, Listing, composed
from vidnas.datasets.readers.video_finder import MISSING, VideoFinder
from vidnas.errors import ClipError


def read_something(
    path: Path, options: Mapping[str, Any], findings: Findings
) -> Listing:
    """The clips that the JSON files of Something-Something v2 list.

    Args:
        path: JSON file of the training clips; or lines of v1 and Jester.
        options: `val` and `test`: files of these; `classes`: labels.json, by default
            the templates by name; `videos`: folder of the videos, by default that of
            `path`.
        findings: Findings that get what is left out.

    Raises:
        ClipError: a file cannot be read.
    """
    finder = VideoFinder(video_roots(path, options), findings)
    found = [
        (split, video, template)
        for split, file in split_files(path, options)
        for video, template in _rows(file, findings)
    ]
    if options.get("classes"):
        numbers = read_classes(Path(options["classes"]), findings)
        classes, _ = rows_of_classes({n: _plain(name) for n, name in numbers.items()})
    else:
        classes = tuple(sorted({template for _, _, template in found if template}))
    position = {name: at for at, name in enumerate(classes)}
    entries = []
    for split, video, template in found:
        if not template:
            findings.leave_out("without a label", video)
            continue
        if template not in position:
            findings.leave_out("class that `classes` lacks", template)
            continue
        place = finder.by_stem(video)
        if place is None:
            findings.leave_out(MISSING, video)
        elif finder.unless_empty(place) is not None:
            entries.append(
                ClipEntry(str(place), (position[template],), split=split, id=video)
            )
    return Listing(classes, entries)


def _rows(path: Path, findings: Findings) -> Iterator[tuple[str, str]]:
    """The id and the template of each clip; the template may be absent."""
    if path.suffix.lower() != ".json":
        for row in cells(read_text(path, findings), ";"):
            if row:
                yield row[0].strip(), _plain(row[1]) if len(row) > 1 else ""
        return
    rows = read_json(path, findings)
    if not isinstance(rows, list):
        raise ClipError(f"{path} must hold a list of clips with `id` and `template`.")
    for n, row in enumerate(rows):
        if not isinstance(row, dict) or "id" not in row:
            raise ClipError(
                f"{path} must have an `id` in every clip, number {n} lacks it."
            )
        yield str(row["id"]), _plain(str(row.get("template") or row.get("label") or ""))


def _plain(template: str) -> str:
    """The template as `labels.json` spells it: without brackets."""
    return composed(template.replace("[", "").replace("]", "").strip())
