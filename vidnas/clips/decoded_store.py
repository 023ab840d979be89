"""Which clips has this node decoded before? Its processes map one copy of them.

A set is written whole by whoever is first, while others wait; then all map it, for
reading only. Sets are told apart by files, sizes and times of change, shape and
decoder, and a set is never cut from a larger one: clips are as if decoded anew.
"""

import hashlib
import json
import os
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vidnas.datasets.node_folder import locked, make_room, node_folder, touch

KIND = "decoded"
LIMIT_BYTES = 8 * 2**30
_CLIPS, _ROWS = "clips.npy", "rows.json"


class DecodedClips(NamedTuple):
    """Decoded clips, which files they are, why others are missing, and faults."""

    clips: NDArray[np.uint8]  # [N, T, H, W, 3]
    rows: tuple[int, ...]  # positions of the readable files
    skip_reasons: tuple[str, ...]
    faults: tuple[tuple[int, str], ...] = ()  # positions of clips, kinds


def share_decoded(
    key: str,
    decode: Callable[[], DecodedClips],
    still_missing: Callable[[tuple[int, ...]], bool],
) -> DecodedClips:
    """What `decode` gave for `key` to any process of this node.

    Args:
        key: Text that tells all that decides the clips.
        decode: Function that decodes them, once.
        still_missing: Function that gets the positions of the readable files, and
            tells whether all others are unreadable as they were.
    """
    folder = node_folder(KIND)
    if folder is None:
        return decode()
    name = hashlib.sha256(key.encode(errors="surrogateescape")).hexdigest()[:32]
    with locked(folder, name):
        known = _load(folder / name)
        if known is not None and still_missing(known.rows):
            return known
        fresh = decode()
        _store(folder, name, fresh)
    return _load(folder / name) or fresh


def _load(item: Path) -> DecodedClips | None:
    """A set as it was stored; None where it is not there, or not whole."""
    try:
        clips = np.load(item / _CLIPS, mmap_mode="r")
        rows, reasons, faults = json.loads((item / _ROWS).read_text("utf-8"))
    except (OSError, ValueError, EOFError):
        return None
    if clips.dtype != np.uint8 or len(clips) != len(rows):
        return None
    touch(item)
    return DecodedClips(
        clips, tuple(rows), tuple(reasons), tuple((n, kind) for n, kind in faults)
    )


def _store(folder: Path, name: str, fresh: DecodedClips) -> None:
    """Writes a set whole, or not at all where the disk does not take it."""
    partial = folder / f".vidnas-{secrets.token_hex(8)}.partial"
    with suppress(OSError):
        shutil.rmtree(folder / name, ignore_errors=True)
        if not make_room(folder, fresh.clips.nbytes, LIMIT_BYTES):
            return
        try:
            partial.mkdir(mode=0o700)
            with (partial / _CLIPS).open("wb") as file:
                np.save(file, fresh.clips, allow_pickle=False)
                file.flush()
                os.fsync(file.fileno())
            text = json.dumps([fresh.rows, fresh.skip_reasons, fresh.faults])
            (partial / _ROWS).write_text(text, "utf-8")
            partial.rename(folder / name)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
