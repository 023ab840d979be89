"""The report as people use it: looked at, pointed at, sorted, filtered, by keys.

`VIDNAS_PICTURES=FOLDER` keeps what was on the screen.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from vidnas.views.pages.report import write_report

pytestmark = pytest.mark.real
DESK, PHONE = (1280, 800), (390, 844)
ROWS = "[...document.querySelectorAll('#table tr[data-trial]')]"
LISTED = f"{ROWS}.map((row) => Number(row.dataset.trial))"
PICKED = "document.querySelector('.card:not([hidden]) h3')?.textContent"
# A point's middle on the screen, from its place in the plane of the shown picture.
PLACE = """(() => {{
  const rows = JSON.parse(document.getElementById('data').textContent).rows;
  const [u, v] = rows.find((row) => row[0] === {0})[4];
  const svg = [...document.querySelectorAll('#front .stage svg')]
    .find((one) => one.getBoundingClientRect().width);
  const box = svg.getBoundingClientRect();
  const scale = box.width / svg.viewBox.baseVal.width;
  const [left, top, wide, high] = svg.dataset.plane.split(' ').map(Number);
  return [box.x + scale * (left + u * wide), box.y + scale * (top + (1 - v) * high)];
}})()"""


@pytest.fixture(scope="module")
def report(compared, tmp_path_factory):
    """A study beside baselines."""
    path = tmp_path_factory.mktemp("report") / "report.html"
    write_report(compared, path)
    return path


@pytest.fixture(scope="module")
def large(history, tmp_path_factory):
    """A study of 1200 trials."""
    trials = tuple(
        replace(history.trials[n % len(history.trials)], number=n) for n in range(1200)
    )
    path = tmp_path_factory.mktemp("large") / "report.html"
    write_report(replace(history, trials=trials), path)
    return path


def kept(page, name):
    """The screen as a picture, where somebody wants it."""
    folder = os.environ.get("VIDNAS_PICTURES")
    if folder:
        page.picture(Path(folder) / f"report-{name}.png")


def accuracies(page):
    return page.value(f"{ROWS}.map((row) => parseFloat(row.cells[2].textContent))")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_front_is_on_the_first_screen_and_nothing_is_asked_for(
    browser, report, size, dark
):
    page = browser.open(report, size, dark=dark)
    assert page.errors == []
    assert page.requests == [report.as_uri()]
    stage = "document.querySelector('#front .stage').getBoundingClientRect()"
    assert page.value(f"{stage}.bottom <= innerHeight")
    assert page.value(f"{stage}.width > 0.9 * Math.min(innerWidth, 1280)")
    assert page.value("document.documentElement.scrollWidth <= innerWidth")
    light = page.value(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    )
    words = page.value(
        "getComputedStyle(document.querySelector('#front .name'))"
        ".fill.match(/\\d+/g).map(Number)"
    )
    assert (sum(light) < 120, sum(words) > 600) == (dark, dark)
    kept(page, f"{size[0]}-{'dark' if dark else 'light'}")


def test_names_in_the_picture_cover_no_other_name(browser, report):
    for size in (DESK, PHONE):
        page = browser.open(report, size)
        boxes = page.value(
            "[...document.querySelectorAll('#front .name')]"
            ".map((one) => one.getBoundingClientRect())"
            ".filter((box) => box.width).map((b) => [b.left, b.right, b.top, b.bottom])"
        )
        assert len(boxes) >= 3
        for at, (left, right, top, bottom) in enumerate(boxes):
            for other in boxes[:at]:
                apart = other[1] <= left or right <= other[0]
                # Lines of text are higher than their letters.
                assert apart or other[3] <= top + 4 or bottom <= other[2] + 4


def test_a_pointer_on_a_point_says_which_trial_it_is(browser, report, compared):
    page = browser.open(report)
    trial = compared.front().trials[0]
    page.move(*page.value(PLACE.format(trial.number)))
    tip = page.value("document.querySelector('.tip:not([hidden])').textContent")
    assert tip.startswith(f"trial {trial.number}")
    page.move(*page.value(PLACE.format(-2)))  # a baseline
    tip = page.value("document.querySelector('.tip:not([hidden])').textContent")
    assert tip.startswith("baseline t0")
    kept(page, "tip")
    page.move(5, 5)
    assert page.value("document.querySelector('.tip').hidden")


def test_a_click_on_a_point_shows_its_row_and_one_on_a_row_its_point(
    browser, report, compared
):
    page = browser.open(report)
    first, last = compared.front().trials[0].number, compared.front().trials[-1].number
    page.click(*page.value(PLACE.format(last)))
    assert page.value(PICKED) == f"trial {last}"
    selected = "document.querySelector('#table tr[aria-selected]')?.dataset.trial"
    assert page.value(selected) == str(last)
    holder = "document.getElementById('table').getBoundingClientRect()"
    row = f"document.getElementById('row-{last}').getBoundingClientRect()"
    assert page.value(f"{row}.top >= {holder}.top && {row}.bottom <= {holder}.bottom")
    assert page.value("scrollY") == 0  # the picture stays in sight
    assert page.value("location.hash") == f"#trial-{last}"
    page.value(f"document.getElementById('row-{first}').focus()")
    page.click(*page.middle(f"document.getElementById('row-{first}').cells[0]"))
    assert page.value(PICKED) == f"trial {first}"
    page.value("document.querySelector('.card button').click()")  # in the front
    x, y = page.value(PLACE.format(first))
    halo = page.middle("document.querySelector('#front svg.broad .halo')")
    assert halo == pytest.approx([x, y], abs=0.6)
    assert 0 < y < DESK[1]
    kept(page, "picked")
    page.press("Escape")
    assert page.value(PICKED) is None


def test_a_tap_picks_and_does_not_move_the_page(browser, report, compared):
    page = browser.open(report, PHONE)
    number = compared.front().trials[-1].number
    page.tap(*page.value(PLACE.format(number)))
    assert page.value(PICKED) == f"trial {number}"
    assert page.value("scrollY") == 0
    card = "document.querySelector('.card').getBoundingClientRect()"
    assert page.value(f"{card}.left >= 0 && {card}.right <= innerWidth")
    kept(page, "tapped")
    assert page.errors == []


def test_a_box_in_the_picture_chooses_what_the_table_lists(browser, report, compared):
    page = browser.open(report)
    trials = compared.front().trials
    x, y = page.value(PLACE.format(trials[-1].number))
    page.drag([(x - 40, y - 12), (x - 10, y), (x + 14, y + 12)])
    listed = page.value(LISTED)
    assert trials[-1].number in listed
    assert 0 < len(listed) < len(compared.trials)
    assert page.value("document.querySelectorAll('#front .faint[data-trial]').length")
    kept(page, "box")
    page.press("Escape")
    assert len(page.value(LISTED)) == len(compared.trials)
    assert page.errors == []


def test_a_drag_along_an_axis_chooses_by_a_cost(browser, report, compared):
    page = browser.open(report)
    axis = "document.querySelectorAll('#lanes .axis')[0]"  # FLOPs
    page.value(f"{axis}.scrollIntoView({{ block: 'center' }})")
    x, top, high = page.value(
        f"(() => {{ const b = {axis}.getBoundingClientRect(); "
        "return [b.x + b.width / 2, b.y, b.height]; })()"
    )
    page.drag([(x, top + 0.7 * high), (x, top + high + 5)])
    listed = page.value(LISTED)
    costs = {t.number: t.costs["flops"] for t in compared.trials if t.state == "done"}
    dearest = max(costs[number] for number in listed)
    others = [flops for number, flops in costs.items() if number not in listed]
    # Trials at the edge may stand on either side: a little aside each has its place.
    assert 0 < len(listed) < len(costs)
    assert min(others) > 0.9 * dearest
    kept(page, "lanes")
    page.click(x, top + 0.5 * high)  # takes it back
    assert len(page.value(LISTED)) == len(compared.trials)
    assert page.errors == []


def test_rows_are_sorted_by_number_or_word_and_back(browser, report):
    page = browser.open(report)
    head = "document.querySelectorAll('#table th button')"
    page.value(f"{head}[2].click()")  # accuracy, the best first
    found = accuracies(page)
    numbers = [value for value in found if value is not None]
    assert numbers == sorted(numbers, reverse=True)
    assert found[-1] is None  # what failed comes last, either way
    page.value(f"{head}[2].click()")
    assert [v for v in accuracies(page) if v is not None] == sorted(numbers)
    assert accuracies(page)[-1] is None
    page.value(f"{head}[3].click()")  # FLOPs with their units, as numbers
    first = page.value(f"{ROWS}.map((row) => row.cells[3].textContent)")
    units = {"k": 1e3, "M": 1e6}
    flops = [float(text.split()[0]) * units[text.split()[1]] for text in first]
    assert flops == sorted(flops)


def test_words_and_states_filter_rows(browser, report, compared):
    page = browser.open(report)
    failed = [t.number for t in compared.trials if t.state == "failed"]
    page.value(
        "(() => { const s = document.getElementById('state'); s.value = 'failed';"
        " s.dispatchEvent(new Event('input')); })()"
    )
    assert page.value(LISTED) == failed
    page.click(*page.middle("document.getElementById('all')"))
    page.value("document.getElementById('words').focus()")
    sought = compared.front().trials[0].arch_id
    page.write(sought)
    assert page.value(LISTED) == [compared.front().trials[0].number]
    assert page.value("document.getElementById('shown').textContent") == (
        f"1 of {len(compared.trials)}"
    )


def test_keys_walk_along_the_front_into_the_table_and_through_it(
    browser, report, compared
):
    page = browser.open(report)
    numbers = [trial.number for trial in compared.front().trials]
    page.value("document.getElementById('front').focus()")
    for number in numbers[:3]:
        page.press("ArrowRight")
        assert page.value(PICKED) == f"trial {number}"
    page.press("ArrowLeft")
    assert page.value(PICKED) == f"trial {numbers[1]}"
    page.press("Enter")
    focused = "document.activeElement.dataset.trial"
    assert page.value(focused) == str(numbers[1])
    page.press("ArrowDown")
    assert page.value(focused) == str(numbers[1] + 1)
    page.press("Enter")
    assert page.value(PICKED) == f"trial {numbers[1] + 1}"
    page.press("Home")
    assert page.value(focused) == "0"
    assert page.errors == []


def test_of_very_many_trials_only_those_in_sight_are_rows(browser, large):
    page = browser.open(large)
    assert page.errors == []
    assert page.value(f"{ROWS}.length") < 120
    assert page.value("document.getElementById('shown').textContent") == "1200 of 1200"
    page.value("document.querySelector('#table tr[data-trial]').focus()")
    page.press("End")
    assert page.value("document.activeElement.dataset.trial") == "1199"
    box = "document.activeElement.getBoundingClientRect()"
    holder = "document.getElementById('table').getBoundingClientRect()"
    assert page.value(f"{box}.bottom <= {holder}.bottom + 1")
    page.press("PageUp")
    assert page.value("document.activeElement.dataset.trial") == "1189"
    page.value("dispatchEvent(new Event('beforeprint'))")
    assert page.value(f"{ROWS}.length") == 500  # on paper
    page.value("dispatchEvent(new Event('afterprint'))")
    assert page.value(f"{ROWS}.length") < 120


def test_an_address_of_a_trial_opens_the_page_at_it(browser, large):
    page = browser.open(f"{large.as_uri()}#trial-700")
    assert page.value(PICKED) == "trial 700"
    assert page.value("document.activeElement.dataset.trial") == "700"


def test_a_page_without_a_front_has_its_table(browser, unfinished, tmp_path):
    write_report(unfinished, tmp_path / "report.html")
    page = browser.open(tmp_path / "report.html")
    assert page.errors == []
    assert page.value(LISTED) == [0, 1, 2]
