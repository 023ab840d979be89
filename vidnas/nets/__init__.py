"""Networks: architectures as Keras 3 models on TensorFlow.

Importing this room loads TensorFlow; `import vidnas` does not import it.
"""

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
