"""A study and a training go on with the clips that they were begun with, or say why."""

import json
import shutil

import pytest

from vidnas.datasets.source import ClipSource, read_index
from vidnas.study.history import JOURNAL_FILE

TRAIN = (
    "train", "movinet-t0", "--clips", "clips", "--epochs", "1", "--frames", "3",
    "--resolution", "16", "--out", "out", "--cpus", "1", "--batch", "4",
)  # fmt: skip


@pytest.fixture
def own_clips(folder):
    """The clips of this test alone, in place of a link to those of all."""
    shared = (folder / "clips").resolve()
    (folder / "clips").unlink()
    shutil.copytree(shared, folder / "clips")
    return folder / "clips"


@pytest.fixture
def begun(inline, own_clips, vidnas):
    assert vidnas("search", "experiment.yaml", "--trials", "1")[0] == 0
    return own_clips


def two_classes(clips):
    return sorted(path for path in (clips / "train").iterdir())[:2]


def move(clips):
    one, other = two_classes(clips)
    file = min(one.iterdir())
    file.rename(other / f"moved_{file.name}")
    return "1 removed: .*; 1 added: .*moved_"


def move_and_keep_the_name(clips):
    one, other = two_classes(clips)
    for file in other.iterdir():
        file.rename(other / f"own_{file.name}")
    assert not (other / min(one.iterdir()).name).exists()
    (min(one.iterdir())).rename(other / min(one.iterdir()).name)
    return "moved: train/"


def replace(clips):
    one, other = two_classes(clips)
    file = min(one.iterdir())
    size = file.stat().st_size
    file.write_bytes(min(other.iterdir()).read_bytes() + b"\0" * 7)
    assert file.stat().st_size != size
    return rf"1 replaced: train/{one.name}/{file.name}\."


def remove(clips):
    one, _ = two_classes(clips)
    file = min(one.iterdir())
    file.unlink()
    return rf"1 removed: train/{one.name}/{file.name}\."


def add(clips):
    one, other = two_classes(clips)
    shutil.copy(min(other.iterdir()), one / "new.mp4")
    return rf"1 added: train/{one.name}/new\.mp4\."


def add_to_validation(clips):
    one, other = two_classes(clips)
    new = clips / "val" / one.name / "new.mp4"
    shutil.copy(min(other.iterdir()), new)
    return rf"1 added: val/{one.name}/new\.mp4\."


CHANGES = [move, move_and_keep_the_name, replace, remove, add, add_to_validation]


@pytest.mark.parametrize("change", CHANGES)
def test_a_study_does_not_go_on_with_other_clips(begun, vidnas, change, match):
    words = change(begun)
    code, _, told = vidnas("search", "experiment.yaml", "--trials", "2")
    assert code == 2
    match(r"error: runs/small was begun with other clips: .*", told)
    match(words, told)
    assert "--study" in told


@pytest.fixture
def match():
    import re

    def found(pattern, text):
        assert re.search(pattern, text), text

    return found


def test_clips_that_moved_as_a_whole_are_the_same(begun, vidnas, folder):
    begun.rename(folder / "elsewhere")
    text = (folder / "experiment.yaml").read_text()
    (folder / "experiment.yaml").write_text(
        text.replace("folder: clips", "folder: elsewhere")
    )
    assert vidnas("search", "experiment.yaml", "--trials", "2")[0] == 0


def test_content_counts_where_it_is_asked_for(inline, own_clips, vidnas, folder, match):
    file = folder / "experiment.yaml"
    file.write_text(
        file.read_text().replace("{folder: clips}", "{folder: clips, content: true}")
    )
    assert vidnas("search", file, "--trials", "1")[0] == 0
    video = min(two_classes(own_clips)[0].iterdir())
    raw = bytearray(video.read_bytes())
    raw[len(raw) // 2] ^= 1
    video.write_bytes(raw)
    code, _, told = vidnas("search", file, "--trials", "2")
    assert code == 2
    match(rf"1 replaced: train/.*/{video.name}", told)


def as_before(journal):
    """The journal as versions wrote it that knew no digests; gives its clips."""
    head, *rest = journal.read_text().splitlines()
    record = json.loads(head)
    record.pop("crc", None)
    clips = record["identity"]["clips"]
    digest = clips.pop("digest")
    assert len(digest) == 16
    journal.write_text("\n".join([json.dumps(record), *rest, ""]))
    journal.with_name("clips.parquet").unlink()
    return digest


def test_a_study_without_a_digest_records_it_at_its_next_run(
    begun, vidnas, folder, match
):
    journal = folder / "runs" / "small" / JOURNAL_FILE
    digest = as_before(journal)
    code, _, told = vidnas("search", "experiment.yaml", "--trials", "2")
    assert code == 0
    says = "begun before clips were recorded by class, name and size"
    assert says in told
    records = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [r["digest"] for r in records if r["event"] == "clips"] == [digest]
    code, _, told = vidnas("search", "experiment.yaml", "--trials", "3")
    assert (code, says in told) == (0, False)
    words = replace(begun)
    code, _, told = vidnas("search", "experiment.yaml", "--trials", "4")
    assert code == 2
    match(words, told)


def test_a_change_that_was_not_kept_is_still_refused(begun, vidnas, folder):
    (folder / "runs" / "small" / "clips.parquet").unlink()
    replace(begun)
    code, _, told = vidnas("search", "experiment.yaml", "--trials", "2")
    assert code == 2
    assert "other clips: names, sizes or classes are others" in told


def unsplit(clips):
    """The clips in class folders without splits, six of each class."""
    for number, file in enumerate(sorted((clips / "train").rglob("*.mp4"))):
        for copy in range(3):
            place = clips.parent / "flat" / file.parent.name
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, place / f"{number}_{copy}.mp4")
    return clips.parent / "flat"


