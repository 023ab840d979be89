"""How are the weights of one of our networks kept in a file?

One `.npz`: an array per weight under its path, such as `stage1.layer0/expand/kernel`,
and `about`, JSON that says which network and which classes they are of. Nothing but
numpy is needed to read it, nothing in it is executed, and a clip network and its
stream twin share it.
"""

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vidnas.architecture.architecture import Architecture
from vidnas.errors import InputError, ShapeError
from vidnas.nets.network import VideoNetwork
from vidnas.nets.stream import StreamNetwork
from vidnas.nets.weights.model_garden import Array

WEIGHTS_SCHEMA = "vidnas.weights/v1"
WEIGHTS_FILE = "weights.npz"  # its name in a training folder
ABOUT = "about"
_UNREADABLE = (
    OSError,
    EOFError,
    ValueError,
    LookupError,
    TypeError,
    zipfile.BadZipFile,
)


@dataclass(frozen=True)
class Weights:
    """What a weights file holds.

    Args:
        where: Path of the file, for messages.
        arrays: Array by the path of our weight.
        architecture: Document of the network.
        classes: Names in the order of the outputs; none where the file has none.
    """

    where: str
    arrays: dict[str, Array]
    architecture: dict[str, Any]
    classes: tuple[str, ...]

    def require(self, architecture: Architecture) -> None:
        """Raises where these are another architecture's weights; clips may differ.

        Raises:
            ShapeError: they are, with the parts that differ.
        """
        ours = architecture.to_document()
        keys = {**ours, **self.architecture}.keys() - {"clip"}
        other = sorted(k for k in keys if ours.get(k) != self.architecture.get(k))
        if other:
            raise ShapeError(
                f"{self.where} must hold weights of the architecture asked for, got "
                f"another's: they differ in {', '.join(other)}."
            )


def pack_weights(
    network: VideoNetwork | StreamNetwork, classes: Sequence[str] = ()
) -> bytes:
    """A network's weights as the content of a weights file.

    Args:
        network: Network that `build` gave.
        classes: Names in the order of the outputs.
    """
    about = {
        "schema": WEIGHTS_SCHEMA,
        "arch_id": network.architecture.arch_id,
        "architecture": network.architecture.to_document(),
        "classes": list(classes),
    }
    arrays = {weight.path: weight.numpy() for weight in network.weights}
    content = io.BytesIO()
    np.savez(content, **{ABOUT: np.array(json.dumps(about)), **arrays})
    return content.getvalue()


def weights_file(path: str | Path) -> Path | None:
    """The weights file at `path` or in the training folder `path`, if one is there."""
    path = Path(path)
    if path.is_dir():
        path = path / WEIGHTS_FILE
    return path if path.suffix == ".npz" and path.is_file() else None


def read_weights(path: Path) -> Weights:
    """What a weights file holds.

    Raises:
        InputError: the file is damaged, or holds something else.
    """
    try:
        # By its bytes: of a path, numpy leaves a damaged file open.
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        about = json.loads(str(arrays.pop(ABOUT)))
        schema = about["schema"]
        weights = Weights(
            str(path), arrays, about["architecture"], tuple(about["classes"])
        )
    except _UNREADABLE as wrong:
        raise InputError(
            f"{path} must be a weights file of `vidnas train`, and cannot be read as "
            "one."
        ) from wrong
    if schema != WEIGHTS_SCHEMA:
        raise InputError(f"{path} must be of {WEIGHTS_SCHEMA}, got `{schema}`.")
    return weights
