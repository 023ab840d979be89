"""A training's folder after any break, and what it refuses. Nothing is trained here."""

import json
import shutil

import numpy as np
import pytest

from vidnas.errors import EvaluationError, InputError, JournalError, StudyError
from vidnas.training import TrainingFolder
from vidnas.training.folder import weights_identity
from vidnas.trials import Recipe

IDENTITY = {
    "architecture": "abcd",
    "clips": {"classes": ["a", "b"], "train": 8, "val": 2},
    "recipe": Recipe().to_document(),
    "weights": None,
    "seed": 0,
    "epochs": 3,
}
COUNTS = {"train_clips": 8.0}


def report(epoch):
    return {"loss": 1.0 / epoch, "top1": 10.0 * epoch}


def state(epoch):
    return {"trained": np.full(3, epoch, np.float32), "steps": np.array(epoch)}


def opened(path, **changes):
    return TrainingFolder(path, IDENTITY | changes, clock=lambda: 0.0)


@pytest.fixture
def path(tmp_path):
    """A folder with two of three epochs."""
    path = tmp_path / "runs" / "a"
    with opened(path) as kept:
        kept.begin(COUNTS)
        for epoch in (1, 2):
            kept.keep(epoch, report(epoch), state(epoch))
    return path


def test_a_folder_gives_back_its_epochs_and_its_last_state(path):
    with opened(path) as kept:
        assert [record["epoch"] for record in kept.epochs] == [1, 2]
        np.testing.assert_array_equal(kept.state["trained"], [2, 2, 2])
        assert kept.measured is None
        kept.keep(3, report(3), state(3))
        kept.finish(b"weights", {"schema": "x"}, {"top1": 30.0})
    with opened(path) as kept:
        assert kept.measured == {"top1": 30.0}
    (path / "weights.npz").unlink()  # lost: the end is done again
    with opened(path) as kept:
        assert kept.measured is None
        assert len(kept.epochs) == 3


def test_a_recipe_without_a_field_that_joined_later_had_its_default(path):
    file = path / "training.jsonl"
    head, *rest = file.read_text().splitlines()
    old = json.loads(head)
    del old["crc"], old["identity"]["recipe"]["stochastic_depth"]
    file.write_text("\n".join([json.dumps(old), *rest, ""]))
    with opened(path) as kept:
        assert len(kept.epochs) == 2
    skipping = Recipe(stochastic_depth=0.2).to_document()
    with pytest.raises(StudyError, match=r"`recipe.stochastic_depth` was 0.0, here it"):
        opened(path, recipe=skipping)


def test_what_keeps_nothing_leaves_nothing(tmp_path):
    path = tmp_path / "a"
    with opened(path) as kept:
        assert kept.state is None
        kept.begin(COUNTS)
        kept.fail("out of memory at batch 32")
    assert not path.exists()


def test_an_epoch_whose_record_was_lost_is_in_its_checkpoint(path):
    file = path / "training.jsonl"
    lines = file.read_bytes().splitlines(keepends=True)
    for kept_bytes in (lines[:-1], [*lines[:-1], lines[-1][:-5]]):
        file.write_bytes(b"".join(kept_bytes))
        with opened(path) as kept:
            assert [record["epoch"] for record in kept.epochs] == [1, 2]
            assert kept.epochs[-1]["top1"] == 20.0
        assert file.read_bytes().splitlines()[-1] == lines[-1].strip()


def test_a_failure_is_recorded_beside_the_epochs(path):
    with opened(path) as kept:
        kept.fail("loss became NaN")
    last = json.loads((path / "training.jsonl").read_text().splitlines()[-1])
    assert last["event"] == "failed"
    assert last["reason"] == "loss became NaN"
    with opened(path) as kept:
        assert len(kept.epochs) == 2


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"architecture": "ef"}, "its `architecture` was abcd, here it is ef. Give"),
        ({"seed": 1}, "its `seed` was 0, here it is 1. Give"),
        ({"weights": "12"}, "its `weights` was None, here it is 12. Give"),
        (
            {"recipe": Recipe(batch=4).to_document(), "epochs": 9},
            "its `recipe.batch` was 32, here it is 4. Give",
        ),
        (
            {"clips": {**IDENTITY["clips"], "train": 9}},
            "its `clips.train` was 8, here it is 9. Give",
        ),
        (
            {"epochs": 9},
            "its `epochs` was 3, here it is 9. The learning rate follows all epochs "
            "from the first, so more of them are another training: give it --out, and "
            "--weights to start from this one's.",
        ),
    ],
)
def test_another_training_is_refused_and_nothing_is_changed(path, changes, says):
    before = (path / "training.jsonl").read_bytes()
    with pytest.raises(StudyError) as refused:
        opened(path, **changes)
    assert f"{path} holds another training: {says}" in str(refused.value)
    assert (path / "training.jsonl").read_bytes() == before
    opened(path).close()  # the lock is free