def test_a_study_of_before_keeps_its_split(inline, own_clips, vidnas, folder):
    unsplit(own_clips)
    file = folder / "experiment.yaml"
    file.write_text(file.read_text().replace("folder: clips", "folder: flat"))
    assert vidnas("search", file, "--trials", "1")[0] == 0
    journal = folder / "runs" / "small" / JOURNAL_FILE
    new = json.loads(journal.read_text().splitlines()[0])["identity"]["clips"]
    # Six of each of eight classes: round(6 / 5) is 1.
    assert (new["train"], new["val"], new["reading"]) == (40, 8, 2)
    head, *rest = journal.read_text().splitlines()
    first = read_index(ClipSource.of({"folder": str(folder / "flat"), "reading": 1}))
    before = {split: len(first.splits[split]) for split in ("train", "val")}
    assert before != {"train": 40, "val": 8}
    record = json.loads(head)
    record.pop("crc", None)
    record["identity"]["clips"] = {"classes": new["classes"], **before}
    journal.write_text("\n".join([json.dumps(record), *rest, ""]))
    code, _, told = vidnas("search", file, "--trials", "2")
    assert code == 0, told
    assert f"{before['train']} train, {before['val']} val" in told


def test_what_was_left_out_and_what_is_on_both_sides_is_said(
    inline, own_clips, vidnas, match
):
    one, _ = two_classes(own_clips)
    (one / "notes.txt").write_text("x")
    (one / "empty.mp4").touch()
    shutil.copy(min(one.iterdir()), own_clips / "val" / one.name / "again.mp4")
    code, _, told = vidnas("search", "experiment.yaml", "--trials", "1")
    assert code == 0
    match(r"left out +1 x no video: \.txt \(.*notes\.txt\)\n", told)
    match(r"left out +1 x empty file \(.*empty\.mp4\)\n", told)
    match(r"clips +1 training clip that validation holds too", told)
    code, _, told = vidnas("init", "clips", "--to", "first")
    assert code == 0
    match(r"left out +1 x empty file", told)


@pytest.mark.keras
def test_a_training_does_not_go_on_with_other_clips(own_clips, vidnas, folder, match):
    assert vidnas(*TRAIN)[0] == 0
    words = replace(own_clips)
    code, _, told = vidnas(*TRAIN)
    assert code == 2
    match(r"error: out was begun with other clips: .*", told)
    match(words, told)


@pytest.mark.keras
def test_a_training_without_a_digest_records_it(own_clips, vidnas, folder, match):
    assert vidnas(*TRAIN)[0] == 0
    as_before(folder / "out" / "training.jsonl")
    says = "begun before clips were recorded by class, name and size"
    code, _, told = vidnas(*TRAIN)
    assert (code, says in told) == (0, True), told
    code, _, told = vidnas(*TRAIN)
    assert (code, says in told) == (0, False), told
    replace(own_clips)
    assert vidnas(*TRAIN)[0] == 2


def test_a_repaired_study_goes_on_with_the_clips_that_it_began_with(
    inline, own_clips, vidnas, folder
):
    unsplit(own_clips)
    file = folder / "experiment.yaml"
    file.write_text(file.read_text().replace("folder: clips", "folder: flat"))
    assert vidnas("search", file, "--trials", "1")[0] == 0
    journal = folder / "runs" / "small" / JOURNAL_FILE
    head, rest = journal.read_text().split("\n", 1)
    journal.write_text(f"damaged\n{rest}")
    assert vidnas("repair", "runs/small")[0] == 0
    clips = json.loads(journal.read_text().splitlines()[0])["identity"]["clips"]
    assert clips == json.loads(head)["identity"]["clips"]
    code, _, told = vidnas("search", file, "--trials", "2")
    assert code == 0, told
