"""Charts show themselves with no network and whatever their names hold."""

import json
import re
from dataclasses import replace

import altair as alt
import pytest

import vidnas
from vidnas.views.charts.embed import picture
from vidnas.views.charts.figures import front_chart

LOADED = re.compile(r"""<[a-z]+ [^<>]*(?:src|href)\s*=\s*["']?(?:https?:)?//[^>]*>""")
EVIL = "\x1b[31mred\x00\u202e </script><script>alert(1)</script> \ud800"
SHOWN = r"\x1b[31mred\x00\u202e"


def charts_of(study):
    front = study.front()
    yield front.plot()
    yield front.explore()
    yield study.progress().properties(width=300)  # a copy


def test_every_chart_shows_itself_with_no_network(study_folder):
    for chart in charts_of(vidnas.open_study(study_folder)):
        bundle = chart._repr_mimebundle_()
        page = bundle["text/html"]
        assert "<svg" in page  # before the script runs, and where none does
        assert "vegaEmbed" in page
        assert LOADED.findall(page) == []
        assert "cdn.jsdelivr.net" not in page.partition("window.vegaEmbed(at")[2]
        assert bundle["image/png"].startswith(b"\x89PNG")


def test_a_saved_page_carries_its_library(study_folder, tmp_path):
    chart = vidnas.open_study(study_folder).front().plot()
    chart.save(tmp_path / "front.html")
    page = (tmp_path / "front.html").read_text(encoding="utf-8")
    assert LOADED.findall(page) == []
    assert LOADED.findall(chart.to_html()) == []
    assert len(page) > 500_000  # the library
    chart.save(tmp_path / "front.svg")
    assert (tmp_path / "front.svg").read_text(encoding="utf-8").startswith("<svg")


def test_another_renderer_of_the_user_draws(study_folder):
    chart = vidnas.open_study(study_folder).progress()
    with alt.renderers.enable("json"):
        bundle = chart._repr_mimebundle_()
    assert "application/json" in json.dumps(bundle)


@pytest.fixture
def named_badly(compared):
    """A study and a baseline of a name that no renderer takes."""
    head = replace(compared.head, name=EVIL)
    first, *others = compared.baselines
    return replace(
        compared, head=head, baselines=(replace(first, baseline=EVIL), *others)
    )


def test_control_characters_in_names_stop_no_drawing_and_are_seen(named_badly):
    chart = front_chart(named_badly)
    svg = picture(chart)
    assert SHOWN in svg
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e\ud800]", svg)
    page = chart._repr_mimebundle_()["text/html"]
    assert "<script>alert(1)" not in page
    assert page.count("</script>") == 1
    page.encode("utf-8")
