"""Pages and charts in a real browser that reaches no network."""

import shutil
import subprocess

import pytest

import vidnas
from vidnas.views.pages.clips_page import ClipsPage, FindingRow, clips_page

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
