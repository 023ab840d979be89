"""Which files make a cache, and what does it say of itself?"""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

SCHEMA = "vidnas.cache/v1"
PLAN, META, INDEX = "plan.json", "meta.json", "index.parquet"
_MEANING = ("shape", "windows", "classes")


def cache_digest(document: dict[str, Any], checks: Sequence[Sequence[int]]) -> str:
    """What tells the clips of a cache from those of another, wherever they lie.

    Args:
        document: Plan of the cache.
        checks: Checksum of every window, by shard.
    """
    meaning = [[document[key] for key in _MEANING], checks]
    return hashlib.sha256(json.dumps(meaning).encode()).hexdigest()[:16]
