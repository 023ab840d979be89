"""vidnas: architecture search for video networks.

Describe a space, set budgets, search on a laptop or a Ray cluster, look at the Pareto
front, take away an A0-A5 family. Importing this loads no TensorFlow, Keras, Ray or
pandas; `vidnas.nets.build` and a study's tables load theirs when they are used.
"""

import typing as _typing

from vidnas.architecture.architecture import Architecture
from vidnas.architecture.published.catalogue import published, published_names
from vidnas.cli.search_in_python import search
from vidnas.costs.network_cost import Cost, cost
from vidnas.errors import VidnasError
from vidnas.files.loading import load_architecture, load_space
from vidnas.lazy import lazy_names as _lazy_names
from vidnas.nets.keras_classes import register_with_keras as _register_with_keras
from vidnas.space.space import Space
from vidnas.study.experiment.reader import load_experiment
from vidnas.version import __version__
from vidnas.views.compare import compare
from vidnas.views.displays import register_displays as _register_displays
from vidnas.views.drawings.drawing import draw
from vidnas.views.notebook import open_study

if _typing.TYPE_CHECKING:
    from vidnas.deploy.asking.stream import Stream

__all__ = [
    "Architecture",
    "Cost",
    "Space",
    "Stream",
    "VidnasError",
    "__version__",
    "compare",
    "cost",
    "draw",
    "load_architecture",
    "load_experiment",
    "load_space",
    "open_study",
    "published",
    "published_names",
    "search",
]

# It decodes videos, which nobody waits for who does not.
__getattr__ = _lazy_names(__name__, {"vidnas.deploy.asking.stream": ("Stream",)})

_register_with_keras()
_register_displays()
