import pytest

from vidnas.errors import ClipError

TRAIN = '''\ufefflabel,youtube_id,time_start,time_end,split,is_cc\r
"playing guitar",---QUuC4vJs,84,94,train,0\r
"playing guitar",_0aBcDeFgHi,0.0,10.0,train,0\r
"tap, tap dancing",-3B32lodo2M,59,69,train,0\r
"tap, tap dancing",bbbbbbbbbbb,1,11,train,0\r
"eating ""spaghetti""",ccccccccccc,3,13,train,0\r
"eating ""spaghetti""",ddddddddddd,3,13,train,0\r
caf\u00e9,eeeeeeeeeee,3,13,train,0\r
"playing guitar",fffffffffff,7,17,train,0\r
'''
VAL = '''label,youtube_id,time_start,time_end,split
playing guitar,ggggggggggg,10,20,validate
"tap, tap dancing",hhhhhhhhhhh,20,30,validate
"eating ""spaghetti""",iiiiiiiiiii,30,40,validate
playing guitar,jjjjjjjjjjj,30,40,validate
'''
TEST = """youtube_id,time_start,time_end,split
kkkkkkkkkkk,10,20,test
"""


@pytest.fixture
def k400(write, videos):
    """CVDF's layout: flat folders of clips, annotations beside, a replacement."""
    videos(
        "k400/train/---QUuC4vJs_000084_000094.mp4",
        "k400/train/_0aBcDeFgHi_000000_000010.mp4",
        "k400/train/-3B32lodo2M_000059_000069.mp4",
        "k400/train/ccccccccccc_000003_000013.mkv",
        "k400/train/fffffffffff_000007_000017.mp4",
        "k400/replacement/fffffffffff.mp4",
        "k400/val/ggggggggggg_000010_000020.mp4",
        "k400/val/hhhhhhhhhhh_000020_000030.mp4",
        "k400/val/iiiiiiiiiii_000030_000040.mp4",
    )
    return write(
        {
            "annotations/train.csv": TRAIN,
            "annotations/val.csv": VAL,
            "annotations/test.csv": TEST,
            "k400/train/bbbbbbbbbbb_000001_000011.mp4": "",
        }
    )


@pytest.mark.parametrize("videos_in", ["k400", "k400/train"])
def test_a_flat_copy_is_read_row_by_row(k400, read, rows, left_out, videos_in):
    index = read(
        kinetics="annotations/train.csv", val="annotations/val.csv",
        test="annotations/test.csv", videos=videos_in, replacement="k400/replacement",
    )  # fmt: skip
    assert index.classes == ('eating "spaghetti"', "playing guitar", "tap, tap dancing")
    k, g, t, e = "k400", "playing guitar", "tap, tap dancing", 'eating "spaghetti"'
    assert rows(index) == [
        ("train", f"{k}/train/---QUuC4vJs_000084_000094.mp4", g,
         "---QUuC4vJs_000084_000094"),
        ("train", f"{k}/train/_0aBcDeFgHi_000000_000010.mp4", g,
         "_0aBcDeFgHi_000000_000010"),
        ("train", f"{k}/train/-3B32lodo2M_000059_000069.mp4", t,
         "-3B32lodo2M_000059_000069"),
        ("train", f"{k}/train/ccccccccccc_000003_000013.mkv", e,
         "ccccccccccc_000003_000013"),
        ("train", f"{k}/replacement/fffffffffff.mp4", g, "fffffffffff_000007_000017"),
        ("val", f"{k}/val/ggggggggggg_000010_000020.mp4", g,
         "ggggggggggg_000010_000020"),
        ("val", f"{k}/val/hhhhhhhhhhh_000020_000030.mp4", t,
         "hhhhhhhhhhh_000020_000030"),
        ("val", f"{k}/val/iiiiiiiiiii_000030_000040.mp4", e,
         "iiiiiiiiiii_000030_000040"),
    ]  # fmt: skip
    assert left_out(index) == {
        "missing file": (3, "ddddddddddd_000003_000013"),
        "empty file": (1, f"{k}/train/bbbbbbbbbbb_000001_000011.mp4"),
        "without a label": (1, "kkkkkkkkkkk"),
        "class without a training video": (1, "caf\u00e9"),
    }


