"""What scripts read, and what is said where there is nothing to show."""

import csv
import io
import json

import pytest

from vidnas.study import load_history


def test_search_as_json_is_one_object_on_stdout(folder, inline, vidnas):
    code, out, err = vidnas("search", "experiment.yaml", "--json")
    assert code == 0
    facts = json.loads(out)
    history = load_history(folder / "runs" / "small")
    assert facts["study"] == "runs/small"
    assert facts["trials"] == {"done": 4, "failed": 0, "stopped": 0}
    assert facts["candidates"] == facts["effort"] == 4
    fronts = [trial.number for trial in history.front().trials]
    assert [row["trial"] for row in facts["front"]] == fronts
    files = [row["file"] for row in facts["family"] if row["trial"] is not None]
    assert files
    assert all((folder / file).is_file() for file in files)
    assert (folder / facts["report"]).is_file()
    assert facts["next"] == "vidnas search experiment.yaml --trials 8"
    assert "done" in err  # progress


def test_the_plan_as_json_trains_nothing(folder, inline, vidnas):
    code, out, _ = vidnas("search", "experiment.yaml", "--plan", "--json")
    assert code == 0
    assert json.loads(out)["fits_percent"] > 0
    assert not (folder / "runs").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (
            ["family", "STUDY", "--ladder", "2MiB"],
            "A budget of FLOPs must be a positive quantity",
        ),
        (["family", "STUDY", "--ladder", "0,2M"], "got `0`"),
        (["family", "STUDY", "--ladder=-5M,2M"], "got `-5M`"),
        (["family", "STUDY", "--ladder", "2M,1e400"], "got `1e400`"),
        (["family", "STUDY", "--ladder", ""], "got ``"),
        (["space", "scale", "space.yaml", "--flops", "2 GiB"], "got `2 GiB`"),
        (["space", "scale", "space.yaml", "--flops", "nan"], "got `nan`"),
        (["space", "show", "space.yaml", "--budget", "flops=64MiB"], "flops=64MiB"),
        (["space", "show", "space.yaml", "--budget", "training_bytes=4G"], "=4G"),
        (["space", "show", "space.yaml", "--budget", "flops=1e400"], "1e400"),
        (["latency", "measure", "--flops", "2GiB"], "such as 500M, got `2GiB`"),
        (["latency", "measure", "--flops", "-1"], "--flops"),
    ],
)
def test_a_unit_or_number_that_does_not_fit_is_named(words, says, study, vidnas):
    code, out, err = vidnas(*[str(study) if w == "STUDY" else w for w in words])
    assert (code, out) == (2, "")
    assert says in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("budget", "says"),
    [
        ("flops: 64 MiB", "must be a positive quantity such as `20 M` or 2e7"),
        ("flops: 64 MiB", "got `64 MiB`. Bytes are no unit of `flops`."),
        ("training_bytes: 4 G", "got `4 G`. Bytes are `4 GB` or `4 GiB`."),
        ("parameters: -3", "must be a positive quantity"),
        ("parameters: 1e400", "must be a positive quantity"),
        ("flops: .nan", "must be a positive quantity"),
    ],
)
def test_a_budget_in_the_unit_of_another_is_refused(budget, says, folder, vidnas):
    path = folder / "experiment.yaml"
    path.write_text(
        path.read_text().replace("flops: 2 M}\nstrategy", f"{budget}}}\nstrategy")
    )
    code, out, err = vidnas("search", "experiment.yaml")
    assert (code, out) == (2, "")
    assert says in err


def undone(study):
    """The study as it was before any trial was done."""
    path = study / "journal.jsonl"
    lines = [x for x in path.read_text().splitlines(True) if '"event":"done"' not in x]
    path.write_text("".join(lines))


def test_a_front_of_nothing_says_so_in_one_line(study, vidnas):
    undone(study)
    line = (
        "A front needs a trial done at 1 epoch, runs/small has none (16 interrupted)."
    )
    for words in ([], ["--objectives", "parameters,top1"]):
        assert vidnas("front", "runs/small", *words) == (0, "", f"{line}\n")
    code, out, err = vidnas("front", "runs/small", "--json")
    assert (code, err) == (0, f"{line}\n")
    assert json.loads(out)["front"] == []
    code, out, err = vidnas("front", "runs/small", "--csv")
    assert (code, err) == (0, f"{line}\n")
    assert list(csv.DictReader(io.StringIO(out))) == []


def test_a_family_of_nothing_says_so_and_writes_nothing(study, vidnas):
    undone(study)
    for words in ([], ["--json"], ["--to", "mine"]):
        code, out, err = vidnas("family", study, *words)
        assert (code, out) == (2, "")
        (line,) = err.splitlines()
        assert line.startswith("error: A family needs a trial done at 1 epoch")
        assert "wrote" not in line
    assert not (study / "family").exists()
    assert not (study.parents[1] / "mine").exists()


def test_a_report_of_nothing_says_so(study, vidnas):
    undone(study)
    assert vidnas("report", study)[0] == 0
    page = (study / "report.html").read_text()
    assert "No trial of this study is done yet" in page
    assert "0 done, 0 failed, 16 interrupted, effort 16" in page
