import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from vidnas.architecture import ARCHITECTURE_SCHEMA
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


def test_cost_says_what_a_second_of_video_takes_where_its_rate_is_known(
    tmp_path, small, vidnas
):
    clip = replace(small.clip, fps=12.5, channels=1)
    document = {
        "schema": ARCHITECTURE_SCHEMA,
        **replace(small, clip=clip).to_document(),
    }
    (tmp_path / "timed.yaml").write_text(json.dumps(document), encoding="utf-8")
    _, out, _ = vidnas("cost", tmp_path / "timed.yaml", "--classes", "4")
    assert "2 frames x 8 px, 12.5 a second, grayscale, 1 stages" in out
    _, as_json, _ = vidnas("cost", tmp_path / "timed.yaml", "--classes", "4", "--json")
    facts = json.loads(as_json)
    # 20640 of RGB, and two of three channels less in 8 kernels of 9 taps at 32 places
    assert facts["flops"] == 20640 - 2 * 8 * 9 * 32 == 16032
    # a clip of 2 frames lasts 0.16 s
    assert facts["flops_per_second"] == 16032 * 12.5 / 2 == 100200
    assert "FLOPs per second" in out
    assert "100 k multiply-adds, of 12.5 frames" in out
    for stride in ("movinet-a0", "movinet-a0 --stream"):
        _, out, _ = vidnas("cost", *stride.split())
        assert "per second" not in out


def test_front_is_a_table_a_csv_and_json(study, vidnas):
    _, table, _ = vidnas("front", study)
    _, as_csv, _ = vidnas("front", study, "--csv")
    _, as_json, _ = vidnas("front", study, "--json")
    rows = list(csv.DictReader(io.StringIO(as_csv)))
    front = json.loads(as_json)["front"]
    assert [int(row["trial"]) for row in rows] == [row["trial"] for row in front]
    assert table.splitlines()[len(front) + 1].startswith("hypervolume")
    assert len([row for row in front if 0 < row["front_probability"] <= 1]) == len(
        front
    )
    assert "sure: how probably it belongs to the front, by the noise of" in table
    flops = [row["flops"] for row in front]
    assert flops == sorted(flops)


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
