"""Board and watched report as people use them: read, ticked, filtered, left open.

`VIDNAS_PICTURES=FOLDER` keeps what was on the screen.
"""

import os
import time
from pathlib import Path

import pytest

from vidnas.study import load_history
from vidnas.views.live.kept_current import Refresh, kept_current
from vidnas.views.live.live_study import Lookout
from vidnas.views.pages.report import report_page

pytestmark = pytest.mark.real
DESK, PHONE = (1280, 800), (390, 844)
LEGEND = "[...document.querySelectorAll('.vl-legend a')].map((one) => one.textContent)"
SHOWN = (
    "[...document.querySelectorAll('article')].filter((one) => !one.hidden)"
    ".map((one) => one.dataset.study)"
)


def kept(page, name):
    """The screen as a picture, where somebody wants it."""
    folder = os.environ.get("VIDNAS_PICTURES")
    if folder:
        page.picture(Path(folder) / f"live-{name}.png")


def until(page, script, seconds=40):
    """Waits until an expression holds in the page, which is looked at."""
    page.ask("Page.bringToFront")
    # While it is loaded, what is asked for may not be there.
    patient = f"(() => {{ try {{ return {script}; }} catch {{ return false; }} }})()"
    ends = time.monotonic() + seconds
    while not page.value(patient):
        assert time.monotonic() < ends, page.value("document.body.innerText")
        time.sleep(0.1)


@pytest.fixture
def board(runs, serving, browser):
    """`board(path, size)` opens a page of a board that looks at its studies."""
    with serving(runs) as ask:
        ask.server.begin_looking()

        def open_page(path="", size=DESK, *, dark=False):
            page = browser.open(ask.server.address, size, dark=dark)
            if path:
                page.ask("Page.navigate", url=f"{page.value('location.origin')}{path}")
                until(page, f"location.pathname === '{path.partition('?')[0]}'")
                until(page, "document.readyState === 'complete'")
            return page

        yield open_page


def test_fronts_are_on_the_first_screen_and_nobody_else_is_asked(board):
    for size in (DESK, PHONE):
        for dark in (False, True):
            page = board(size=size, dark=dark)
            look(page, dark)
            kept(page, f"board-{size[0]}-{'dark' if dark else 'light'}")


def look(page, dark):
    """What holds on every screen."""
    until(page, "document.getElementById('said').textContent.startsWith('as of')")
    assert page.errors == []
    own = page.value("location.origin")
    assert {url.partition("?")[0] for url in page.requests} == {
        f"{own}/",
        f"{own}/now",
    }
    assert "token" not in page.value("location.href")
    picture = (
        "[...document.querySelectorAll('.vl-sketch')]"
        ".map((one) => one.getBoundingClientRect()).find((box) => box.width)"
    )
    assert page.value(f"{picture}.bottom <= innerHeight")
    assert page.value("document.documentElement.scrollWidth <= innerWidth")
    # Words in the picture are large enough to be read.
    assert page.value(
        f"{picture}.width / [...document.querySelectorAll('.vl-sketch')].find("
        "(one) => one.getBoundingClientRect().width).viewBox.baseVal.width > 0.9"
    )
    paper = page.value(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    )
    assert (sum(paper) < 120) == dark


def test_what_is_ticked_is_seen_alone_and_compared(board):
    page = board()
    page.value("window.figure = document.querySelector('figure')")
    first = page.value("document.getElementById('said').textContent")
    until(page, f"document.getElementById('said').textContent > '{first}'")
    assert page.value("window.figure.isConnected")  # what did not change stays
    assert set(page.value(LEGEND)) == {"small", "second", '<b> & "co"'}
    assert page.value("document.getElementById('compare').disabled")
    page.click(*page.middle("document.querySelector('input[value=second]')"))
    until(page, f"{LEGEND}.join() === 'second'")
    # By the keyboard: a box keeps its focus while the board goes on.
    page.value("document.querySelector('input[value=small]').focus()")
    page.press(" ")
    until(page, f"{LEGEND}.length === 2")
    assert page.value("document.activeElement.value") == "small"
    assert page.value("[...document.querySelectorAll(':checked')].length") == 2
    page.value("document.getElementById('words').focus()")
    page.write("sec")
    assert page.value(SHOWN) == ["second"]
    kept(page, "board-found")
    page.press("Escape")
    page.click(*page.middle("document.getElementById('compare')"))
    until(page, "document.title.endsWith('vidnas comparison')")
    until(page, "document.querySelectorAll('.vega-embed').length >= 2")
    assert page.errors == []
    assert page.value("document.querySelector('a[href=\"/\"]').textContent")


def test_a_running_study_goes_on_before_its_readers_eyes(
    folder, running, serving, browser
):
    running()
    with serving(folder / "runs") as ask:
        ask.server.begin_looking()
        board = browser.open(ask.server.address, PHONE)
        until(board, "document.body.innerText.includes('1 done')")
        page = browser.open(ask.server.address)
        page.ask(
            "Page.navigate", url=f"{page.value('location.origin')}/study?study=small"
        )
        until(page, "document.getElementById('shown')?.textContent === '2 of 2'")
        page.value("document.getElementById('words').focus()")
        page.write("3x3")
        chosen = page.value("document.getElementById('shown').textContent")
        running()
        until(board, "document.body.innerText.includes('2 done')")
        until(page, "document.getElementById('shown')?.textContent.endsWith('of 3')")
        assert page.value("document.getElementById('words').value") == "3x3"
        kept(page, "study-running")
        running()
        until(
            page, "document.querySelector('#vl-now summary').innerText.match(/finish/)"
        )
        until(board, "document.body.innerText.includes('none running')")
        assert chosen
        assert (page.errors, board.errors) == ([], [])


def test_an_open_file_shows_itself_again_as_its_reader_left_it(
    folder, running, browser, tmp_path
):
    path = tmp_path / "report.html"

    def write(at):
        study, _ = Lookout(folder / "runs" / "small").look()
        page = report_page(load_history(folder / "runs" / "small"))
        path.write_text(kept_current(page, study, Refresh(1.0, at)))

    running()
    write("10:00:00")
    page = browser.open(path)
    said = "document.querySelector('#vl-when output').textContent"
    assert page.value(said) == "as of 10:00:00, every 1 s"
    sort = "document.querySelectorAll('#table th button')[2].click()"
    page.value(sort)
    page.value("scrollTo(0, 300)")
    running()
    write("10:00:05")
    until(page, f"{said} === 'as of 10:00:05, every 1 s'")
    titles = "[...document.querySelectorAll('#table th')]"
    assert page.value(f"{titles}.findIndex((one) => one.ariaSort)") == 2
    assert page.value("scrollY") == 300
    # Who pauses it reads in peace.
    page.value("document.getElementById('vl-pause').click()")
    assert page.value(said) == "as of 10:00:05; paused"
    write("10:00:10")
    time.sleep(2.5)
    assert page.value(said) == "as of 10:00:05; paused"
    page.value("document.getElementById('vl-pause').click()")
    until(page, f"{said}.startsWith('as of 10:00:10')")
    # Nobody writes it any more: it says so, and stays.
    until(page, f"{said} === 'as of 10:00:10; no longer kept current'")
    assert page.errors == []
    assert {url.partition("#")[0] for url in page.requests} == {path.as_uri()}
    kept(page, "file")
