"""How is the state of a training kept in a file? Arrays by name, and what they are of.

One `.npz` with the arrays and `about`, JSON in an array of text. Nothing in it is
executed when it is read, and no array may be larger than the file.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

ABOUT = "about"

State = Mapping[str, NDArray[Any]]


def pack_state(about: Mapping[str, Any], state: State) -> bytes:
    """The content of a file with a state.

    Args:
        about: Facts that say what the state is of, as plain data.
        state: Arrays by name, none of which is `about`.
    """
    content = io.BytesIO()
    arrays: dict[str, Any] = {ABOUT: np.array(json.dumps(dict(about))), **state}
    np.savez(content, **arrays)
    return content.getvalue()


def unpack_state(content: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """What `pack_state` was given.

    Args:
        content: Content of the file.

    Raises:
        ValueError: it is damaged, or something else.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            # What is compressed may grow without end.
            if any(entry.compress_type for entry in archive.infolist()):
                raise ValueError("the arrays of a state must not be compressed")
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            state = {name: arrays[name] for name in arrays.files}
        about = json.loads(str(state.pop(ABOUT)))
    except Exception as wrong:  # whatever damage, or a doctored file, makes of it
        raise ValueError(f"no state of a training: {wrong}") from wrong
    if not isinstance(about, dict):
        raise ValueError("no state of a training: it does not say what it is of")
    return about, state
