"""TFRecords as Model Garden writes them, serialised by hand; TensorFlow reads ours."""

import struct
from pathlib import Path

import numpy as np
import pytest

from vidnas.clips.cache.tfrecord import sequence_example, write_records
from vidnas.clips.clip_shape import ClipShape, decode_window
from vidnas.datasets.index import ClipEntry
from vidnas.datasets.readers.tfrecord import _masked_crc, is_record, record_frames
from vidnas.datasets.store import file_version
from vidnas.errors import ClipError


def varint(value):
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def held(number, content):
    """A field that has a length."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def entry(key, value):
    return held(1, held(1, key.encode()) + held(2, value))


def example(labels, texts, frames, packed=True):
    """A `tf.train.SequenceExample` of JPEG frames and its classes."""
    if packed:
        numbers = held(1, b"".join(map(varint, labels)))
    else:
        numbers = b"".join(varint(1 << 3) + varint(label) for label in labels)
    words = b"".join(held(1, text.encode()) for text in texts)
    context = entry("clip/label/index", held(3, numbers)) if labels else b""
    context += entry("clip/label/text", held(1, words)) if texts else b""
    images = b"".join(held(1, held(1, held(1, frame))) for frame in frames)
    return held(1, context) + held(2, entry("image/encoded", images))


def records(*contents):
    return b"".join(
        (head := struct.pack("<Q", len(content)))
        + struct.pack("<I", _masked_crc(head))
        + content
        + b"\0\0\0\0"
        for content in contents
    )


FRAMES = [b"\xff\xd8frame one", b"\xff\xd8frame two"]


@pytest.fixture
def files(write):
    return write(
        {
            "r/train-00000-of-00002.tfrecord": records(
                example([0], ["caf\u00e9 au lait"], FRAMES),
                example([1], ["jump"], FRAMES[:1], packed=False),
                example([], [], FRAMES),
            ),
            "r/train-00001-of-00002.tfrecord": records(example([0], [], FRAMES)),
            "r/val.tfrecord": records(
                example([1], ["jump"], FRAMES), example([0], [], FRAMES)
            ),
            "r/empty.tfrecord": b"",
            "names.txt": "latte\njump\n",
        }
    )


def test_records_are_read_row_by_row(files, read, left_out, tmp_path):
    index = read(tfrecord="r/train-*.tfrecord", val="r/val.tfrecord")
    assert index.classes == ("caf\u00e9 au lait", "jump")
    first = len(records(example([0], ["caf\u00e9 au lait"], FRAMES)))
    train, second = "r/train-00000-of-00002.tfrecord", "r/train-00001-of-00002.tfrecord"
    assert [
        (e.split, e.path.removeprefix(f"{tmp_path}/"), e.labels, e.id)
        for entries in index.splits.values()
        for e in entries
    ] == [
        ("train", f"{train}#0", (0,), f"{Path(train).name}#0"),
        ("train", f"{train}#{first}", (1,), f"{Path(train).name}#{first}"),
        ("train", f"{second}#0", (0,), f"{Path(second).name}#0"),
        ("val", "r/val.tfrecord#0", (1,), "val.tfrecord#0"),
        ("val", f"r/val.tfrecord#{len(records(example([1], ['jump'], FRAMES)))}", (0,),
         f"val.tfrecord#{len(records(example([1], ['jump'], FRAMES)))}"),
    ]  # fmt: skip
    assert list(left_out(index)) == ["without a label"]


def test_frames_of_a_record_come_by_its_offset(files, read):
    index = read(tfrecord="r/train-*.tfrecord", val="r/val.tfrecord")
    found = [record_frames(entry.path) for entry in index.splits["train"]]
    assert found == [FRAMES, FRAMES[:1], FRAMES]
    assert all(is_record(entry.path) for entry in index.splits["train"])
    assert not is_record(str(files / "r/val.tfrecord"))
    assert not is_record("a/clip #1 of 2.mp4")


def test_names_may_come_from_a_file_and_files_from_a_folder(files, read, left_out):
    index = read(tfrecord="r", classes="names.txt")
    assert index.classes == ("latte", "jump")
    assert left_out(index)["empty file"] == (1, "r/empty.tfrecord")
    assert sum(map(len, index.splits.values())) == 5


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda raw: raw[:-9], r"is cut in its record at byte \d+"),
        (lambda raw: raw[:-40] + raw[-39:], "record|length"),
        (lambda raw: raw + b"\0\0\0", "is cut at byte"),
    ],
)
def test_the_rest_of_a_damaged_file_is_said(files, read, damage, message):
    file = files / "r/train-00000-of-00002.tfrecord"
    file.write_bytes(damage(file.read_bytes()))
    index = read(
        tfrecord="r/train-*.tfrecord", val="r/val.tfrecord", classes="names.txt"
    )
    told = {one.reason: one.example for one in index.left_out}
    assert "rest of a damaged TFRecord file" in told


def test_what_is_no_record_is_told(files):
    file = files / "r/val.tfrecord"
    for path, message in (
        (f"{file}#3", "has no record at byte 3: its length is damaged"),
        (f"{file}#99999", "is cut at byte 99999"),
        (str(file), "must be named `FILE#OFFSET`"),
        (f"{files}/none#0", "cannot be read"),
    ):
        with pytest.raises(ClipError, match=message):
            record_frames(path)


def test_files_that_are_not_there_are_told(read):
    with pytest.raises(ClipError, match=r"must be there, found none: .*x-\*\.tfrecord"):
        read(tfrecord="x-*.tfrecord")


@pytest.mark.keras
def test_tensorflow_and_vidnas_agree_on_a_file(tmp_path, read):
    import tensorflow as tf

    file = tmp_path / "t.tfrecord"
    with tf.io.TFRecordWriter(str(file)) as out:
        for label in (0, 3, 3, 0):
            one = tf.train.SequenceExample()
            one.context.feature["clip/label/index"].int64_list.value.append(label)
            one.context.feature["clip/label/text"].bytes_list.value.append(
                f"class {label}".encode()
            )
            for frame in FRAMES:
                added = one.feature_lists.feature_list["image/encoded"].feature.add()
                added.bytes_list.value.append(frame)
            out.write(one.SerializeToString())
    index = read(tfrecord="t.tfrecord")
    assert index.classes == ("class 0", "class 3")
    entries = [entry for found in index.splits.values() for entry in found]
    assert {entry.path for entry in entries} >= {f"{file}#0"}
    assert all(record_frames(entry.path) == FRAMES for entry in entries)


def test_a_record_decodes_as_the_clip_that_was_written(tmp_path):
    clip = np.zeros((4, 16, 24, 3), np.uint8)
    clip += np.arange(4, dtype=np.uint8)[:, None, None, None] * 60
    file = tmp_path / "t.tfrecord"
    with file.open("wb") as out:
        write_records(out, [sequence_example(clip, (1,), ("b",))] * 2)
    second = file.stat().st_size // 2
    entry = ClipEntry(f"{file}#{second}", (1,))
    frames = decode_window(entry, ClipShape(2, 2, 16), 0.0)
    assert frames.mean(axis=(1, 2, 3)) == pytest.approx([0, 120], abs=3)
    assert file_version(f"{file}#{second}") == file_version(file)
