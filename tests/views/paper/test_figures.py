"""Figures for print: what is on them, and that grey paper still tells it apart."""

import itertools
import re
import shutil
import subprocess

import numpy as np
import pytest

import vidnas
from vidnas.errors import InputError, StudyError
from vidnas.study import load_history
from vidnas.views.insight.asked import why_of
from vidnas.views.paper.folder import write_paper
from vidnas.views.paper.front_figure import _KINDS
from vidnas.views.paper.labels import draw_labels

pytest.importorskip("matplotlib")


def texts(svg):
    return re.findall(r"<text [^>]*>([^<]*)</text>", svg)


def overlaps(one, other):
    across = min(one[2], other[2]) - max(one[0], other[0])
    up = min(one[3], other[3]) - max(one[1], other[1])
    return across > 0 and up > 0


@pytest.mark.parametrize("seed", range(3))
def test_names_cover_neither_each_other_nor_points(seed):
    from matplotlib.figure import Figure

    rng = np.random.default_rng(seed)
    points = rng.uniform(size=(40, 2))
    sheet = Figure(figsize=(3.35, 2.3), layout="constrained").subplots()
    sheet.scatter(*points.T, s=7)
    sheet.set(xlim=sheet.get_xlim(), ylim=sheet.get_ylim())
    named = [(x, y, f"A{n}") for n, (x, y) in enumerate(points[:6].tolist())]
    boxes = draw_labels(sheet, named, points.tolist(), [], fontsize=7.0)
    assert not any(overlaps(*pair) for pair in itertools.combinations(boxes, 2))
    left, bottom, right, top = sheet.get_window_extent().extents
    for box in boxes:
        assert left <= box[0] < box[2] <= right
        assert bottom <= box[1] < box[3] <= top
        inside = sheet.transData.transform(points)
        assert not any(box[0] < x < box[2] and box[1] < y < box[3] for x, y in inside)


def test_kinds_of_points_differ_in_shape_or_fill_besides_colour():
    shapes = [(marker, fill == "white") for marker, fill, *_ in _KINDS.values()]
    areas = [area for *_, area, _ in _KINDS.values()]
    assert len(set(zip(shapes, areas, strict=True))) == len(_KINDS)


def test_a_front_for_print_names_its_sizes_and_baselines(compared, tmp_path):
    front = vidnas.open_study(compared.folder).front()
    svg = front.figure(tmp_path / "front.svg").read_text()
    shown = texts(svg)
    sizes = [s.name.upper() for s in compared.family() if s.trial is not None]
    assert set(sizes) <= set(shown)
    assert "small &lt;b&gt;tsm&lt;/b&gt;" in shown
    assert {"done trial", "on the front", "family", "baseline"} <= set(shown)
    points = float(re.search(r'width="([\d.]+)pt"', svg).group(1))
    assert points == pytest.approx(85.0 / 25.4 * 72, abs=0.01)
    assert front.figure(tmp_path / "again.svg").read_text() == svg


def test_a_front_over_any_objectives_can_be_printed(study_folder, tmp_path):
    study = vidnas.open_study(study_folder)
    three = study.front("parameters", "flops", "top1")
    assert "parameters" in texts(three.figure(tmp_path / "three.svg").read_text())
    empty = study.front().within(flops=1)
    assert empty.figure(tmp_path / "empty.svg").stat().st_size > 0
    with pytest.raises(InputError, match="two objectives, got `flops` alone"):
        study.front("flops").figure(tmp_path / "one.svg")


def test_what_choices_are_worth_can_be_printed_where_any_is(
    planted, unfinished, tmp_path
):
    why = vidnas.open_study(planted).why()
    shown = texts(why.figure(tmp_path / "why.svg").read_text())
    for one in why.why.influences:
        assert one.choice in shown
        assert sum(text.startswith(f"{one.choice} = ") for text in shown) >= 2
    with pytest.raises(InputError, match="one that matters beyond luck"):
        vidnas.open_study(unfinished.folder).why().figure(tmp_path / "none.svg")


def test_curves_of_the_family_are_those_that_trainings_told(
    history, study_folder, tmp_path
):
    from dataclasses import replace

    from vidnas.views.paper.curves_figure import family_curves

    family = history.family()
    numbers = [size.trial.number for size in family if size.trial]
    loss = {n: {1: {"loss": 2.0}, 2: {"loss": 1.0}} for n in numbers}
    title, curves = family_curves(replace(history, curves=loss), family)
    assert title == "training loss"
    assert set(map(tuple, curves.values())) == {((1, 2.0), (2, 1.0))}
    told = {n: {1: {"loss": 2.0, "top1": 50.0}} for n in numbers}
    title, curves = family_curves(replace(history, curves=told), family)
    assert (title, curves["A0"]) == ("top-1 [%]", [(1, 50.0)])
    study = vidnas.open_study(study_folder)
    svg = study.curves_figure(tmp_path / "curves.svg").read_text()
    assert "finished trials" in texts(svg)
    assert "epoch" not in texts(svg)  # these trainings told nothing


def test_a_paper_is_written_again_but_never_over_the_files_of_others(
    history, compared, tmp_path
):
    to = tmp_path / "paper"
    names = {path.name for path in write_paper(history, to, formats=("svg",))}
    assert names - {"importance.svg"} == {
        *("front.svg", "curves.svg", "front.tex", "front.md", "family.tex"),
        *("family.md", "methods.tex", "methods.md"),
    }
    assert ("importance.svg" in names) == bool(why_of(history).influences)
    assert {path.name for path in write_paper(history, to, formats=("svg",))} == names
    with pytest.raises(StudyError, match="a new folder or an earlier paper of"):
        write_paper(compared, to)
    with pytest.raises(InputError, match="one of pdf, svg, pgf, got `png`"):
        write_paper(history, tmp_path / "other", formats=("png",))
    assert not (tmp_path / "other").exists()


@pytest.mark.real
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX here")
def test_latex_takes_all_that_a_paper_is_given(compared, planted, tmp_path):
    for name, history in (("a", compared), ("b", load_history(planted))):
        write_paper(history, tmp_path / name, formats=("pdf", "pgf"))
    inputs = [
        f"\\input{{{path.relative_to(tmp_path)}}}\n\n"
        for path in sorted(tmp_path.glob("*/*"))
        if path.suffix in (".tex", ".pgf")
    ]
    assert len(inputs) >= 11
    (tmp_path / "t.tex").write_text(
        "\\documentclass[twocolumn]{article}\\usepackage{booktabs,pgf}"
        f"\\begin{{document}}\n{''.join(inputs)}\\end{{document}}\n"
    )
    subprocess.run(
        ["pdflatex", "-halt-on-error", "t.tex"], cwd=tmp_path, check=True, timeout=60
    )
    assert (tmp_path / "t.pdf").stat().st_size > 0
