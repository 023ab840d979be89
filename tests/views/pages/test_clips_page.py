"""The page of a dataset: whole, safe, small, and loading nothing."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from vidnas.views.pages.clips_page import (
    MOST_FINDINGS,
    ClassOfClips,
    ClipsPage,
    FindingRow,
    Histogram,
    Picture,
    clips_page,
)

EVIL = "<script>alert('&')</script>\u202e"
JPEG = bytes(range(256)) * 12  # as large as a picture of 96 x 72 pixels


class Page(HTMLParser):
    """Tags and attributes of a page."""

    def __init__(self, source):
        super().__init__()
        self.tags, self.attributes = [], []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def values(self, name):
        return [value for key, value in self.attributes if key == name]


def page_of(findings=2, classes=2, pictures=2, name="videos"):
    row = FindingRow("unreadable", name, "train", name, "invalid data", True)
    return ClipsPage(
        name=name,
        lead=f"What was found in {name}.",
        facts={"source": name},
        kinds=((f"unreadable {name}", findings),),
        splits=("train", "val"),
        classes=tuple(
            ClassOfClips(f"{name} {n}", (8, 2), 1, (Picture(JPEG, name),) * pictures)
            for n in range(classes)
        ),
        histograms=(Histogram("length [s]", (("0 - 1", 3), (name, 0))),),
        findings=(row,) * findings,
        left_out=((f"no video: {name}", 3, name),),
    )


def test_the_page_loads_nothing_from_anywhere():
    source = clips_page(page_of())
    page = Page(source)
    assert "Content-Security-Policy\" content=\"default-src 'none';" in source
    addresses = [*page.values("src"), *page.values("href")]
    assert len(addresses) == 4
    assert all(one.startswith("data:image/jpeg;base64,") for one in addresses)
    assert not {"link", "iframe", "object", "embed", "base"} & set(page.tags)
    assert re.findall(r"https?://", source) == []
    assert "url(" not in source


def test_names_of_others_stay_text():
    source = clips_page(page_of(name=EVIL))
    assert "<script>alert" not in source
    assert "\u202e" not in source
    assert Page(source).tags.count("script") == 1


def test_every_part_is_shown_and_every_picture_has_words():
    source = clips_page(page_of())
    page = Page(source)
    for words in ("8 train, 2 val; 1 to leave out", "invalid data", "0 - 1: 3"):
        assert words in source
    assert page.tags.count("article") == 2
    assert len(page.values("alt")) == page.tags.count("img") == 4
    assert page.values("role") == ["img"]
    assert page.values("aria-live") == ["polite"]
    # A value that no clip has is a bar of no length.
    assert [value for value in page.values("width") if value == "0.0"] == ["0.0"]


def test_without_findings_there_is_a_sentence_and_no_table():
    page = replace(page_of(findings=0), kinds=(), left_out=())
    source = clips_page(page)
    assert "Every clip can be read, moves and fills its window." in source
    assert "<table>" not in source


def test_a_thousand_clips_take_less_than_two_megabytes():
    # As many pictures as the command line draws at most, all clips found faulty.
    source = clips_page(page_of(findings=1000, classes=40, pictures=6, name="a" * 80))
    assert len(source.encode()) < 2_000_000


def test_more_findings_than_a_browser_sorts_are_counted():
    source = clips_page(page_of(findings=MOST_FINDINGS + 7, classes=1))
    assert source.count('<tr class="bad">') == MOST_FINDINGS
    assert "7 more are in `--json`." in source


@pytest.mark.parametrize("part", ["prefers-color-scheme: dark", "max-width: 40rem"])
def test_it_suits_dark_rooms_and_small_screens(part):
    assert part in clips_page(page_of())
