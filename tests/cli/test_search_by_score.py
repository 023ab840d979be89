"""`vidnas search` without training: no video is read, and nothing claims accuracy."""

import json
import textwrap

import pytest

from vidnas.cli.main import main
from vidnas.views.notebook import open_study

EXPERIMENT = """
schema: vidnas.experiment/v1
name: scored
space: space.yaml
score: {name: entropy_score, classes: 8}
budgets: {flops: 2 M}
strategy: {name: score, evaluations: 100}
baselines: [movinet-a0]
effort: {trials: 6}
"""


@pytest.fixture
def scored(folder):
    """A folder with an experiment by a score, and no clips."""
    (folder / "clips").unlink()
    (folder / "scored.yaml").write_text(textwrap.dedent(EXPERIMENT))
    return folder


def test_a_search_by_score_writes_front_family_and_a_page_that_says_so(scored, capsys):
    assert main(["search", "scored.yaml"]) == 0
    told = capsys.readouterr()
    assert "score       entropy_score in place of a training, 8 classes" in told.err
    assert "clips" not in told.err
    assert "learning_rate" not in told.err
    assert "estimated: entropy_score is of the structure alone" in told.out
    assert "%" not in told.out
    study = scored / "runs" / "scored"
    assert sorted(study.glob("family/a*.yaml"))
    page = (study / "report.html").read_text()
    assert "Nothing was trained: entropy_score is computed" in page
    assert "Scored like every candidate" in page
    assert "no training" not in page
    assert "the best numbers are optimistic" not in page
    assert main(["search", "scored.yaml", "--trials", "8", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["trials"]["done"] == 8
    assert facts["chance"] is None
    row = facts["front"][0]
    assert row["above_chance"] is None
    assert row["entropy_score"] > 0
    for command in ("front", "status", "family", "report", "repair"):
        assert main([command, "runs/scored"]) == 0
    assert main(["paper", "runs/scored", "--formats", "svg"]) == 0
    methods = (study / "paper" / "methods.md").read_text()
    assert "Nothing was trained" in methods
    assert "%" not in methods
    view = open_study(study)
    assert view.score_agreement() is None
    assert set(view.trials()["source"]) == {"estimated"}


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("search scored.yaml --workers 2", "`--workers` must be left out"),
        ("search scored.yaml --address auto", "`--address` must be left out"),
        ("train movinet-a0 --experiment scored.yaml", "must be one that trains"),
        ("data check scored.yaml", "must name `clips`, it searches by a score"),
        (
            "proxy check scored.yaml --fidelity epochs=1",
            "must be cheaper than full training (no training)",
        ),
    ],
)
def test_what_needs_a_training_says_that_there_is_none(
    scored, capsys, command, message
):
    assert main(command.split()) == 2
    assert message in capsys.readouterr().err


def test_how_the_score_ranks_trainings_is_told_where_there_are_some(study, capsys):
    found = open_study(study).score_agreement("layers")
    assert found.ranking.sample == 16
    asked = ["front", str(study), "--objectives", "flops,entropy_score"]
    assert main(asked) == 0
    out = capsys.readouterr().out
    assert "entropy_score against 16 trainings: Kendall's tau " in out
    assert main([*asked, "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)["rank_agreement"]["entropy_score"]
    assert facts["sample"] == 16
    assert facts["tau"]["low"] <= facts["tau"]["tau"] <= facts["tau"]["high"]
    assert facts["tau_at_equal_flops"].keys() == {"tau", "low", "high"}
