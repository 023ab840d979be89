"""Networks: architectures as Keras 3 models on TensorFlow.

```text
network        architecture -> clip network
stream         architecture -> one frame in, one prediction out
parts          its stem_and_head, bottleneck, dense_pair; stream_states: what they carry
shape_tracing  how Keras compiles steps of several shapes
layers/        what the parts are made of
weights/       files of weights, and official checkpoints
keras_classes, tensorflow_import       what Keras is told of these, and how it is loaded
```

Names are loaded, and TensorFlow with them, when they are asked for.
"""

from typing import TYPE_CHECKING

from vidnas.lazy import lazy_names
from vidnas.nets.tensorflow_import import import_tensorflow

if TYPE_CHECKING:
    from vidnas.nets.network import VideoNetwork, build
    from vidnas.nets.stream import StreamNetwork
    from vidnas.nets.weights.pretrained import load_pretrained, load_weights

__all__ = [
    "StreamNetwork",
    "VideoNetwork",
    "build",
    "load_pretrained",
    "load_weights",
]

__getattr__ = lazy_names(
    __name__,
    {
        "vidnas.nets.network": (
            "VideoNetwork",
            "build",
        ),
        "vidnas.nets.stream": ("StreamNetwork",),
        "vidnas.nets.weights.pretrained": (
            "load_pretrained",
            "load_weights",
        ),
    },
    before=lambda module: import_tensorflow(),
)
