"""A real search, with real trainings, from every kind of dataset."""

import json
import shutil

import pytest

from vidnas.cli import search_results, study_run
from vidnas.clips.cache.tfrecord import encode_jpeg, sequence_example, write_records
from vidnas.clips.clip_shape import ClipShape, decode_window
from vidnas.datasets.index import ClipEntry
from vidnas.datasets.readers.saved_index import write_index
from vidnas.datasets.source import ClipSource, read_index
from vidnas.study import Inline, load_history
from vidnas.study.experiment.named_clips import FORMS

pytestmark = [pytest.mark.real, pytest.mark.keras]

CLASSES = ("left", "right")
SHAPE = ClipShape(8, 1, 32)
LINES = {"train": range(3), "val": range(3, 5)}  # clips of each class


@pytest.fixture
def videos(folder, clips):
    """Ten clips of two classes, below `v/CLASS`."""
    sources = sorted((clips / "train").rglob("*.mp4"))
    for label, name in enumerate(CLASSES):
        (folder / "v" / name).mkdir(parents=True)
        for n in range(5):
            shutil.copy(sources[5 * label + n], folder / "v" / name / f"c {n}.mp4")
    return folder


def listed(split):
    """Label, class and number of each clip of a split."""
    return [(k, name, n) for k, name in enumerate(CLASSES) for n in LINES[split]]


def write(path, lines):
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([*lines, ""]))


def as_folder(root):
    return {"folder": "v"}


def as_frames(root):
    for _, name, n in [*listed("train"), *listed("val")]:
        place = root / "frames" / name / f"take {n}"
        place.mkdir(parents=True)
        entry = ClipEntry(str(root / "v" / name / f"c {n}.mp4"), ())
        for k, image in enumerate(encode_jpeg(decode_window(entry, SHAPE, 0.0))):
            (place / f"img_{k:05}.jpg").write_bytes(image)
    return {"folder": "frames"}


def as_list(root):
    for split in LINES:
        write(
            root / f"{split}.txt", (f"{c}/c {n}.mp4 {k}" for k, c, n in listed(split))
        )
    return {"list": "train.txt", "val": "val.txt", "videos": "v"}


def as_kinetics(root):
    for split in LINES:
        rows = ["label,youtube_id,time_start,time_end,split"]
        for _, name, n in listed(split):
            video = f"{name[0] * 10}{n}"
            rows.append(f"to the {name},{video},0,10,{split}")
            file = root / "k400" / split / f"{video}_000000_000010.mp4"
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(root / "v" / name / f"c {n}.mp4", file)
        # A third is missing.
        rows += [
            f"to the {name},zzzzzzzzzz{n},0,10,{split}" for _, name, n in listed(split)
        ]
        write(root / f"k_{split}.csv", rows)
    return {"kinetics": "k_train.csv", "val": "k_val.csv", "videos": "k400/train"}


def as_ucf101(root):
    write(root / "ucf" / "classInd.txt", (f"{k} {c}" for k, c in enumerate(CLASSES, 1)))
    for split, stem in (("train", "trainlist01"), ("val", "testlist01")):
        write(
            root / "ucf" / f"{stem}.txt",
            (f"{c}/c {n}.mp4" for _, c, n in listed(split)),
        )
    return {"ucf101": "ucf", "videos": "v"}


def as_hmdb51(root):
    for name in CLASSES:
        flags = [f"c {n}.mp4 {1 if n in LINES['train'] else 2} " for n in range(5)]
        write(root / "hmdb" / f"{name}_test_split1.txt", flags)
    return {"hmdb51": "hmdb", "videos": "v"}


def as_something(root):
    for split in LINES:
        rows = [
            {"id": f"{k}{n}", "template": f"Moving [it] {c}"}
            for k, c, n in listed(split)
        ]
        write(root / f"s_{split}.json", [json.dumps(rows)])
        for k, c, n in listed(split):
            (root / "20bn").mkdir(exist_ok=True)
            shutil.copy(root / "v" / c / f"c {n}.mp4", root / "20bn" / f"{k}{n}.mp4")
    return {"something": "s_train.json", "val": "s_val.json", "videos": "20bn"}


