"""Networks: architectures as Keras 3 models on TensorFlow.

Importing this room loads TensorFlow; `import vidnas` does not import it.
"""

from vidnas.nets.network import build

__all__ = ["build"]
