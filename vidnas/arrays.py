"""Names for numpy arrays, so that a signature says what it holds."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Indices = NDArray[np.int64]  # [N, C]: a candidate a row, an option index a column
Numbers = NDArray[Any]  # whole or not
