"""`vidnas family`: files of its own, each said, and empty sizes with their reason."""

import json

import pytest

from vidnas.cli import study_run
from vidnas.costs import cost
from vidnas.files.loading import load_architecture
from vidnas.study import load_history


def test_family_writes_configs_that_rebuild_to_the_same_networks(study, vidnas):
    code, out, _ = vidnas("family", study, "--json")
    assert code == 0
    rungs = json.loads(out)
    assert [rung["name"] for rung in rungs] == ["a0", "a1", "a2", "a3", "a4", "a5"]
    filled = [rung for rung in rungs if rung["trial"] is not None]
    assert [r["flops"] for r in filled] == sorted({r["flops"] for r in filled})
    for rung in filled:
        assert load_architecture(rung["file"]).arch_id == rung["arch_id"]


def test_cost_of_a_family_file_is_the_cost_written_in_it(study, vidnas):
    _, out, _ = vidnas("family", study, "--json")
    rung = json.loads(out)[-1]
    network = load_architecture(rung["file"])
    assert network.classes == 8
    assert cost(network).parameters == rung["parameters"]
    searched = load_history(study).trials[rung["trial"]].architecture
    assert cost(searched).parameters == rung["parameters"]
    _, out, _ = vidnas("cost", rung["file"], "--json", "--stream")
    assert json.loads(out)["classes"] == 8
    _, out, _ = vidnas("cost", rung["file"], "--json")
    assert json.loads(out)["parameters"] == rung["parameters"]
    _, out, _ = vidnas("cost", rung["file"], "--json", "--classes", "600")
    assert json.loads(out)["parameters"] > rung["parameters"]


def test_another_ladder_has_a_folder_of_its_own_and_each_file_is_said(study, vidnas):
    vidnas("family", study)
    before = sorted((study / "family").iterdir())
    code, out, err = vidnas("family", study, "--ladder", "1,2,3,4,5,2M")
    assert code == 0
    assert "a2 is empty: no front trial between 2 and 3 FLOPs" in out
    new = study / "family-1-2-3-4-5-2M"
    assert [path.name for path in new.iterdir()] == ["a5.yaml"]
    assert err == f"wrote {new / 'a5.yaml'}\n"
    assert sorted((study / "family").iterdir()) == before


def test_a_family_says_what_it_removes(study, tmp_path, vidnas):
    folder = tmp_path / "mine"
    vidnas("family", study, "--to", folder)
    code, _, err = vidnas("family", study, "--to", folder, "--ladder", "2M")
    assert code == 0
    said = err.splitlines()
    assert said[0] == f"wrote {folder / 'a0.yaml'}"
    assert f"removed {folder / 'a5.yaml'}, of an earlier family of this study" in said
    code, out, err = vidnas("family", study, "--to", folder, "--ladder", "1,2")
    assert code == 0
    assert "a1 is empty" in out
    assert err.splitlines()[-1] == "wrote nothing: every size is empty"


def test_a_file_in_place_of_the_folder_is_named(study, vidnas):
    code, out, err = vidnas("family", study, "--to", "experiment.yaml")
    assert (code, out) == (2, "")
    assert err == (
        "error: experiment.yaml must be a folder, it is an experiment: `vidnas search "
        "experiment.yaml` takes it.\n"
    )


@pytest.mark.parametrize(
    ("ladder", "said"), [("2M,1M", "2 M, 1 M"), ("1500k,1.5M", "1.50 M, 1.50 M")]
)
def test_a_ladder_that_does_not_rise_is_shown_in_its_units(ladder, said, study, vidnas):
    code, _, err = vidnas("family", study, "--ladder", ladder)
    assert code == 2
    assert err == f"error: A ladder must rise from budget to budget, got {said}.\n"


@pytest.fixture
def learnt_nothing(inline, monkeypatch):
    """Every candidate is at the reference point's accuracy."""
    nothing = lambda architecture, **_: {"top1": 0.0, "val_clips": 100.0}  # noqa: E731
    monkeypatch.setattr(study_run, "train_in_group", nothing)


