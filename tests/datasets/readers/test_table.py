import pytest

from vidnas.errors import ClipError

TABLE = """\ufeffclip_id;Video;Class;time_start;time_end;subset;person\r
c1;a/1.mp4;jump;0.5;2;train;ann\r
c2;a/1.mp4;run;2;4.25;train;ann\r
c3;"b/x; y.mp4";"jump";;;training;bob\r
c4;b/2.mp4;run;;;validation;cid\r
c5;b/3.mp4;jump;;;dev;cid\r
c6;b/4.mp4;run;;;holdout;dan\r
c7;gone.mp4;run;;;train;dan\r
c8;b/4.mp4;;;;train;dan\r
c9;b/4.mp4;run;5;5;train;dan\r
"""


@pytest.fixture
def clips(videos):
    return videos("v/a/1.mp4", "v/b/x; y.mp4", *(f"v/b/{n}.mp4" for n in (2, 3, 4)))


def test_a_table_is_read_row_by_row(clips, write, read, rows, left_out):
    write({"t.csv": TABLE})
    index = read(table="t.csv", videos="v")
    assert index.classes == ("jump", "run")
    assert rows(index) == [
        ("train", "v/a/1.mp4", "jump", 0.5, 2.0, "group ann", "c1"),
        ("train", "v/a/1.mp4", "run", 2.0, 4.25, "group ann", "c2"),
        ("train", "v/b/x; y.mp4", "jump", "group bob", "c3"),
        ("val", "v/b/2.mp4", "run", "group cid", "c4"),
        ("val", "v/b/3.mp4", "jump", "group cid", "c5"),
    ]
    assert left_out(index) == {
        "split `holdout`, which is none": (1, "b/4.mp4"),
        "missing file": (1, "gone.mp4"),
        "without a label": (1, "b/4.mp4"),
        "part that ends before it begins": (1, "b/4.mp4"),
    }


def test_columns_of_other_names_are_told(clips, write, read, rows):
    text = "Datei\tArt\tWer\na/1.mp4\tjump|run\t1\nb/2.mp4\trun\t2\nb/3.mp4\tjump\t2\n"
    write({"t.tsv": text})
    columns = {"path": "Datei", "labels": "Art"}
    index = read(table="t.tsv", val="t.tsv", videos="v", columns=columns, group="wer")
    assert index.multi_label
    assert rows(index)[:3] == [
        ("train", "v/a/1.mp4", "jump", "run", "group 1", "a/1.mp4"),
        ("train", "v/b/2.mp4", "run", "group 2", "b/2.mp4"),
        ("train", "v/b/3.mp4", "jump", "group 2", "b/3.mp4"),
    ]
    assert index.notices == (
        "2 groups have clips in both `train` and `val`, such as 1",
    )


def test_a_column_that_is_missing_is_told_with_those_there_are(clips, write, read):
    write({"t.csv": "pth,label\na/1.mp4,x\n"})
    with pytest.raises(ClipError, match=r"for `path`, called `path` or .*has `pth`"):
        read(table="t.csv", videos="v")
    with pytest.raises(ClipError, match=r"called `lable`; it .* Did you mean `label`"):
        read(table="t.csv", columns={"path": "pth", "labels": "lable"}, videos="v")


def test_rows_in_no_split_beside_others_are_said(clips, write, read, left_out):
    text = "path,label,split\na/1.mp4,x,train\nb/2.mp4,y,train\nb/3.mp4,x,val\n"
    write({"t.csv": f"{text}b/4.mp4,y,val\nb/x; y.mp4,y,\n"})
    index = read(table="t.csv", videos="v")
    assert left_out(index) == {"in no split": (1, "b/x; y.mp4")}


def test_a_table_that_a_spreadsheet_saved_as_unicode_is_read(clips, write, read, rows):
    text = "path\tlabel\r\na/1.mp4\tcaf\u00e9\r\nb/2.mp4\tb\r\n"
    write({"t.txt": text.encode("utf-16")})
    index = read(table="t.txt", val="t.txt", videos="v")
    assert index.classes == ("b", "caf\u00e9")
    write({"t.txt": text.encode("utf-16")[:-1]})  # cut within a letter
    assert read(table="t.txt", val="t.txt", videos="v").classes == index.classes


def test_control_characters_of_a_cell_stay_on_one_line(clips, write, read):
    write({"t.csv": 'path,label,split\na/1.mp4,x,"a\nb"\nb/2.mp4,y,train\n'})
    with pytest.raises(ClipError, match=r"got none in") as told:
        read(table="t.csv", videos="v")
    assert "\n" not in str(told.value)
    write({"t.csv": 'path,label,split\na/1.mp4,x,"a\nb"\n'})
    with pytest.raises(ClipError, match=r"none: 1 split `a\\x0ab`, which is") as told:
        read(table="t.csv", videos="v")
    assert "\n" not in str(told.value)
