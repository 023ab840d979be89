"""Wrong input: one line that says what must hold, what came and where; exit code 2."""

import shutil
import time

import pytest

from vidnas.datasets.motion.generate import write_motion


def refused(answer: tuple[int, str, str]) -> str:
    """The one line of a refusal."""
    code, out, err = answer
    assert code == 2
    assert out == ""
    assert err.endswith("\n")
    lines = err.splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("error: ")
    return lines[0]


def edited(folder, name: str, old: str, new: str) -> None:
    path = folder / name
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_key(folder, vidnas):
    edited(folder, "experiment.yaml", "effort: {trials", "effort: {trails")
    line = refused(vidnas("search", "experiment.yaml"))
    assert "experiment.yaml, line 9: unknown key `trails` in `effort`" in line
    assert line.endswith("Did you mean `trials`?")


def test_an_unknown_key_of_a_space_is_named_too(folder, vidnas):
    edited(folder, "space.yaml", "    kernel:", "    kernels:")
    line = refused(vidnas("search", "experiment.yaml"))
    assert "space.yaml, line 10: unknown key `kernels` in `stages[0]`" in line
    assert line.endswith("Did you mean `kernel`?")


def test_an_empty_option_list_is_named(folder, vidnas):
    edited(folder, "space.yaml", "[1x3x3, 3x3x3]", "[]")
    line = refused(vidnas("space", "show", "space.yaml"))
    assert "line 10: `stages[0].kernel` must offer at least one option" in line


def test_an_impossible_budget_is_named_with_the_cheapest_cost_in_two_seconds(
    folder, vidnas
):
    edited(folder, "experiment.yaml", "flops: 2 M}", "flops: 2 k}")
    began = time.monotonic()
    line = refused(vidnas("search", "experiment.yaml"))
    assert time.monotonic() - began < 2.0
    assert "no candidate within flops <= 2 k: the cheapest found costs " in line
    assert not (folder / "runs").exists()


def test_a_budget_that_is_no_quantity_is_named(folder, vidnas):
    edited(folder, "experiment.yaml", "flops: 2 M}", "flops: plenty}")
    line = refused(vidnas("search", "experiment.yaml"))
    assert "line 7: `budgets.flops` must be a positive quantity" in line
    assert line.endswith("got `plenty`.")


def test_a_folder_without_videos_is_named(folder, vidnas):
    (folder / "clips").unlink()
    (folder / "clips").mkdir()
    line = refused(vidnas("search", "experiment.yaml"))
    assert "clips" in line
    assert "mp4" in line


def test_a_class_with_one_video_is_named(folder, vidnas):
    source = write_motion(
        folder / "whole", seed=0, train_per_class=2, val_per_class=1, size=32
    )
    (folder / "clips").unlink()
    shutil.copytree(source / "train", folder / "clips")
    next((folder / "clips" / "growing").glob("*.mp4")).unlink()
    line = refused(vidnas("search", "experiment.yaml"))
    assert "growing" in line
    assert "one" in line or "1" in line


def test_a_study_folder_of_another_experiment_is_refused(folder, study, vidnas):
    before = (study / "journal.jsonl").read_bytes()
    line = refused(vidnas("search", "experiment.yaml"))
    assert "runs/small belongs to another experiment: its `clips." in line
    assert (study / "journal.jsonl").read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["cots"], "got `cots`. Did you mean `cost`?"),
        (["cost", "movinet-a9"], "Did you mean `movinet-a"),
        (["cost", "missing.yaml"], "missing.yaml cannot be read"),
        (["search", "missing.yaml"], "missing.yaml cannot be read"),
        (["search", "experiment.yaml", "--trials", "0"], "of at least 1, got `0`"),
        (["search", "experiment.yaml", "--workers", "two"], "of at least 1, got `two`"),
        (["cost", "movinet-a0", "--classes", "0"], "of at least 1, got `0`"),
        (["cost", "movinet-a0", "--batch", "-3"], "of at least 1, got `-3`"),
        (["data", "motion", "m", "--seed", "-4"], "of at least 0, got `-4`"),
        (["front", "runs/small", "--json", "--csv"], "not allowed with argument"),
        (["search", "experiment.yaml", "--resume", "must"], "there is none"),
        (["front", "nowhere"], "must hold journal.jsonl"),
        (["cost", "x3d-m", "--stream"], "`x3d-m` has no causal form"),
    ],
)
def test_a_wrong_word_is_answered_with_one_line(folder, vidnas, arguments, says):
    assert says in refused(vidnas(*arguments))


def test_a_corrupt_file_is_reported_skipped_and_counted(tmp_path, clips, vidnas):
    root = tmp_path / "clips"
    shutil.copytree(clips, root)
    victim = next((root / "train" / "left").glob("*.mp4"))
    victim.write_bytes(b"no video at all")
    code, out, _ = vidnas("data", "check", root)
    assert code == 0
    table, _, found = out.partition("\n\n")
    assert "1 unreadable: left out" in found
    assert f"train/left/{victim.name}: invalid data found" in found
    counts = {line.split()[0]: line.split()[1:] for line in table.splitlines()}
    assert counts["left"] == ["1", "1"]
    assert counts["all"] == ["15", "8"]
