"""What is said of an exported network? All that running it takes, as one document.

It lies inside the file where the format has a place for it, and beside it as JSON.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.reader import architecture_from
from vidnas.errors import InputError
from vidnas.version import __version__
from vidnas.whole_file import write_whole

EXPORTED_SCHEMA = "vidnas.exported/v1"
IMAGE, CLIP, LOGITS = "image", "clip", "logits"
STEP, BEGIN = "serving_default", "initial_states"  # signatures of a SavedModel
AFTER = "_out"  # end of a new state's name, in ONNX


@dataclass(frozen=True, slots=True)
class State:
    """What a stream carries from frame to frame under one name.

    Args:
        name: Name of the state, among the inputs and the outputs.
        shape: Shape of the tensor, batch first; 0 where the batch is any.
        dtype: Type of its values: `float32` or `int8`.
        scale: Size of one step of the integers; 0 of floats.
        zero_point: Integer that means zero.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str = "float32"
    scale: float = 0.0
    zero_point: int = 0

    def to_document(self) -> dict[str, Any]:
        """As JSON spells it."""
        document: dict[str, Any] = {
            "name": self.name,
            "shape": list(self.shape),
            "dtype": self.dtype,
        }
        if self.scale:
            document |= {"scale": self.scale, "zero_point": self.zero_point}
        return document


@dataclass(frozen=True, slots=True)
class About:
    """What an exported file is of.

    Args:
        architecture: Architecture of the network, at the clip shape it takes.
        outputs: Number of classes.
        stream: Whether the file takes one frame at a time and carries states.
        batch: Clips or streams side by side; 0 where the batch is any.
        quantize: What its numbers are: `none`, `float16`, `dynamic` or `int8`.
        classes: Names of the outputs; none where nobody knows them.
        multi_label: Whether a clip may have several classes; None where unknown.
        margin: Share by which frames were larger in training than what was cropped.
        licence: Licence of the weights in the user's words; "" where unknown.
        states: States that a stream carries, in order.
    """

    architecture: Architecture
    outputs: int
    stream: bool
    batch: int = 1
    quantize: str = "none"
    classes: tuple[str, ...] = ()
    multi_label: bool | None = None
    margin: float = 0.0
    licence: str = ""
    states: tuple[State, ...] = ()

    def to_document(self) -> dict[str, Any]:
        """As JSON spells it, in the order a person reads it."""
        clip = self.architecture.clip
        side = clip.resolution
        one = [self.batch, side, side, clip.channels]
        rate = {"fps": clip.fps} if clip.fps else {"frame_stride": clip.frame_stride}
        frames = 1 if self.stream else clip.frames
        return {
            "schema": EXPORTED_SCHEMA,
            "kind": "stream" if self.stream else "clip",
            "arch_id": self.architecture.arch_id,
            "quantize": self.quantize,
            "input": {
                "name": IMAGE if self.stream else CLIP,
                "shape": one if self.stream else [self.batch * frames, *one[1:]],
                "range": [0.0, 1.0],
                "colours": "RGB" if clip.channels == 3 else "grayscale",
                **rate,
            },
            "frames": frames,
            "outputs": self.outputs,
            "classes": list(self.classes),
            "multi_label": self.multi_label,
            "margin": self.margin,
            "licence": self.licence or None,
            "states": [state.to_document() for state in self.states],
            "architecture": self.architecture.to_document(),
            "batch": self.batch,
            "vidnas": __version__,
        }

    @classmethod
    def of_document(cls, document: Mapping[str, Any], where: str) -> "About":
        """What a document says.

        Args:
            document: Document as `to_document` gave it.
            where: Path of the file, for messages.

        Raises:
            InputError: it is no such document, or one of a later version.
        """
        schema = document.get("schema")
        if schema != EXPORTED_SCHEMA:
            raise InputError(f"{where} must be of {EXPORTED_SCHEMA}, got `{schema}`.")
        try:
            return cls(
                architecture=architecture_from(document["architecture"]),
                outputs=int(document["outputs"]),
                stream=document["kind"] == "stream",
                batch=int(document["batch"]),
                quantize=str(document["quantize"]),
                classes=tuple(map(str, document["classes"])),
                multi_label=document["multi_label"],
                margin=float(document["margin"]),
                licence=str(document["licence"] or ""),
                states=tuple(
                    State(**{**state, "shape": tuple(state["shape"])})
                    for state in document["states"]
                ),
            )
        except (KeyError, TypeError, ValueError) as wrong:
            raise InputError(
                f"{where} must say what network it is of, as `vidnas export` writes "
                f"it: {wrong}."
            ) from wrong


def beside(path: Path) -> Path:
    """Where the document of an exported file lies: inside a folder, else beside it."""
    return (
        path / "vidnas.json" if path.is_dir() else path.with_name(f"{path.name}.json")
    )


def write_about(about: About, path: Path) -> Path:
    """Writes the document of an exported file beside it.

    Args:
        about: What the file is of.
        path: The exported file, which is there.

    Returns:
        The path of the document.
    """
    place = beside(path)
    text = json.dumps(about.to_document(), indent=2) + "\n"
    write_whole(place, text.encode())
    return place


def read_about(path: Path) -> About:
    """What the document beside an exported file says.

    Raises:
        InputError: there is none, or it is damaged.
    """
    place = beside(path)
    try:
        document = json.loads(place.read_text(encoding="utf-8"))
    except OSError as wrong:
        raise InputError(
            f"{path} must have {place} beside it, which `vidnas export` writes: "
            f"{wrong.strerror}."
        ) from wrong
    except ValueError as wrong:
        raise InputError(f"{place} is not JSON: {wrong}.") from wrong
    if not isinstance(document, dict):
        raise InputError(f"{place} must be an object of {EXPORTED_SCHEMA}.")
    return About.of_document(document, str(place))
