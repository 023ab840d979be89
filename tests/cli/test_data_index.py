import json
import shutil

import pytest

from vidnas.cli.named_source import named_source
from vidnas.datasets.source import ClipSource, read_index


@pytest.fixture
def videos(tmp_path, clips, monkeypatch):
    """Class folders of real clips without splits, and what is no clip beside them."""
    monkeypatch.chdir(tmp_path)
    for n, file in enumerate(sorted((clips / "train").rglob("*.mp4"))):
        for copy in "xyz":
            place = tmp_path / "mine" / ("walk " if n % 2 else "run")
            place.mkdir(parents=True, exist_ok=True)
            target = place / f"{copy}{n}.mp4"
            target.write_bytes(file.read_bytes() + copy.encode() * n)
    (tmp_path / "mine" / "run" / "notes.txt").write_text("x")
    (tmp_path / "mine" / "run" / "cut.mp4").touch()
    return tmp_path / "mine"


def test_classes_splits_and_what_is_left_out_are_printed(videos, vidnas):
    code, out, _ = vidnas("data", "index", "mine")
    assert code == 0
    assert out.splitlines() == [
        "class      train  val",
        "run           19    5",
        "`walk `       19    5",
        "all clips     38   10",
        "",
        f"left out  1 x no video: .txt ({videos}/run/notes.txt)",
        f"left out  1 x empty file ({videos}/run/cut.mp4)",
    ]


def test_json_says_all_of_it(videos, vidnas):
    shutil.copy(videos / "run" / "x0.mp4", videos / "run" / "again.mp4")
    code, out, _ = vidnas("data", "index", "folder=mine", "group=^(.)", "--json")
    told = json.loads(out)
    assert code == 0
    assert (
        told["splits"] == {"train": 16 + 16 + 1, "val": 16}
        or sum(told["splits"].values()) == 49
    )
    assert [row["name"] for row in told["classes"]] == ["run", "walk "]
    assert told["missing"] == 0
    assert {row["reason"]: row["count"] for row in told["left_out"]} == {
        "no video: .txt": 1,
        "empty file": 1,
    }
    assert len(told["digest"]) == 16


def test_an_index_is_written_and_names_the_same_clips(videos, vidnas, tmp_path):
    code, out, _ = vidnas("data", "index", "mine", "--out", "mine.parquet")
    assert code == 0
    assert out.endswith("index  mine.parquet\nnext   vidnas init mine.parquet\n")
    written = read_index(ClipSource.of(tmp_path / "mine.parquet"))
    assert written.splits == read_index(ClipSource.of(videos)).splits
    code, out, _ = vidnas("data", "index", "mine.parquet", "--json")
    assert (code, json.loads(out)["splits"]) == (0, {"train": 38, "val": 10})
    code, _, _ = vidnas("init", "mine.parquet")
    assert code == 0
    assert "clips: {index: mine.parquet}" in (tmp_path / "mine.yaml").read_text()
    code, out, _ = vidnas("data", "index", "mine.yaml", "--json")
    assert (code, json.loads(out)["splits"]) == (0, {"train": 38, "val": 10})


def test_files_on_both_sides_are_told(videos, vidnas, tmp_path):
    same = tmp_path / "split"
    for place in ("train/a/1", "train/a/2", "train/b/3", "val/a/4", "val/b/5"):
        file = same / f"{place}.mp4"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"same" * 100 if place[-1] in "14" else place.encode() * 40)
    code, out, _ = vidnas("data", "index", "split", "--json")
    assert code == 0
    words = "same content as val/a/4.mp4 in `val`"
    copy = {"kind": "leak", "id": "train/a/1.mp4", "words": words}
    assert json.loads(out)["copies"] == [copy]
    _, _, told = vidnas("data", "index", "split")
    assert "1 training clip that validation holds too (train/a/1.mp4)" in told


def test_missing_files_of_a_table_are_counted(videos, vidnas, tmp_path):
    rows = [f"run/x{n}.mp4,run" for n in range(0, 16, 2)]
    rows += [f"walk /x{n}.mp4,walk" for n in range(1, 16, 2)] + ["gone.mp4,run"]
    (tmp_path / "t.csv").write_text("\n".join(["path,label", *rows]))
    code, out, _ = vidnas("data", "index", "table=t.csv", "videos=mine", "--json")
    assert code == 0
    assert json.loads(out)["missing"] == 1
    assert json.loads(out)["splits"] == {"train": 12, "val": 4}


def test_a_clip_that_is_listed_on_both_sides_is_told(videos, vidnas, tmp_path):
    lines = [f"mine/run/x{n}.mp4 run\nmine/walk /x{n + 1}.mp4 walk" for n in (0, 2, 4)]
    (tmp_path / "train.txt").write_text("\n".join(lines))
    (tmp_path / "val.txt").write_text(lines[0])
    code, _, err = vidnas("data", "index", "list=train.txt", "val=val.txt")
    assert code == 0
    names = "mine/run/x0.mp4, mine/walk /x1.mp4"
    assert f"2 training clips that validation holds too ({names})" in err


def test_rows_of_moments_in_time_are_known_by_their_votes(videos, tmp_path):
    (tmp_path / "m.csv").write_text("run/x0.mp4,run,3,0\n")
    assert named_source(tmp_path / "m.csv").kind == "moments"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ("mine", "other"),
            "must be one path or `KIND=PATH KEY=VALUE ...`, got mine other",
        ),
        (("kinetix=a.csv",), "got `kinetix`. Did you mean `kinetics`?"),
        (("table=a.csv", "vidoes=x"), "unknown key `vidoes`"),
        (("table=a.csv", "vidoes=x"), "Did you mean `videos`?"),
        (("table=a.csv", "x"), "A word beside `table=a.csv` must be KEY=VALUE, got x."),
        (("nowhere",), "The clip folder must exist, found nothing there: "),
        (("nowhere.csv",), "nowhere.csv cannot be read: No such file"),
        (("empty.csv",), "A list of clips must have lines"),
        (("mine", "--out", "x.txt"), "must end in .parquet or .csv, got x.txt."),
    ],
)
def test_a_wrong_word_is_answered_with_one_line(videos, vidnas, words, message):
    (videos.parent / "empty.csv").touch()
    code, _, told = vidnas("data", "index", *words)
    assert code == 2
    assert message in told
    assert told.count("\n") == 1


KINDS = {
    "k.csv": ("label,youtube_id,time_start,time_end\n", "kinetics"),
    "t.csv": ("video,label\n", "table"),
    "c.csv": ("id,actions,length\n", "charades"),
    "l.csv": ("a.mp4 0\n", "list"),
    "l.txt": ("a.mp4,0\n", "list"),
    "x.parquet": ("", "index"),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_file_says_which_kind_it_is(tmp_path, name):
    text, kind = KINDS[name]
    (tmp_path / name).write_text(text)
    assert named_source(tmp_path / name).kind == kind
