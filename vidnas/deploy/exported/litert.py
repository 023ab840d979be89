"""How does an exported file run in LiteRT? By the names of its signature.

TensorFlow is not needed. Integers of a stream's states stay as they are from frame to
frame; images become integers here, where the file wants them so.
"""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vidnas.deploy.exported.about import CLIP, IMAGE, LOGITS, About, State
from vidnas.errors import InputError
from vidnas.nets.tensorflow_import import hold_back_notices

Values = NDArray[np.float32]
INSIDE = "vidnas.json"
LABELS = "labels.txt"
RUNTIME = "litert"
_MODEL = b"TFL3"  # from the fifth byte on


def with_about(model: bytes, about: About) -> bytes:
    """A LiteRT model that says what it is, and its labels, in an archive at its end.

    Runtimes read over it; `unzip` and Android's metadata readers find it.

    Args:
        model: Model as it was converted.
        about: What the model is of.
    """
    content = io.BytesIO(model)
    content.seek(0, io.SEEK_END)
    with zipfile.ZipFile(content, "a") as archive:
        archive.writestr(INSIDE, json.dumps(about.to_document()))
        if about.classes:
            archive.writestr(LABELS, "\n".join(about.classes) + "\n")
    return content.getvalue()


def about_of_file(path: Path) -> About:
    """What a LiteRT file says of itself.

    Raises:
        InputError: it is none, or `vidnas export` did not write it.
    """
    return _about(_content(path), path)


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as wrong:
        raise InputError(f"{path} cannot be read: {wrong.strerror}.") from wrong
    if content[4:8] != _MODEL:
        raise InputError(f"{path} must be a LiteRT file, it begins otherwise.")
    return content


def _about(content: bytes, path: Path) -> About:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            document = json.loads(archive.read(INSIDE))
    except (zipfile.BadZipFile, KeyError, ValueError) as wrong:
        raise InputError(
            f"{path} must say what network it is of, as `vidnas export` has it; it "
            "says nothing."
        ) from wrong
    return About.of_document(document, str(path))


def states_of(model: bytes) -> tuple[State, ...]:
    """The states of a LiteRT model's stream, in the order of their names.

    The model is allocated for it: one that no runtime could run is found here.

    Raises:
        InputError: LiteRT is not installed, or cannot run the model.
    """
    inputs = _Signature(model, 1, "The model").inputs
    found = []
    for name, detail in sorted(inputs.items()):
        if name in (IMAGE, CLIP):
            continue
        scale, zero = detail["quantization"]
        kind = np.dtype(detail["dtype"]).name
        shape = tuple(map(int, detail["shape"]))
        found.append(State(name, shape, kind, float(scale), int(zero)))
    return tuple(found)


class _Signature:
    """A LiteRT model that is ready to run.

    Args:
        content: Content of its file.
        threads: Threads that it runs on.

    Raises:
        InputError: LiteRT is not installed, or cannot run the file.
    """

    def __init__(self, content: bytes, threads: int, where: str) -> None:
        try:
            from ai_edge_litert.interpreter import Interpreter
        except ImportError as missing:
            raise InputError(
                "LiteRT files need the LiteRT interpreter: "
                "pip install 'vidnas[litert]'."
            ) from missing
        try:
            with hold_back_notices():
                self.interpreter = Interpreter(
                    model_content=content, num_threads=threads
                )
                self.interpreter.allocate_tensors()
                self.run = self.interpreter.get_signature_runner()
        except (RuntimeError, ValueError) as wrong:
            (reason, *_) = str(wrong).splitlines() or [type(wrong).__name__]
            raise InputError(f"{where} cannot be run by LiteRT: {reason}.") from wrong
        self.inputs: dict[str, Any] = self.run.get_input_details()
        self.outputs: dict[str, Any] = self.run.get_output_details()

    def image(self, name: str, values: Values) -> NDArray[Any]:
        """Floats as the input of that name wants them."""
        return _as_integers(values, self.inputs[name])


