import pytest

from vidnas.errors import ClipError

VIDEOS = ("a/one two.mp4", "a/2.mp4", "b/x, y.mp4", "b/caf\u00e9 3.mp4", "b/4")


@pytest.fixture
def clips(videos):
    return videos(*(f"v/{name}" for name in VIDEOS[:-1]), "v/b/4/1.jpg", "v/b/4/2.jpg")


def lines(separator, quoted=False):
    """SlowFast's list: a path and a number a line, without a header."""
    labels = (0, 0, 1, 1, 1)
    quote = '"' if quoted else ""
    rows = [
        f"{quote}{name}{quote}{separator}{n}"
        for name, n in zip(VIDEOS, labels, strict=True)
    ]
    return "\ufeff" + "\r\n".join([*rows, "", ""])


@pytest.mark.parametrize("quoted", [False, True])
@pytest.mark.parametrize("separator", [" ", "\t", ",", "  ", ", "])
def test_a_list_is_read_row_by_row(clips, write, read, rows, separator, quoted):
    write({"all.txt": lines(separator, quoted)})
    index = read(list="all.txt", val="all.txt", videos="v")
    assert index.classes == ("0", "1")
    expected = [
        (f"v/{name}", label, name) for name, label in zip(VIDEOS, "00111", strict=True)
    ]
    assert rows(index) == [(s, *row) for s in ("train", "val") for row in expected]
    assert not index.multi_label
    assert index.left_out == ()


def test_a_decomposed_name_on_the_disk_is_the_composed_one(videos, write, read, rows):
    videos("v/cafe\u0301/1.mp4", "v/b/1.mp4")
    write({"l.txt": "caf\u00e9/1.mp4 0\nb/1.mp4 1\n"})
    index = read(list="l.txt", val="l.txt", videos="v")
    assert rows(index)[0] == ("train", "v/cafe\u0301/1.mp4", "0", "caf\u00e9/1.mp4")


def test_what_a_list_names_and_is_not_there_is_said(clips, write, read, left_out):
    text = "a/one two.mp4 0\nb/x, y.mp4 1\ngone.mp4 1\nb/4 -1\na/2.mp4\nb/empty.mp4 0\n"
    write({"l.txt": text, "v/b/empty.mp4": ""})
    assert left_out(read(list="l.txt", val="l.txt", videos="v")) == {
        "missing file": (2, "gone.mp4"),
        "without a label": (4, "b/4 (l.txt, line 4)"),
        "empty file": (2, "v/b/empty.mp4"),
    }


def test_several_labels_make_several_classes(clips, write, read, rows):
    write(
        {"l.txt": "a/one two.mp4 0 2\na/2.mp4 1\nb/4 2 1 0\n", "names.txt": "x\ny\nz\n"}
    )
    index = read(list="l.txt", val="l.txt", videos="v", classes="names.txt")
    assert index.multi_label
    assert rows(index)[:3] == [
        ("train", "v/a/one two.mp4", "x", "z", "a/one two.mp4"),
        ("train", "v/a/2.mp4", "y", "a/2.mp4"),
        ("train", "v/b/4", "x", "y", "z", "b/4"),
    ]


def test_a_list_of_raw_frames_has_their_number_before_the_label(
    clips, write, read, rows
):
    # MMAction2: folder, number of frames, label.
    write({"v/a/5/img_1.jpg": "x", "v/a/5/img_2.jpg": "x"})
    write({"l.txt": "b/4 300 1\na/5 200 0\n"})
    index = read(list="l.txt", val="l.txt", videos="v", frames=True)
    assert rows(index)[:2] == [
        ("train", "v/b/4", "1", "b/4"), ("train", "v/a/5", "0", "a/5")
    ]  # fmt: skip


def test_numbers_at_the_end_of_a_path_belong_to_it(videos, write, read, rows):
    videos("v/take 12/1.jpg", "v/take 12/2.jpg", "v/my 3.mp4")
    write({"l.txt": "take 12 5\nmy 3.mp4 6\n"})
    index = read(list="l.txt", val="l.txt", videos="v")
    assert [row[1:3] for row in rows(index)[:2]] == [
        ("v/take 12", "5"), ("v/my 3.mp4", "6")
    ]  # fmt: skip


@pytest.mark.parametrize("separator", ["\t", ","])
def test_labels_may_be_names_with_blanks(clips, write, read, separator):
    text = "a/2.mp4{0}playing guitar\nb/4{0}caf\u00e9 au lait\n"
    write({"l.txt": text.format(separator)})
    index = read(list="l.txt", val="l.txt", videos="v")
    assert index.classes == ("caf\u00e9 au lait", "playing guitar")


def test_numbers_beyond_the_names_are_said(clips, write, read, left_out):
    write({"l.txt": "a/2.mp4 0\nb/4 1\na/one two.mp4 7\n", "names.txt": "x\ny\n"})
    index = read(list="l.txt", val="l.txt", videos="v", classes="names.txt")
    assert left_out(index) == {"class that `classes` lacks": (2, "7 of a/one two.mp4")}


def test_labels_from_one_and_names_from_nought_are_refused(clips, write, read):
    write({"l.txt": "a/2.mp4 1\nb/4 2\n", "names.txt": "x\ny\n"})
    with pytest.raises(ClipError, match=r"2 classes from 0; .* from 1 to 2\. Begin"):
        read(list="l.txt", val="l.txt", videos="v", classes="names.txt")
    write({"names.txt": "1 x\n2 y\n"})
    index = read(list="l.txt", val="l.txt", videos="v", classes="names.txt")
    assert index.classes == ("x", "y")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("n.txt", "x y\nz\n"),
        ("n.csv", "x y,0\nz,1\n"),
        ("n.csv", '"x y",0\r\nz,1\r\n'),
        ("n.txt", "0 x y\n1 z\n"),
        ("n.txt", "c000 x y\nc001 z\n"),
        ("n.json", '{"x y": "0", "z": "1"}'),
        ("n.json", '{"0": "x y", "1": "z"}'),
        ("n.json", '["x y", "z"]'),
    ],
)
def test_names_of_classes_are_read_in_several_forms(clips, write, read, name, text):
    write({"l.txt": "a/2.mp4 0\nb/4 1\n", name: text})
    index = read(list="l.txt", val="l.txt", videos="v", classes=name)
    assert index.classes == ("x y", "z")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x\nx\n", "Classes must differ, .*n.txt has `x`, number 1, twice"),
        ("", "must name some, .*n.txt is empty"),
    ],
)
def test_names_that_are_none_are_refused(clips, write, read, text, message):
    write({"l.txt": "a/2.mp4 0\nb/4 1\n", "n.txt": text})
    with pytest.raises(ClipError, match=message):
        read(list="l.txt", val="l.txt", videos="v", classes="n.txt")


def test_a_first_line_that_names_columns_is_no_clip(clips, write, read, rows):
    write({"l.txt": "path label\na/2.mp4 0\nb/4 1\n"})
    index = read(list="l.txt", val="l.txt", videos="v")
    assert [row[1] for row in rows(index)[:2]] == ["v/a/2.mp4", "v/b/4"]
    assert index.left_out == ()


def test_validation_clips_that_are_all_missing_are_not_made_up(clips, write, read):
    write({"l.txt": "a/2.mp4 0\nb/4 1\na/one two.mp4 0\n", "val.txt": "gone.mp4 0\n"})
    with pytest.raises(
        ClipError,
        match=r"must have the validation clips that it names, .*l\.txt has none: 1 m",
    ):
        read(list="l.txt", val="val.txt", videos="v")
