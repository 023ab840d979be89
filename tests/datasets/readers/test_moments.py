def test_moments_in_time_are_read_row_by_row(write, videos, read, rows, left_out):
    # Classes may hold a plus, and file names a comma that is not quoted.
    videos(
        "m/adult+female+singing/a-1.mp4", "m/adult+female+singing/b.mp4",
        "m/zipping/c, d.mp4", "m/zipping/e.mp4",
    )  # fmt: skip
    train = (
        "adult+female+singing/a-1.mp4,adult+female+singing,3,0\r\n"
        "zipping/c, d.mp4,zipping,4,1\r\nzipping/gone.mp4,zipping,4,1\r\n"
        "cooking/x.mp4,cooking,1,1\r\nbroken\r\n"
    )
    val = (
        "adult+female+singing/b.mp4,adult+female+singing,3,0\n"
        'zipping/e.mp4,"zipping",2,0\n'
    )
    write(
        {
            "trainingSet.csv": train,
            "validationSet.csv": val,
            "moments_categories.txt": "zipping,0\nadult+female+singing,1\n",
        }
    )
    index = read(
        moments="trainingSet.csv", val="validationSet.csv", videos="m",
        classes="moments_categories.txt",
    )  # fmt: skip
    assert index.classes == ("zipping", "adult+female+singing")
    sing = "adult+female+singing"
    assert rows(index) == [
        ("train", f"m/{sing}/a-1.mp4", sing, f"{sing}/a-1.mp4"),
        ("train", "m/zipping/c, d.mp4", "zipping", "zipping/c, d.mp4"),
        ("val", f"m/{sing}/b.mp4", sing, f"{sing}/b.mp4"),
        ("val", "m/zipping/e.mp4", "zipping", "zipping/e.mp4"),
    ]
    assert left_out(index) == {
        "row without a class": (1, "trainingSet.csv, line 5"),
        "missing file": (1, "zipping/gone.mp4"),
        "class that `classes` lacks": (1, "cooking"),
    }