@pytest.mark.parametrize("folder", ["tap, tap dancing", "tap,_tap_dancing"])
def test_class_folders_with_blanks_or_underscores_are_found(write, read, rows, folder):
    write(
        {
            "k.csv": TRAIN,
            f"v/train/{folder}/-3B32lodo2M_000059_000069.mp4": "x",
            "v/train/another/-3B32lodo2M_000059_000069.mp4": "x",
            f"v/train/{folder}/bbbbbbbbbbb_000001_000011.mp4": "x",
            "v/train/playing guitar/---QUuC4vJs_000084_000094.mp4": "x",
            "v/train/playing guitar/_0aBcDeFgHi_000000_000010.mp4": "x",
            # The whole video, of which the row is a part.
            "v/train/playing guitar/fffffffffff.mp4": "x",
        }
    )
    index = read(kinetics="k.csv", videos="v")
    tap = [row[1] for row in rows(index) if row[2] == "tap, tap dancing"]
    assert sorted(tap) == [
        f"v/train/{folder}/-3B32lodo2M_000059_000069.mp4",
        f"v/train/{folder}/bbbbbbbbbbb_000001_000011.mp4",
    ]
    part = next(row for row in rows(index) if "fffffffffff" in row[1])
    assert part[1:] == (
        "v/train/playing guitar/fffffffffff.mp4", "playing guitar", 7.0, 17.0,
        "fffffffffff_000007_000017",
    )  # fmt: skip
    # Where the file says no validation clips, a fifth of each class is.
    assert [len(index.splits[split]) for split in ("train", "val")] == [3, 2]


def test_a_class_of_missing_files_is_said(k400, read, left_out):
    (k400 / "k400" / "val" / "iiiiiiiiiii_000030_000040.mp4").unlink()
    index = read(
        kinetics="annotations/train.csv", val="annotations/val.csv", videos="k400"
    )
    assert index.classes == ("playing guitar", "tap, tap dancing")
    found = left_out(index)
    assert found["class without a validation video"] == (1, 'eating "spaghetti"')


def test_classes_come_in_the_order_of_their_file(k400, write, read):
    names = 'tap, tap dancing\nplaying_guitar\neating "spaghetti"\nabseiling\n'
    write({"names.txt": names})
    index = read(
        kinetics="annotations/train.csv", val="annotations/val.csv", videos="k400",
        classes="names.txt",
    )  # fmt: skip
    assert index.classes == (
        "tap, tap dancing", "playing_guitar", 'eating "spaghetti"'
    )  # fmt: skip


def test_a_file_of_all_splits_splits_by_its_column(write, videos, read, rows):
    lines = [f"{c},{c}{s[0]}aaaaaaaaa,0,10,{s}" for c in "pq" for s in ("train", "val")]
    write(
        {"all.csv": "\n".join(["label,youtube_id,time_start,time_end,split", *lines])}
    )
    videos(*(f"{c}{s}aaaaaaaaa_000000_000010.mp4" for c in "pq" for s in "tv"))
    assert [row[0::2][:2] for row in rows(read(kinetics="all.csv"))] == [
        ("train", "p"), ("train", "q"), ("val", "p"), ("val", "q")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "label,time_start\nx,1\n",
            "column `youtube_id`, it has `label`",
        ),
        ("", "must have a first line of names, .*k.csv is empty"),
        (
            "label,youtube_id,time_start,time_end\nx,aaaaaaaaaaa,1,2\n",
            "must have clips, .*k.csv has none: 1 missing file, such as aaaaaaaaaaa_",
        ),
    ],
)
def test_an_unusable_file_is_told_in_one_line(write, read, text, message):
    write({"k.csv": text})
    with pytest.raises(ClipError, match=message) as told:
        read(kinetics="k.csv")
    assert "\n" not in str(told.value)


def test_a_missing_file_or_folder_is_told(write, read):
    write({"k.csv": TRAIN})
    with pytest.raises(ClipError, match=r"must be there, .*none\.csv cannot be read"):
        read(kinetics="none.csv")
    with pytest.raises(ClipError, match=r"folder of the videos must exist, .*none"):
        read(kinetics="k.csv", videos="none")


def test_a_column_may_be_the_group(write, videos, read):
    rows = [f"{c},{c}{n}aaaaaaaaa,0,10,{n % 5}" for c in "pq" for n in range(10)]
    write({"k.csv": "\n".join(["label,youtube_id,time_start,time_end,channel", *rows])})
    videos(*(f"{c}{n}aaaaaaaaa.mp4" for c in "pq" for n in range(10)))
    index = read(kinetics="k.csv", group="channel")
    sides = {split: {e.group for e in found} for split, found in index.splits.items()}
    assert (len(sides["train"]), len(sides["val"])) == (4, 1)
    assert not sides["train"] & sides["val"]
