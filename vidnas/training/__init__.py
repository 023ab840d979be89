"""One architecture, clips and a fidelity become measured numbers.

```text
environment         what a process sets before it imports TensorFlow; comes first
worker              `train_candidate`: what a study's workers call
candidate_training  one candidate, measured
full_training       one network all the way, epoch by epoch
session, fit        steps and epochs; learning_rate
replicas/           what one device does in a step; flat_weights, optimizer, devices
failures            running out of memory, and what is put back; allocator
folder              the record of a full training on disk; trained_file: its network
```

Names are loaded when they are asked for; TensorFlow with those that need it.
"""

from typing import TYPE_CHECKING

from vidnas.lazy import lazy_names
from vidnas.nets.tensorflow_import import import_tensorflow

if TYPE_CHECKING:
    from vidnas.training.candidate_training import evaluate
    from vidnas.training.environment import prepare
    from vidnas.training.folder import TrainingFolder
    from vidnas.training.full_training import train_fully
    from vidnas.training.worker import train_candidate

__all__ = [
    "TrainingFolder",
    "evaluate",
    "prepare",
    "train_candidate",
    "train_fully",
]

_WITH_TENSORFLOW = (
    "vidnas.training.candidate_training",
    "vidnas.training.full_training",
)


def _before(module: str) -> None:
    if module in _WITH_TENSORFLOW:
        import_tensorflow()


__getattr__ = lazy_names(
    __name__,
    {
        "vidnas.training.candidate_training": ("evaluate",),
        "vidnas.training.environment": ("prepare",),
        "vidnas.training.folder": ("TrainingFolder",),
        "vidnas.training.full_training": ("train_fully",),
        "vidnas.training.worker": ("train_candidate",),
    },
    _before,
)
