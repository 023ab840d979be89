"""Networks: architectures as Keras 3 models on TensorFlow."""

from vidnas.nets.network import build

__all__ = ["build"]
