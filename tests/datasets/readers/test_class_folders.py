from pathlib import Path

import pytest

from vidnas.datasets.index import targets_of
from vidnas.datasets.source import ClipSource, read_index
from vidnas.errors import ClipError


@pytest.fixture
def folder(tmp_path):
    def make(*names):
        for name in names:
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(b"x")
        return tmp_path

    return make


def read_folder(root, **options):
    return read_index(ClipSource.of({"folder": str(root), **options}))


def listed(index):
    return [entry for entries in index.splits.values() for entry in entries]


def names(index, split):
    return [f"{Path(file.path).name} {file.labels[0]}" for file in index.splits[split]]


def test_splits_hold_class_folders_and_labels_are_alphabetical(folder):
    root = folder(
        "train/run/b.mp4", "train/run/a.AVI", "train/jump/c.webm",
        "val/run/d.mkv", "val/jump/e.MOV",
    )  # fmt: skip
    index = read_folder(root)
    assert index.classes == ("jump", "run")
    assert names(index, "train") == ["c.webm 0", "a.AVI 1", "b.mp4 1"]
    assert names(index, "val") == ["e.MOV 0", "d.mkv 1"]


@pytest.mark.parametrize("name", ["val", "validation", "valid", "Val", "test"])
def test_validation_goes_by_several_names(folder, name):
    root = folder(
        "train/a/1.mp4", "train/b/1.mp4", f"{name}/a/2.mp4", f"{name}/b/2.mp4"
    )
    assert names(read_folder(root), "val") == ["2.mp4 0", "2.mp4 1"]


def test_a_test_folder_is_ignored_beside_validation(folder):
    root = folder(
        "train/a/1.mp4", "train/b/1.mp4", "val/a/2.mp4", "val/b/2.mp4", "test/c/3.mp4"
    )
    assert names(read_folder(root), "val") == ["2.mp4 0", "2.mp4 1"]


def test_names_that_are_no_utf8_are_split_like_others(folder):
    # As Linux gives a name of bytes that are no UTF-8, from a disk of old.
    odd = ("a/caf\udce9.mp4", "a/2.mp4", "b\udcff/1.mp4", "b\udcff/2\udcff.mp4")
    try:
        root = folder(*odd)
    except OSError:
        pytest.skip("this file system takes UTF-8 alone")
    index = read_folder(root)
    assert index.classes == ("a", "b\udcff")
    assert [len(files) for files in index.splits.values()] == [2, 2]


def test_files_without_an_ending_are_shown(folder):
    with pytest.raises(ClipError) as refused:
        read_folder(folder("a/v1", "a/.hidden", "b/v2"))
    assert str(refused.value).endswith(
        " There are the folders `a`, `b`, with files such as `a/v1`."
    )


def test_hidden_and_foreign_files_are_skipped(folder):
    root = folder(
        "a/1.mp4", "a/2.mp4", "b/1.mp4", "b/2.mp4",
        "a/.3.mp4", "a/notes.txt", ".cache/4.mp4", ".cache/5.mp4", "papers/6.pdf",
    )  # fmt: skip
    index = read_folder(root)
    assert index.classes == ("a", "b")
    assert sum(len(files) for files in index.splits.values()) == 4


@pytest.mark.parametrize(("count", "held"), [(2, 1), (5, 1), (7, 1), (8, 2), (40, 8)])
def test_without_splits_a_fifth_of_each_class_becomes_validation(folder, count, held):
    root = folder(*(f"{name}/{n:03}.mp4" for name in "ab" for n in range(count)))
    splits = read_folder(root).splits
    assert targets_of(splits["val"], 2).sum(axis=0).tolist() == [held, held]
    assert targets_of(splits["train"], 2).sum(axis=0).tolist() == [count - held] * 2


def test_a_file_more_moves_at_most_one_other(folder):
    root = folder(*(f"{name}/{n:03}.mp4" for name in "ab" for n in range(17)))
    for n in range(17, 40):
        before = {file.path: file.split for file in listed(read_folder(root))}
        folder(f"a/{n:03}.mp4")
        after = {file.path: file.split for file in listed(read_folder(root))}
        assert sum(after[path] != split for path, split in before.items()) <= 1


@pytest.mark.parametrize("count", range(2, 7))
def test_a_small_class_has_a_file_in_each_split(folder, count):
    root = folder(*(f"{name}/{n}.mp4" for name in "ab" for n in range(count)))
    splits = read_folder(root).splits
    assert {file.labels[0] for file in splits["train"]} == {0, 1}
    assert {file.labels[0] for file in splits["val"]} == {0, 1}


