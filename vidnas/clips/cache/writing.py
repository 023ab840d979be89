"""How is a cache written? Shard by shard, each whole or not there.

`plan.json` says what is to come, a note beside each shard what is in it, and
`meta.json`, written last, that all is there. A killed command goes on at its shard.
"""

import json
import os
import shutil
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidnas.clips.cache.index_table import write_index
from vidnas.clips.cache.meta import INDEX, META, PLAN, SCHEMA, cache_digest
from vidnas.clips.cache.plan import CachePlan, Shard
from vidnas.clips.cache.tfrecord import SUFFIX, sequence_example, write_records
from vidnas.clips.clip_shape import decode_window
from vidnas.datasets.decode_ahead import in_order
from vidnas.datasets.index import ClipEntry
from vidnas.documents.quantity import format_bytes
from vidnas.errors import ClipError
from vidnas.whole_file import unfinished, write_whole

OnShard = Callable[[int, int], None]
Note = dict[str, Any]
try:
    _fcntl: Any = import_module("fcntl")
except ImportError:  # a system without these locks
    _fcntl = None


def write_cache(
    plan: CachePlan,
    folder: Path,
    *,
    threads: int,
    on_shard: OnShard = lambda done, count: None,
) -> dict[str, Any]:
    """Writes a cache, or what is missing of it.

    Args:
        plan: What it is to hold.
        folder: Folder of the cache; made where absent, continued where it was begun.
        threads: Decoders side by side.
        on_shard: Function that gets, as each shard is there, how many are, of how many.

    Returns:
        Content of `meta.json`.

    Raises:
        ClipError: the folder holds another cache or something else, another process
            writes to it, the disk has too little room, or no file can be read.
    """
    if folder.is_file():
        raise ClipError(f"A cache needs a folder, {folder} is a file.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            return _write(plan, folder, threads, on_shard)
    except OSError as wrong:
        place = wrong.filename or folder
        raise ClipError(
            f"The disk must take the cache, got {wrong.strerror or wrong}: {place}. "
            "The same command goes on."
        ) from wrong


def _write(
    plan: CachePlan, folder: Path, threads: int, on_shard: OnShard
) -> dict[str, Any]:
    document = json.loads(json.dumps(plan.to_document()))
    done = _begin(folder, document)
    if done is not None:
        return done
    shards = list(plan.shards())
    notes = [_read_note(folder, shard, plan) for shard in shards]
    _require_room(plan, folder, sum(note["bytes"] for note in notes if note))
    for number, shard in enumerate(shards):
        notes[number] = notes[number] or _write_shard(plan, shard, folder, threads)
        on_shard(number + 1, len(shards))
    written = [note for note in notes if note is not None]
    meta = _meta(plan, document, written)
    if plan.format == "npy":
        write_index(plan, written, folder / INDEX)
    write_whole(folder / META, json.dumps(meta, indent=1))
    for shard in shards:
        _note_path(folder, shard).unlink(missing_ok=True)
    return meta


def _begin(folder: Path, document: dict[str, Any]) -> dict[str, Any] | None:
    """Takes the folder for this plan; what is there already where all is."""
    try:
        begun = dict(json.loads((folder / PLAN).read_text("utf-8")))
    except FileNotFoundError:
        foreign = [p.name for p in folder.iterdir() if not p.name.startswith(".")]
        if foreign:
            raise ClipError(
                f"A cache needs a folder of its own, {folder} holds {foreign[0]}."
            ) from None
        write_whole(folder / PLAN, json.dumps(document, indent=1))
        return None
    except (ValueError, TypeError) as wrong:
        raise ClipError(f"{folder / PLAN} must be a plan of a cache.") from wrong
    differs = [key for key in document if begun.get(key) != document[key]]
    if differs:
        verb = "differs" if len(differs) == 1 else "differ"
        raise ClipError(
            f"{folder} must hold the same cache or none, its {' and '.join(differs)} "
            f"{verb}. Remove it, or name another folder with --out."
        )
    meta = _whole_meta(folder)
    if meta is None:  # what is there, but for whole shards, is written anew
        (folder / META).unlink(missing_ok=True)
        return None
    for note in folder.glob("shard-*.json"):  # a killed command left them
        note.unlink()
    return meta


def _whole_meta(folder: Path) -> dict[str, Any] | None:
    """What a cache says of itself, where all its files are there and as long."""
    try:
        meta: dict[str, Any] = json.loads((folder / META).read_text("utf-8"))
        sizes = {one["name"]: one["bytes"] for one in meta["shards"]}
        if any((folder / name).stat().st_size != n for name, n in sizes.items()):
            return None
        has_table = meta["format"] != "npy" or (folder / INDEX).exists()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return meta if has_table else None


def _write_shard(plan: CachePlan, shard: Shard, folder: Path, threads: int) -> Note:
    """Decodes the windows of a shard, and writes them and a note of what they are."""
    files = plan.index.splits[shard.split][shard.first : shard.last]
    jobs = [(file, start) for file in files for start in plan.starts]

    def read(job: tuple[ClipEntry, float]) -> NDArray[np.uint8] | str:
        try:
            return decode_window(job[0], plan.shape, job[1])
        except ClipError as error:
            return str(error)

    decoded = in_order(read, jobs, threads=threads)
    save = _save_npy if plan.format == "npy" else _save_records
    path = _shard_path(folder, shard, plan)
    with unfinished(path) as partial:
        rows, reasons, checks = save(partial, plan, shard, decoded)
        _flush(partial)
    note = {
        **asdict(shard),
        "name": path.name,
        "bytes": path.stat().st_size,
        "rows": rows,
        "reasons": reasons,
        "checks": checks,
    }
    write_whole(_note_path(folder, shard), json.dumps(note))
    return note


_Saved = tuple[list[int], list[str], list[int]]


def _whole_files(
    plan: CachePlan, decoded: Iterator[NDArray[np.uint8] | str]
) -> Iterator[list[NDArray[np.uint8]] | str]:
    """The windows of one file after another, or why one of them cannot be read."""
    while True:
        windows = [found for _, found in zip(plan.starts, decoded, strict=False)]
        if not windows:
            return
        wrong = next((w for w in windows if isinstance(w, str)), None)
        yield wrong or [w for w in windows if not isinstance(w, str)]


def _save_npy(
    path: Path,
    plan: CachePlan,
    shard: Shard,
    decoded: Iterator[NDArray[np.uint8] | str],
) -> _Saved:
    """Writes `[N, T, side, side, 3]`; positions, reasons and checksums."""
    shape = plan.shape
    room = (shard.last - shard.first) * plan.windows
    clips = np.empty((room, shape.frames, shape.side, shape.side, 3), np.uint8)
    rows: list[int] = []
    reasons: list[str] = []
    for position, found in enumerate(_whole_files(plan, decoded), shard.first):
        if isinstance(found, str):
            reasons.append(found)
            continue
        first = len(rows) * plan.windows
        clips[first : first + plan.windows] = found
        rows.append(position)
    clips = clips[: len(rows) * plan.windows]
    with path.open("wb") as file:
        np.save(file, clips, allow_pickle=False)
    return rows, reasons, [zlib.crc32(clip.data) for clip in clips]


def _save_records(
    path: Path,
    plan: CachePlan,
    shard: Shard,
    decoded: Iterator[NDArray[np.uint8] | str],
) -> _Saved:
    """Writes a SequenceExample a window, as the Model Garden's MoViNet reads them."""
    rows: list[int] = []
    reasons: list[str] = []
    files = plan.index.splits[shard.split]

    def records() -> Iterator[bytes]:
        for position, found in enumerate(_whole_files(plan, decoded), shard.first):
            if isinstance(found, str):
                reasons.append(found)
                continue
            rows.append(position)
            labels = files[position].labels
            names = [plan.index.classes[label] for label in labels]
            for window in found:
                yield sequence_example(window, labels, names)

    with path.open("wb") as file:
        write_records(file, records())
    return rows, reasons, []


def _meta(
    plan: CachePlan, document: dict[str, Any], notes: Sequence[Note]
) -> dict[str, Any]:
    """What the cache says of itself, once it is whole."""
    if not any(note["rows"] for note in notes):
        raise ClipError(
            "A cache must have a readable file, got none. First: "
            f"{notes[0]['reasons'][0] if notes else plan.index.root}"
        )
    shards = [
        {key: note[key] for key in ("name", "split", "bytes")}
        | {"clips": len(note["rows"]) * plan.windows}
        for note in notes
    ]
    return {
        "schema": SCHEMA,
        **document,
        "digest": cache_digest(document, [note["checks"] for note in notes]),
        "clips": sum(shard["clips"] for shard in shards),
        "unreadable": {
            split: [why for n in notes if n["split"] == split for why in n["reasons"]]
            for split in plan.index.splits
        },
        "shards": shards,
    }


def _read_note(folder: Path, shard: Shard, plan: CachePlan) -> Note | None:
    """What an earlier command wrote of a shard; None where it is not all there."""
    try:
        note: Note = json.loads(_note_path(folder, shard).read_text("utf-8"))
        size = _shard_path(folder, shard, plan).stat().st_size
    except (OSError, ValueError):
        return None
    return note if note.get("bytes") == size else None


def _require_room(plan: CachePlan, folder: Path, there: int) -> None:
    """Raises where the disk has too little room for what is missing."""
    needed, free = plan.size_bytes - there, shutil.disk_usage(folder).free
    if needed > free:
        raise ClipError(
            f"The disk must have room for the cache, {format_bytes(needed)}, it has "
            f"{format_bytes(free)}: {folder}. Fewer frames, a smaller size or "
            "--format tfrecord take less."
        )


def _shard_path(folder: Path, shard: Shard, plan: CachePlan) -> Path:
    if plan.format == "npy":
        return folder / f"{shard.name}.npy"
    return folder / f"{shard.split}-{shard.number:05d}{SUFFIX}"


def _note_path(folder: Path, shard: Shard) -> Path:
    return folder / f"{shard.name}.json"


def _flush(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Holds the folder; goes with its process."""
    if _fcntl is None:
        yield
        return
    file = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR)
    try:
        try:
            _fcntl.flock(file, _fcntl.LOCK_EX | _fcntl.LOCK_NB)
        except BlockingIOError as wrong:
            raise ClipError(
                f"Another command is writing the cache in {folder}; wait for it."
            ) from wrong
        yield
    finally:
        os.close(file)
