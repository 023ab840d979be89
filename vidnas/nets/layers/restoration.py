"""How does Keras write a layer of ours down, and make it again?

Keras keeps a layer as a config: plain data, from which `from_config` makes one like it.
Weights are kept beside it, so a layer that is made again may draw any.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Self

import keras
import numpy as np

PACKAGE = "vidnas"  # before the name of a class in a file of Keras
register = keras.saving.register_keras_serializable(PACKAGE)
_OF_KERAS = ("trainable", "dtype")


class Restorable:
    """A layer or model of Keras that can be made again from plain data.

    Args of the two methods below are the same: what `facts` gives, `of_facts` takes.
    """

    def facts(self) -> dict[str, Any]:
        """All that it is made from but its name and precision, as plain data."""
        raise NotImplementedError

    @classmethod
    def of_facts(cls, *, name: str, **facts: Any) -> Self:
        """A new one with fresh weights, from what `facts` gave."""
        raise NotImplementedError

    def get_config(self) -> dict[str, Any]:
        """What Keras keeps of it."""
        return {**keras.layers.Layer.get_config(self), **self.facts()}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """A new one with fresh weights, in the precision that it had."""
        facts = {key: config[key] for key in config if key not in _OF_KERAS}
        with compute_in(config.get("dtype")):
            layer = cls.of_facts(**facts)
        if not config.get("trainable", True):
            layer.trainable = False  # type: ignore[attr-defined]
        return layer


@contextmanager
def compute_in(policy: Any) -> Iterator[None]:
    """Layers made inside compute in a precision; None leaves it as it is.

    Args:
        policy: Name of a dtype policy, the policy, or its config.
    """
    if policy is None:
        yield
        return
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(keras.dtype_policies.get(policy))
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def fresh_rng() -> np.random.Generator:
    """What draws weights that others will replace."""
    return np.random.default_rng(0)
