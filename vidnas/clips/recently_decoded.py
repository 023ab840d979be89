"""Which clips were decoded lately in this process? A bounded store of clip arrays.

Consecutive trials in one worker often train on the same clips at the same shape.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable

from vidnas.clips.decoded_store import DecodedClips

LIMIT_BYTES = 2 * 2**30
LIMIT_SETS = 32

_store: OrderedDict[Hashable, DecodedClips] = OrderedDict()
_lock = threading.Lock()


def look_up_or_decode(
    key: Hashable, decode: Callable[[], DecodedClips]
) -> DecodedClips:
    """What `decode` returned for `key`, decoded again only if it was dropped.

    The sets used longest ago are dropped beyond 2 GiB or 32 sets.
    """
    with _lock:
        if key in _store:
            _store.move_to_end(key)
            return _store[key]
        fresh = decode()
        _store[key] = fresh
        while len(_store) > 1 and (len(_store) > LIMIT_SETS or _bytes() > LIMIT_BYTES):
            _store.popitem(last=False)
        return fresh


def forget() -> None:
    """Empty the store."""
    with _lock:
        _store.clear()


def _bytes() -> int:
    return sum(entry.clips.nbytes for entry in _store.values())
