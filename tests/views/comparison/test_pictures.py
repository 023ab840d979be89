"""Pictures of a comparison, on a screen and in print."""

import json
import re
import sys
from itertools import pairwise

import pytest

import vidnas
from vidnas.errors import InputError
from vidnas.views.charts.comparison import COLOURS, attainment_chart, progress_chart
from vidnas.views.paper.sheet import DASHES, INKS, MARKERS


def lightness(colour):
    """CIE L* of a colour, which a print in grey shows, 0 to 100."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts
    )
    shine = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return 116 * shine ** (1 / 3) - 16 if shine > 0.008856 else 903.3 * shine


@pytest.fixture(scope="module")
def view(three_groups):
    return vidnas.compare({name: three_groups[name] for name in ("plain", "better")})


def rows_of(spec):
    """The longest data of a chart."""
    (rows,) = (part for part in spec["datasets"].values() if "group" in part[0])
    return rows


def test_a_chart_holds_the_median_seed_between_best_and_worst(view):
    spec = attainment_chart(view.comparison).to_dict()
    rows = rows_of(spec)
    assert {row["group"] for row in rows} == {"plain", "better"}
    assert all(row["worst"] <= row["median"] <= row["best"] for row in rows)
    # nothing of it is loaded from elsewhere
    urls = re.findall(r'"https?://[^"]+"', json.dumps(spec))
    assert urls == [f'"{spec["$schema"]}"']


def test_hypervolume_over_effort_ends_at_that_of_the_group(view):
    found = view.comparison
    rows = rows_of(progress_chart(found).to_dict())
    for label in ("plain", "better"):
        last = [row for row in rows if row["group"] == label][-1]
        mean = found.mean("hypervolume", label)
        assert last["effort"] == found.at
        assert last["mean"] == pytest.approx(mean.value)
        assert last["high"] == pytest.approx(mean.limits[1])


def test_groups_differ_in_print_without_colours():
    assert len(set(INKS)) == len(set(MARKERS)) == 6
    assert len(DASHES) == 4
    greys = [lightness(colour) for colour in INKS[:5]]
    assert all(after - before > 10 for before, after in pairwise(greys))
    assert greys[-1] < 85  # still seen on paper
    assert len(set(COLOURS)) == 7


def test_a_figure_for_print_has_its_width_and_is_the_same_file_twice(view, tmp_path):
    pytest.importorskip("matplotlib")
    narrow = view.figure(tmp_path / "a.svg", width_mm=85.0).read_text()
    points = float(re.search(r'width="([\d.]+)pt"', narrow).group(1))
    assert points == pytest.approx(85.0 / 25.4 * 72, abs=0.01)
    assert ">plain<" in narrow  # text stays text
    assert "hypervolume [M FLOPs x %]" in narrow
    again = view.figure(tmp_path / "b.svg", width_mm=85.0).read_text()
    assert again == narrow
    wide = view.figure(tmp_path / "c.svg", width_mm=170.0).read_text()
    heights = [
        float(re.search(r'height="([\d.]+)pt"', text).group(1))
        for text in (narrow, wide)
    ]
    assert heights[0] == pytest.approx(2 * heights[1], rel=0.01)
    assert view.figure(tmp_path / "d.pdf").read_bytes().startswith(b"%PDF")


def test_a_figure_for_print_says_what_it_cannot_be(view, tmp_path, monkeypatch):
    with pytest.raises(InputError, match=r"\.pdf, \.svg or \.pgf, got a.png"):
        view.figure(tmp_path / "a.png")
    with pytest.raises(InputError, match="55 to 400 mm wide, got 3"):
        view.figure(tmp_path / "a.pdf", width_mm=3)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(InputError, match=r"pip install 'vidnas\[figures\]'"):
        view.figure(tmp_path / "a.pdf")
    assert list(tmp_path.iterdir()) == []
