"""How does an exported ONNX file run? In ONNX Runtime, without TensorFlow."""

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from vidnas.deploy.exported.about import AFTER, CLIP, IMAGE, LOGITS, About
from vidnas.deploy.running.runner import Values
from vidnas.errors import InputError

RUNTIME = "onnx"


class ONNXClips:
    """A clip network; see `vidnas.deploy.running.runner.ClipRunner`.

    Args:
        path: File that `vidnas export` wrote.
        about: What it is of.
        threads: Threads that it runs on.

    Raises:
        InputError: ONNX Runtime is not installed, or cannot run the file.
    """

    runtime = RUNTIME

    def __init__(self, path: Path, about: About, threads: int = 1) -> None:
        self.about = about
        self._session = _session(path, threads)

    def clip_logits(self, clips: Values) -> Values:
        """Logits `[B, K]` of clips `[B, T, H, W, C]`."""
        frames = clips.reshape(-1, *clips.shape[2:])
        (logits,) = self._session.run([LOGITS], {CLIP: frames})
        return np.asarray(logits)


class ONNXStream:
    """A stream; see `vidnas.deploy.running.runner.StreamRunner`.

    Args:
        path: File that `vidnas export` wrote.
        about: What it is of.
        streams: Streams side by side.
        threads: Threads that it runs on.

    Raises:
        InputError: ONNX Runtime is not installed, or cannot run the file.
    """

    runtime = RUNTIME

    def __init__(
        self, path: Path, about: About, streams: int = 1, threads: int = 1
    ) -> None:
        self.about, self.streams = about, streams
        self._session = _session(path, threads)
        self._outputs = [LOGITS, *(f"{state.name}{AFTER}" for state in about.states)]
        self.restart()

    def frame_logits(self, frames: Values) -> Values:
        """Logits `[B, K]` after the next frame `[B, H, W, C]` of each stream."""
        logits, *after = self._session.run(
            self._outputs, {IMAGE: frames, **self._states}
        )
        names = [state.name for state in self.about.states]
        self._states: dict[str, Any] = dict(zip(names, after, strict=True))
        return np.asarray(logits)

    def restart(self) -> None:
        """Forgets every frame: the next one is the first."""
        self._states = {
            state.name: np.zeros([self.streams, *state.shape[1:]], np.float32)
            for state in self.about.states
        }


def _session(path: Path, threads: int) -> Any:
    try:
        onnxruntime = import_module("onnxruntime")
    except ImportError as missing:
        raise InputError(
            "ONNX files need ONNX Runtime: pip install 'vidnas[onnx]'."
        ) from missing
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = threads
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
    except Exception as wrong:  # its errors share no other base
        (reason, *_) = str(wrong).splitlines() or [type(wrong).__name__]
        raise InputError(f"{path} cannot be run by ONNX Runtime: {reason}.") from wrong
