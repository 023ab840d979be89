import json
import shutil

import pytest

from vidnas.cli.main import main


@pytest.fixture
def own(folder, clips):
    """A working directory whose clips may be written beside."""
    (folder / "clips").unlink()
    shutil.copytree(clips, folder / "clips")
    return folder


def run(capsys, *words):
    code = main([str(word) for word in words])
    told = capsys.readouterr()
    return code, told.out, told.err


def identity(folder):
    first = (folder / "journal.jsonl").read_text().splitlines()[0]
    return json.loads(first)["identity"]["clips"]


def test_a_cache_tells_its_size_first_and_is_done_once(own, capsys):
    words = ("data", "cache", "--for", "experiment.yaml", "--verify")
    code, out, err = run(capsys, *words)
    assert code == 0
    # 24 windows of 4 frames of 16 x 1.125 = 18 pixels in 3 colours: 93312 bytes
    assert "24 windows of 4 frames, stride 1, 18 px, 91.1 KiB" in err
    assert "every clip is as it was written" in err
    assert "24 clips in" in out
    again = run(capsys, *words, "--json")
    assert json.loads(again[1])["clips"] == 24
    assert "shards" not in again[2]


def test_a_search_takes_the_cache_beside_its_clips_and_says_so(own, inline, capsys):
    run(capsys, "data", "cache", "--for", "experiment.yaml")
    code, _, err = run(capsys, "search", "experiment.yaml")
    assert code == 0
    assert "clips/.vidnas-cache/4x18-stride1: 4 frames, stride 1, 18 px" in err
    assert identity(own / "runs" / "small")["cache"]
    assert run(capsys, "search", "experiment.yaml", "--trials", "5")[0] == 0
    shutil.rmtree(own / "clips" / ".vidnas-cache")
    code, _, err = run(capsys, "search", "experiment.yaml", "--trials", "6")
    assert code == 2
    assert "its `clips.cache` was" in err


def test_a_study_that_began_without_a_cache_goes_on_without(own, inline, capsys):
    assert run(capsys, "search", "experiment.yaml")[0] == 0
    assert "cache" not in identity(own / "runs" / "small")
    run(capsys, "data", "cache", "--for", "experiment.yaml")
    code, _, err = run(capsys, "search", "experiment.yaml", "--trials", "5")
    assert code == 0
    assert "cache       not used: begun with no cache; " in err


@pytest.mark.parametrize(("word", "used"), [("false", False), ("other", True)])
def test_an_experiment_may_name_a_cache_or_forbid_one(own, inline, capsys, word, used):
    run(capsys, "data", "cache", "--for", "experiment.yaml", "--out", "other")
    run(capsys, "data", "cache", "--for", "experiment.yaml")
    text = (own / "experiment.yaml").read_text()
    named = text.replace("{folder: clips}", f"{{folder: clips, cache: {word}}}")
    (own / "experiment.yaml").write_text(named)
    code, _, err = run(capsys, "search", "experiment.yaml")
    assert code == 0
    assert ("/other: 4 frames" in err) == used
    assert ("cache" in identity(own / "runs" / "small")) == used


def test_a_cache_of_changed_clips_is_told_and_not_used(own, inline, capsys):
    run(capsys, "data", "cache", "--for", "experiment.yaml")
    clip = next((own / "clips" / "train" / "left").iterdir())
    shutil.copy(clip, clip.with_name("more.mp4"))
    code, _, err = run(capsys, "search", "experiment.yaml")
    assert code == 0
    assert "cache       not used: The cache in" in err
    assert "they changed since it was written" in err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((), "needs SOURCE, or --for EXPERIMENT"),
        (("clips",), "needs --frames and --size, or --for EXPERIMENT"),
        (("clips", "--frames", 4, "--size", 9, "--windows", 2), "must be odd"),
        (
            ("clips", "--frames", 4, "--size", 9, "--fps", 5, "--frame-stride", 2),
            "--fps and --frame-stride exclude each other",
        ),
        (
            ("clips", "--frames", 4, "--size", 9, "--shard-size", "much"),
            "--shard-size must be a size as 200 MB, got `much`",
        ),
    ],
)
def test_a_wrong_word_is_answered_with_one_line(own, capsys, words, says):
    code, _, err = run(capsys, "data", "cache", *words)
    assert code == 2
    assert says in err
    assert len(err.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--out", "s3://b/x"], "must lie on a disk, got the address `s3://b/x`"),
        (["--out", "file"], "A cache needs a folder, file is a file."),
        (["--fps", "0"], "--fps must be above 0, got 0."),
    ],
)
def test_a_place_or_rate_that_is_none_is_told(folder, vidnas, words, message):
    (folder / "file").touch()
    words = ["--frames", "4", "--size", "16", *words]
    code, _, err = vidnas("data", "cache", "clips", *words)
    assert (code, message in err.splitlines()[-1]) == (2, True)
    assert not (folder / "s3:").exists()