def test_a_train_folder_alone_is_split(folder):
    root = folder(*(f"train/{name}/{n}.mp4" for name in "ab" for n in range(5)))
    assert all(read_folder(root).splits.values())


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            (),
            "must hold videos, found none in .*Looked for <class>/<video> .* .mp4",
        ),
        (("a/1.txt",), "must hold videos, found none"),
        (("1.mp4", "2.mp4"), "must hold videos, found none"),
        (("a/1.mp4", "a/2.mp4"), "at least two classes, got only `a` in"),
        (
            ("a/1.mp4", "a/2.mp4", "b/1.mp4"),
            "one video for training and one for validation, got 1 video in all for `b`",
        ),
        (
            ("train/a/1.mp4", "train/b/1.mp4", "val/a/2.mp4"),
            "one video for training and one for validation, got 1 video in all for `b`",
        ),
        (
            ("train/jump/1.mp4", "train/run/1.mp4", "val/jumps/2.mp4"),
            "must also have training videos, got `jumps` .* Did you mean `jump`",
        ),
        (("val/a/1.mp4", "val/b/1.mp4"), "must have a `train` folder, got only `val`"),
    ],
)
def test_an_unusable_folder_is_told_in_one_line(folder, files, message):
    with pytest.raises(ClipError, match=message) as caught:
        read_folder(folder(*files))
    assert "\n" not in str(caught.value)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ClipError, match=r"must exist, found nothing there: .*none"):
        read_folder(tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises(ClipError, match=r"must exist, found a file: .*file"):
        read_folder(tmp_path / "file")


@pytest.mark.parametrize("train", ["train", "Train", "training", "TRAINING"])
@pytest.mark.parametrize("val", ["validation", "Valid", "val", "test"])
def test_splits_go_by_several_names(folder, train, val):
    root = folder(*(f"{s}/{c}/1.mp4" for s in (train, val) for c in "ab"))
    index = read_folder(root)
    assert index.classes == ("a", "b")
    assert all(Path(file.path).parts[-3] == val for file in index.splits["val"])


def test_a_class_may_be_called_training(folder):
    root = folder(*(f"{c}/{n}.mp4" for c in ("training", "playing") for n in "12"))
    assert read_folder(root).classes == ("playing", "training")


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            ("train/a/1.mp4", "Train/b/1.mp4", "val/a/2.mp4"),
            "must be one folder, got `Train`, `train` in",
        ),
        (
            ("mine/train/a/1.mp4", "mine/val/a/1.mp4"),
            r"In .*mine there are `train`, `val`: should that be it",
        ),
        (
            ("videos/jump/1.mp4", "videos/run/1.mp4"),
            r"In .*videos there are folders with videos \(`jump`, `run`\): should",
        ),
        (("1.mp4", "2.mp4"), r"itself, as those of one class do: should .* be the"),
        (("val/a/1.mp4", "trian/a/1.mp4"), "got only `trian`, `val` in"),
        (("one/x.txt", "two/y.txt"), "There are the folders `one`, `two`"),
        (
            ("train/run/1.mp4", "train/b/1.mp4", "val/run /1.mp4"),
            r"is another name: here `run `, there `run`",
        ),
        (("run/1.mp4", "run /1.mp4"), "must differ to the eye, `run` and `run `"),
        (
            ("train/a/1.mp4", "train/b/1.mp4", "val/\x1b[31mc/1.mp4"),
            r"got `\\x1b\[31mc` in",
        ),
    ],
)
def test_what_was_seen_is_said(folder, files, message):
    with pytest.raises(ClipError, match=message) as caught:
        read_folder(folder(*files))
    assert "\n" not in str(caught.value)


def left_out(index):
    root = f"{index.root}/"
    return {
        one.reason: (one.count, one.example.removeprefix(root))
        for one in index.left_out
    }


SUFFIXES = "MTS mts m2ts wmv flv 3gp ogv gif TS dav m4v"


@pytest.mark.parametrize("suffix", SUFFIXES.split())
def test_a_class_whose_files_end_in_another_way_is_there(folder, suffix):
    root = folder("a/1.mp4", "a/2.mp4", f"b/1.{suffix}", f"b/2.{suffix}")
    assert read_folder(root).classes == ("a", "b")


def test_videos_in_folders_of_their_class_and_folders_of_frames_are_found(folder):
    root = folder(
        "walk/ann/1.mp4", "walk/ann/late/2.mp4", "walk/3.mp4",
        *(f"run/take {n}/img_{k:05}.jpg" for n in (1, 2) for k in (1, 2, 3)),
    )  # fmt: skip
    index = read_folder(root)
    assert index.classes == ("run", "walk")
    assert sorted((e.id, e.labels) for e in listed(index)) == [
        ("run/take 1", (0,)),
        ("run/take 2", (0,)),
        ("walk/3.mp4", (1,)),
        ("walk/ann/1.mp4", (1,)),
        ("walk/ann/late/2.mp4", (1,)),
    ]
    assert left_out(index) == {}


def test_whatever_is_left_out_is_said_by_reason_and_number(folder):
    root = folder(
        "a/1.mp4", "a/2.mp4", "b/1.mp4", "b/2.mp4",
        "a/.3.mp4", "a/._4.mp4", "a/notes.txt", "b/x.TXT", "b/v1", "readme.md",
        "papers/6.pdf", "7.mp4", ".cache/8.mp4", "b/one/0.jpg",
    )  # fmt: skip
    (root / "b" / "9.mp4").touch()
    (root / "b" / "10.mp4").symlink_to(root / "gone.mp4")
    (root / "b" / "around").symlink_to(root / "b")
    (root / "none").mkdir()
    assert left_out(read_folder(root)) == {
        "hidden": (3, ".cache"),
        "video in no class folder": (1, "7.mp4"),
        "no video: .md": (1, "readme.md"),
        "no video: .txt": (2, "a/notes.txt"),
        "no video: no suffix": (1, "b/v1"),
        "dangling link": (1, "b/10.mp4"),
        "empty file": (1, "b/9.mp4"),
        "folder that was read already, by a link": (1, "b/around"),
        "no video: .jpg": (1, "b/one/0.jpg"),
        "no video: .pdf": (1, "papers/6.pdf"),
        "class folder without a video": (2, "none"),
    }


