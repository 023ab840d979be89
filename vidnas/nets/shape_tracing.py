"""How does Keras fit a network to clips of several lengths and sizes?

Keras compiles a step once, and at a second shape of clips compiles it for any: with
axes of unknown length, for which our layers are not made. So each shape gets its own.
"""

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any

import tensorflow as tf

Step = Callable[[Any], Any]


class TracesByShape:
    """A model of Keras whose steps are compiled for each shape of clips by itself."""

    def make_train_function(self, force: bool = False) -> None:
        """See `keras.Model`; called before every training."""
        self._make("train", force)

    def make_test_function(self, force: bool = False) -> None:
        """See `keras.Model`; called before every evaluation."""
        self._make("test", force)

    def make_predict_function(self, force: bool = False) -> Step:
        """See `keras.Model`; called before every prediction."""
        return self._make("predict", force)

    def _make(self, word: str, force: bool) -> Step:
        attribute, make = f"{word}_function", f"make_{word}_function"
        present = getattr(self, attribute, None)
        if isinstance(present, _StepByShape) and not force:
            return present

        def compile_one() -> Step:
            getattr(super(TracesByShape, self), make)(force=True)
            compiled: Step = getattr(self, attribute)
            setattr(self, attribute, step)
            return compiled

        step = _StepByShape(compile_one)
        setattr(self, attribute, step)
        return step


class _StepByShape:
    """A step that compiles itself anew for data of other axes than the first."""

    def __init__(self, compile_one: Callable[[], Step]) -> None:
        self._compile_one = compile_one
        self._compiled: dict[Any, Step] = {}

    def __call__(self, data: Any) -> Any:
        if hasattr(data, "element_spec"):
            key = _axes(data.element_spec)
        elif isinstance(data, Iterator):
            first = next(data)
            key, data = _axes(first), chain([first], data)
        else:
            key = _axes(data)
        if key not in self._compiled:
            self._compiled[key] = self._compile_one()
        return self._compiled[key](data)


def _axes(data: Any) -> tuple[Any, ...]:
    """Sizes of all axes but the batch's, of every tensor in nested data."""
    shapes = [getattr(part, "shape", None) for part in tf.nest.flatten(data)]
    known = [s for s in shapes if s is not None and tf.TensorShape(s).rank is not None]
    return tuple(tuple(shape[1:]) for shape in known)
