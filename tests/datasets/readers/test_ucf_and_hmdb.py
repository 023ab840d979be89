import pytest

from vidnas.errors import ClipError

CLASSES = ("ApplyEyeMakeup", "Archery")


@pytest.fixture
def ucf(write, videos):
    videos(
        *(
            f"UCF-101/{name}/v_{name}_g{g:02}_c{c:02}.avi"
            for name in CLASSES
            for g in (1, 8)
            for c in (1, 2)
        )
    )
    return write(
        {
            "splits/classInd.txt": "1 ApplyEyeMakeup\r\n2 Archery\r\n",
            "splits/trainlist01.txt": "".join(
                f"{name}/v_{name}_g08_c{c:02}.avi {n}\r\n"
                for n, name in enumerate(CLASSES, 1)
                for c in (1, 2, 3)
            ),
            "splits/testlist01.txt": "".join(
                f"{name}/v_{name}_g01_c01.avi\r\n" for name in CLASSES
            ),
            "splits/trainlist02.txt": "Archery/v_Archery_g01_c02.avi 2\n"
            "ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c02.avi 1\nBox/v_Box_g01_c02.avi 3\n",
            "splits/testlist02.txt": "Archery/v_Archery_g08_c02.avi\n"
            "ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c02.avi\n",
        }
    )


def test_a_split_of_ucf101_is_read_row_by_row(ucf, read, rows, left_out):
    index = read(ucf101="splits", videos="UCF-101")
    assert index.classes == CLASSES
    assert rows(index) == [
        (split, f"UCF-101/{file}", file.split("/")[0], file)
        for split, file in (
            ("train", "ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi"),
            ("train", "ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c02.avi"),
            ("train", "Archery/v_Archery_g08_c01.avi"),
            ("train", "Archery/v_Archery_g08_c02.avi"),
            ("val", "ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c01.avi"),
            ("val", "Archery/v_Archery_g01_c01.avi"),
        )
    ]
    assert left_out(index) == {
        "missing file": (2, "ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c03.avi")
    }


def test_another_split_of_ucf101_is_asked_for(ucf, read, rows, left_out):
    index = read(ucf101="splits", videos="UCF-101", split=2)
    assert [row[3] for row in rows(index)] == [
        "Archery/v_Archery_g01_c02.avi",
        "ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c02.avi",
        "Archery/v_Archery_g08_c02.avi",
        "ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c02.avi",
    ]
    assert left_out(index) == {
        "class that classInd.txt lacks": (1, "Box/v_Box_g01_c02.avi")
    }
    with pytest.raises(ClipError, match=r"trainlist03\.txt cannot be read"):
        read(ucf101="splits", videos="UCF-101", split=3)


def test_clips_of_ucf101_that_were_unpacked_to_frames_are_found(write, read, rows):
    frames = {
        f"frames/{name}/v_{name}_g08_c{c:02}/image_{k:05}.jpg": "x"
        for name in CLASSES
        for c in (1, 2)
        for k in (1, 2)
    }
    lists = {
        f"s/{which}list01.txt": "".join(
            f"{name}/v_{name}_g08_c{c:02} 1\n" for name in CLASSES
        )
        for c, which in ((1, "train"), (2, "test"))
    }
    write({**frames, **lists, "s/classInd.txt": "1 ApplyEyeMakeup\n2 Archery"})
    assert rows(read(ucf101="s", videos="frames"))[0] == (
        "train", "frames/ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01", "ApplyEyeMakeup",
        "ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01",
    )  # fmt: skip


ODD = "#20_Rhythm_clap_u_nm_np1_fr_goo_0 (1) [x], &.avi"


def test_a_split_of_hmdb51_is_read_row_by_row(write, videos, read, rows, left_out):
    videos(
        f"hmdb/clap/{ODD}", "hmdb/clap/b.avi", "hmdb/clap/c.avi",
        "hmdb/brush_hair/a.avi", "hmdb/brush_hair/b.avi",
    )  # fmt: skip
    write(
        {
            "lists/clap_test_split1.txt": f"{ODD} 1 \nb.avi 2 \nc.avi 0 \nd.avi 1 \n",
            "lists/clap_test_split2.txt": "b.avi 1 \nc.avi 2 \n",
            "lists/brush_hair_test_split1.txt": "a.avi 2 \r\nb.avi 1 \r\nbroken\r\n",
            "lists/readme.txt": "nothing",
        }
    )
    index = read(hmdb51="lists", videos="hmdb")
    assert index.classes == ("brush_hair", "clap")
    assert rows(index) == [
        ("train", "hmdb/brush_hair/b.avi", "brush_hair", "brush_hair/b.avi"),
        ("train", f"hmdb/clap/{ODD}", "clap", f"clap/{ODD}"),
        ("val", "hmdb/brush_hair/a.avi", "brush_hair", "brush_hair/a.avi"),
        ("val", "hmdb/clap/b.avi", "clap", "clap/b.avi"),
    ]
    assert left_out(index) == {
        "line without a flag": (1, "lists/brush_hair_test_split1.txt, line 3"),
        "in neither side of this split": (1, "clap/c.avi"),
        "missing file": (1, "clap/d.avi"),
    }


def test_lists_of_hmdb51_that_are_not_there_are_told(write, read):
    write({"lists/clap_test_split1.txt": "a.avi 1 \n"})
    with pytest.raises(ClipError, match=r"must hold lists of split 2, such as `brush_"):
        read(hmdb51="lists", split=2)
    with pytest.raises(ClipError, match=r"folder of the lists must exist, .*none does"):
        read(hmdb51="none")