def test_of_two_names_of_a_split_the_first_counts_and_the_other_is_said(folder):
    splits = ("train", "dev", "valid")
    index = read_folder(folder(*(f"{s}/{c}/{s}.mp4" for s in splits for c in "ab")))
    assert names(index, "val") == ["valid.mp4 0", "valid.mp4 1"]
    assert left_out(index) == {
        "video in a folder beside the splits, which is none": (2, "dev")
    }


def test_dev_is_a_validation_split_and_test_stands_beside(folder):
    root = folder(
        "train/a/1.mp4", "train/b/1.mp4", "dev/a/2.mp4", "dev/b/2.mp4",
        "holdout/a/3.mp4", "holdout/b/3.mp4", "test/a/5.mp4", "test/c/6.mp4",
    )  # fmt: skip
    index = read_folder(root)
    assert names(index, "val") == ["2.mp4 0", "2.mp4 1"]
    assert names(index, "test") == ["5.mp4 0"]
    assert left_out(index) == {
        "video in a folder beside the splits, which is none": (2, "holdout"),
        "test video of a class that is not trained": (1, "test/c/6.mp4"),
    }


@pytest.mark.parametrize("below", ["", "ann/"])
@pytest.mark.parametrize("name", ["train", "test", "dev", "Training"])
def test_a_class_may_have_the_name_of_a_split(folder, name, below):
    classes = ("bus", "car", name)
    root = folder(*(f"{c}/{below}{n}.mp4" for c in classes for n in "12"))
    assert read_folder(root).classes == tuple(sorted(classes))


def test_composed_and_decomposed_names_are_one_class(folder):
    root = folder(
        "train/caf\u00e9/1.mp4", "train/b/1.mp4", "val/cafe\u0301/2.mp4", "val/b/2.mp4"
    )
    index = read_folder(root)
    assert index.classes == ("b", "caf\u00e9")
    assert Path(index.splits["val"][1].path).exists()
    assert index.splits["val"][1].id == "val/caf\u00e9/2.mp4"


def test_both_spellings_in_one_folder_are_one_class(folder):
    root = folder("caf\u00e9/1.mp4", "cafe\u0301/2.mp4", "b/1.mp4", "b/2.mp4")
    index = read_folder(root)
    assert [len(index.splits[split]) for split in ("train", "val")] == [2, 2]
    assert index.classes == ("b", "caf\u00e9")


def test_folders_that_hold_splits_are_no_classes(folder):
    root = folder(
        *(f"{d}/{s}/a/1.mp4" for d in ("ucf", "kth") for s in ("train", "val"))
    )
    with pytest.raises(
        ClipError, match=r"holds folders with splits. In .*kth there are"
    ):
        read_folder(root)


OLD = (
    *(f"a/{n}.mp4" for n in range(20)),
    *(f"b/{n}.avi" for n in range(20)),
    "b/20.MTS", "b/ann/21.mp4", "c/1.wmv", "c/2.wmv",
)  # fmt: skip


def test_what_began_before_finds_what_it_found(folder):
    index = read_folder(folder(*OLD), reading=1)
    assert index.classes == ("a", "b")
    # The names whose hash is below a fifth: 6 and 3 of 20, as version 0.2 chose them.
    a, b = (1, 13, 14, 18, 5, 7), (10, 4, 7)
    chosen = [*(f"{n}.mp4 0" for n in a), *(f"{n}.avi 1" for n in b)]
    assert names(index, "val") == chosen
    assert left_out(index)["not read when this was begun"] == (4, "b/20.MTS")
    assert read_folder(folder()).classes == ("a", "b", "c")


def test_an_empty_validation_folder_is_not_filled_from_training(folder):
    root = folder(*(f"train/{c}/{n}.mp4" for c in "ab" for n in "123"), "val/a/x.txt")
    with pytest.raises(ClipError, match="validation clips that it names"):
        read_folder(root)


def test_a_link_to_the_folder_above_brings_no_other_class(videos, read, left_out):
    folder = videos(*(f"v/{name}/{n}.mp4" for name in "ab" for n in range(2)))
    (folder / "v" / "a" / "up").symlink_to("..")
    (folder / "v" / "c").symlink_to("b")
    index = read(folder="v")
    ids = {entry.id for found in index.splits.values() for entry in found}
    assert ids == {f"{name}/{n}.mp4" for name in "abc" for n in range(2)}
    assert index.notices == ("the classes `b` and `c` are one folder, by a link",)
    assert list(left_out(index)) == ["folder that was read already, by a link"]
