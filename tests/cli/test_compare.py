"""Several seeds are searched, each in a folder of its own, and compared."""

import json
import re

import pytest

from vidnas.cli.job_options import read_job
from vidnas.cli.main import parser
from vidnas.cli.study_folder import seeded, seeds_beside
from vidnas.files.yaml_file import load_document
from vidnas.study import load_experiment, load_history
from vidnas.views.compare import ComparisonView


@pytest.fixture
def seeds(folder, inline, vidnas):
    """Three seeds of an experiment, and what the last search said."""
    for seed in (1, 2, 10):
        code, out, err = vidnas("search", "experiment.yaml", "--seed", seed)
        assert code == 0, err
    return out, [f"runs/small-seed{seed}" for seed in (1, 2, 10)]


def test_every_seed_has_a_study_of_its_own_named_so(seeds, folder, vidnas):
    out, folders = seeds
    for seed, place in zip((1, 2, 10), folders, strict=True):
        history = load_history(folder / place)
        assert history.head.identity.seed == seed
        assert history.head.name == f"small-seed{seed}"
    first, second = (load_history(folder / place) for place in folders[:2])
    assert [t.seed for t in first.trials] != [t.seed for t in second.trials]
    # the search says how to go on, and how to compare
    assert re.search(r"next +vidnas search experiment.yaml --seed 10 --trials 8", out)
    assert f"seeds   vidnas compare {' '.join(folders)}" in out
    # and goes on where it stopped
    code, out, err = vidnas("search", "experiment.yaml", "--seed", 2, "--trials", 5)
    assert code == 0
    assert "goes on after 4 finished trials" in err
    assert len(load_history(folder / folders[1]).trials) == 5


def test_a_seed_replaces_that_of_the_file_and_no_seed_changes_nothing(folder):
    experiment = load_experiment(folder / "experiment.yaml")
    assert seeded(experiment, None) is experiment
    other = seeded(experiment, 7)
    assert (other.seed, other.name) == (7, "small-seed7")
    assert other.identity() == {**experiment.identity(), "seed": 7}
    (folder / "runs" / "small-seed3[x]").mkdir(parents=True)
    assert seeds_beside(folder / "runs" / "small-seed3", 4) == ()


@pytest.mark.parametrize("kind", ["slurm", "kuberay"])
def test_a_job_of_a_seed_takes_the_seed_along(folder, kind):
    more = ["--image", "x"] if kind == "kuberay" else ["--time", "1:00:00"]
    words = ["submit", kind, "experiment.yaml", *more]
    seeded_words = [*words, "--seed", "5"]
    job = read_job(parser(seeded_words).parse_args(seeded_words))
    assert job.study.endswith("/runs/small-seed5")
    (folder / "sent.yaml").write_bytes(job.files["experiment.yaml"])
    sent = load_document(folder / "sent.yaml").value
    assert (sent["name"], sent["seed"]) == ("small-seed5", 5)
    plain = read_job(parser(words).parse_args(words))
    (folder / "sent.yaml").write_bytes(plain.files["experiment.yaml"])
    assert load_document(folder / "sent.yaml").value["seed"] == 1


def test_seeds_are_compared_as_text_json_markdown_and_latex(seeds, vidnas):
    _, folders = seeds
    code, out, _ = vidnas("compare", *folders)
    assert code == 0
    assert re.search(r"^random  1, 2, 10 +4 +[\d.]+ ± [\d.]+ ", out, re.MULTILINE)
    assert "less" not in out  # one group has no differences
    code, out, _ = vidnas("compare", f"a={folders[0]}", f"b={folders[1]}", "--json")
    facts = json.loads(out)
    assert [group["group"] for group in facts["groups"]] == ["a", "b"]
    assert {one["verdict"] for one in facts["differences"]} == {"noise unknown"}
    assert facts["effort"] == {"by": "trials", "at": 4.0}
    assert "| group |" in vidnas("compare", *folders, "--markdown")[1]
    assert r"\toprule" in vidnas("compare", *folders, "--latex")[1]


def test_page_and_figure_are_written_where_they_are_asked_for(
    seeds, folder, vidnas, monkeypatch
):
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(ComparisonView, "report", lambda view, path: path.touch())
    words = ("--html", "c.html", "--figure", "c.pdf", "--width", "170")
    code, _, err = vidnas("compare", *seeds[1], *words)
    assert code == 0, err
    assert "page        c.html\nfigure      c.pdf" in err
    assert (folder / "c.pdf").read_bytes().startswith(b"%PDF")
    assert (folder / "c.html").exists()


WRONG = {
    ("runs/small-seed1",): "at least 2 studies, got 1",
    ("runs/small-seed1", "runs/none"): "runs/none has none",
    ("=runs/small-seed1", "runs/small-seed2"): "must be a study or LABEL=STUDY",
    ("runs/small-seed1", "runs/small-seed2", "--at", "0"): "above 0",
    (
        "runs/small-seed1",
        "runs/small-seed2",
        "--reference",
        "flops",
    ): "`--reference` must be NAME=VALUE",
    (
        "runs/small-seed1",
        "runs/small-seed2",
        "--figure",
        "x.png",
    ): "must end with .pdf, .svg or .pgf",
}


def test_a_wrong_comparison_is_one_line_and_exit_2(seeds, vidnas):
    for words, said in WRONG.items():
        code, _, err = vidnas("compare", *words)
        assert code == 2, words
        assert said in err.splitlines()[-1]
