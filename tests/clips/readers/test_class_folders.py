from pathlib import Path

import pytest

from vidnas.clips.readers.class_folders import read_class_folders
from vidnas.errors import ClipError


@pytest.fixture
def folder(tmp_path):
    def make(*names):
        for name in names:
            file = tmp_path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch()
        return tmp_path

    return make


def names(index, split):
    return [f"{Path(file.path).name} {file.labels[0]}" for file in index.splits[split]]


def test_splits_hold_class_folders_and_labels_are_alphabetical(folder):
    root = folder(
        "train/run/b.mp4", "train/run/a.AVI", "train/jump/c.webm",
        "val/run/d.mkv", "val/jump/e.MOV",
    )  # fmt: skip
    index = read_class_folders(root)
    assert index.classes == ("jump", "run")
    assert names(index, "train") == ["c.webm 0", "a.AVI 1", "b.mp4 1"]
    assert names(index, "val") == ["e.MOV 0", "d.mkv 1"]


@pytest.mark.parametrize("name", ["val", "validation", "valid", "Val", "test"])
def test_validation_goes_by_several_names(folder, name):
    root = folder(
        "train/a/1.mp4", "train/b/1.mp4", f"{name}/a/2.mp4", f"{name}/b/2.mp4"
    )
    assert names(read_class_folders(root), "val") == ["2.mp4 0", "2.mp4 1"]


def test_a_test_folder_is_ignored_beside_validation(folder):
    root = folder(
        "train/a/1.mp4", "train/b/1.mp4", "val/a/2.mp4", "val/b/2.mp4", "test/c/3.mp4"
    )
    assert names(read_class_folders(root), "val") == ["2.mp4 0", "2.mp4 1"]


def test_names_that_are_no_utf8_are_split_like_others(folder):
    # As Linux gives a name of bytes that are no UTF-8, from a disk of old.
    odd = ("a/caf\udce9.mp4", "a/2.mp4", "b\udcff/1.mp4", "b\udcff/2\udcff.mp4")
    try:
        root = folder(*odd)
    except OSError:
        pytest.skip("this file system takes UTF-8 alone")
    index = read_class_folders(root)
    assert index.classes == ("a", "b\udcff")
    assert [len(files) for files in index.splits.values()] == [2, 2]


def test_files_without_an_ending_are_shown(folder):
    with pytest.raises(ClipError) as refused:
        read_class_folders(folder("a/v1", "a/.hidden", "b/v2"))
    assert str(refused.value).endswith(
        " There are the folders `a`, `b`, with files such as `a/v1`."
    )


def test_hidden_and_foreign_files_are_skipped(folder):
    root = folder(
        "a/1.mp4", "a/2.mp4", "b/1.mp4", "b/2.mp4",
        "a/.3.mp4", "a/notes.txt", ".cache/4.mp4", ".cache/5.mp4", "papers/6.pdf",
    )  # fmt: skip
    index = read_class_folders(root)
    assert index.classes == ("a", "b")
    assert sum(len(files) for files in index.splits.values()) == 4


def test_without_splits_about_a_fifth_of_a_class_becomes_validation(folder):
    root = folder(*(f"{name}/{name}{n:03}.mp4" for name in "ab" for n in range(200)))
    index = read_class_folders(root)
    # binomial of 400 files at 0.2: standard deviation 8
    assert abs(len(index.splits["val"]) - 80) < 32
    assert len(index.splits["train"]) + len(index.splits["val"]) == 400


def test_new_files_leave_the_old_ones_in_their_split(folder):
    root = folder(*(f"{name}/{n:03}.mp4" for name in "ab" for n in range(50)))
    before = {file.path for file in read_class_folders(root).splits["val"]}
    folder(*(f"{name}/{n:03}.mp4" for name in "ab" for n in range(50, 90)))
    after = {file.path for file in read_class_folders(root).splits["val"]}
    assert before <= after


@pytest.mark.parametrize("count", range(2, 7))
def test_a_small_class_has_a_file_in_each_split(folder, count):
    root = folder(*(f"{name}/{n}.mp4" for name in "ab" for n in range(count)))
    splits = read_class_folders(root).splits
    assert {file.labels[0] for file in splits["train"]} == {0, 1}
    assert {file.labels[0] for file in splits["val"]} == {0, 1}


def test_a_train_folder_alone_is_split(folder):
    root = folder(*(f"train/{name}/{n}.mp4" for name in "ab" for n in range(5)))
    assert all(read_class_folders(root).splits.values())


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ((), "must hold videos, found none in .*Looked for <class>/<video> .* mp4, av"),
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
        read_class_folders(folder(*files))
    assert "\n" not in str(caught.value)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(ClipError, match=r"must exist, found nothing there: .*none"):
        read_class_folders(tmp_path / "none")
    (tmp_path / "file").touch()
    with pytest.raises(ClipError, match=r"must exist, found a file: .*file"):
        read_class_folders(tmp_path / "file")


@pytest.mark.parametrize("train", ["train", "Train", "training", "TRAINING"])
@pytest.mark.parametrize("val", ["validation", "Valid", "val", "test"])
def test_splits_go_by_several_names(folder, train, val):
    root = folder(*(f"{s}/{c}/1.mp4" for s in (train, val) for c in "ab"))
    index = read_class_folders(root)
    assert index.classes == ("a", "b")
    assert all(Path(file.path).parts[-3] == val for file in index.splits["val"])


def test_a_class_may_be_called_training(folder):
    root = folder(*(f"{c}/{n}.mp4" for c in ("training", "playing") for n in "12"))
    assert read_class_folders(root).classes == ("playing", "training")


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
            ("train/caf\u00e9/1.mp4", "train/b/1.mp4", "val/cafe\u0301/1.mp4"),
            r"here `cafe\\u0301`, there `caf\\xe9`",
        ),
        (
            ("train/run/1.mp4", "train/b/1.mp4", "val/run /1.mp4"),
            r"is another name: here `run `, there `run`",
        ),
        (
            ("caf\u00e9/1.mp4", "cafe\u0301/1.mp4"),
            r"Classes must differ to the eye, `cafe\\u0301` and `caf\\xe9`",
        ),
        (
            ("train/a/1.mp4", "train/b/1.mp4", "val/\x1b[31mc/1.mp4"),
            r"got `\\x1b\[31mc` in",
        ),
    ],
)
def test_what_was_seen_is_said(folder, files, message):
    with pytest.raises(ClipError, match=message) as caught:
        read_class_folders(folder(*files))
    assert "\n" not in str(caught.value)
