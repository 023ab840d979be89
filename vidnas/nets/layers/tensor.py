"""What type has a tensor of a network? One that mypy lets pass: Keras has no types."""

from typing import Any

Tensor = Any
