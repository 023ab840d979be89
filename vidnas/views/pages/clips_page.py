"""What does a dataset look like, and what is wrong with it? One self-contained page."""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

from vidnas.views.pages.markup import escape, facts, paragraph, stylesheet, table
from vidnas.views.pages.policy import POLICY

MOST_FINDINGS = 2000  # rows that a browser sorts at once
_STYLE, _SCRIPT = "clips_page.css", "clips_page.js"
_WIDE, _BAR, _LABEL = 420, 22, 130  # pixels of a histogram


@dataclass(frozen=True, slots=True)
class Picture:
    """A small picture of one clip.

    Args:
        jpeg: Content of the picture file.
        name: Name of the clip.
    """

    jpeg: bytes
    name: str


@dataclass(frozen=True, slots=True)
class ClassOfClips:
    """A class of the dataset.

    Args:
        name: Name of the class.
        counts: Number of its clips by split, in the order of the splits.
        bad: How many of them teach nothing.
        pictures: Pictures of a few of its clips.
    """

    name: str
    counts: tuple[int, ...]
    bad: int
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many clips have which value of something.

    Args:
        title: Name of what is counted, with its unit.
        bars: Values in words, and how many clips have them.
    """

    title: str
    bars: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class FindingRow:
    """Something found about one clip.

    Args:
        kind: Kind of finding, in words.
        name: Name of the clip.
        split: Name of its split.
        classes: Names of its classes.
        words: What was found.
        is_bad: Whether the clip teaches nothing.
    """

    kind: str
    name: str
    split: str
    classes: str
    words: str
    is_bad: bool


@dataclass(frozen=True, slots=True)
class ClipsPage:
    """All that the page of a dataset shows.

    Args:
        name: Name of the dataset.
        lead: What was found, in a sentence.
        facts: Names and what they are, of the dataset as a whole.
        kinds: How many clips each kind of finding is about, worst first.
        splits: Names of the splits.
        classes: Classes, in the order of their labels.
        histograms: Distributions of what clips are like.
        findings: What was found, worst first.
        left_out: What the reader did not take: reason, number and an example.
    """

    name: str
    lead: str
    facts: dict[str, str]
    kinds: tuple[tuple[str, int], ...]
    splits: tuple[str, ...]
    classes: tuple[ClassOfClips, ...]
    histograms: tuple[Histogram, ...]
    findings: tuple[FindingRow, ...]
    left_out: tuple[tuple[str, int, str], ...] = ()


def clips_page(page: ClipsPage) -> str:
    """The page of a dataset, as HTML that loads nothing.

    Args:
        page: All that it shows.
    """
    files = resources.files("vidnas.views.pages")
    style = stylesheet() + files.joinpath(_STYLE).read_text(encoding="utf-8")
    script = files.joinpath(_SCRIPT).read_text(encoding="utf-8")
    name = escape(page.name)
    sections = (
        _section("What was read", facts(page.facts)),
        _section("What was found", *_findings(page)),
        _section("Classes", *_classes(page)),
        _section("What the clips are like", _histograms(page.histograms)),
        _left_out(page.left_out),
    )
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{name} - vidnas clips</title><style>{style}</style></head>"
        f'<body><h1>{name}</h1><p class="lead">{escape(page.lead)}</p>'
        f"<main>{''.join(sections)}</main><script>{script}</script></body></html>\n"
    )


def picture_address(content: bytes, kind: str = "jpeg") -> str:
    """The picture itself, as an address that needs no file.

    Args:
        content: Content of the picture file.
        kind: Kind of file, `jpeg` or `png`.
    """
    return f"data:image/{kind};base64,{b64encode(content).decode('ascii')}"


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def _findings(page: ClipsPage) -> tuple[str, ...]:
    """Counts by kind, then every finding in a table that sorts and filters."""
    if not page.findings:
        return (paragraph("Every clip can be read, moves and fills its window."),)
    counts = "".join(
        f"<li><strong>{count}</strong> {escape(words)}</li>"
        for words, count in page.kinds
    )
    shown = page.findings[:MOST_FINDINGS]
    columns = [(title, False) for title in ("what", "clip", "split", "class", "how")]
    rows = [(f.kind, f.name, f.split, f.classes, f.words) for f in shown]
    marks = ["bad" if finding.is_bad else "" for finding in shown]
    kinds = dict.fromkeys(finding.kind for finding in shown)
    options = "".join(f"<option>{escape(kind)}</option>" for kind in kinds)
    more = len(page.findings) - len(shown)
    return (
        f'<ul class="counts">{counts}</ul>',
        '<p class="filter" hidden><label>Search <input type="search" id="words">'
        '</label> <label>What <select id="kind"><option value="">all</option>'
        f'{options}</select></label> <output id="shown" aria-live="polite"></output>'
        "</p>",
        f'<div id="findings">{table(columns, rows, marks)}</div>',
        paragraph(f"{more} more are in `--json`.") if more else "",
    )


def _classes(page: ClipsPage) -> list[str]:
    return [_class(one, page.splits) for one in page.classes]


def _class(one: ClassOfClips, splits: Sequence[str]) -> str:
    """A class with its counts and pictures."""
    counts = ", ".join(
        f"{count} {split}" for count, split in zip(one.counts, splits, strict=True)
    )
    bad = f"; {one.bad} to leave out" if one.bad else ""
    pictures = "".join(
        f'<img src="{picture_address(picture.jpeg)}" alt="{escape(picture.name)}" '
        f'title="{escape(picture.name)}" width="96" height="72" loading="lazy">'
        for picture in one.pictures
    )
    return (
        f'<article class="class"><h3>{escape(one.name)}</h3>'
        f"<p>{escape(counts + bad)}</p><div>{pictures}</div></article>"
    )


def _histograms(histograms: Sequence[Histogram]) -> str:
    return f'<div class="histograms">{"".join(map(_histogram, histograms))}</div>'


def _histogram(histogram: Histogram) -> str:
    """Bars of a length that tells the number, which stands behind each."""
    most = max((count for _, count in histogram.bars), default=1)
    room = _WIDE - _LABEL - 60
    bars = []
    for row, (label, count) in enumerate(histogram.bars):
        y, length = row * _BAR, max(min(count, 1.5), room * count / most)
        bars.append(
            f'<text x="{_LABEL - 8}" y="{y + 15}" text-anchor="end">{escape(label)}'
            f'</text><rect x="{_LABEL}" y="{y + 3}" width="{length:.1f}" '
            f'height="{_BAR - 6}" rx="2"/>'
            f'<text x="{_LABEL + length + 6:.1f}" y="{y + 15}">{count}</text>'
        )
    told = ", ".join(f"{label}: {count}" for label, count in histogram.bars)
    return (
        f"<figure><figcaption>{escape(histogram.title)}</figcaption>"
        f'<svg viewBox="0 0 {_WIDE} {_BAR * max(1, len(bars))}" role="img" '
        f'aria-label="{escape(f"{histogram.title}: {told}")}">{"".join(bars)}</svg>'
        "</figure>"
    )


def _left_out(rows: Sequence[tuple[str, int, str]]) -> str:
    if not rows:
        return ""
    words = "What the reader saw beside the clips, and did not take."
    columns = (("why", False), ("number", True), ("such as", False))
    return _section("Left out", paragraph(words), table(columns, rows))
