"""How does an exported SavedModel run? By its signatures, in TensorFlow."""

from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from vidnas.deploy.exported.about import BEGIN, CLIP, IMAGE, LOGITS, STEP, About
from vidnas.deploy.running.runner import Values

RUNTIME = "saved_model"


class SavedClips:
    """A clip network; see `vidnas.deploy.running.runner.ClipRunner`.

    Args:
        path: Folder that `vidnas export` wrote.
        about: What it is of.
    """

    runtime = RUNTIME

    def __init__(self, path: Path, about: About) -> None:
        self.about = about
        self._model = tf.saved_model.load(str(path))
        self._run: Any = self._model.signatures[STEP]

    def clip_logits(self, clips: Values) -> Values:
        """Logits `[B, K]` of clips `[B, T, H, W, C]`."""
        frames = tf.constant(clips.reshape(-1, *clips.shape[2:]))
        return np.asarray(self._run(**{CLIP: frames})[LOGITS].numpy())


class SavedStream:
    """A stream; see `vidnas.deploy.running.runner.StreamRunner`.

    Args:
        path: Folder that `vidnas export` wrote.
        about: What it is of.
        streams: Streams side by side.
    """

    runtime = RUNTIME

    def __init__(self, path: Path, about: About, streams: int = 1) -> None:
        self.about, self.streams = about, streams
        self._model = tf.saved_model.load(str(path))
        self._run: Any = self._model.signatures[STEP]
        self.restart()

    def frame_logits(self, frames: Values) -> Values:
        """Logits `[B, K]` after the next frame `[B, H, W, C]` of each stream."""
        found = self._run(**{IMAGE: tf.constant(frames)}, **self._states)
        logits = found.pop(LOGITS)
        self._states: dict[str, Any] = found
        return np.asarray(logits.numpy())

    def restart(self) -> None:
        """Forgets every frame: the next one is the first."""
        self._states = self._model.signatures[BEGIN](batch=tf.constant(self.streams))