def test_other_readable_clips_are_refused(path):
    with (
        opened(path) as kept,
        pytest.raises(StudyError, match=r"its `train_clips` was 8\.0, here it is 7\.0"),
    ):
        kept.begin({"train_clips": 7.0})


def test_one_process_at_a_time(path):
    with opened(path), pytest.raises(StudyError, match="must have one writer, another"):
        opened(path)


def test_a_checkpoint_that_is_gone_damaged_or_old_is_refused(path):
    file = path / "checkpoint.npz"
    whole = file.read_bytes()
    for content, says in (
        (whole[:100], r"checkpoint\.npz is damaged and cannot be gone on from\. Give"),
        (b"", r"checkpoint\.npz is damaged"),
    ):
        file.write_bytes(content)
        with pytest.raises(StudyError, match=says):
            opened(path)
    file.unlink()
    with pytest.raises(StudyError, match=r"must hold checkpoint\.npz to go on from"):
        opened(path)
    with opened(path.with_name("b")) as other:
        other.keep(1, report(1), state(1))
    file.write_bytes((path.with_name("b") / "checkpoint.npz").read_bytes())
    with pytest.raises(StudyError, match="must be of epoch 2, the last in training"):
        opened(path)


def test_a_full_disk_is_a_reason(path, monkeypatch):
    def full(*arguments):
        raise OSError(28, "No space left on device")

    with opened(path) as kept:
        monkeypatch.setattr("vidnas.training.folder.write_whole", full)
        with pytest.raises(EvaluationError, match="written: No space left on device"):
            kept.keep(3, report(3), state(3))
        monkeypatch.setattr(kept._journal, "append", full)
        kept.fail("out of room")  # said by the command, though not recorded


def test_weights_are_told_by_their_content_wherever_they_lie(tmp_path):
    official, moved = tmp_path / "a", tmp_path / "b"
    for folder in (official, moved):
        folder.mkdir()
        (folder / "ckpt-1.index").write_bytes(b"index")
        (folder / "ckpt-1.data-00000-of-00001").write_bytes(b"data")
    told = weights_identity(official)
    assert len(told) == 16
    assert weights_identity(moved) == weights_identity(moved / "ckpt-1") == told
    (moved / "ckpt-1.data-00000-of-00001").write_bytes(b"other")
    assert weights_identity(moved) != told
    (moved / "weights.npz").write_bytes(b"own")
    assert weights_identity(moved) == weights_identity(moved / "weights.npz")
    with pytest.raises(InputError) as refused:
        weights_identity(tmp_path / "none")
    assert str(refused.value) == (
        f"{tmp_path / 'none'} must be a checkpoint, weights of `vidnas train` or a "
        "folder of either, there is nothing."
    )


def replace_the_journal(path):
    other = path / "sync.tmp"
    other.write_text((path / "training.jsonl").read_text())
    other.replace(path / "training.jsonl")


def remove_the_folder(path):
    shutil.rmtree(path)


def put_another_training_there(path):
    shutil.rmtree(path)
    with opened(path, seed=1) as other:
        other.begin(COUNTS)
        other.keep(1, report(1), state(7))


@pytest.mark.parametrize(
    ("change", "says", "epochs"),
    [
        (replace_the_journal, "was replaced by another file", 2),
        (remove_the_folder, "was removed", 3),
    ],
)
def test_a_folder_taken_from_under_its_training_goes_on(path, change, says, epochs):
    with opened(path) as kept:
        change(path)
        with pytest.raises(JournalError, match=says) as stopped:
            kept.keep(3, report(3), state(3))
        with pytest.raises(JournalError):
            kept.finish(b"weights", {"schema": "x"}, {"top1": 30.0})
        kept.fail("told nowhere")
    assert "its 3 records are in" in str(stopped.value)
    assert not (path / "weights.npz").exists()
    with opened(path) as kept:
        assert len(kept.epochs) == epochs
        np.testing.assert_array_equal(kept.state["trained"], [epochs] * 3)


def test_another_training_in_its_place_is_not_touched(path):
    with opened(path) as kept:
        put_another_training_there(path)
        with pytest.raises(JournalError, match="was replaced by another file"):
            kept.keep(3, report(3), state(3))
    with opened(path, seed=1) as other:
        np.testing.assert_array_equal(other.state["trained"], [7, 7, 7])
        assert "another course" in other.notices[0]


def test_what_was_found_about_the_clips_is_kept_and_may_change(tmp_path):
    found = [{"kind": "short", "clips": 2, "words": "shorter than the window"}]
    with opened(tmp_path) as kept:
        kept.begin(COUNTS, found)
        kept.keep(1, report(1), state(1))
    head = json.loads((tmp_path / "training.jsonl").read_text().splitlines()[0])
    assert head["found"] == found
    with opened(tmp_path) as kept:
        kept.begin(COUNTS, [])
        assert len(kept.epochs) == 1
