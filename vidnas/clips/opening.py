"""How is a split of a dataset opened? Decoded where it fits, or looked at."""

import json
import os
from collections.abc import Sequence

import numpy as np

from vidnas.clips.cache.cut import cut_digest
from vidnas.clips.cache.lookup import cache_folder, checked_cache
from vidnas.clips.cache.reading import CachedSplit
from vidnas.clips.clip_shape import (
    ClipShape,
    decode_clip,
    decoder_digest,
    why_undecodable,
)
from vidnas.clips.clipset import ClipSet
from vidnas.clips.decoded_faults import DecodedFaults, kind_of
from vidnas.clips.decoded_store import DecodedClips, share_decoded
from vidnas.clips.findings import no_readable_video
from vidnas.clips.recently_decoded import look_up_or_decode
from vidnas.datasets.decode_ahead import in_order
from vidnas.datasets.index import ClipEntry, ClipIndex
from vidnas.datasets.source import ClipSource, read_index
from vidnas.datasets.store import file_version
from vidnas.documents.suggestion import nearest
from vidnas.errors import ClipError
from vidnas.video.decode import DecodedClip

MEMORY_LIMIT_BYTES = 2 * 2**30
CENTRE = 0.5
_NO_CLIPS = np.empty((0, 0, 0, 0, 3), np.uint8)
_NO_PIXELS = np.empty((0, 0, 0, 3), np.uint8)


