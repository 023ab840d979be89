import struct

import numpy as np
import pytest

from vidnas.clips.cache.plan import CachePlan
from vidnas.clips.cache.tfrecord import crc32c, encode_jpeg
from vidnas.clips.cache.writing import write_cache
from vidnas.clips.clip_shape import ClipShape, decode_window
from vidnas.datasets.source import ClipSource, read_index


def test_the_checksum_is_castagnolis():
    # RFC 3720, B.4, and the usual check value.
    assert crc32c(b"123456789") == 0xE3069283
    assert crc32c(bytes(32)) == 0x8A9136AA
    assert crc32c(b"\xff" * 32) == 0x62A8AB43


def test_a_frame_is_a_jpeg_file_near_its_pixels():
    rows, columns = np.mgrid[0:40, 0:56]
    clip = np.stack([rows * 5, columns * 4, rows + columns], axis=2).astype(np.uint8)
    images = encode_jpeg(np.stack([clip, clip[::-1], clip[:, ::-1]]))
    assert len(images) == 3
    assert all(image[:2] == b"\xff\xd8" for image in images)


@pytest.fixture
def written(source, tmp_path):
    shape = ClipShape(frames=4, frame_stride=1, side=24)
    plan = CachePlan(read_index(source), shape, format="tfrecord", shard_bytes=4000)
    folder = tmp_path / "records"
    return plan, folder, write_cache(plan, folder, threads=2)


def test_the_dataset_comes_back_from_its_records(written):
    plan, folder, meta = written
    assert meta["clips"] == 24
    again = read_index(
        ClipSource.of(
            {"tfrecord": str(folder / "train-*"), "val": str(folder / "val-*")}
        )
    )
    assert again.classes == plan.index.classes
    for split in ("train", "val"):
        before, after = plan.index.splits[split], again.splits[split]
        assert [e.labels for e in before] == [e.labels for e in after]
        for old, new in zip(before, after, strict=True):
            clip = decode_window(old, plan.shape, 0.5).astype(int)
            read = decode_window(new, plan.shape, 0.5).astype(int)
            assert np.abs(clip - read).mean() < 12  # JPEG, noisy scenes


def test_each_record_has_its_length_and_checksums(written):
    _, folder, meta = written
    records = 0
    for shard in meta["shards"]:
        content, at = (folder / shard["name"]).read_bytes(), 0
        while at < len(content):
            (length,) = struct.unpack_from("<Q", content, at)
            body = content[at + 12 : at + 12 + length]
            for part, place in ((content[at : at + 8], 8), (body, 12 + length)):
                crc = crc32c(part)
                masked = ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF
                assert struct.unpack_from("<I", content, at + place)[0] == masked
            records, at = records + 1, at + 16 + length
        assert at == len(content)
    assert records == 24


@pytest.mark.slow
@pytest.mark.keras
def test_tensorflow_reads_them_as_the_model_garden_does(written):
    import tensorflow as tf

    plan, folder, _ = written
    files = sorted(str(p) for p in folder.glob("train-*"))
    labels = []
    for record in tf.data.TFRecordDataset(files):
        context, lists = tf.io.parse_single_sequence_example(
            record,
            context_features={
                "clip/label/index": tf.io.VarLenFeature(tf.int64),
                "clip/label/text": tf.io.VarLenFeature(tf.string),
            },
            sequence_features={
                "image/encoded": tf.io.FixedLenSequenceFeature([], tf.string)
            },
        )
        labels.append(int(context["clip/label/index"].values[0]))
        name = context["clip/label/text"].values[0].numpy().decode()
        assert name == plan.index.classes[labels[-1]]
        frames = tf.map_fn(
            lambda image: tf.io.decode_jpeg(image, channels=3),
            lists["image/encoded"],
            fn_output_signature=tf.uint8,
        )
        assert frames.shape == (4, 24, 24, 3)
    assert labels == [e.labels[0] for e in plan.index.splits["train"]]
