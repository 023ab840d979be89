"""What does the board look like? Fronts of one task together, and a card a study."""

import time
from collections.abc import Collection, Iterable, Sequence
from importlib import resources
from urllib.parse import quote

from vidnas.views.live.board import Board, BoardStudy
from vidnas.views.live.card import card, chip, live_style
from vidnas.views.live.front_sketch import COLOURS, front_sketch, swatch
from vidnas.views.pages.markup import stylesheet
from vidnas.views.text.escaping import escape
from vidnas.views.text.status_words import one_line

STYLE, SCRIPT = "board.css", "board.js"
SKETCHES = 3  # pictures of fronts at most, one a task
# Sizes of a picture: alone on a desk, one of several there, and on phones [pixels].
BROAD, BESIDE, SLIM = (1080, 290), (600, 260), (360, 250)
SECONDS = 2.0  # between two questions of the page
NO_ICON = '<link rel="icon" href="data:,">'  # which a browser would ask for
# The board's own pages ask the board, and nothing else.
BOARD_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "script-src 'unsafe-inline'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def board_page(title: str, board: Board) -> str:
    """The page of the board, as its studies stand.

    Args:
        title: Name of the folder.
        board: Studies in it.
    """
    files = resources.files("vidnas.views.live")
    style = stylesheet() + live_style() + files.joinpath(STYLE).read_text("utf-8")
    script = files.joinpath(SCRIPT).read_text("utf-8")
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'{NO_ICON}<noscript><meta http-equiv="refresh" content="10"></noscript>'
        f"<title>{escape(title)} - vidnas board</title><style>{style}</style></head>"
        f'<body class="vl-page"><h1>{escape(title)}</h1>'
        '<form action="/compare" method="get"><p class="vl-tools">'
        '<label id="find" hidden>find <input type="search" id="words"></label>'
        '<button id="compare">compare those ticked</button>'
        '<output id="said"></output></p>'
        f'<main id="now" data-seconds="{SECONDS:g}">{board_now(board)}</main></form>'
        f"<script>{script}</script></body></html>\n"
    )


def board_now(board: Board, ticked: Collection[str] = ()) -> str:
    """The part of the page that changes.

    Args:
        board: Studies of the folder.
        ticked: Names of those whose fronts are to be seen; none for the first ones.
    """
    studies = board.studies
    running = sum(one.is_running for one in studies)
    lead = f"{len(studies)} {'study' if len(studies) == 1 else 'studies'}"
    lead += f", {running} running" if running else ", none running"
    if not board.is_read:
        lead += "; more are being read"
    elif not studies:
        lead = "No study is here yet: a folder with a journal is one."
    shown = [one for one in studies if one.name in ticked] or studies
    cards = "".join(_card(one, one.name in ticked) for one in studies)
    return (
        f'<p class="lead">{escape(lead)}</p>'
        f'<div class="vl-pictures">{"".join(_pictures(shown))}</div>'
        f'<div class="vl-cards">{cards}</div>'
    )


def fault_page(title: str, words: str) -> str:
    """A page that says why there is no other.

    Args:
        title: Name of what was asked for.
        words: Reason, as people read it.
    """
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{NO_ICON}<title>{escape(title)} - vidnas board</title>"
        f"<style>{stylesheet()}</style>"
        f"</head><body><h1>{escape(title)}</h1><p>{escape(words)}</p>"
        f'<p><a href="/">all studies</a></p></body></html>\n'
    )


def study_address(name: str, page: str = "study") -> str:
    """Where the board has a page of a study."""
    return f"/{page}?study={quote(name, safe='')}"


def _pictures(studies: Iterable[BoardStudy]) -> list[str]:
    """Fronts of studies that improve the same on the same clips, a picture a task."""
    tasks: dict[tuple[object, ...], list[BoardStudy]] = {}
    for one in studies:
        if one.study is not None and one.study.front.trials:
            tasks.setdefault(one.task, []).append(one)
    several = list(tasks.values())[:SKETCHES]
    broad = BROAD if len(several) == 1 else BESIDE
    # By name, so that a study keeps its colour when another one begins or ends.
    return [
        _picture(sorted(of_task[: len(COLOURS)], key=lambda one: one.name), broad)
        for of_task in several
    ]


def _picture(studies: Sequence[BoardStudy], size: tuple[int, int]) -> str:
    fronts = {one.name: one.study.front for one in studies if one.study is not None}
    first = studies[0].study
    assert first is not None
    broad, slim = (
        front_sketch(fronts, first.objectives, width=width, height=height)
        for width, height in (size, SLIM)
    )
    names = "".join(
        f'<li>{swatch(place)} <a href="{escape(study_address(name))}">{escape(name)}'
        "</a></li>"
        for place, name in enumerate(fronts)
    )
    clips = first.head.identity.clips
    words = (
        f"{len(first.head.classes)} classes, {clips.train} clips for training, "
        f"{clips.val} for validation"
    )
    return (
        f'<figure class="vl-fronts"><figcaption>Fronts: {escape(words)}</figcaption>'
        f'<ul class="vl-legend">{names}</ul><div class="vl-broad">{broad}</div>'
        f'<div class="vl-slim">{slim}</div></figure>'
    )


def _card(one: BoardStudy, is_ticked: bool) -> str:
    name = escape(one.name)
    ticked = " checked" if is_ticked else ""
    body = (
        f'{chip("broken")}<p class="vl-fault">{escape(one_line(one.fault))}</p>'
        if one.study is None
        else card(one.study, sketch=False, failures=1)
    )
    when = ""
    if not one.is_running and one.written:
        at = time.strftime("%Y-%m-%d %H:%M", time.localtime(one.written))
        when = f'<p class="vl-when">last written {at}</p>'
    return (
        f'<article class="vl-study" data-study="{name}"><h2>'
        f'<input type="checkbox" name="study" value="{name}"{ticked} '
        f'aria-label="tick {name}"> '
        f'<a href="{escape(study_address(one.name))}">{name}</a></h2>{body}{when}'
        "</article>"
    )