def usable_cores() -> int:
    """Cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # Linux only
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def open_clips(
    source: ClipSource,
    split: str,
    *,
    frames: int,
    frame_stride: int,
    resolution: int,
    fps: float | None = None,
    channels: int = 3,
    margin: float = 0.0,
    threads: int | None = None,
    memory_limit_bytes: int = MEMORY_LIMIT_BYTES,
) -> ClipSet:
    """The `train` or `val` clips of a dataset, ready for batches.

    Clips that fit in memory are decoded now, or found decoded by an earlier call in
    this process or another of this node. Otherwise the first frame of every file is
    read, to know which are corrupt. Where the source names a cache, clips are cut from
    its windows, and no file is read.

    Args:
        source: Dataset to open.
        split: Name of the split, `train` or `val`.
        frames: Frames per clip.
        frame_stride: Source frames from one to the next, where `fps` is None.
        resolution: Height and width of a clip [pixels].
        fps: Frames per second of a clip, in place of the stride.
        channels: 3 for clips in colour, 1 for grey ones.
        margin: Share by which frames are larger than what is cropped from them. Give
            both splits the same, so that things have the same size in both.
        threads: Threads that make batches; None for one per core of this process.
        memory_limit_bytes: Largest decoded split that is held in memory.

    Raises:
        ClipError: the dataset cannot be used, no file of a class can be read, or the
            cache is damaged, too small, or of other files.
    """
    index = read_index(source)
    if split not in index.splits:
        raise ClipError(
            f"`split` must be one of {', '.join(index.splits)}, got `{split}`."
            f"{nearest(split, index.splits)}"
        )
    shape = ClipShape(frames, frame_stride, round(resolution * (1 + margin)), fps)
    files = index.splits[split]
    threads = threads or usable_cores()
    fits = len(files) * shape.size_bytes <= memory_limit_bytes
    folder, windows = cache_folder(source), None
    if folder is None:
        readable = _readable(files, shape if fits else None, threads)
    else:
        cache = checked_cache(index, folder)
        windows = cache.of_split(split, shape)
        fits = fits and (windows.cut.side, cache.windows) != (cache.shape.side, 1)
        readable = _from_cache(windows, split, shape if fits else None, threads)
    _check_every_class(index, split, readable)
    return ClipSet(
        classes=index.classes,
        files=tuple(files[n] for n in readable.rows),
        skip_reasons=readable.skip_reasons,
        frames=frames,
        frame_stride=frame_stride,
        resolution=resolution,
        side=shape.side,
        threads=threads,
        clips_in_memory=readable.clips if fits else None,
        fps=fps,
        channels=channels,
        multi_label=index.multi_label,
        windows=windows,
        faults=DecodedFaults(dict(readable.faults)),
    )


def _from_cache(
    windows: CachedSplit, split: str, shape: ClipShape | None, threads: int
) -> DecodedClips:
    """The files that a cache holds, with their centres where a shape is given."""
    cache = windows.cache
    rows, reasons = cache.positions(split), tuple(cache.unreadable[split])
    if shape is None:
        return DecodedClips(_NO_CLIPS, rows, reasons)

    def cut() -> DecodedClips:
        clips = np.empty((len(rows), *_size(shape)), np.uint8)
        each = in_order(
            lambda n: windows.window(n, CENTRE), range(len(rows)), threads=threads
        )
        for n, clip in enumerate(each):
            clips[n] = clip
        clips.flags.writeable = False
        return DecodedClips(clips, rows, reasons)

    key = json.dumps([cache.digest, split, *_words(shape), cut_digest()])
    return look_up_or_decode(key, lambda: share_decoded(key, cut, lambda found: True))


def _readable(
    files: Sequence[ClipEntry], shape: ClipShape | None, threads: int
) -> DecodedClips:
    """The readable files, decoded where a shape is given; done once on this node."""

    def still_missing(rows: tuple[int, ...]) -> bool:
        lost = set(range(len(files))).difference(rows)
        reasons = in_order(why_undecodable, (files[n] for n in lost), threads=threads)
        return all(list(reasons))

    def decode() -> DecodedClips:
        return _decode(files, shape, threads=threads)

    key = _key(files, shape)
    return look_up_or_decode(key, lambda: share_decoded(key, decode, still_missing))


def _key(files: Sequence[ClipEntry], shape: ClipShape | None) -> str:
    """All that decides the decoded clips, as text."""
    wanted = None
    if shape is not None:
        wanted = _words(shape)
    listed = [
        [file.path, file.start, file.end, *_version_or_none(file.path)]
        for file in files
    ]
    return json.dumps([decoder_digest(), wanted, listed])


def _words(shape: ClipShape) -> list[float | None]:
    return [shape.frames, shape.frame_stride, shape.side, shape.fps, CENTRE]


def _size(shape: ClipShape) -> tuple[int, int, int, int]:
    return shape.frames, shape.side, shape.side, 3


def _version_or_none(path: str) -> tuple[str, int] | tuple[()]:
    try:
        return file_version(path)
    except ClipError:  # decoding it says so too, with the reason
        return ()


def _decode(
    files: Sequence[ClipEntry], shape: ClipShape | None, *, threads: int
) -> DecodedClips:
    """The centre window of every readable file; no pixel of it without a shape."""

    def read(file: ClipEntry) -> DecodedClip | str:
        if shape is None:
            return why_undecodable(file) or DecodedClip(_NO_PIXELS, 0)
        try:
            return decode_clip(file, shape, CENTRE)
        except ClipError as error:
            return str(error)

    size = _size(shape) if shape else _NO_CLIPS.shape[1:]
    clips = np.empty((len(files), *size), np.uint8)
    rows: list[int] = []
    skip_reasons: list[str] = []
    faults: list[tuple[int, str]] = []
    for n, outcome in enumerate(in_order(read, files, threads=threads)):
        if isinstance(outcome, str):
            skip_reasons.append(outcome)
        else:
            kind = kind_of(outcome)
            faults += [(len(rows), kind)] if kind else []
            clips[len(rows)] = outcome.frames
            rows.append(n)
    clips = clips[: len(rows)]
    clips.flags.writeable = False
    return DecodedClips(clips, tuple(rows), tuple(skip_reasons), tuple(faults))


def _check_every_class(index: ClipIndex, split: str, readable: DecodedClips) -> None:
    if index.multi_label:  # a class may be in none of them
        return
    files = index.splits[split]
    labels = {label for n in readable.rows for label in files[n].labels}
    for label, name in enumerate(index.classes):
        if label not in labels:
            raise no_readable_video(split, name, index.root, readable.skip_reasons)
