import csv
import io
import json
from pathlib import Path

import pytest

from vidnas.costs import cost
from vidnas.files.loading import load_architecture
from vidnas.study import load_history

GOLDEN = json.loads(
    (Path(__file__).parents[1] / "golden" / "costs.json").read_text(encoding="utf-8")
)


def test_space_show_prints_choices_exact_size_and_spread(folder, vidnas):
    code, out, _ = vidnas("space", "show", "space.yaml", "--classes", "8")
    assert code == 0
    # 3 widths x (6 + 6^2) lists of one or two layers of 2 kernels x 3 expansions
    assert "126 different" in out
    assert "    kernel      1x3x3, 3x3x3" in out
    assert "#" in out


def test_space_show_as_json_can_be_read_back(folder, vidnas):
    _, out, _ = vidnas("space", "show", "space.yaml", "--json")
    assert json.loads(out)["candidates"] == 126


def test_cost_says_what_a_stream_carries(vidnas):
    _, out, _ = vidnas("cost", "movinet-a0", "--stream")
    assert "674,192 values" in out
    assert "2.43 G multiply-adds" in out


def test_front_is_a_table_a_csv_and_json(study, vidnas):
    _, table, _ = vidnas("front", study)
    _, as_csv, _ = vidnas("front", study, "--csv")
    _, as_json, _ = vidnas("front", study, "--json")
    rows = list(csv.DictReader(io.StringIO(as_csv)))
    front = json.loads(as_json)["front"]
    assert [int(row["trial"]) for row in rows] == [row["trial"] for row in front]
    assert len(table.splitlines()) == len(front) + 2  # header and hypervolume
    flops = [row["flops"] for row in front]
    assert flops == sorted(flops)


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


def test_a_report_replaces_reports_of_its_study_alone(study, tmp_path, vidnas):
    page, mine = tmp_path / "page.html", tmp_path / "experiment.yaml"
    before = mine.read_bytes()
    assert vidnas("report", study, "--to", page)[0] == 0
    assert vidnas("report", study, "--to", page)[0] == 0
    code, out, err = vidnas("report", study, "--to", mine)
    assert (code, out) == (2, "")
    assert "must be a new file or an earlier report of" in err
    assert mine.read_bytes() == before
    other = page.read_text().replace(load_history(study).study_id, "0" * 16)
    page.write_text(other)
    assert vidnas("report", study, "--to", page)[0] == 2
    assert page.read_text() == other


def test_the_page_of_a_space_replaces_no_other_file(folder, vidnas):
    code, _, err = vidnas("space", "show", "space.yaml", "--html", "space.yaml")
    assert code == 2
    assert "`--html` must be a new file or an earlier page of a space" in err
    assert (folder / "space.yaml").read_text().startswith("\nschema")


def test_report_writes_one_page(study, vidnas):
    code, out, _ = vidnas("report", study)
    assert code == 0
    page = Path(out.strip()).read_text(encoding="utf-8")
    assert page.startswith("<!")
    assert "a5" in page.lower()


def test_data_motion_writes_clips_and_counts_them(tmp_path, vidnas):
    arguments = ["data", "motion", tmp_path / "m", "--train", "1", "--val", "1"]
    code, out, _ = vidnas(*arguments)
    assert code == 0
    assert out.splitlines()[-1].split() == ["all", "8", "8"]


@pytest.mark.parametrize("name", ["movinet-a0", "movinet-a2", "x3d-m"])
def test_cost_prints_the_golden_numbers(vidnas, name):
    facts = GOLDEN["costs"][name]
    _, out, _ = vidnas("cost", name, "--json")
    priced = json.loads(out)
    assert priced["parameters"] == facts.get("parameters_base", facts.get("parameters"))
    assert priced["flops"] == facts.get("macs_base", facts.get("macs"))
    assert len(priced["arch_id"]) == 16
