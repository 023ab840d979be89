"""What a network costs: parameters, FLOPs, memory, time. No network is built.

```text
operation           one convolution: its parameters, FLOPs, values read and written
layer_operations    a layer's operations       network_operations  those of all layers
network_cost        the sums: `cost` of one, `cost_many` of `Columns`
training_memory     what a training step holds entropy, scores     told untrained
latency/            milliseconds on a device, from operators that were measured
```

FLOPs are multiply-adds, one each. Pure: the standard library and numpy.
"""

from vidnas.costs.latency.model import LatencyModel
from vidnas.costs.latency.table import LatencyTable
from vidnas.costs.network_cost import CLASSES, COSTS, Cost, Costs, cost, cost_many
from vidnas.costs.scores import SCORES

__all__ = [
    "CLASSES",
    "COSTS",
    "SCORES",
    "Cost",
    "Costs",
    "LatencyModel",
    "LatencyTable",
    "cost",
    "cost_many",
]