def as_charades(root):
    write(root / "classes.txt", (f"c00{k} Going {c}" for k, c in enumerate(CLASSES)))
    for split in LINES:
        rows = ["id,subject,actions,length"]
        for k, c, n in listed(split):
            (root / "ch").mkdir(exist_ok=True)
            shutil.copy(root / "v" / c / f"c {n}.mp4", root / "ch" / f"{k}{n}.mp4")
            both = ";c001 0.00 1.00" if n % 2 else ""
            rows.append(f"{k}{n},S{n},c00{k} 0.00 1.00{both},2.0")
        write(root / f"ch_{split}.csv", rows)
    names = {"val": "ch_val.csv", "classes": "classes.txt", "videos": "ch"}
    return {"charades": "ch_train.csv", **names}


def as_moments(root):
    for split in LINES:
        write(
            root / f"m_{split}.csv",
            (f"{c}/c {n}.mp4,{c},3,0" for _, c, n in listed(split)),
        )
    return {"moments": "m_train.csv", "val": "m_val.csv", "videos": "v"}


def as_table(root):
    rows = [f"{c}/c {n}.mp4,{c},{s}" for s in LINES for _, c, n in listed(s)]
    write(root / "table.csv", ["Datei,Art,split", *rows])
    columns = {"path": "Datei", "labels": "Art"}
    return {"table": "table.csv", "videos": "v", "columns": columns}


def as_tfrecord(root):
    for split in LINES:
        examples = []
        for k, c, n in listed(split):
            entry = ClipEntry(str(root / "v" / c / f"c {n}.mp4"), (k,))
            clip = decode_window(entry, SHAPE, 0.0)
            examples.append(sequence_example(clip, (k,), (c,)))
        with (root / f"{split}.tfrecord").open("wb") as file:
            write_records(file, examples)
    return {"tfrecord": "train.tfrecord", "val": "val.tfrecord"}


def as_index(root):
    write_index(root / "x.parquet", read_index(ClipSource.of(root / "v")))
    return {"index": "x.parquet"}


LAYOUTS = {
    "folder": as_folder,
    "frames": as_frames,
    "list": as_list,
    "kinetics": as_kinetics,
    "ucf101": as_ucf101,
    "hmdb51": as_hmdb51,
    "something": as_something,
    "charades": as_charades,
    "moments": as_moments,
    "table": as_table,
    "tfrecord": as_tfrecord,
    "index": as_index,
}


def test_every_kind_is_here():
    assert set(LAYOUTS) == {*FORMS, "frames"}


@pytest.mark.parametrize("kind", LAYOUTS)
def test_a_search_runs_from(kind, videos, vidnas, monkeypatch):
    monkeypatch.setattr(study_run, "_executor", lambda *_: Inline())
    monkeypatch.setattr(
        search_results, "write_page", lambda history, path: path.touch()
    )
    clips = json.dumps(LAYOUTS[kind](videos))
    file = videos / "experiment.yaml"
    text = file.read_text().replace("{folder: clips}", clips)
    text = text.replace("front: {reference: {flops: 2 M, top1: 0}}\n", "")
    file.write_text(text.replace("batch: 8", "batch: 4"))
    code, _, told = vidnas("search", file, "--trials", "1", "--workers", "1")
    assert code == 0, told
    history = load_history(videos / "runs" / "small")
    (trial,) = history.trials
    assert trial.state == "done", trial.reason
    clips = trial.measured
    assert clips["train_clips"] + clips["val_clips"] == 10
    assert clips["skipped_clips"] == 0
    assert history.head.identity.clips.digest
    if kind == "kinetics":
        assert "left out    10 x missing file (first: " in told
