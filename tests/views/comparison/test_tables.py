import shutil
import subprocess

import pytest

import vidnas
from vidnas.statistics.seeds import Mean
from vidnas.views.comparison.tables import (
    differences_table,
    groups_table,
    plus_minus,
    volume_scale,
)


@pytest.mark.parametrize(
    ("value", "half", "scale", "text"),
    [
        (785.3, 21.6, 1.0, "785 ± 22"),
        (89.04, 1.26, 1.0, "89.0 ± 1.3"),
        (74.6, 14.4, 1.0, "75 ± 14"),
        (42.578, 0.0971, 1.0, "42.58 ± 0.10"),
        (96.0, 0.0, 1.0, "96.0 ± 0.0"),
        (3.752e8, 8.17e7, 1e6, "375 ± 82"),
        (53.26, None, 1.0, "53.3"),
        (391.2e6, None, 1e6, "391"),
    ],
)
def test_a_mean_ends_where_two_digits_of_its_interval_end(value, half, scale, text):
    assert plus_minus(Mean(value, half, 3), scale) == text


def test_the_tables_of_a_comparison_say_what_stands_out(three_groups):
    found = vidnas.compare(three_groups).comparison
    assert volume_scale(found) == (1e6, "M FLOPs x %")
    rows = groups_table(found)
    assert rows.titles[3:] == ("hypervolume [M FLOPs x %]", "ladder, top-1 [%]")
    assert rows.bold == {(1, 3), (1, 4)}  # better, by both
    verdicts = [row[2] for row in differences_table(found).rows]
    assert verdicts.count("beyond the noise") == 4
    assert verdicts.count("inside the noise") == 2


@pytest.mark.real
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX here")
def test_latex_takes_the_tables(three_groups, tmp_path):
    text = vidnas.compare(three_groups).latex()
    (tmp_path / "t.tex").write_text(
        "\\documentclass{article}\\usepackage{booktabs}\\begin{document}\n"
        f"{text}\n\\end{{document}}\n"
    )
    subprocess.run(
        ["pdflatex", "-halt-on-error", "t.tex"], cwd=tmp_path, check=True, timeout=60
    )
    assert (tmp_path / "t.pdf").stat().st_size > 0


def test_a_comparison_shows_itself_as_frames_text_and_html(three_groups):
    view = vidnas.compare(three_groups)
    assert repr(view) == "<comparison of 9 studies at 6 trials: plain, better, equal>"
    studies = view.studies()
    assert list(studies.columns) == [
        *("group", "study", "seed", "trials", "epochs", "hours"),
        *("hypervolume", "ladder"),
    ]
    assert studies.groupby("group").ladder.mean().idxmax() == "better"
    groups = view.groups()
    assert (groups.low < groups["mean"]).all()
    assert (groups["mean"] < groups.high).all()
    told = view.differences().set_index(["of", "ours", "theirs"]).verdict
    assert told["ladder", "better", "plain"] == "beyond the noise"
    page = view._repr_html_()
    assert page.count("<table>") == 3
    assert view.markdown().count("| --- |") == 3
    assert view.latex().count(r"\toprule") == 3
