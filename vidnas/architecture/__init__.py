"""What a network is, as data.

```text
parts         clip, stem, layers in stages, head; kernel: sizes of a convolution
architecture  all of it, resolved, and its `arch_id`; reader: a document back to one
columns       N architectures, an array a fact
block_rules   what a block of each kind does
compound_scaling  a network of another size
subclips      in which parts a causal network trains on a clip
published/    MoViNets, X3Ds, ResNets, MobileNets by name
```

A document or a candidate becomes an `Architecture`; costs, networks and families are
made of it. Pure: the standard library and numpy.
"""

from vidnas.architecture.architecture import ARCHITECTURE_SCHEMA, Architecture
from vidnas.architecture.columns import Columns
from vidnas.architecture.kernel import Kernel
from vidnas.architecture.parts import Clip, Head, Layer, Stage, Stem
from vidnas.architecture.reader import read_architecture

__all__ = [
    "ARCHITECTURE_SCHEMA",
    "Architecture",
    "Clip",
    "Columns",
    "Head",
    "Kernel",
    "Layer",
    "Stage",
    "Stem",
    "read_architecture",
]