def test_a_search_of_networks_no_better_than_the_reference_claims_no_family(
    folder, learnt_nothing, vidnas
):
    code, out, _ = vidnas("search", "experiment.yaml")
    assert code == 0
    (trial,) = load_history(folder / "runs" / "small").front().trials
    (size,) = (
        size
        for size in load_history(folder / "runs" / "small").family()
        if size.above < trial.value("flops") <= size.budget
    )
    assert f"{size.emptiness}\n" in out
    assert size.emptiness.endswith("FLOPs is better than the reference point")
    assert out.count("is better than the reference point") == 1
    assert "family  not written\n" in out
    assert not (folder / "runs" / "small" / "family").exists()


def test_json_of_a_search_names_no_file_that_was_not_written(folder, inline, vidnas):
    mine = folder / "runs" / "small" / "family" / "a0.yaml"
    vidnas("search", "experiment.yaml")
    mine.write_text("mine")
    code, out, err = vidnas("search", "experiment.yaml", "--json")
    assert code == 0
    facts = json.loads(out)
    assert {row.get("file") for row in facts["family"]} == {None}
    assert "no family is written: " in err
    assert mine.read_text() == "mine"


def test_a_ladder_over_several_costs_with_streams_and_filled_gaps(study, vidnas):
    words = ("--ladder", "flops=400k,1M,2M,4M", "--ladder", "parameters=2k..900k")
    code, out, err = vidnas("family", study, *words, "--sizes", 4, "--fill", "--stream")
    assert code == 0
    header = out.splitlines()[0]
    assert "params" in header
    assert "400 k FLOPs, 2 k parameters" in out
    assert "; filled by a" in out
    assert "nobody trained them" in out
    _, out, _ = vidnas("family", study, *words, "--sizes", 4, "--fill", "--json")
    rows = json.loads(out)
    assert [row["budget_flops"] for row in rows] == [4e5, 1e6, 2e6, 4e6]
    last = rows[-1]
    assert last["trial"] is None  # the experiment's budget is 2 M
    assert last["flops"] <= 4e6
    assert last["scaled"]["of"] in {row["name"] for row in rows if row["trial"]}
    assert load_architecture(last["file"]).arch_id == last["arch_id"]
    folder = study / "family-flops-400k-1M-2M-4M-parameters-2k-15.3k-117k-900k"
    assert f"wrote {folder / 'a1.stream.yaml'}" in err
    assert not (folder / "a1.stream.yaml").exists()  # not asked for any more


def test_a_family_over_another_cost_has_files_of_its_own(study, vidnas):
    code, out, err = vidnas("family", study, "--ladder", "weights_bytes=spread")
    assert code == 0
    assert "weights_bytes" in out.splitlines()[0]
    folder = study / "family-weights_bytes-spread"
    assert f"wrote {folder / 'a5.yaml'}" in err
    code, _, err = vidnas("family", study, "--sizes", 3, "--to", folder)
    assert code == 0
    assert f"removed {folder / 'a5.yaml'}, of an earlier family of this study" in err
    # What is written over is said too.
    assert f"{folder / 'a1.yaml'} held " in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--ladder", "flops=1M", "--ladder", "2M"], "each cost once, got flops twice"),
        (["--ladder", "1M,2M", "--sizes", "3"], "or of `spread`, got 1M,2M."),
        (["--ladder", "latency_ms=1,2"], "needs trials that have `latency_ms`, none"),
        (["--ladder", "speed=1,2"], "unknown key `speed` in `ladder`"),
    ],
)
def test_a_wrong_ladder_is_told_in_a_line(words, said, study, vidnas):
    code, out, err = vidnas("family", study, *words)
    assert (code, out) == (2, "")
    assert said in err.splitlines()[-1]
