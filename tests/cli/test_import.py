"""`vidnas import`: trials that were made elsewhere."""

import json

import pytest

import vidnas as package
from vidnas.study import load_history


@pytest.fixture
def searched(folder, inline, vidnas):
    assert vidnas("search", "experiment.yaml")[0] == 0
    return folder / "runs" / "small"


@pytest.fixture
def elsewhere(folder, inline, vidnas):
    """Another study of the same task, of six trials."""
    other = folder / "other.yaml"
    text = (folder / "experiment.yaml").read_text()
    text = text.replace("name: small", "name: other").replace("seed: 1", "seed: 2")
    other.write_text(text)
    assert vidnas("search", "other.yaml", "--trials", "6")[0] == 0
    return folder / "runs" / "other"


def test_trials_of_another_tables_are_known_marked_and_not_trained_again(
    searched, elsewhere, folder, vidnas
):
    package.open_study(elsewhere).trials(choices=True).to_csv("six.csv", index=False)
    journal = (searched / "journal.jsonl").read_bytes()
    code, out, _ = vidnas("import", searched, "six.csv", "--dry-run", "--json")
    found = json.loads(out)
    assert (code, found["imported"], found["columns_aside"]) == (0, 0, [])
    assert (searched / "journal.jsonl").read_bytes() == journal

    before = {t.arch_id for t in load_history(searched).trials}
    theirs = {t.arch_id: t for t in load_history(elsewhere).trials}
    new = set(theirs) - before
    _, out, _ = vidnas("import", searched, "six.csv")
    assert out.startswith(f"{len(new)} trials imported from six.csv")
    history = load_history(searched)
    assert {t.arch_id for t in history.taken_over} == new
    for trial in history.taken_over:
        assert trial.label.startswith("imported six.csv:")
        assert trial.measured["top1"] == theirs[trial.arch_id].measured["top1"]
        assert trial.costs == theirs[trial.arch_id].costs
        assert trial.fidelity == history.fidelity
    # Nothing of them is trained again, and nothing is spent on them.
    assert history.spent.trials == 4
    assert vidnas("search", "experiment.yaml", "--trials", "8")[0] == 0
    tried = [t.arch_id for t in load_history(searched).trials]
    assert len(tried) == len(set(tried)) == 8 + len(new)
    _, out, _ = vidnas("import", searched, "six.csv")
    assert out.splitlines()[0] == "0 trials imported from six.csv"
    assert "left out: 6 trials, tried already" in out


def test_files_of_networks_are_imported_and_others_are_left_out(
    searched, elsewhere, folder, vidnas
):
    assert vidnas("family", elsewhere, "--to", "nets")[0] == 0
    (net, *_) = sorted((folder / "nets").glob("*.yaml"))
    lines = (
        f"architecture,top1,epochs,gpu\nnets/{net.name},61.5,3,H200\nmovinet-a0,70,1,\n"
    )
    (folder / "mine.csv").write_text(lines)
    _, out, err = vidnas("import", searched, "mine.csv")
    assert out.splitlines() == [
        "1 trial imported from mine.csv",
        "left out: 1 trial, not in the space",
    ]
    assert "nothing was read from: gpu" in err
    trial = load_history(searched).taken_over[-1]
    assert (trial.label, trial.fidelity.epochs) == ("imported mine.csv:2", 3)
    # As doubtful as what was measured on the study's own validation clips.
    assert trial.measured["val_clips"] == load_history(searched).head.identity.clips.val


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("architecture,top1\nabsent.yaml,1\n", "line 2: "),
        ("architecture,top5\nmovinet-a0,1\n", "`top1` [%] must be a column"),
        ("architecture,top1\nmovinet-a0,\n", "must be stated, the cell is empty"),
        ("architecture,top1\nmovinet-a0,171\n", "line 2: measured `top1` must be with"),
        ("candidate,top1\nsmall/1:1:ab,1\n", "line 2: A candidate's text must end in"),
        ("name,top1\na,1\n", "line 2: a network must be named by `architecture`"),
        ("stem.width,top1\n8,1\n", "line 2: a network must be named by"),
        ("stage1.depth,top1\n9,1\n", "line 2: `stage1.depth` must be one of 1, 2, got"),
    ],
)
def test_a_mistake_is_one_line_and_nothing_is_imported(searched, vidnas, lines, said):
    journal = (searched / "journal.jsonl").read_bytes()
    (searched / "t.csv").write_text(lines)
    code, out, err = vidnas("import", searched, searched / "t.csv")
    assert (code, out) == (2, "")
    assert said in err.splitlines()[-1]
    assert (searched / "journal.jsonl").read_bytes() == journal
