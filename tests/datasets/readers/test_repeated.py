"""What an annotation lists twice, and lines that are not what they seem."""

import pytest

from vidnas.errors import ClipError

ROWS = "".join(f"v/{name}/{n}.mp4,{name}\n" for name in "ab" for n in range(3))


@pytest.fixture
def clips(videos):
    return videos(*(f"v/{name}/{n}.mp4" for name in "ab" for n in range(3)))


def test_a_row_that_is_repeated_counts_once(clips, write, read, rows, left_out):
    write({"l.csv": ROWS, "twice.csv": ROWS + ROWS})
    twice = read(list="twice.csv")
    assert rows(twice) == rows(read(list="l.csv"))
    assert left_out(twice) == {"listed before": (6, "v/a/0.mp4")}


def test_a_clip_of_two_classes_is_told(clips, write, read):
    write({"l.csv": ROWS + "v/a/1.mp4,b\n"})
    assert read(list="l.csv").notices == (
        "1 row names another class of a clip that was listed, such as v/a/1.mp4: "
        "`a` and `b`",
    )


def test_commas_at_the_end_of_lines_are_no_labels(clips, write, read, rows):
    write({"l.csv": ROWS, "more.csv": ROWS.replace("\n", ", \n") + "v/x.mp4,\n"})
    assert rows(read(list="more.csv")) == rows(read(list="l.csv"))


def test_tabs_and_blanks_may_stand_in_one_list(clips, write, read, rows):
    mixed = ROWS.replace(",", " ").replace(" ", "\t", 2)
    write({"l.csv": ROWS, "mixed.txt": mixed})
    assert rows(read(list="mixed.txt")) == rows(read(list="l.csv"))


@pytest.mark.parametrize("time", ["-1", "00:00:01", "0,5", "inf"])
def test_a_time_that_is_none_leaves_its_row_out(clips, write, read, left_out, time):
    text = ROWS.replace("\n", ";;\n") + f"v/a/0.mp4,a;{time};\nv/a/0.mp4,a;nan;2\n"
    write({"t.csv": "path;label;start;end\n" + text.replace("mp4,", "mp4;")})
    assert left_out(read(table="t.csv")) == {
        "time that is no number of seconds": (1, f"{time} of v/a/0.mp4")
    }


@pytest.mark.parametrize(
    ("head", "tail", "message"),
    [
        ("path,label", '"v/a/0.mp4,a\n', "A quote must be closed"),
        ("path,label,label", "", "Columns must differ, .* has `label` twice"),
    ],
)
def test_a_table_that_hides_rows_is_refused(clips, write, read, head, tail, message):
    write({"t.csv": f"{head}\n{ROWS}{tail}"})
    with pytest.raises(ClipError, match=message):
        read(table="t.csv")


def test_one_group_is_told_as_the_reason(clips, write, read):
    text = "path,label,person\n" + ROWS.replace("\n", ",ann\n")
    write({"t.csv": text})
    with pytest.raises(ClipError, match="All clips are of one group, `ann`"):
        read(table="t.csv")
    assert read(table="t.csv", group=r"(\d)\.mp4").splits["val"]