def _as_integers(values: NDArray[Any], detail: Any) -> NDArray[Any]:
    kind = detail["dtype"]
    if kind == np.float32:
        return np.asarray(values, np.float32)
    scale, zero = detail["quantization"]
    limits = np.iinfo(kind)
    rounded = np.round(values / scale) + zero
    return np.clip(rounded, limits.min, limits.max).astype(kind)


def _as_floats(values: NDArray[Any], detail: Any) -> Values:
    if values.dtype == np.float32:
        return values
    scale, zero = detail["quantization"]
    return (np.float32(scale) * (values.astype(np.float32) - zero)).astype(np.float32)


class LiteRTClips:
    """A clip network in a LiteRT file; see `vidnas.deploy.running.runner.ClipRunner`.

    Args:
        path: File that `vidnas export` wrote.
        threads: Threads that it runs on.

    Raises:
        InputError: it is no such file, or one of a stream.
    """

    runtime = RUNTIME

    def __init__(self, path: Path, threads: int = 1) -> None:
        content = _content(path)
        self.about = _about(content, path)
        if self.about.stream:
            raise InputError(f"{path} must be of a clip network, it is of a stream.")
        self._signature = _Signature(content, threads, str(path))

    def clip_logits(self, clips: Values) -> Values:
        """Logits `[B, K]` of clips `[B, T, H, W, C]`, as many at a time as it takes."""
        batch = self.about.batch
        parts = []
        for first in range(0, len(clips), batch):
            part = clips[first : first + batch]
            missing = batch - len(part)
            whole = np.concatenate([part, part[-1:].repeat(missing, 0)])
            frames = whole.reshape(-1, *whole.shape[2:])
            outputs = self._signature.run(**{CLIP: self._signature.image(CLIP, frames)})
            logits = _as_floats(outputs[LOGITS], self._signature.outputs[LOGITS])
            parts.append(logits[: len(part)])
        return np.concatenate(parts)


class LiteRTStream:
    """A stream in a LiteRT file; see `vidnas.deploy.running.runner.StreamRunner`.

    Args:
        path: File that `vidnas export` wrote.
        threads: Threads that it runs on.

    Raises:
        InputError: it is no such file, or one of a clip network.
    """

    runtime = RUNTIME

    def __init__(self, path: Path, threads: int = 1) -> None:
        content = _content(path)
        self.about = _about(content, path)
        if not self.about.stream:
            raise InputError(f"{path} must be of a stream, it is of a clip network.")
        self._signature = _Signature(content, threads, str(path))
        self._beginning = {
            name: _as_integers(np.zeros(detail["shape"], np.float32), detail)
            for name, detail in self._signature.inputs.items()
            if name != IMAGE
        }
        outputs = self._signature.outputs
        self._other_scales = [
            name
            for name in self._beginning
            if outputs[name]["quantization"]
            != self._signature.inputs[name]["quantization"]
        ]
        self.restart()

    @property
    def streams(self) -> int:
        """How many streams run side by side, B."""
        return self.about.batch

    def frame_logits(self, frames: Values) -> Values:
        """Logits `[B, K]` after the next frame `[B, H, W, C]` of each stream."""
        signature = self._signature
        images = {IMAGE: signature.image(IMAGE, frames)}
        outputs = signature.run(**images, **self._states)
        logits = outputs.pop(LOGITS)
        for name in self._other_scales:
            values = _as_floats(outputs[name], signature.outputs[name])
            outputs[name] = _as_integers(values, signature.inputs[name])
        self._states: dict[str, NDArray[Any]] = outputs
        return _as_floats(logits, signature.outputs[LOGITS])

    def restart(self, stream: int | None = None) -> None:
        """Forgets every frame: the next one is the first.

        Args:
            stream: Which of the streams begins again; None for all.
        """
        if stream is None:
            self._states = dict(self._beginning)
            return
        states = {name: state.copy() for name, state in self._states.items()}
        for name, state in states.items():
            state[stream] = self._beginning[name][stream]
        self._states = states
