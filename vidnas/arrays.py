"""Names for numpy arrays, so that a signature says what it holds."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Indices = NDArray[np.int64]  # [N, C]: a candidate a row, an option index a column
Numbers = Ints | int  # of many networks, or of one
Flags = Bools | bool
