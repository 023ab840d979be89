import pytest

HEAD = (
    "id,subject,scene,quality,relevance,verified,script,objects,descriptions,actions,"
    "length\n"
)
CLASSES = (
    "c000 Holding some clothes\nc001 Putting clothes somewhere\nc002 Opening a door\n"
)


def row(name, actions, subject="S1"):
    script = '"A person, in a ""blue"" chair; they sneeze."'
    return f"{name},{subject},Home,6,7,Yes,{script},cup;door,{script},{actions},30.5\n"


@pytest.fixture
def charades(write, videos):
    videos(
        *(
            f"Charades_v1_480/{name}.mp4"
            for name in ("AAAAA", "BBBBB", "CCCCC", "DDDDD")
        )
    )
    train = (
        row("AAAAA", "c000 11.90 21.20;c002 0.00 12.60;c000 25.00 30.00"),
        row("BBBBB", "", "S2"),
        row("EEEEE", "c001 1.00 2.00", "S2"),
        row("CCCCC", "c001 0.50 4.00;c156 1.00 2.00;odd", "S3"),
    )
    return write(
        {
            "Charades_v1_train.csv": HEAD + "".join(train),
            "Charades_v1_test.csv": HEAD + row("DDDDD", "c002 2.00 3.00"),
            "Charades_v1_classes.txt": CLASSES,
        }
    )


SOURCE = {
    "charades": "Charades_v1_train.csv",
    "val": "Charades_v1_test.csv",
    "classes": "Charades_v1_classes.txt",
    "videos": "Charades_v1_480",
}
V, CLOTHES, PUT, DOOR = (
    "Charades_v1_480", "Holding some clothes", "Putting clothes somewhere",
    "Opening a door",
)  # fmt: skip


def test_a_video_has_all_its_classes(charades, read, rows, left_out):
    index = read(**SOURCE)
    assert index.multi_label
    assert index.classes == (CLOTHES, PUT, DOOR)
    assert rows(index) == [
        ("train", f"{V}/AAAAA.mp4", CLOTHES, DOOR, "AAAAA"),
        ("train", f"{V}/BBBBB.mp4", "BBBBB"),
        ("train", f"{V}/CCCCC.mp4", PUT, "CCCCC"),
        ("val", f"{V}/DDDDD.mp4", DOOR, "DDDDD"),
    ]
    assert index.targets("train").tolist() == [[1, 0, 1], [0, 0, 0], [0, 1, 0]]
    assert left_out(index) == {
        "missing file": (1, "EEEEE"),
        "action of an unknown class": (1, "CCCCC: c156"),
        "action that is none": (1, "CCCCC: odd"),
    }


def test_actions_may_be_read_one_by_one(charades, read, rows):
    index = read(**{**SOURCE, "val": SOURCE["charades"]}, per="action", group="subject")
    assert not index.multi_label
    parts = {row[-1]: row[1:-1] for row in rows(index)}
    assert parts["AAAAA#0"] == (f"{V}/AAAAA.mp4", CLOTHES, 11.9, 21.2, "group S1")
    assert parts["AAAAA#1"] == (f"{V}/AAAAA.mp4", DOOR, 0.0, 12.6, "group S1")


def test_without_names_classes_are_their_numbers(charades, read):
    source = {key: value for key, value in SOURCE.items() if key != "classes"}
    assert read(**source).classes == ("c000", "c001", "c002", "c156")
