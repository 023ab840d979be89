"""Pages and charts in a real browser that reaches no network."""

import shutil
import subprocess

import pytest

import vidnas
from vidnas.views.pages.clips_page import ClipsPage, FindingRow, clips_page
from vidnas.views.pages.space_page import space_page

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(BROWSER is None, reason="chromium is not installed here"),
]


def rendered(page):
    """The document after its scripts have run, every host name unknown."""
    done = subprocess.run(
        [
            BROWSER,
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--virtual-time-budget=8000",
            "--dump-dom",
            page.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout


def test_a_chart_of_a_notebook_comes_alive_offline(study_folder, tmp_path):
    chart = vidnas.open_study(study_folder).front().plot()
    page = tmp_path / "cell.html"
    body = chart._repr_mimebundle_()["text/html"]
    page.write_text(f"<!DOCTYPE html><meta charset=utf-8>{body}", encoding="utf-8")
    assert "vega-embed" not in body.partition("<script")[0]
    alive = rendered(page).partition("<script")[0]
    assert "vega-embed" in alive  # a class that only the running library sets
    assert alive.count("<path") > 5


def test_a_saved_chart_draws_itself_offline(study_folder, tmp_path):
    page = tmp_path / "front.html"
    vidnas.open_study(study_folder).front().plot().save(page)
    alive = rendered(page)
    assert "<canvas" in alive or alive.count("<path") > 5


def test_the_page_of_a_comparison_comes_alive_offline(study_folder, compared, tmp_path):
    page = tmp_path / "comparison.html"
    vidnas.compare({"alone": [study_folder], "beside": [compared.folder]}).report(page)
    assert rendered(page).partition("<script")[0].count("vega-embed") >= 2


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_charts_of_pages_have_the_colours_of_the_page(
    browser, study_folder, compared, tmp_path, dark
):
    pages = {"space": tmp_path / "space.html", "comparison": tmp_path / "both.html"}
    space = space_page(vidnas.load_space("quickstart"), 8)
    pages["space"].write_text(space, encoding="utf-8")
    groups = {"alone": [study_folder], "beside": [compared.folder]}
    vidnas.compare(groups).report(pages["comparison"])
    for place in pages.values():
        page = browser.open(place, dark=dark)
        assert page.value("document.querySelectorAll('.chart .vega-embed').length") > 0
        assert page.errors == []
        assert page.requests == [place.as_uri()]
        label = "document.querySelector('.chart .role-axis-label text')"
        paper = "document.querySelector('.chart svg.marks')"
        colours = [
            sum(page.value(f"getComputedStyle({what}.match(/\\d+/g).map(Number)"))
            for what in (f"{paper}).backgroundColor", f"{label}).fill")
        ]
        assert (colours[0] < 120, colours[1] > 600) == (dark, dark)


def test_findings_sort_and_filter_in_the_page_of_a_dataset(tmp_path):
    rows = tuple(
        FindingRow("unreadable", f"{n}.mp4", "train", "run", "no video", True)
        for n in range(3)
    )
    values = ClipsPage("videos", "", {}, (), ("train",), (), (), rows)
    page = tmp_path / "clips.html"
    page.write_text(clips_page(values), encoding="utf-8")
    alive = rendered(page)
    assert alive.count('<button type="button">') == 5
    assert "3 of 3</output>" in alive
