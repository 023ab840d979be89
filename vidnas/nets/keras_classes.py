"""How does Keras find our classes in a file, when none of them is loaded yet?

`import vidnas` loads no Keras, and Keras asks those classes only that are registered
with it. So stand-ins are registered as soon as Keras is there, whoever imports it: each
loads the class it stands for when a file names that, and makes what the file says.
"""

import importlib.util
import sys
from collections.abc import Mapping
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

CLASSES = {
    "VideoNetwork": "vidnas.nets.network",
    "StreamNetwork": "vidnas.nets.stream",
    "Stem": "vidnas.nets.stem_and_head",
    "Head": "vidnas.nets.stem_and_head",
    "InvertedBottleneck": "vidnas.nets.bottleneck",
    "DensePair": "vidnas.nets.dense_pair",
    "PairConvolution": "vidnas.nets.dense_pair",
    "DenseConv3D": "vidnas.nets.layers.dense",
    "DepthwiseConv3D": "vidnas.nets.layers.depthwise",
    "Pointwise": "vidnas.nets.layers.depthwise",
    "Norm": "vidnas.nets.layers.norm",
    "SqueezeExcite": "vidnas.nets.layers.squeeze_excite",
}

MODELS = ("VideoNetwork", "StreamNetwork")  # whose `.h5` files name no package


def register_with_keras() -> None:
    """Has Keras know our classes: at once if it is loaded, else when it will be."""
    keras = sys.modules.get("keras")
    if hasattr(keras, "saving"):
        _register_stand_ins(keras)
    elif not any(isinstance(finder, _KerasFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _KerasFinder())


def _register_stand_ins(keras: Any) -> None:
    """The classes themselves, once they are loaded, take the place of stand-ins."""
    known = keras.saving.get_custom_objects()
    for name, module in CLASSES.items():
        stand_in = known.setdefault(f"vidnas>{name}", _stand_in(name, module))
        if name in MODELS:
            known.setdefault(name, stand_in)


def _stand_in(name: str, module: str) -> type:
    def from_config(config: Mapping[str, Any]) -> Any:
        found = getattr(importlib.import_module(module), name)
        return found.from_config(config)

    return type(name, (), {"from_config": staticmethod(from_config)})


class _KerasFinder(MetaPathFinder):
    """Waits for Keras to be imported, and leaves when it was."""

    def __init__(self) -> None:
        self._asking = False

    def find_spec(
        self, fullname: str, path: Any = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where others find Keras, with the registration after its import."""
        if fullname != "keras" or self._asking:
            return None
        self._asking = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._asking = False
        if spec is None or spec.loader is None:
            return spec
        execute = spec.loader.exec_module

        def execute_and_register(module: ModuleType) -> None:
            execute(module)
            if self in sys.meta_path:
                sys.meta_path.remove(self)
            _register_stand_ins(module)

        spec.loader.exec_module = execute_and_register  # type: ignore[method-assign]
        return spec
